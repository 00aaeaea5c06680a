//! The outbox: every mail on its way, from its plan to its fate.
//!
//! New rows are in [`insert`], claims and leases in [`claim`], which mails a claim takes in [`candidates`], the last
//! check before the dot in [`fence`], what becomes of a try in [`acceptance`] and [`outcome`], listings in [`list`].
//! Nothing here speaks SMTP or decides a policy: it keeps the rule which state may follow which.
//!
//! A search by state names the `stage` as well, which the database derives from it and by which rows are indexed: 1
//! waits to be claimed, 2 is in somebody's hands or uncertain, and what is over has none.

mod acceptance;
mod candidates;
mod claim;
mod fence;
mod insert;
mod list;
mod outcome;

pub use claim::{Claim, ClaimOrder, Claimed, Rooms};
pub use fence::FenceMark;
pub use insert::NewDelivery;
pub use list::{AttemptRow, DeliveryFilter, DeliveryRow};
pub use outcome::{OutcomeMark, UncertainPolicy};

use super::db::{Tx, on_conn};
use super::error::StoreError;
use crate::model::{Timestamp, micros};

impl Tx {
    /// Drops deliveries (and their attempts) that ended and were made before `before`; at most `limit` at once.
    pub async fn prune_deliveries(&mut self, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
        const ATTEMPTS: &str = "DELETE FROM attempts WHERE (bucket, delivery_id) IN (SELECT bucket, id FROM deliveries \
            WHERE created_at < $1 AND state IN ('accepted', 'rejected', 'unknown', 'suppressed', 'expired') \
            ORDER BY created_at, id LIMIT $2)";
        const SQL: &str = "DELETE FROM deliveries WHERE (bucket, id) IN (SELECT bucket, id FROM deliveries \
            WHERE created_at < $1 AND state IN ('accepted', 'rejected', 'unknown', 'suppressed', 'expired') \
            ORDER BY created_at, id LIMIT $2)";
        on_conn!(self, conn => sqlx::query(ATTEMPTS).bind(micros(before)).bind(limit).execute(conn).await.map(|_| ()))?;
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(micros(before)).bind(limit).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}
