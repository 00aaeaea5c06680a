//! Looking at deliveries: for the command line, the operator's page and the metrics.

use sqlx::FromRow;

use super::super::db::{Read, on_conn};
use super::super::error::StoreError;
use crate::model::{DeliveryId, DeliveryState, LocalDate, SubscriberId, Timestamp, from_micros, micros};

/// Which deliveries to list.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only digests of this local date.
    pub edition_date: Option<LocalDate>,
    /// Only those of this subscriber.
    pub subscriber: Option<SubscriberId>,
    /// At most this many, newest first.
    pub limit: i64,
}

/// A delivery as operators see it.
#[derive(Debug, Clone, FromRow)]
pub struct DeliveryRow {
    /// Its row.
    pub id: i64,
    /// Stored spelling of its kind.
    pub kind: String,
    /// Stored spelling of its state.
    pub state: String,
    /// Where it goes; empty after erasure.
    pub address: String,
    /// Without the brackets.
    pub message_id: String,
    /// Microseconds.
    pub due_at: i64,
    /// Microseconds.
    pub state_at: i64,
    /// Microseconds.
    pub expires_at: i64,
    /// Microseconds; when it may be tried again.
    pub not_before: i64,
    /// How often a server put it off or refused it.
    pub attempts: i64,
    /// How often it was sent again after its fate was uncertain.
    pub resends: i64,
    /// Phase of the last try.
    pub last_phase: Option<String>,
    /// Reply code of the last try.
    pub last_code: Option<i64>,
    /// Enhanced code of the last try.
    pub last_enhanced: Option<String>,
    /// Reply text of the last try.
    pub last_reply: Option<String>,
    /// SHA-256 of the bytes at the last fence.
    pub body_sha256: Option<String>,
    /// The edition it carries.
    pub edition_id: Option<i64>,
}

/// One try at a delivery.
#[derive(Debug, Clone, FromRow)]
pub struct AttemptRow {
    /// The claim's number.
    pub epoch: i64,
    /// Microseconds.
    pub at: i64,
    /// How far the dialogue came.
    pub phase: String,
    /// How it ended.
    pub outcome: String,
    /// Reply code.
    pub code: Option<i64>,
    /// Enhanced status code.
    pub enhanced: Option<String>,
    /// Reply text.
    pub reply: String,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT d.id, d.kind, d.state, d.address, d.message_id, d.due_at, d.state_at, d.expires_at, d.not_before, ",
            "d.attempts, d.resends, d.last_phase, d.last_code, d.last_enhanced, d.last_reply, d.body_sha256, ",
            "d.edition_id FROM deliveries d ",
            $tail
        )
    };
}

impl Read {
    /// Deliveries that pass the filter, newest first.
    pub async fn deliveries(&mut self, filter: &DeliveryFilter) -> Result<Vec<DeliveryRow>, StoreError> {
        const SQL: &str = select!(
            "WHERE ($1 = '' OR d.state = $1) AND ($2 = 0 OR (d.bucket = $3 AND d.subscriber_id = $2)) \
             AND ($4 = '' OR EXISTS (SELECT 1 FROM editions e WHERE e.bucket = d.bucket AND e.id = d.edition_id \
                AND e.local_date = $4)) ORDER BY d.created_at DESC, d.id DESC LIMIT $5"
        );
        let subscriber = filter.subscriber.map_or(0, |id| id.0);
        let bucket = filter.subscriber.map_or(0, |id| i64::from(id.bucket().0));
        Ok(on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(filter.state.map_or("", DeliveryState::as_str)).bind(subscriber).bind(bucket)
            .bind(filter.edition_date.map_or_else(String::new, |date| date.to_string())).bind(filter.limit)
            .fetch_all(conn).await)?)
    }

    /// The delivery of that id.
    pub async fn delivery(&mut self, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
        const SQL: &str = select!("WHERE d.bucket = $1 AND d.id = $2");
        Ok(on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).fetch_optional(conn).await)?)
    }

    /// Every try at a delivery, in order.
    pub async fn attempts(&mut self, id: DeliveryId) -> Result<Vec<AttemptRow>, StoreError> {
        const SQL: &str = "SELECT epoch, at, phase, outcome, code, enhanced, reply FROM attempts \
            WHERE bucket = $1 AND delivery_id = $2 ORDER BY epoch, at";
        Ok(on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).fetch_all(conn).await)?)
    }

    /// How many deliveries are in each state, by kind: `(kind, state, count)`.
    pub async fn delivery_counts(&mut self) -> Result<Vec<(String, String, i64)>, StoreError> {
        const SQL: &str = "SELECT kind, state, COUNT(*) FROM deliveries GROUP BY kind, state ORDER BY kind, state";
        Ok(on_conn!(self, conn => sqlx::query_as(SQL).fetch_all(conn).await)?)
    }

    /// The due of the mail that waits longest and could leave now.
    pub async fn oldest_ready(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        const SQL: &str = "SELECT MIN(due_at) FROM deliveries WHERE stage = 1 AND not_before <= $1";
        let (at,): (Option<i64>,) =
            on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?;
        Ok(at.map(from_micros))
    }

    /// Since when the oldest uncertain mail is.
    pub async fn oldest_uncertain(&mut self) -> Result<Option<Timestamp>, StoreError> {
        const SQL: &str = "SELECT MIN(state_at) FROM deliveries WHERE stage = 2 AND state = 'uncertain'";
        let (at,): (Option<i64>,) = on_conn!(self, conn => sqlx::query_as(SQL).fetch_one(conn).await)?;
        Ok(at.map(from_micros))
    }

    /// How many mails of one kind were queued for an address since `since`.
    pub async fn deliveries_to(
        &mut self,
        bucket: crate::model::Bucket,
        address_hash: &str,
        kind: crate::model::DeliveryKind,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM deliveries \
            WHERE bucket = $1 AND address_hash = $2 AND kind = $3 AND created_at >= $4";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(bucket.0)).bind(address_hash).bind(kind.as_str()).bind(micros(since))
            .fetch_one(conn).await)?;
        Ok(count)
    }
}
