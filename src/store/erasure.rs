//! Forgetting people: those who ask for it, and those who never confirmed.

use super::db::{Tx, on_conn};
use super::error::StoreError;
use super::subscribers::Subscriber;
use crate::model::{SubscriberState, Timestamp, micros};

impl Tx {
    /// Removes everything kept of a person but the keyed hash in suppressions and deliveries.
    ///
    /// Open deliveries are suppressed first; closed ones lose address and content.
    pub async fn erase_subscriber(&mut self, subscriber: &Subscriber, now: Timestamp) -> Result<(), StoreError> {
        self.set_subscriber_state(subscriber.id, SubscriberState::Unsubscribed, None, None, now).await?;
        self.suppress_deliveries(subscriber.id, now).await?;
        let (bucket, id) = (i64::from(subscriber.id.bucket().0), subscriber.id.0);
        const BLANK: &str = "UPDATE deliveries SET address = '', dest_group = '', payload = '{}', subscriber_id = NULL, \
            edition_id = NULL, last_reply = NULL WHERE bucket = $1 AND subscriber_id = $2";
        const ATTEMPTS: &str = "UPDATE attempts SET reply = '' WHERE bucket = $1 AND delivery_id IN \
            (SELECT id FROM deliveries WHERE bucket = $1 AND subscriber_id = $2)";
        const EDITIONS: &str = "DELETE FROM editions WHERE bucket = $1 AND subscriber_id = $2";
        const PERSON: &str = "DELETE FROM subscribers WHERE bucket = $1 AND id = $2";
        for sql in [ATTEMPTS, BLANK, EDITIONS, PERSON] {
            on_conn!(self, conn => sqlx::query(sql).bind(bucket).bind(id).execute(conn).await.map(|_| ()))?;
        }
        const SIGNUPS: &str = "DELETE FROM signups WHERE bucket = $1 AND canonical = $2";
        on_conn!(self, conn => sqlx::query(SIGNUPS)
            .bind(bucket).bind(subscriber.address.canonical()).execute(conn).await.map(|_| ()))?;
        // A domain may be one person's. While it is closed for refusals it is remembered.
        const DOMAIN: &str = "DELETE FROM destinations WHERE dest_group = $1 AND closed_until IS NULL";
        on_conn!(self, conn => sqlx::query(DOMAIN)
            .bind(subscriber.address.domain()).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Drops people who have been unconfirmed since `before` and were not asked again later; at most `limit` at once.
    pub async fn prune_pending(&mut self, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM subscribers WHERE (bucket, id) IN (SELECT bucket, id FROM subscribers \
            WHERE state = 'pending' AND state_at < $1 AND NOT EXISTS (SELECT 1 FROM deliveries d \
                WHERE d.bucket = subscribers.bucket AND d.subscriber_id = subscribers.id AND d.created_at >= $1) \
            LIMIT $2)";
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(micros(before)).bind(limit).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}
