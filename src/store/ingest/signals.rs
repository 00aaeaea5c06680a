//! Recording how much a paper is read, and when that was measured.

use crate::model::{PaperId, SignalPoint, Signals, Timestamp, micros};
use crate::store::db::{Tx, on_conn};
use crate::store::error::StoreError;

/// A second measuring at the same instant replaces what it measured and leaves the rest.
const RECORD: &str = "INSERT INTO signals (paper_id, recorded_at, upvotes, comments, github_stars) \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (paper_id, recorded_at) DO UPDATE SET \
                      upvotes = COALESCE(excluded.upvotes, signals.upvotes), \
                      comments = COALESCE(excluded.comments, signals.comments), \
                      github_stars = COALESCE(excluded.github_stars, signals.github_stars)";

macro_rules! newest {
    ($what:literal) => {
        concat!(
            $what,
            " = (SELECT s.",
            $what,
            " FROM signals s WHERE s.paper_id = papers.id AND s.",
            $what,
            " IS NOT NULL ORDER BY s.recorded_at DESC LIMIT 1)"
        )
    };
}

const REFRESH: &str = concat!(
    "UPDATE papers SET ",
    newest!("upvotes"),
    ", ",
    newest!("comments"),
    ", ",
    newest!("github_stars"),
    " WHERE id = $1"
);

/// What one visit measured, if anything.
pub(super) fn point(at: Timestamp, signals: Signals) -> Vec<SignalPoint> {
    if signals.is_empty() { Vec::new() } else { vec![SignalPoint { at, signals }] }
}

impl Tx {
    /// Adds points to the history of a paper, in any order, and shows the newest of each kind on the paper.
    ///
    /// Points at which nothing was measured are passed over.
    pub async fn record_signals(&mut self, paper: PaperId, points: &[SignalPoint]) -> Result<(), StoreError> {
        let mut recorded = false;
        for point in points.iter().filter(|point| !point.signals.is_empty()) {
            self.record_point(paper, point).await?;
            recorded = true;
        }
        if recorded { self.refresh_newest_signals(paper).await } else { Ok(()) }
    }

    /// The first point of a paper whose row already shows it.
    pub(super) async fn record_first_signals(
        &mut self,
        paper: PaperId,
        at: Timestamp,
        signals: Signals,
    ) -> Result<(), StoreError> {
        if signals.is_empty() { Ok(()) } else { self.record_point(paper, &SignalPoint { at, signals }).await }
    }

    async fn record_point(&mut self, paper: PaperId, point: &SignalPoint) -> Result<(), StoreError> {
        on_conn!(self, conn => sqlx::query(RECORD)
            .bind(paper.0)
            .bind(micros(point.at))
            .bind(point.signals.upvotes.map(i64::from))
            .bind(point.signals.comments.map(i64::from))
            .bind(point.signals.github_stars.map(i64::from))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Shows the newest signals of each kind on the paper.
    pub(super) async fn refresh_newest_signals(&mut self, paper: PaperId) -> Result<(), StoreError> {
        on_conn!(self, conn => sqlx::query(REFRESH).bind(paper.0).execute(conn).await.map(|_| ())?);
        Ok(())
    }
}
