//! The relay: its token bucket, and when it is left alone because it cannot be used.

use chrono::TimeDelta;
use sqlx::FromRow;

use super::super::db::{Read, Tx, on_conn};
use super::super::error::StoreError;
use super::bucket::{Bucket, TOKEN};
use crate::model::{Timestamp, from_micros, micros};

/// The one relay of the configuration.
const RELAY: &str = "default";
/// Minutes of rest after the first failure, the second, and so on; the last for all that follow.
const RESTS_MINUTES: [i64; 5] = [1, 2, 4, 8, 15];
/// How long one mail may take to show whether the relay is back.
const PROBE: TimeDelta = TimeDelta::minutes(2);

/// A relay that is left alone, or about to be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayRest {
    /// Nobody tries before.
    pub until: Timestamp,
    /// Since when it could not be used.
    pub since: Timestamp,
    /// What it said, or what happened instead.
    pub reason: String,
    /// Rests since it last served.
    pub in_a_row: i64,
    /// Whether one mail is on its way to see if it serves again.
    pub probing: bool,
}

impl RelayRest {
    /// How long this rest was meant to be.
    pub fn length(&self) -> TimeDelta {
        rest_after(self.in_a_row - 1)
    }
}

/// The row, locked until the transaction ends.
#[derive(FromRow)]
pub(in crate::store) struct Relay {
    tokens: i64,
    refilled_at: i64,
    rest_until: Option<i64>,
    rest_reason: String,
    rests_in_a_row: i64,
    failing_since: Option<i64>,
    probing: i64,
}

impl Relay {
    fn bucket(&self) -> Bucket {
        Bucket { tokens: self.tokens, refilled_at: self.refilled_at }
    }

    /// Until when nobody tries, if that is later than now.
    pub(in crate::store) fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.rest_until.map(from_micros).filter(|until| *until > now)
    }

    /// Whether it has not served since it last failed.
    pub(in crate::store) fn is_doubtful(&self) -> bool {
        self.rests_in_a_row > 0
    }

    /// How many mails may be claimed now, at most `limit`.
    pub(in crate::store) fn mails(&self, rate: Option<u32>, limit: i64, now: Timestamp) -> i64 {
        let limit = if self.is_doubtful() { limit.min(1) } else { limit };
        rate.map_or(limit, |rate| self.bucket().refilled(rate, now).mails().min(limit))
    }

    pub(in crate::store) fn into_rest(self) -> Option<RelayRest> {
        Some(RelayRest {
            until: from_micros(self.rest_until?),
            since: from_micros(self.failing_since?),
            reason: self.rest_reason,
            in_a_row: self.rests_in_a_row,
            probing: self.probing != 0,
        })
    }
}

fn rest_after(rests: i64) -> TimeDelta {
    let step = usize::try_from(rests).unwrap_or(0).min(RESTS_MINUTES.len() - 1);
    TimeDelta::minutes(RESTS_MINUTES[step])
}

macro_rules! columns {
    () => {
        "tokens, refilled_at, rest_until, rest_reason, rests_in_a_row, failing_since, probing"
    };
}

impl Tx {
    /// The relay's row; whoever else asks for it waits until this transaction ends, so that claims take turns.
    pub(in crate::store) async fn take_relay(&mut self) -> Result<Relay, StoreError> {
        const SQL: &str = concat!("UPDATE relays SET name = name WHERE name = $1 RETURNING ", columns!());
        Ok(on_conn!(self, conn => sqlx::query_as(SQL).bind(RELAY).fetch_one(conn).await)?)
    }

    /// Takes the tokens of `claimed` mails; returns when there will be more, if anything holds them back.
    ///
    /// A doubtful relay is tried with these mails alone, for as long as they may take.
    pub(in crate::store) async fn debit_relay(
        &mut self,
        relay: &Relay,
        rate: Option<u32>,
        claimed: i64,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        const DEBIT: &str = "UPDATE relays SET tokens = $2, refilled_at = $3 WHERE name = $1";
        const PROBE_IT: &str = "UPDATE relays SET rest_until = $2, probing = 1 WHERE name = $1";
        let mut next = None;
        if let Some(rate) = rate {
            let bucket = relay.bucket().refilled(rate, now).less(claimed);
            next = Some(bucket.ready_at(rate));
            on_conn!(self, conn => sqlx::query(DEBIT)
                .bind(RELAY).bind(bucket.tokens).bind(bucket.refilled_at).execute(conn).await.map(|_| ()))?;
        }
        if relay.is_doubtful() && claimed > 0 {
            next = Some(now + PROBE);
            on_conn!(self, conn => sqlx::query(PROBE_IT)
                .bind(RELAY).bind(micros(now + PROBE)).execute(conn).await.map(|_| ()))?;
        }
        Ok(next)
    }

    /// Puts the token of a mail back that was not offered.
    pub(in crate::store) async fn credit_relay(&mut self) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE relays SET tokens = tokens + $2 WHERE name = $1";
        on_conn!(self, conn => sqlx::query(SQL).bind(RELAY).bind(TOKEN).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Leaves the relay alone for a while: 1 minute, then 2, 4, 8 and 15.
    ///
    /// `None` when it is left alone already: many sessions notice the same failure.
    pub async fn rest_relay(&mut self, reason: &str, now: Timestamp) -> Result<Option<RelayRest>, StoreError> {
        const SQL: &str = concat!(
            "UPDATE relays SET rest_until = $2, rest_reason = $3, rests_in_a_row = rests_in_a_row + 1, probing = 0, \
             failing_since = COALESCE(failing_since, $4) WHERE name = $1 RETURNING ",
            columns!()
        );
        let relay = self.take_relay().await?;
        if relay.rests_until(now).is_some() && relay.probing == 0 {
            return Ok(None);
        }
        let until = now + rest_after(relay.rests_in_a_row);
        let relay: Relay = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(RELAY).bind(micros(until)).bind(super::super::dialect::storable(reason).as_ref()).bind(micros(now))
            .fetch_one(conn).await)?;
        Ok(relay.into_rest())
    }

    /// The relay serves: it is used as usual again. Returns whether it had been left alone.
    pub async fn relay_served(&mut self) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE relays SET rest_until = NULL, rest_reason = '', rests_in_a_row = 0, probing = 0, \
            failing_since = NULL WHERE name = $1 AND rests_in_a_row > 0";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(RELAY).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}

impl Read {
    /// The relay's rest, when it has not served since it last failed.
    pub async fn relay_rest(&mut self) -> Result<Option<RelayRest>, StoreError> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM relays WHERE name = $1 AND rests_in_a_row > 0");
        let relay: Option<Relay> = on_conn!(self, conn => sqlx::query_as(SQL).bind(RELAY).fetch_optional(conn).await)?;
        Ok(relay.and_then(Relay::into_rest))
    }
}
