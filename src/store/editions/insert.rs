//! New editions.

use std::collections::HashSet;

use serde::Serialize;

use super::super::db::{Tx, on_conn};
use super::super::dialect::{Slices, Texts, over_rows};
use super::super::error::StoreError;
use super::super::json::to_json;
use super::Edition;
use crate::model::{EditionId, micros};

#[derive(Serialize)]
struct Row {
    id: i64,
    subscriber_id: i64,
    local_date: String,
    kind: &'static str,
    due_at: i64,
    planned_at: i64,
    window_after: i64,
    window_until: i64,
    timezone: &'static str,
    more_for_you: u32,
    void: u8,
    items_at: usize,
    items_size: usize,
    figures_at: usize,
    figures_size: usize,
}

impl Row {
    fn of(edition: &Edition, texts: &mut Slices) -> Self {
        let (items, figures) = (texts.push(&edition.items), texts.push(&edition.figures));
        Self {
            id: edition.id.0,
            subscriber_id: edition.subscriber.0,
            local_date: edition.local_date.to_string(),
            kind: edition.kind.as_str(),
            due_at: micros(edition.due_at),
            planned_at: micros(edition.planned_at),
            window_after: micros(edition.window_after),
            window_until: micros(edition.window_until),
            timezone: edition.timezone.name(),
            more_for_you: edition.more_for_you,
            void: edition.void.into(),
            items_at: items.at,
            items_size: items.size,
            figures_at: figures.at,
            figures_size: figures.size,
        }
    }
}

/// Only an equal date is passed over: two ids that happen to be equal are an error, never an edition less.
const INSERT: Texts = over_rows!(
    "INSERT INTO editions (bucket, id, subscriber_id, local_date, kind, due_at, planned_at, window_after, \
        window_until, timezone, items, figures, more_for_you, void) \
     SELECT asked.id & 255, id, subscriber_id, local_date, kind, due_at, planned_at, window_after, \
        window_until, timezone, items, figures, more_for_you, void FROM ",
    [id BIGINT, subscriber_id BIGINT, local_date TEXT, kind TEXT, due_at BIGINT, planned_at BIGINT,
     window_after BIGINT, window_until BIGINT, timezone TEXT, more_for_you BIGINT, void BIGINT],
    with [items, figures],
    " WHERE 1 = 1 ON CONFLICT (bucket, subscriber_id, local_date) DO NOTHING"
);

impl Tx {
    /// Adds an edition; `false` when the subscriber has one for that date.
    pub async fn insert_edition(&mut self, edition: &Edition) -> Result<bool, StoreError> {
        Ok(!self.insert_editions([edition]).await?.is_empty())
    }

    /// Adds editions, but for those of a date for which the subscriber has one; returns which were added.
    pub async fn insert_editions<'a>(
        &mut self,
        editions: impl IntoIterator<Item = &'a Edition>,
    ) -> Result<HashSet<EditionId>, StoreError> {
        let sql = self.text(&INSERT);
        let mut texts = Slices::default();
        let rows: Vec<Row> = editions.into_iter().map(|edition| Row::of(edition, &mut texts)).collect();
        let ids: Vec<EditionId> = rows.iter().map(|row| EditionId(row.id)).collect();
        let added = on_conn!(self, conn => sqlx::query(sql)
            .bind(to_json(&rows)).bind(texts.bytes).execute(conn).await.map(|done| done.rows_affected()))?;
        if added == ids.len() as u64 {
            return Ok(ids.into_iter().collect());
        }
        // Rare enough to ask again: two nodes, or a date that a clock set back comes to twice.
        Ok(self.editions_by_ids(&ids).await?.into_iter().map(|edition| edition.id).collect())
    }
}
