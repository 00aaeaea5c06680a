//! What one request to a source leaves for the next: validators of a page, and the pace of a host.

use std::time::Duration;

use crate::model::{Timestamp, from_micros, micros};
use crate::store::db::{Read, Tx, on_conn};
use crate::store::error::StoreError;

/// Addresses longer than this, in bytes, keep no validators. PostgreSQL's indexes end at 2,700.
const MAX_URL_BYTES: usize = 2000;

/// A slot this far ahead was taken by a clock that showed another time; it binds nobody.
const FARTHEST_SLOT_MICROS: i64 = 3_600_000_000;

/// What a server said about a page, byte for byte, to be sent back with the next request (RFC 9110, section 13).
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Validators {
    /// For `If-None-Match`.
    pub etag: Option<String>,
    /// For `If-Modified-Since`.
    pub last_modified: Option<String>,
}

const PUT: &str = "INSERT INTO http_validators (url, etag, last_modified, stored_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified, \
                   stored_at = excluded.stored_at";

const RESERVE: &str = "INSERT INTO paces (gate, next_at) VALUES ($1, $2 + $3) ON CONFLICT (gate) DO UPDATE SET \
                       next_at = CASE WHEN paces.next_at > $2 AND paces.next_at <= $2 + $4 \
                       THEN paces.next_at ELSE $2 END + $3 RETURNING next_at";

impl Read {
    /// What the server said about this page last time.
    pub async fn validators(&mut self, url: &str) -> Result<Validators, StoreError> {
        const TEXT: &str = "SELECT etag, last_modified FROM http_validators WHERE url = $1";
        let found: Option<Validators> =
            on_conn!(self, conn => sqlx::query_as(TEXT).bind(url).fetch_optional(conn).await?);
        Ok(found.unwrap_or_default())
    }
}

impl Tx {
    /// Keeps what the server said about this page; nothing said forgets what was kept.
    pub async fn put_validators(
        &mut self,
        url: &str,
        validators: &Validators,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if *validators == Validators::default() || url.len() > MAX_URL_BYTES {
            on_conn!(self, conn => sqlx::query("DELETE FROM http_validators WHERE url = $1")
                .bind(url).execute(conn).await.map(|_| ())?);
            return Ok(());
        }
        on_conn!(self, conn => sqlx::query(PUT)
            .bind(url)
            .bind(&validators.etag)
            .bind(&validators.last_modified)
            .bind(micros(now))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Forgets validators stored before `before`: their pages are not asked for any more.
    pub async fn prune_validators(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(on_conn!(self, conn => sqlx::query("DELETE FROM http_validators WHERE stored_at < $1")
            .bind(micros(before)).execute(conn).await?.rows_affected()))
    }

    /// Takes the next free slot of a gate and returns its instant, at which the caller may send.
    ///
    /// Over all nodes the slots of a gate are at least `every` apart. Commit before waiting for the slot.
    pub async fn reserve_pace(&mut self, gate: &str, now: Timestamp, every: Duration) -> Result<Timestamp, StoreError> {
        let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).min(FARTHEST_SLOT_MICROS);
        let next: i64 = on_conn!(self, conn => sqlx::query_scalar(RESERVE)
            .bind(gate)
            .bind(micros(now))
            .bind(every)
            .bind(FARTHEST_SLOT_MICROS)
            .fetch_one(conn)
            .await?);
        Ok(from_micros(next - every))
    }
}
