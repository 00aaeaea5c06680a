//! New rows of the outbox.

use serde::Serialize;

use super::super::db::{Tx, on_conn};
use super::super::dialect::{Texts, over_rows};
use super::super::error::StoreError;
use super::super::json::to_json;
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

#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    kind: &'static str,
    idempotency_key: &'a str,
    subscriber_id: Option<i64>,
    edition_id: Option<i64>,
    address: &'a str,
    address_hash: &'a str,
    dest_group: &'a str,
    priority: i64,
    payload: &'a str,
    message_id: &'a str,
    created_at: i64,
    due_at: i64,
    expires_at: i64,
}

impl<'a> From<&'a NewDelivery> for Row<'a> {
    fn from(new: &'a NewDelivery) -> Self {
        Self {
            id: new.id.0,
            kind: new.kind.as_str(),
            idempotency_key: &new.idempotency_key,
            subscriber_id: new.subscriber.map(|id| id.0),
            edition_id: new.edition.map(|id| id.0),
            address: &new.address,
            address_hash: &new.address_hash,
            dest_group: &new.dest_group,
            priority: new.kind.priority(),
            payload: &new.payload,
            message_id: &new.message_id,
            created_at: micros(new.created_at),
            due_at: micros(new.due_at),
            expires_at: micros(new.expires_at),
        }
    }
}

/// Only an equal key is passed over: two ids that happen to be equal are an error, never a mail less.
const INSERT: Texts = over_rows!(
    "INSERT INTO deliveries (bucket, id, kind, idempotency_key, subscriber_id, edition_id, address, address_hash, \
        dest_group, relay, priority, payload, message_id, dated_at, state, state_at, epoch, attempts, not_before, \
        due_at, expires_at, resends, created_at) \
     SELECT asked.id & 255, id, kind, idempotency_key, subscriber_id, edition_id, address, address_hash, \
        dest_group, 'default', priority, payload, message_id, created_at, 'ready', created_at, 0, 0, due_at, \
        due_at, expires_at, 0, created_at FROM ",
    [id BIGINT, kind TEXT, idempotency_key TEXT, subscriber_id BIGINT, edition_id BIGINT, address TEXT,
     address_hash TEXT, dest_group TEXT, priority BIGINT, payload TEXT, message_id TEXT, created_at BIGINT,
     due_at BIGINT, expires_at BIGINT],
    " WHERE 1 = 1 ON CONFLICT (bucket, idempotency_key) DO NOTHING"
);

impl Tx {
    /// Puts a mail into the outbox; `false` when its idempotency key is there already.
    pub async fn insert_delivery(&mut self, new: &NewDelivery) -> Result<bool, StoreError> {
        Ok(self.insert_deliveries([new]).await? == 1)
    }

    /// Puts mails into the outbox, but for those whose idempotency key is there already; returns how many.
    pub async fn insert_deliveries<'a>(
        &mut self,
        new: impl IntoIterator<Item = &'a NewDelivery>,
    ) -> Result<u64, StoreError> {
        let sql = self.text(&INSERT);
        let rows: Vec<Row<'_>> = new.into_iter().map(Row::from).collect();
        Ok(on_conn!(self, conn => sqlx::query(sql)
            .bind(to_json(&rows)).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}
