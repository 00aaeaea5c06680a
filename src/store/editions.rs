//! Editions: what each subscriber gets, or got, for each local date.

use std::collections::HashMap;
use std::str::FromStr;

use chrono_tz::Tz as Zone;
use sqlx::FromRow;

use super::db::{Read, Tx, on_conn};
use super::dialect::{Texts, over_ids};
use super::error::StoreError;
use super::json::{from_json, to_json};
use super::subscribers::bad;
use crate::model::{EditionId, Figures, Item, LocalDate, Paper, PaperId, SubscriberId, Timestamp, from_micros, micros};

mod insert;
mod shown;

pub use shown::Shown;

/// What an edition turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditionKind {
    /// Papers under *For you*, or the trending papers for an empty profile.
    Normal,
    /// A quiet day: a one-line note.
    Note,
    /// A quiet day: the trending papers only.
    Trending,
    /// A quiet day on which the reader wants no mail.
    Silent,
    /// The service was down for the whole window; nothing was made.
    Missed,
}

impl EditionKind {
    const ALL: [Self; 5] = [Self::Normal, Self::Note, Self::Trending, Self::Silent, Self::Missed];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Note => "note",
            Self::Trending => "trending",
            Self::Silent => "silent",
            Self::Missed => "missed",
        }
    }

    /// Whether a mail goes out for it.
    pub fn is_mailed(self) -> bool {
        matches!(self, Self::Normal | Self::Note | Self::Trending)
    }
}

/// A stored edition.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// Its row.
    pub id: EditionId,
    /// Whose it is.
    pub subscriber: SubscriberId,
    /// The date on the reader's calendar; there is one edition for it, ever.
    pub local_date: LocalDate,
    /// What it turned out to be.
    pub kind: EditionKind,
    /// When it was due.
    pub due_at: Timestamp,
    /// When it was made.
    pub planned_at: Timestamp,
    /// Papers available after this instant were looked at...
    pub window_after: Timestamp,
    /// ...up to this one, which is the cut-off the next edition starts from.
    pub window_until: Timestamp,
    /// The zone the dates and times are printed in.
    pub timezone: Zone,
    /// The papers, in order.
    pub items: Vec<Item>,
    /// What the status line says.
    pub figures: Figures,
    /// Matches beyond the limit.
    pub more_for_you: u32,
    /// Nobody saw it: its papers count as not shown and its cut-off does not move anything.
    pub void: bool,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    subscriber_id: i64,
    local_date: String,
    kind: String,
    due_at: i64,
    planned_at: i64,
    window_after: i64,
    window_until: i64,
    timezone: String,
    items: String,
    figures: String,
    more_for_you: i64,
    void: i64,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, subscriber_id, local_date, kind, due_at, planned_at, window_after, window_until, timezone, ",
            "items, figures, more_for_you, void FROM editions ",
            $tail
        )
    };
}

const BY_IDS: Texts = over_ids!(select!("JOIN "), " AS asked ON bucket = (asked.value & 255) AND id = asked.value");

fn date(text: &str) -> Result<LocalDate, StoreError> {
    LocalDate::from_str(text).map_err(|_| bad("editions", "date", text))
}

impl TryFrom<Row> for Edition {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = EditionKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
        Ok(Self {
            id: EditionId(row.id),
            subscriber: SubscriberId(row.subscriber_id),
            local_date: date(&row.local_date)?,
            kind: kind.ok_or_else(|| bad("editions", "kind", &row.kind))?,
            due_at: from_micros(row.due_at),
            planned_at: from_micros(row.planned_at),
            window_after: from_micros(row.window_after),
            window_until: from_micros(row.window_until),
            timezone: Zone::from_str(&row.timezone).unwrap_or(Zone::UTC),
            items: from_json("editions", &row.items)?,
            figures: from_json("editions", &row.figures)?,
            more_for_you: u32::try_from(row.more_for_you).unwrap_or(0),
            void: row.void != 0,
        })
    }
}

impl Read {
    /// The edition of that id.
    pub async fn edition(&mut self, id: EditionId) -> Result<Option<Edition>, StoreError> {
        const SQL: &str = select!("WHERE bucket = $1 AND id = $2");
        let row: Option<Row> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).fetch_optional(conn).await)?;
        row.map(Edition::try_from).transpose()
    }

    /// The editions with these ids, in no order; what is gone is left out.
    pub async fn editions_by_ids(&mut self, ids: &[EditionId]) -> Result<Vec<Edition>, StoreError> {
        let sql = self.text(&BY_IDS);
        let ids = to_json(ids);
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(sql).bind(ids).fetch_all(conn).await)?;
        rows.into_iter().map(Edition::try_from).collect()
    }

    /// The edition of a subscriber for one date.
    pub async fn edition_of_date(
        &mut self,
        subscriber: SubscriberId,
        local_date: LocalDate,
    ) -> Result<Option<Edition>, StoreError> {
        const SQL: &str = select!("WHERE bucket = $1 AND subscriber_id = $2 AND local_date = $3");
        let row: Option<Row> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(subscriber.bucket().0)).bind(subscriber.0).bind(local_date.to_string())
            .fetch_optional(conn).await)?;
        row.map(Edition::try_from).transpose()
    }

    /// The newest editions of a subscriber.
    pub async fn editions_of(&mut self, subscriber: SubscriberId, limit: i64) -> Result<Vec<Edition>, StoreError> {
        const SQL: &str = select!("WHERE bucket = $1 AND subscriber_id = $2 ORDER BY local_date DESC LIMIT $3");
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(subscriber.bucket().0)).bind(subscriber.0).bind(limit).fetch_all(conn).await)?;
        rows.into_iter().map(Edition::try_from).collect()
    }
}

impl Read {
    /// The papers of an edition in its order, with the texts of the revisions it names.
    pub async fn edition_papers(&mut self, edition: &Edition) -> Result<Vec<Paper>, StoreError> {
        let named: Vec<(PaperId, i64)> = edition.items.iter().map(|item| (item.paper, item.revision)).collect();
        let mut papers = self.papers_as_named(&named).await?;
        Ok(named.iter().filter_map(|name| papers.remove(name)).collect())
    }

    /// Papers with the texts of the revisions named, under the ids they had then; what is gone is left out.
    pub async fn papers_as_named(
        &mut self,
        named: &[(PaperId, i64)],
    ) -> Result<HashMap<(PaperId, i64), Paper>, StoreError> {
        let ids: Vec<PaperId> = named.iter().map(|(paper, _)| *paper).collect();
        let living = self.resolve_merged(&ids).await?;
        let papers: HashMap<PaperId, Paper> =
            self.papers_by_ids(&living).await?.into_iter().map(|paper| (paper.id, paper)).collect();
        let mut texts: HashMap<_, _> = self.paper_revisions(named).await?.into_iter().collect();
        let mut found = HashMap::with_capacity(named.len());
        for (name, living) in named.iter().zip(&living) {
            let Some(mut paper) = papers.get(living).cloned() else { continue };
            if let Some(texts) = texts.remove(name) {
                paper.title = texts.title;
                paper.abstract_text = texts.abstract_text;
                paper.authors = texts.authors;
                paper.categories = texts.categories;
            }
            paper.id = name.0;
            found.insert(*name, paper);
        }
        Ok(found)
    }
}

impl Tx {
    /// Marks an edition as seen by nobody.
    pub(super) async fn void_edition(&mut self, id: EditionId) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE editions SET void = 1 WHERE bucket = $1 AND id = $2";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Brings a voided edition back, when its delivery goes out after all.
    pub(super) async fn revive_edition(&mut self, id: EditionId) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE editions SET void = 0 WHERE bucket = $1 AND id = $2";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Drops editions planned before `before` that no open delivery needs; at most `limit` at once.
    pub async fn prune_editions(&mut self, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM editions WHERE (bucket, id) IN (SELECT e.bucket, e.id FROM editions e \
            WHERE e.planned_at < $1 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.bucket = e.bucket \
                AND d.subscriber_id = e.subscriber_id AND d.edition_id = e.id \
                AND d.state IN ('ready', 'leased', 'retry_wait', 'handing_off', 'uncertain')) LIMIT $2)";
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(micros(before)).bind(limit).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}
