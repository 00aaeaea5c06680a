//! Requests to subscribe or to get one's link, as they came in.

use sqlx::FromRow;

use super::db::{Read, Tx, on_conn};
use super::error::StoreError;
use super::subscribers::bad;
use crate::model::{Bucket, EmailAddress, Timestamp, from_micros, micros};

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupKind {
    /// A subscription.
    Subscribe,
    /// The link to their preferences.
    Manage,
}

impl SignupKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Manage => "manage",
        }
    }
}

/// One request. Identical whatever door it came through and whoever the address belongs to.
#[derive(Debug, Clone)]
pub struct Signup {
    /// A fresh id in the bucket of the address.
    pub id: i64,
    /// What was asked for.
    pub kind: SignupKind,
    /// For whom.
    pub address: EmailAddress,
    /// Profile text typed with the request, unchecked.
    pub interests: String,
    /// Zone name typed or sent with the request, unchecked.
    pub timezone: Option<String>,
    /// Minutes after local midnight, when chosen.
    pub send_minute: Option<u16>,
    /// Language of the page.
    pub language: String,
    /// `web`, `operator`, `api`, `mail`.
    pub door: String,
    /// Keyed hash of the network the request came from; empty for the operator.
    pub network: String,
    /// When it came.
    pub received_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    kind: String,
    address: String,
    interests: String,
    timezone: Option<String>,
    send_minute: Option<i64>,
    language: String,
    door: String,
    network: String,
    received_at: i64,
}

impl TryFrom<Row> for Signup {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            kind: match row.kind.as_str() {
                "subscribe" => SignupKind::Subscribe,
                "manage" => SignupKind::Manage,
                other => return Err(bad("signups", "kind", other)),
            },
            address: EmailAddress::parse(&row.address).map_err(|_| bad("signups", "address", &row.address))?,
            interests: row.interests,
            timezone: row.timezone,
            send_minute: row.send_minute.and_then(|minute| u16::try_from(minute).ok()),
            language: row.language,
            door: row.door,
            network: row.network,
            received_at: from_micros(row.received_at),
        })
    }
}

impl Read {
    /// Requests nobody has looked at yet, oldest first.
    pub async fn open_signups(&mut self, limit: i64) -> Result<Vec<Signup>, StoreError> {
        const SQL: &str = "SELECT id, kind, address, interests, timezone, send_minute, language, door, network, \
            received_at FROM signups WHERE processed_at IS NULL ORDER BY received_at, id LIMIT $1";
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(SQL).bind(limit).fetch_all(conn).await)?;
        rows.into_iter().map(Signup::try_from).collect()
    }

    /// How many requests from `network` led to a mail since `since`.
    pub async fn mailed_signups_of_network(&mut self, network: &str, since: Timestamp) -> Result<i64, StoreError> {
        const SQL: &str =
            "SELECT COUNT(*) FROM signups WHERE network = $1 AND received_at >= $2 AND outcome LIKE 'mailed%'";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(network).bind(micros(since)).fetch_one(conn).await)?;
        Ok(count)
    }

    /// How many requests of `network` were received since `since`, whatever became of them.
    pub async fn signups_of_network(&mut self, network: &str, since: Timestamp) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM signups WHERE network = $1 AND received_at >= $2";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(network).bind(micros(since)).fetch_one(conn).await)?;
        Ok(count)
    }

    /// How many requests for this address led to a mail since `since`, and when the last of them came.
    pub async fn mailed_signups_of_address(
        &mut self,
        address: &EmailAddress,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        const SQL: &str =
            "SELECT COUNT(*) FROM signups WHERE canonical = $1 AND received_at >= $2 AND outcome LIKE 'mailed%'";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(address.canonical()).bind(micros(since)).fetch_one(conn).await)?;
        Ok(count)
    }

    /// How often each outcome was recorded since `since`.
    pub async fn signup_outcomes(&mut self, since: Timestamp) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str =
            "SELECT COALESCE(outcome, 'open'), COUNT(*) FROM signups WHERE received_at >= $1 GROUP BY outcome";
        Ok(on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(since)).fetch_all(conn).await)?)
    }
}

impl Tx {
    /// Records a request.
    pub async fn insert_signup(&mut self, signup: &Signup) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO signups (bucket, id, kind, address, canonical, interests, timezone, \
            send_minute, language, door, network, received_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(signup.address.bucket().0)).bind(signup.id).bind(signup.kind.as_str())
            .bind(signup.address.as_str()).bind(signup.address.canonical()).bind(&signup.interests)
            .bind(&signup.timezone).bind(signup.send_minute.map(i64::from)).bind(&signup.language)
            .bind(&signup.door).bind(&signup.network).bind(micros(signup.received_at))
            .execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Closes a request; `false` when another node closed it first.
    pub async fn finish_signup(&mut self, signup: &Signup, outcome: &str, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE signups SET processed_at = $3, outcome = $4 \
            WHERE bucket = $1 AND id = $2 AND processed_at IS NULL";
        let Bucket(bucket) = signup.address.bucket();
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(bucket)).bind(signup.id).bind(micros(now)).bind(outcome)
            .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Drops closed requests received before `before`; at most `limit` at once.
    pub async fn prune_signups(&mut self, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM signups WHERE (bucket, id) IN (SELECT bucket, id FROM signups \
            WHERE processed_at IS NOT NULL AND received_at < $1 LIMIT $2)";
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(micros(before)).bind(limit).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}
