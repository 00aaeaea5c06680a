//! Who is due, and what the planner makes of it, many people at a time.

use std::collections::HashSet;

use serde::Serialize;

use super::super::db::{Read, Tx, on_conn};
use super::super::dialect::{Texts, over_rows};
use super::super::error::StoreError;
use super::super::json::to_json;
use super::{DueAt, Subscriber, all};
use crate::model::{Bucket, SubscriberId, Timestamp, micros};

/// A step of one subscriber from edition to edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// Whose step.
    pub subscriber: SubscriberId,
    /// The number of plans that the step was worked out from.
    pub plan_seq: i64,
    /// The edition that was planned, or the last one that was missed.
    pub this: DueAt,
    /// The edition after it.
    pub next: DueAt,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    plan_seq: i64,
    this_at: i64,
    this_date: String,
    next_at: i64,
    next_date: String,
}

impl From<&Advance> for Row {
    fn from(step: &Advance) -> Self {
        Self {
            id: step.subscriber.0,
            plan_seq: step.plan_seq,
            this_at: micros(step.this.at),
            this_date: step.this.local_date.to_string(),
            next_at: micros(step.next.at),
            next_date: step.next.local_date.to_string(),
        }
    }
}

/// Two nodes that plan the same people share them instead of waiting for each other.
const ADVANCE: Texts = over_rows!(
    "UPDATE subscribers SET plan_seq = subscribers.plan_seq + 1, last_due_at = won.this_at, \
        last_local_date = won.this_date, next_due_at = won.next_at, next_local_date = won.next_date \
     FROM (SELECT held.bucket, asked.* FROM ",
    [id BIGINT, plan_seq BIGINT, this_at BIGINT, this_date TEXT, next_at BIGINT, next_date TEXT],
    " CROSS JOIN subscribers held WHERE held.bucket = (asked.id & 255) AND held.id = asked.id \
        AND held.plan_seq = asked.plan_seq AND held.state = 'active'",
    skip locked,
    ") AS won WHERE subscribers.bucket = won.bucket AND subscribers.id = won.id RETURNING subscribers.id"
);

impl Read {
    /// The buckets in which somebody is due.
    pub async fn due_buckets(&mut self, now: Timestamp) -> Result<Vec<Bucket>, StoreError> {
        const SQL: &str = "SELECT DISTINCT bucket FROM subscribers WHERE next_due_at <= $1 ORDER BY bucket";
        let rows: Vec<(i64,)> = on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).fetch_all(conn).await)?;
        Ok(rows.into_iter().filter_map(|(bucket,)| u8::try_from(bucket).ok().map(Bucket)).collect())
    }

    /// Subscribers of one bucket who are due, in the order of their ids; start after `after`.
    pub async fn due_subscribers(
        &mut self,
        bucket: Bucket,
        now: Timestamp,
        after: SubscriberId,
        limit: i64,
    ) -> Result<Vec<Subscriber>, StoreError> {
        const SQL: &str = select!("WHERE bucket = $1 AND next_due_at <= $2 AND id > $3 ORDER BY id LIMIT $4");
        let rows = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(bucket.0)).bind(micros(now)).bind(after.0).bind(limit).fetch_all(conn).await)?;
        all(rows)
    }
}

impl Tx {
    /// Records that editions were planned (or missed) and when the next ones are due. Returns whose steps count.
    ///
    /// Left out is who was planned by somebody else, or is being planned at this moment, or changed something
    /// since their `plan_seq` was read.
    pub async fn advance_plans(&mut self, steps: &[Advance]) -> Result<HashSet<SubscriberId>, StoreError> {
        let sql = self.text(&ADVANCE);
        let rows: Vec<Row> = steps.iter().map(Row::from).collect();
        let won: Vec<(i64,)> = on_conn!(self, conn => sqlx::query_as(sql).bind(to_json(&rows)).fetch_all(conn).await)?;
        Ok(won.into_iter().map(|(id,)| SubscriberId(id)).collect())
    }
}
