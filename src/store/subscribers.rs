//! Subscribers: their state, what they chose, and when they are due.

use std::str::FromStr;

use chrono_tz::Tz as Zone;
use sqlx::FromRow;

use super::db::{Read, Tx, on_conn};
use super::error::StoreError;
use crate::model::{
    Days, EmailAddress, LocalDate, Preferences, QuietDay, SubscriberId, SubscriberState, Timestamp, from_micros, micros,
};

/// A stored subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Its row.
    pub id: SubscriberId,
    /// Where mail goes.
    pub address: EmailAddress,
    /// The keyed hash of the canonical address, which outlives the row in suppressions and deliveries.
    pub address_hash: String,
    /// Where the address stands.
    pub state: SubscriberState,
    /// When a pause ends by itself; `None` while paused means: not by itself.
    pub paused_until: Option<Timestamp>,
    /// What the person chose.
    pub preferences: Preferences,
    /// Raised by "renew my links"; part of every link but unsubscribe.
    pub link_generation: i64,
    /// Counts plans; the planner compares and swaps it.
    pub plan_seq: i64,
    /// When the next edition is due; `None` unless active.
    pub next_due: Option<DueAt>,
    /// The due of the last edition, whatever became of it.
    pub last_due: Option<DueAt>,
    /// Through which door the consent came: `web`, `operator`, ...
    pub consent_source: String,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the address was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// A local date and the instant its edition is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueAt {
    /// The subscriber's calendar date.
    pub local_date: LocalDate,
    /// The instant.
    pub at: Timestamp,
}

/// What a new row needs.
#[derive(Debug, Clone)]
pub struct NewSubscriber {
    /// A fresh id in the bucket of the address.
    pub id: SubscriberId,
    /// Where mail goes.
    pub address: EmailAddress,
    /// Keyed hash of the canonical address.
    pub address_hash: String,
    /// `Pending` or `Active`.
    pub state: SubscriberState,
    /// What the person chose so far.
    pub preferences: Preferences,
    /// Through which door the consent came.
    pub consent_source: String,
    /// Keyed hash of the network the request came from.
    pub consent_network: Option<String>,
    /// Now.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    address: String,
    address_hash: String,
    state: String,
    paused_until: Option<i64>,
    profile: String,
    timezone: String,
    send_minute: i64,
    days: i64,
    paper_limit: i64,
    quiet_day: String,
    trending: i64,
    language: String,
    link_generation: i64,
    plan_seq: i64,
    next_due_at: Option<i64>,
    next_local_date: Option<String>,
    last_due_at: Option<i64>,
    last_local_date: Option<String>,
    consent_source: String,
    created_at: i64,
    confirmed_at: Option<i64>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, address, address_hash, state, paused_until, profile, timezone, send_minute, days, ",
            "paper_limit, quiet_day, trending, language, link_generation, plan_seq, next_due_at, next_local_date, ",
            "last_due_at, last_local_date, consent_source, created_at, confirmed_at FROM subscribers ",
            $tail
        )
    };
}

mod addressee;
mod due;

pub use addressee::Addressee;
pub use due::Advance;

pub(super) fn bad(table: &'static str, what: &'static str, value: &str) -> StoreError {
    StoreError::Value { table, what, value: value.chars().take(80).collect() }
}

fn due_at(date: Option<&str>, at: Option<i64>) -> Result<Option<DueAt>, StoreError> {
    let (Some(date), Some(at)) = (date, at) else { return Ok(None) };
    let local_date = LocalDate::from_str(date).map_err(|_| bad("subscribers", "date", date))?;
    Ok(Some(DueAt { local_date, at: from_micros(at) }))
}

impl TryFrom<Row> for Subscriber {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: SubscriberId(row.id),
            state: SubscriberState::from_stored(&row.state).ok_or_else(|| bad("subscribers", "state", &row.state))?,
            paused_until: row.paused_until.map(from_micros),
            preferences: Preferences {
                profile: row.profile,
                timezone: Zone::from_str(&row.timezone).unwrap_or(Zone::UTC),
                send_minute: u16::try_from(row.send_minute).unwrap_or_default().min(24 * 60 - 1),
                days: Days::from_bits(row.days),
                limit: u16::try_from(row.paper_limit).unwrap_or(1).clamp(1, Preferences::MAX_LIMIT),
                quiet_day: QuietDay::from_stored(&row.quiet_day).unwrap_or_default(),
                trending: row.trending != 0,
                language: row.language,
            },
            link_generation: row.link_generation,
            plan_seq: row.plan_seq,
            next_due: due_at(row.next_local_date.as_deref(), row.next_due_at)?,
            last_due: due_at(row.last_local_date.as_deref(), row.last_due_at)?,
            consent_source: row.consent_source,
            created_at: from_micros(row.created_at),
            confirmed_at: row.confirmed_at.map(from_micros),
            address: EmailAddress::parse(&row.address).map_err(|_| bad("subscribers", "address", &row.address))?,
            address_hash: row.address_hash,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Subscriber>, StoreError> {
    rows.into_iter().map(Subscriber::try_from).collect()
}

impl Read {
    /// The subscriber of that id.
    pub async fn subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        const SQL: &str = select!("WHERE bucket = $1 AND id = $2");
        let row: Option<Row> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).fetch_optional(conn).await)?;
        row.map(Subscriber::try_from).transpose()
    }

    /// The subscriber with that address, in whatever case it was typed.
    pub async fn subscriber_by_address(&mut self, address: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
        const SQL: &str = select!("WHERE bucket = $1 AND canonical = $2");
        let row: Option<Row> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(address.bucket().0)).bind(address.canonical()).fetch_optional(conn).await)?;
        row.map(Subscriber::try_from).transpose()
    }

    /// One page of all subscribers in the order of their buckets and ids; start after `after`.
    pub async fn subscribers_after(
        &mut self,
        after: Option<SubscriberId>,
        limit: i64,
    ) -> Result<Vec<Subscriber>, StoreError> {
        const SQL: &str = select!("WHERE bucket > $1 OR (bucket = $1 AND id > $2) ORDER BY bucket, id LIMIT $3");
        let (bucket, id) = after.map_or((-1, 0), |id| (i64::from(id.bucket().0), id.0));
        let rows = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(bucket).bind(id).bind(limit).fetch_all(conn).await)?;
        all(rows)
    }

    /// How many subscribers are in each state; states nobody is in are left out.
    pub async fn subscriber_counts(&mut self) -> Result<Vec<(SubscriberState, i64)>, StoreError> {
        const SQL: &str = "SELECT state, COUNT(*) FROM subscribers GROUP BY state ORDER BY state";
        let rows: Vec<(String, i64)> = on_conn!(self, conn => sqlx::query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().filter_map(|(state, count)| Some((SubscriberState::from_stored(&state)?, count))).collect())
    }

    /// People whose pause has ended, at most `limit`.
    pub async fn pauses_over(&mut self, now: Timestamp, limit: i64) -> Result<Vec<Subscriber>, StoreError> {
        const SQL: &str = select!("WHERE state = 'paused' AND paused_until <= $1 ORDER BY bucket, id LIMIT $2");
        let rows = on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).bind(limit).fetch_all(conn).await)?;
        all(rows)
    }
}

impl Tx {
    /// Adds a subscriber; `false` when the address is there already.
    pub async fn insert_subscriber(&mut self, new: &NewSubscriber, due: Option<DueAt>) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO subscribers (bucket, id, address, canonical, address_hash, state, state_at, \
            profile, timezone, send_minute, days, paper_limit, quiet_day, trending, language, link_generation, \
            plan_seq, next_due_at, next_local_date, consent_source, consent_network, created_at, confirmed_at, \
            soft_bounces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, 0, $16, $17, \
            $18, $19, $7, $20, 0) ON CONFLICT DO NOTHING";
        let prefs = &new.preferences;
        let confirmed = (new.state == SubscriberState::Active).then(|| micros(new.created_at));
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(new.id.bucket().0)).bind(new.id.0).bind(new.address.as_str())
            .bind(new.address.canonical()).bind(&new.address_hash).bind(new.state.as_str())
            .bind(micros(new.created_at)).bind(&prefs.profile).bind(prefs.timezone.name())
            .bind(i64::from(prefs.send_minute)).bind(prefs.days.bits()).bind(i64::from(prefs.limit))
            .bind(prefs.quiet_day.as_str()).bind(i64::from(prefs.trending)).bind(&prefs.language)
            .bind(due.map(|due| micros(due.at))).bind(due.map(|due| due.local_date.to_string()))
            .bind(&new.consent_source).bind(&new.consent_network).bind(confirmed)
            .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Moves a subscriber to `state`. Only an active one has a due, and a pause its end.
    ///
    /// Raises `plan_seq`, so that a plan made from the old state is refused.
    pub async fn set_subscriber_state(
        &mut self,
        id: SubscriberId,
        state: SubscriberState,
        due: Option<DueAt>,
        paused_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE subscribers SET state = $3, state_at = CASE WHEN state = $3 THEN state_at ELSE $4 END, \
            next_due_at = $5, next_local_date = $6, paused_until = $7, plan_seq = plan_seq + 1, \
            confirmed_at = CASE WHEN $3 = 'active' THEN COALESCE(confirmed_at, $4) ELSE confirmed_at END \
            WHERE bucket = $1 AND id = $2";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(state.as_str()).bind(micros(now))
            .bind(due.map(|due| micros(due.at))).bind(due.map(|due| due.local_date.to_string()))
            .bind(paused_until.map(micros)).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Makes a paused subscriber active again, unless something about them changed since `plan_seq` was read.
    pub async fn end_pause(
        &mut self,
        id: SubscriberId,
        plan_seq: i64,
        due: DueAt,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE subscribers SET state = 'active', state_at = $4, paused_until = NULL, \
            next_due_at = $5, next_local_date = $6, plan_seq = plan_seq + 1 \
            WHERE bucket = $1 AND id = $2 AND plan_seq = $3 AND state = 'paused'";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(plan_seq).bind(micros(now)).bind(micros(due.at))
            .bind(due.local_date.to_string()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Stores what a subscriber chose, and the due that follows from it while they are active.
    pub async fn set_preferences(
        &mut self,
        id: SubscriberId,
        prefs: &Preferences,
        due: Option<DueAt>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE subscribers SET profile = $3, timezone = $4, send_minute = $5, days = $6, \
            paper_limit = $7, quiet_day = $8, trending = $9, language = $10, \
            next_due_at = CASE WHEN state = 'active' THEN $11 END, \
            next_local_date = CASE WHEN state = 'active' THEN $12 END, plan_seq = plan_seq + 1 WHERE bucket = $1 AND id = $2";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(&prefs.profile).bind(prefs.timezone.name())
            .bind(i64::from(prefs.send_minute)).bind(prefs.days.bits()).bind(i64::from(prefs.limit))
            .bind(prefs.quiet_day.as_str()).bind(i64::from(prefs.trending)).bind(&prefs.language)
            .bind(due.map(|due| micros(due.at))).bind(due.map(|due| due.local_date.to_string()))
            .execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Makes all links of a subscriber but unsubscribe invalid.
    pub async fn renew_links(&mut self, id: SubscriberId) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE subscribers SET link_generation = link_generation + 1 WHERE bucket = $1 AND id = $2";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).execute(conn).await.map(|_| ()))?;
        Ok(())
    }
}
