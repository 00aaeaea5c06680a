//! What earlier editions showed, for the planner.

use std::collections::HashMap;

use serde::Deserialize;

use super::super::db::{Read, on_conn};
use super::super::dialect::{Texts, over_ids};
use super::super::error::StoreError;
use super::super::json::{from_json, to_json};
use super::date;
use crate::model::{EditionId, LocalDate, PaperId, SubscriberId, Timestamp, from_micros, micros};

/// What the planner must know of an earlier edition: what was shown, and up to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its row.
    pub edition: EditionId,
    /// Whose edition it was.
    pub subscriber: SubscriberId,
    /// Its papers.
    pub papers: Vec<PaperId>,
    /// Its cut-off.
    pub window_until: Timestamp,
    /// Its date.
    pub local_date: LocalDate,
    /// Whether a mail went out for it, or was to.
    pub mailed: bool,
    /// Whether nobody knows if that mail arrived.
    pub fate_unknown: bool,
}

/// An item, as far as it matters here. The rest is passed over unread.
#[derive(Deserialize)]
struct PaperOfItem {
    #[serde(rename = "p")]
    paper: PaperId,
}

const SHOWN: Texts = over_ids!(
    "SELECT e.subscriber_id, e.id, e.local_date, e.items, e.window_until, \
        (SELECT CAST(MAX(CASE WHEN d.state IN ('uncertain', 'unknown') THEN 1 ELSE 0 END) AS BIGINT) FROM deliveries d \
            WHERE d.bucket = e.bucket AND d.subscriber_id = e.subscriber_id AND d.edition_id = e.id) FROM ",
    " AS wanted CROSS JOIN editions e WHERE e.bucket = (wanted.value & 255) AND e.subscriber_id = wanted.value \
     AND e.planned_at >= $2 AND e.void = 0 ORDER BY e.subscriber_id, e.local_date DESC"
);

impl Read {
    /// What was shown to a subscriber in editions planned since `since`, newest first. Void ones are left out.
    pub async fn shown_since(&mut self, subscriber: SubscriberId, since: Timestamp) -> Result<Vec<Shown>, StoreError> {
        Ok(self.shown_to(&[subscriber], since).await?.remove(&subscriber).unwrap_or_default())
    }

    /// [`Read::shown_since`] for many; who was shown nothing is left out.
    pub async fn shown_to(
        &mut self,
        subscribers: &[SubscriberId],
        since: Timestamp,
    ) -> Result<HashMap<SubscriberId, Vec<Shown>>, StoreError> {
        let sql = self.text(&SHOWN);
        let rows: Vec<(i64, i64, String, String, i64, Option<i64>)> = on_conn!(self, conn => sqlx::query_as(sql)
            .bind(to_json(subscribers)).bind(micros(since)).fetch_all(conn).await)?;
        let mut found: HashMap<SubscriberId, Vec<Shown>> = HashMap::new();
        for (subscriber, id, local_date, items, until, unknown) in rows {
            let items: Vec<PaperOfItem> = from_json("editions", &items)?;
            found.entry(SubscriberId(subscriber)).or_default().push(Shown {
                edition: EditionId(id),
                subscriber: SubscriberId(subscriber),
                papers: items.iter().map(|item| item.paper).collect(),
                window_until: from_micros(until),
                local_date: date(&local_date)?,
                mailed: unknown.is_some(),
                fate_unknown: unknown == Some(1),
            });
        }
        Ok(found)
    }
}
