//! The outbox: every mail on its way, from its plan to its fate.
//!
//! Claims and leases are in [`claim`], which mails a claim takes in [`candidates`], what becomes of a try in
//! [`outcome`], listings in [`list`].
//! Nothing here speaks SMTP or decides a policy: it keeps the rule which state may follow which.

mod candidates;
mod claim;
mod list;
mod outcome;

pub use claim::{Claim, ClaimOrder, Claimed};
pub use list::{AttemptRow, DeliveryFilter, DeliveryRow};
pub use outcome::{FenceMark, OutcomeMark, UncertainPolicy};

use super::db::{Tx, on_conn};
use super::error::StoreError;
use crate::model::{DeliveryId, DeliveryKind, EditionId, SubscriberId, Timestamp, micros};

/// What a new row of the outbox needs.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// A fresh id in the bucket of the address.
    pub id: DeliveryId,
    /// What the mail is for.
    pub kind: DeliveryKind,
    /// Inserting the same key again does nothing: `digest:<subscriber>:<date>`, `confirm:<signup>`.
    pub idempotency_key: String,
    /// Whose mail it is.
    pub subscriber: Option<SubscriberId>,
    /// Which edition it carries.
    pub edition: Option<EditionId>,
    /// Where it goes.
    pub address: String,
    /// Keyed hash of the canonical address.
    pub address_hash: String,
    /// The mail operator behind the address: its domain.
    pub dest_group: String,
    /// What the template needs beyond subscriber and edition, as JSON.
    pub payload: String,
    /// `<delivery@domain>` without the brackets, fixed for ever.
    pub message_id: String,
    /// When it was due; not sent before.
    pub due_at: Timestamp,
    /// Not handed over from this instant on.
    pub expires_at: Timestamp,
    /// Now; also the Date header.
    pub created_at: Timestamp,
}

impl Tx {
    /// Puts a mail into the outbox; `false` when its idempotency key is there already.
    pub async fn insert_delivery(&mut self, new: &NewDelivery) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO deliveries (bucket, id, kind, idempotency_key, subscriber_id, edition_id, \
            address, address_hash, dest_group, relay, priority, payload, message_id, dated_at, state, state_at, \
            epoch, attempts, not_before, due_at, expires_at, resends, created_at) VALUES ($1, $2, $3, $4, $5, $6, \
            $7, $8, $9, 'default', $10, $11, $12, $13, 'ready', $13, 0, 0, $14, $14, $15, 0, $13) \
            ON CONFLICT DO NOTHING";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(new.id.bucket().0)).bind(new.id.0).bind(new.kind.as_str()).bind(&new.idempotency_key)
            .bind(new.subscriber.map(|id| id.0)).bind(new.edition.map(|id| id.0)).bind(&new.address)
            .bind(&new.address_hash).bind(&new.dest_group).bind(new.kind.priority()).bind(&new.payload)
            .bind(&new.message_id).bind(micros(new.created_at)).bind(micros(new.due_at))
            .bind(micros(new.expires_at)).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

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
