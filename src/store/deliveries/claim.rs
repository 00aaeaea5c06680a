//! Taking mails to work on, and giving them back.

use sqlx::FromRow;

use super::super::db::{Read, Tx, on_conn};
use super::super::dialect::{Texts, claim};
use super::super::error::StoreError;
use super::super::subscribers::bad;
use crate::model::{DeliveryId, DeliveryKind, EditionId, EmailAddress, SubscriberId, Timestamp, from_micros, micros};

/// A delivery in the hands of one worker, with the epoch that proves it.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its row.
    pub id: DeliveryId,
    /// The claim's number; a mark with an older one is refused.
    pub epoch: i64,
    /// What the mail is for.
    pub kind: DeliveryKind,
    /// Whose mail it is.
    pub subscriber: Option<SubscriberId>,
    /// Which edition it carries.
    pub edition: Option<EditionId>,
    /// Where it goes.
    pub address: EmailAddress,
    /// Keyed hash of the canonical address.
    pub address_hash: String,
    /// What the template needs beyond subscriber and edition, as JSON.
    pub payload: String,
    /// Without the brackets.
    pub message_id: String,
    /// The Date header and the signature's time.
    pub dated_at: Timestamp,
    /// How often a server has put it off.
    pub attempts: i64,
    /// When it was due.
    pub due_at: Timestamp,
    /// Not handed over from this instant on.
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    epoch: i64,
    kind: String,
    subscriber_id: Option<i64>,
    edition_id: Option<i64>,
    address: String,
    address_hash: String,
    payload: String,
    message_id: String,
    dated_at: i64,
    attempts: i64,
    due_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Claimed {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeliveryId(row.id),
            epoch: row.epoch,
            kind: DeliveryKind::from_stored(&row.kind).ok_or_else(|| bad("deliveries", "kind", &row.kind))?,
            subscriber: row.subscriber_id.map(SubscriberId),
            edition: row.edition_id.map(EditionId),
            address: EmailAddress::parse(&row.address).map_err(|_| bad("deliveries", "address", &row.address))?,
            address_hash: row.address_hash,
            payload: row.payload,
            message_id: row.message_id,
            dated_at: from_micros(row.dated_at),
            attempts: row.attempts,
            due_at: from_micros(row.due_at),
            expires_at: from_micros(row.expires_at),
        })
    }
}

const CLAIM: Texts = claim!(
    "WITH picked AS MATERIALIZED (SELECT bucket, id FROM deliveries WHERE state IN ('ready', 'retry_wait') \
        AND not_before <= $1 AND expires_at > $1 ORDER BY priority, not_before, id LIMIT $2",
    ") UPDATE deliveries SET state = 'leased', state_at = $1, epoch = epoch + 1, lease_owner = $3, lease_until = $4 \
     FROM picked WHERE deliveries.bucket = picked.bucket AND deliveries.id = picked.id \
     RETURNING deliveries.id, epoch, kind, subscriber_id, edition_id, address, address_hash, payload, message_id, \
        dated_at, attempts, due_at, expires_at"
);

/// A row that cannot be read stays leased until it expires, and keeps no other from leaving.
fn readable(row: Row) -> Option<Claimed> {
    let id = row.id;
    Claimed::try_from(row).inspect_err(|error| tracing::error!(delivery = id, %error, "a mail cannot be read")).ok()
}

impl Tx {
    /// Leases up to `limit` deliveries to `owner` until `lease_until`: what waits longest first, the urgent before all.
    pub async fn claim_deliveries(
        &mut self,
        now: Timestamp,
        owner: &str,
        lease_until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Claimed>, StoreError> {
        let sql = self.text(&CLAIM);
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(sql)
            .bind(micros(now)).bind(limit).bind(owner).bind(micros(lease_until)).fetch_all(conn).await)?;
        let mut claimed: Vec<Claimed> = rows.into_iter().filter_map(readable).collect();
        claimed.sort_by_key(|delivery| (delivery.kind.priority(), delivery.due_at, delivery.id));
        Ok(claimed)
    }

    /// Gives a lease back untouched, to be claimed again from `not_before` on.
    pub async fn release_delivery(
        &mut self,
        delivery: &Claimed,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE deliveries SET state = 'ready', state_at = $4, lease_owner = NULL, \
            lease_until = NULL, not_before = $5 WHERE bucket = $1 AND id = $2 AND epoch = $3 AND state = 'leased'";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(delivery.id.bucket().0)).bind(delivery.id.0).bind(delivery.epoch).bind(micros(now))
            .bind(micros(not_before)).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Takes back what `owner` held (everything, when it is dead) or what is past its lease.
    ///
    /// A leased mail is ready again; one past the fence is uncertain. Returns how many of each.
    pub async fn break_leases(&mut self, owner: &str, dead: bool, now: Timestamp) -> Result<(u64, u64), StoreError> {
        const READY: &str = "UPDATE deliveries SET state = 'ready', state_at = $3, lease_owner = NULL, lease_until = NULL \
            WHERE state = 'leased' AND lease_owner = $1 AND (lease_until <= $3 OR $2 = 1)";
        // What is known of the try: it came past the fence, and nobody was there to hear the reply.
        const LOG: &str = "INSERT INTO attempts (bucket, delivery_id, epoch, at, phase, outcome, reply) \
            SELECT bucket, id, epoch, $3, 'dot', 'uncertain', 'the program ended before the reply' FROM deliveries \
            WHERE state = 'handing_off' AND lease_owner = $1 AND (lease_until <= $3 OR $2 = 1) ON CONFLICT DO NOTHING";
        const UNCERTAIN: &str = "UPDATE deliveries SET state = 'uncertain', state_at = $3, lease_until = NULL, \
            attempts = attempts + 1, last_phase = 'dot', last_reply = 'the program ended before the reply' \
            WHERE state = 'handing_off' AND lease_owner = $1 AND (lease_until <= $3 OR $2 = 1)";
        let mut broken = [0, 0, 0];
        for (count, sql) in broken.iter_mut().zip([READY, LOG, UNCERTAIN]) {
            *count = on_conn!(self, conn => sqlx::query(sql)
                .bind(owner).bind(i64::from(dead)).bind(micros(now))
                .execute(conn).await.map(|done| done.rows_affected()))?;
        }
        Ok((broken[0], broken[2]))
    }

    /// Makes ready what `owner` claimed and did not bring to the fence, for when it is known to be idle.
    pub async fn release_claims(&mut self, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE deliveries SET state = 'ready', state_at = $2, lease_owner = NULL, lease_until = NULL \
            WHERE state = 'leased' AND lease_owner = $1";
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(owner).bind(micros(now)).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}

impl Read {
    /// Who holds leases, or stands past the fence.
    pub async fn lease_owners(&mut self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT DISTINCT lease_owner FROM deliveries \
            WHERE state IN ('leased', 'handing_off') AND lease_owner IS NOT NULL";
        let rows: Vec<(String,)> = on_conn!(self, conn => sqlx::query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(owner,)| owner).collect())
    }

    /// Whether there is a delivery that could be claimed now.
    pub async fn is_anything_claimable(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state IN ('ready', 'retry_wait') \
            AND not_before <= $1 AND expires_at > $1 LIMIT 1) AS one";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?;
        Ok(count == 1)
    }

    /// How many deliveries wait although their time is over: the next look at them ends them.
    pub async fn overdue_deliveries(&mut self, now: Timestamp) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM deliveries \
            WHERE state IN ('ready', 'leased', 'retry_wait') AND expires_at <= $1";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?;
        Ok(count)
    }

    /// How many deliveries could be claimed now, and how many wait for a retry or their time.
    pub async fn waiting_deliveries(&mut self, now: Timestamp) -> Result<(i64, i64), StoreError> {
        const SQL: &str = "SELECT COALESCE(SUM(CASE WHEN not_before <= $1 THEN 1 ELSE 0 END), 0), \
            COALESCE(SUM(CASE WHEN not_before > $1 THEN 1 ELSE 0 END), 0) \
            FROM deliveries WHERE state IN ('ready', 'retry_wait') AND expires_at > $1";
        Ok(on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?)
    }
}
