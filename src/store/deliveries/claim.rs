//! Taking mails to work on, and giving them back.

use std::collections::HashMap;

use serde_json::json;
use sqlx::FromRow;

use super::super::db::{Read, Tx, on_conn};
use super::super::dialect::{Texts, over_rows};
use super::super::error::StoreError;
use super::super::json::to_json;
use super::super::subscribers::bad;
use super::super::throttle::RelayRest;
use super::candidates::Wanted;
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
    /// The mail operator behind the address.
    pub dest_group: String,
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
    /// It shows whether the relay serves again; nothing else is claimed meanwhile.
    pub probes_relay: bool,
    /// It shows whether a closed group takes mail again; nothing else of the group is claimed meanwhile.
    pub probes_group: bool,
}

/// How many mails of each group of destinations a node can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooms {
    /// Of groups the node knows; 0 for one that is full.
    pub known: HashMap<String, i64>,
    /// Of every other group.
    pub others: i64,
}

impl Rooms {
    /// Any number of any group.
    pub fn any() -> Self {
        Self { known: HashMap::new(), others: i64::MAX }
    }
}

/// What a node asks for.
#[derive(Debug, Clone, Copy)]
pub struct ClaimOrder<'a> {
    /// Now.
    pub now: Timestamp,
    /// Who asks.
    pub owner: &'a str,
    /// When the leases end by themselves.
    pub lease_until: Timestamp,
    /// At most this many.
    pub limit: i64,
    /// How many of each group the node can take.
    pub rooms: &'a Rooms,
    /// Mails a second to the relay, over all nodes; `None` for no limit.
    pub rate_per_second: Option<u32>,
}

/// What a node got.
#[derive(Debug, Default)]
pub struct Claim {
    /// The urgent first, then by due time.
    pub deliveries: Vec<Claimed>,
    /// When there will be more without anything else happening: the next token, the end of a rest, a retry that
    /// is due, a group to be tried. `None`: only a new mail, or room in a full group, makes it worth asking again.
    pub next_at: Option<Timestamp>,
    /// Why nothing was given: the relay is left alone.
    pub resting: Option<RelayRest>,
    /// More could have been given, had the relay's bucket held more tokens.
    pub lacks_tokens: bool,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    epoch: i64,
    kind: String,
    subscriber_id: Option<i64>,
    edition_id: Option<i64>,
    address: String,
    dest_group: String,
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
            dest_group: row.dest_group,
            address_hash: row.address_hash,
            payload: row.payload,
            message_id: row.message_id,
            dated_at: from_micros(row.dated_at),
            attempts: row.attempts,
            due_at: from_micros(row.due_at),
            expires_at: from_micros(row.expires_at),
            probes_relay: false,
            probes_group: false,
        })
    }
}

/// SQLite would go through all mails that wait instead of the few asked for; it keeps to the order of a `CROSS JOIN`.
const LEASE: Texts = over_rows!(
    "WITH picked AS MATERIALIZED (SELECT held.bucket, held.id FROM ",
    [id BIGINT],
    " CROSS JOIN deliveries held WHERE held.bucket = (asked.id & 255) AND held.id = asked.id \
        AND held.state IN ('ready', 'retry_wait')",
    skip locked,
    ") UPDATE deliveries SET state = 'leased', state_at = $2, epoch = epoch + 1, lease_owner = $3, lease_until = $4 \
     FROM picked WHERE deliveries.bucket = picked.bucket AND deliveries.id = picked.id \
     RETURNING deliveries.id, epoch, kind, subscriber_id, edition_id, address, dest_group, address_hash, payload, \
        message_id, dated_at, attempts, due_at, expires_at"
);

/// A row that cannot be read stays leased until it expires, and keeps no other from leaving.
fn readable(row: Row) -> Option<Claimed> {
    let id = row.id;
    Claimed::try_from(row).inspect_err(|error| tracing::error!(delivery = id, %error, "a mail cannot be read")).ok()
}

impl Tx {
    /// Leases mails to a node, and takes their tokens from the relay's bucket in the same transaction.
    ///
    /// The urgent go before all, then what waits longest. Nothing is given of groups that are full or closed, except
    /// one mail of a closed group whose time is over, and nothing at all while the relay is left alone.
    pub async fn claim_deliveries(&mut self, order: &ClaimOrder<'_>) -> Result<Claim, StoreError> {
        let relay = self.take_relay().await?;
        if let Some(until) = relay.rests_until(order.now) {
            return Ok(Claim { next_at: Some(until), resting: relay.into_rest(), ..Claim::default() });
        }
        let limit = relay.mails(order.rate_per_second, order.limit, order.now);
        let mut claim = self.claim_open(order, limit).await?;
        let claimed = i64::try_from(claim.deliveries.len()).unwrap_or(limit);
        let next_token = self.debit_relay(&relay, order.rate_per_second, claimed, order.now).await?;
        if limit < order.limit && claimed == limit {
            // What holds it back is the relay, and no group.
            claim.next_at = next_token;
            claim.lacks_tokens = !relay.is_doubtful();
        }
        claim.deliveries.iter_mut().for_each(|delivery| delivery.probes_relay = relay.is_doubtful());
        claim.deliveries.sort_by_key(|delivery| (delivery.kind.priority(), delivery.due_at, delivery.id));
        Ok(claim)
    }

    /// Leases up to `limit` mails of the groups that are neither full nor closed, and one of each group to be tried.
    async fn claim_open(&mut self, order: &ClaimOrder<'_>, limit: i64) -> Result<Claim, StoreError> {
        let closed = self.closed_groups().await?;
        let mut rooms = order.rooms.clone();
        rooms.known.extend(closed.iter().map(|group| (group.dest_group.clone(), 0)));
        let mut claim = Claim::default();
        if limit <= 0 {
            return Ok(claim);
        }
        let over = |group: &&crate::store::throttle::ClosedGroup| group.until <= order.now;
        for group in closed.iter().filter(over).take(usize::try_from(limit).unwrap_or(0)) {
            let ids = self.candidate_of(&group.dest_group, order.now).await?;
            let probes = self.lease(order, &ids).await?;
            if !probes.is_empty() {
                self.hold_for_probe(&group.dest_group, order.now).await?;
            }
            claim.deliveries.extend(probes.into_iter().map(|probe| Claimed { probes_group: true, ..probe }));
        }
        let room = limit - i64::try_from(claim.deliveries.len()).unwrap_or(limit);
        let ids = self.candidates(Wanted { now: order.now, limit: room, rooms }).await?;
        claim.deliveries.extend(self.lease(order, &ids).await?);
        if i64::try_from(ids.len()).unwrap_or(room) < room {
            let reopens = closed.iter().map(|group| group.until).filter(|until| *until > order.now).min();
            claim.next_at = [reopens, self.next_not_before(order.now).await?].into_iter().flatten().min();
        } else {
            claim.next_at = Some(order.now);
        }
        Ok(claim)
    }

    /// Leases those of these mails that are still to be had.
    async fn lease(&mut self, order: &ClaimOrder<'_>, ids: &[i64]) -> Result<Vec<Claimed>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = self.text(&LEASE);
        let asked: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(sql)
            .bind(to_json(&asked)).bind(micros(order.now)).bind(order.owner).bind(micros(order.lease_until))
            .fetch_all(conn).await)?;
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// Gives a lease back untouched, to be claimed again from `not_before` on, and its token to the relay's bucket.
    ///
    /// The row may say that the fence was passed, when the answer to that commit never came: whoever gives back
    /// has sent no dot.
    pub async fn release_delivery(
        &mut self,
        delivery: &Claimed,
        not_before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE deliveries SET state = 'ready', state_at = $4, lease_owner = NULL, \
            lease_until = NULL, not_before = $5 WHERE bucket = $1 AND id = $2 AND epoch = $3 \
            AND state IN ('leased', 'handing_off')";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(delivery.id.bucket().0)).bind(delivery.id.0).bind(delivery.epoch).bind(micros(now))
            .bind(micros(not_before)).execute(conn).await.map(|done| done.rows_affected()))?;
        if done == 1 {
            self.credit_relay().await?;
        }
        Ok(done == 1)
    }

    /// Takes back what `owner` held (everything, when it is dead) or what is past its lease.
    ///
    /// A leased mail is ready again; one past the fence is uncertain. Returns how many of each.
    pub async fn break_leases(&mut self, owner: &str, dead: bool, now: Timestamp) -> Result<(u64, u64), StoreError> {
        const READY: &str = "UPDATE deliveries SET state = 'ready', state_at = $3, lease_owner = NULL, lease_until = NULL \
            WHERE stage = 2 AND state = 'leased' AND lease_owner = $1 AND (lease_until <= $3 OR $2 = 1)";
        // What is known of the try: it came past the fence, and nobody was there to hear the reply.
        const LOG: &str = "INSERT INTO attempts (bucket, delivery_id, epoch, at, phase, outcome, reply) \
            SELECT bucket, id, epoch, $3, 'dot', 'uncertain', 'the program ended before the reply' FROM deliveries \
            WHERE stage = 2 AND state = 'handing_off' AND lease_owner = $1 AND (lease_until <= $3 OR $2 = 1) \
            ON CONFLICT DO NOTHING";
        const UNCERTAIN: &str = "UPDATE deliveries SET state = 'uncertain', state_at = $3, lease_until = NULL, \
            attempts = attempts + 1, last_phase = 'dot', last_reply = 'the program ended before the reply' \
            WHERE stage = 2 AND state = 'handing_off' AND lease_owner = $1 AND (lease_until <= $3 OR $2 = 1)";
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
            WHERE stage = 2 AND state = 'leased' AND lease_owner = $1";
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(owner).bind(micros(now)).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}

impl Read {
    /// Who holds leases, or stands past the fence.
    pub async fn lease_owners(&mut self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT DISTINCT lease_owner FROM deliveries \
            WHERE stage = 2 AND state IN ('leased', 'handing_off') AND lease_owner IS NOT NULL";
        let rows: Vec<(String,)> = on_conn!(self, conn => sqlx::query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(owner,)| owner).collect())
    }

    /// Whether there is a delivery that could be claimed now.
    pub async fn is_anything_claimable(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE stage = 1 \
            AND not_before <= $1 AND expires_at > $1 LIMIT 1) AS one";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?;
        Ok(count == 1)
    }

    /// How many deliveries wait although their time is over: the next look at them ends them.
    pub async fn overdue_deliveries(&mut self, now: Timestamp) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM deliveries \
            WHERE stage IN (1, 2) AND state IN ('ready', 'leased', 'retry_wait') AND expires_at <= $1";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?;
        Ok(count)
    }

    /// How many deliveries could be claimed now, and how many wait for a retry or their time.
    pub async fn waiting_deliveries(&mut self, now: Timestamp) -> Result<(i64, i64), StoreError> {
        const SQL: &str = "SELECT COALESCE(SUM(CASE WHEN not_before <= $1 THEN 1 ELSE 0 END), 0), \
            COALESCE(SUM(CASE WHEN not_before > $1 THEN 1 ELSE 0 END), 0) \
            FROM deliveries WHERE stage = 1 AND expires_at > $1";
        Ok(on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_one(conn).await)?)
    }
}
