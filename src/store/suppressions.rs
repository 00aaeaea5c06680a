//! Addresses that must not be mailed, as keyed hashes.

use super::db::{Read, Tx, on_conn};
use super::error::StoreError;
use crate::model::{Bucket, Timestamp, from_micros, micros};

/// One suppressed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Keyed hash of the canonical address.
    pub address_hash: String,
    /// `bounced`, `complained`, `operator`.
    pub reason: String,
    /// What told us: an SMTP reply, the operator.
    pub origin: String,
    /// When.
    pub created_at: Timestamp,
}

impl Read {
    /// Whether mail to this address is suppressed.
    pub async fn is_suppressed(&mut self, bucket: Bucket, address_hash: &str) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM suppressions WHERE bucket = $1 AND address_hash = $2";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(bucket.0)).bind(address_hash).fetch_one(conn).await)?;
        Ok(count > 0)
    }

    /// The newest suppressions.
    pub async fn suppressions(&mut self, limit: i64) -> Result<Vec<Suppression>, StoreError> {
        const SQL: &str = "SELECT address_hash, reason, origin, created_at FROM suppressions \
            ORDER BY created_at DESC, address_hash LIMIT $1";
        let rows: Vec<(String, String, String, i64)> =
            on_conn!(self, conn => sqlx::query_as(SQL).bind(limit).fetch_all(conn).await)?;
        Ok(rows
            .into_iter()
            .map(|(address_hash, reason, origin, at)| Suppression {
                address_hash,
                reason,
                origin,
                created_at: from_micros(at),
            })
            .collect())
    }
}

impl Tx {
    /// Suppresses an address; the first reason stays.
    pub async fn suppress(
        &mut self,
        bucket: Bucket,
        address_hash: &str,
        reason: &str,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO suppressions (bucket, address_hash, reason, origin, created_at) \
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(bucket.0)).bind(address_hash).bind(reason).bind(origin).bind(micros(now))
            .execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Lets an address be mailed again; `false` when it was not suppressed.
    pub async fn unsuppress(&mut self, bucket: Bucket, address_hash: &str) -> Result<bool, StoreError> {
        const SQL: &str = "DELETE FROM suppressions WHERE bucket = $1 AND address_hash = $2";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(bucket.0)).bind(address_hash).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
