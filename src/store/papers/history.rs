//! The history of signals, read for many papers at once, and its thinning.

use crate::model::{PaperId, SignalPoint, Timestamp, from_micros, micros};
use crate::store::db::{Read, Tx, on_conn};
use crate::store::dialect::{Texts, over_ids};
use crate::store::error::StoreError;
use crate::store::json::to_json;

use super::signals_from;

/// How far back of its end one thinning looks. What is older was thinned by the runs before;
/// points that a service off for longer never came to are few and do no harm.
const THINNED_MICROS: i64 = 45 * 86_400_000_000;

#[derive(sqlx::FromRow)]
struct PointRow {
    paper_id: i64,
    recorded_at: i64,
    upvotes: Option<i64>,
    comments: Option<i64>,
    github_stars: Option<i64>,
}

const OF_WINDOW: &str = "SELECT s.paper_id, s.recorded_at, s.upvotes, s.comments, s.github_stars \
                         FROM papers p JOIN signals s ON s.paper_id = p.id \
                         WHERE p.available_at > $1 AND p.available_at <= $2 AND p.backfill = 0 \
                         ORDER BY s.paper_id, s.recorded_at";

const OF_PAPERS: Texts = over_ids!(
    "SELECT paper_id, recorded_at, upvotes, comments, github_stars FROM signals WHERE paper_id IN ",
    " ORDER BY paper_id, recorded_at"
);

/// Every point but the last of its UTC day goes.
const THIN: &str = "DELETE FROM signals WHERE (paper_id, recorded_at) IN (\
                    SELECT s.paper_id, s.recorded_at FROM signals s \
                    WHERE s.recorded_at >= $1 AND s.recorded_at < $2 AND EXISTS (\
                    SELECT 1 FROM signals l WHERE l.paper_id = s.paper_id AND l.recorded_at > s.recorded_at \
                    AND l.recorded_at < (s.recorded_at / 86400000000 + 1) * 86400000000) \
                    ORDER BY s.recorded_at, s.paper_id LIMIT $3)";

impl Read {
    /// The signals of every mailable paper available after `after` and up to `until`, each history oldest first.
    ///
    /// Ordered by paper; papers of which nothing was ever measured are left out.
    pub async fn signal_history(
        &mut self,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(PaperId, Vec<SignalPoint>)>, StoreError> {
        let rows: Vec<PointRow> = on_conn!(self, conn => sqlx::query_as(OF_WINDOW)
            .bind(micros(after)).bind(micros(until)).fetch_all(conn).await?);
        Ok(by_paper(rows))
    }

    /// The signals of these papers, in the same form.
    pub async fn signals_of(&mut self, papers: &[PaperId]) -> Result<Vec<(PaperId, Vec<SignalPoint>)>, StoreError> {
        let text = self.text(&OF_PAPERS);
        let ids = to_json(papers);
        let rows: Vec<PointRow> = on_conn!(self, conn => sqlx::query_as(text).bind(ids).fetch_all(conn).await?);
        Ok(by_paper(rows))
    }
}

impl Tx {
    /// Thins signals recorded before `before` to the last of each UTC day, at most `limit` points a call.
    ///
    /// Returns how many went; fewer than `limit` means that nothing is left to thin.
    pub async fn thin_signals(&mut self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let before = micros(before);
        Ok(on_conn!(self, conn => sqlx::query(THIN)
            .bind(before.saturating_sub(THINNED_MICROS))
            .bind(before)
            .bind(i64::from(limit))
            .execute(conn)
            .await?
            .rows_affected()))
    }
}

fn by_paper(rows: Vec<PointRow>) -> Vec<(PaperId, Vec<SignalPoint>)> {
    let mut histories: Vec<(PaperId, Vec<SignalPoint>)> = Vec::new();
    for row in rows {
        let point = SignalPoint {
            at: from_micros(row.recorded_at),
            signals: signals_from(row.upvotes, row.comments, row.github_stars),
        };
        match histories.last_mut() {
            Some((paper, points)) if paper.0 == row.paper_id => points.push(point),
            _ => histories.push((PaperId(row.paper_id), vec![point])),
        }
    }
    histories
}
