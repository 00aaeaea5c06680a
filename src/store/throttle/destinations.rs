//! The circuit breaker: a group that refuses too much by policy is closed, its mails wait.
//!
//! After a while one mail is let through; what becomes of it opens the group or closes it for longer.

use chrono::TimeDelta;
use sqlx::FromRow;

use super::super::db::{Read, Tx, on_conn};
use super::super::dialect::storable;
use super::super::error::StoreError;
use crate::model::{Timestamp, from_micros, micros};

/// Results are counted over so long at a time.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Fewer refusals than this never close a group.
const FEWEST_REFUSED: i64 = 10;
/// More than one result in so many has to be a refusal.
const REFUSED_ONE_IN: i64 = 5;
/// Hours for which a group is closed the first time, the second, and so on.
const CLOSED_HOURS: [i64; 4] = [1, 2, 4, 8];
/// A group that was last closed longer ago than this begins anew.
const MEMORY: TimeDelta = TimeDelta::hours(24);
/// How long one mail may take to show whether the group takes mail again.
const PROBE: TimeDelta = TimeDelta::minutes(15);

/// A group that is closed, or about to be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedGroup {
    /// Its name.
    pub dest_group: String,
    /// Since when.
    pub since: Timestamp,
    /// One mail is let through from then on.
    pub until: Timestamp,
    /// The refusal that closed it.
    pub reason: String,
    /// How often it was closed, with less than a day in between.
    pub trips: i64,
}

/// A group that was just closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// How it is closed.
    pub group: ClosedGroup,
    /// Refusals by policy that were counted.
    pub refused: i64,
    /// Results they were counted among.
    pub results: i64,
}

#[derive(FromRow)]
struct Row {
    dest_group: String,
    results: i64,
    refused: i64,
    closed_at: Option<i64>,
    closed_until: Option<i64>,
    reason: String,
    trips: i64,
}

impl Row {
    fn closed(self) -> Option<ClosedGroup> {
        Some(ClosedGroup {
            dest_group: self.dest_group,
            since: from_micros(self.closed_at?),
            until: from_micros(self.closed_until?),
            reason: self.reason,
            trips: self.trips,
        })
    }

    /// How often it will have been closed, when it is closed now.
    fn next_trip(&self, now: Timestamp) -> i64 {
        match self.closed_at.map(from_micros) {
            Some(last) if now - last <= MEMORY => self.trips + 1,
            _ => 1,
        }
    }
}

macro_rules! columns {
    () => {
        "dest_group, results, refused, closed_at, closed_until, reason, trips"
    };
}

impl Tx {
    /// Counts what one node saw of a group since it last said so; `Some` when that closes the group.
    ///
    /// It takes 10 refusals by policy, and more than a fifth of the results, within 10 minutes, over all nodes.
    pub async fn count_refusals(
        &mut self,
        group: &str,
        (refused, results): (i64, i64),
        reason: &str,
        now: Timestamp,
    ) -> Result<Option<Trip>, StoreError> {
        const SQL: &str = concat!(
            "INSERT INTO destinations AS d (dest_group, counted_since, results, refused, reason, trips) \
             VALUES ($1, $2, $3, $4, '', 0) ON CONFLICT (dest_group) DO UPDATE SET \
             counted_since = CASE WHEN d.counted_since > $5 AND d.counted_since <= $2 THEN d.counted_since ELSE $2 END, \
             results = $3 + CASE WHEN d.counted_since > $5 AND d.counted_since <= $2 THEN d.results ELSE 0 END, \
             refused = $4 + CASE WHEN d.counted_since > $5 AND d.counted_since <= $2 THEN d.refused ELSE 0 END \
             RETURNING ",
            columns!()
        );
        let row: Row = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(group).bind(micros(now)).bind(results).bind(refused).bind(micros(now - WINDOW))
            .fetch_one(conn).await)?;
        let (refused, results) = (row.refused, row.results);
        if row.closed_until.is_some() || refused < FEWEST_REFUSED || refused * REFUSED_ONE_IN <= results {
            return Ok(None);
        }
        let closed = self.close_group(row, reason, now).await?;
        Ok(closed.map(|group| Trip { group, refused, results }))
    }

    /// What became of the mail that tried a closed group: it is open again, or closed for longer.
    pub async fn settle_probe(
        &mut self,
        group: &str,
        refused: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Trip>, StoreError> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM destinations WHERE dest_group = $1");
        let Some(reason) = refused else {
            self.reopen_group(group).await?;
            return Ok(None);
        };
        let row: Option<Row> = on_conn!(self, conn => sqlx::query_as(SQL).bind(group).fetch_optional(conn).await)?;
        let Some(row) = row.filter(|row| row.closed_until.is_some()) else { return Ok(None) };
        let closed = self.close_group(row, reason, now).await?;
        Ok(closed.map(|group| Trip { group, refused: 1, results: 1 }))
    }

    async fn close_group(&mut self, row: Row, reason: &str, now: Timestamp) -> Result<Option<ClosedGroup>, StoreError> {
        const SQL: &str = concat!(
            "UPDATE destinations SET closed_at = $2, closed_until = $3, reason = $4, trips = $5, results = 0, refused = 0 \
             WHERE dest_group = $1 RETURNING ",
            columns!()
        );
        let trips = row.next_trip(now);
        let step = usize::try_from(trips - 1).unwrap_or(0).min(CLOSED_HOURS.len() - 1);
        let until = now + TimeDelta::hours(CLOSED_HOURS[step]);
        let row: Option<Row> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(&row.dest_group).bind(micros(now)).bind(micros(until)).bind(storable(reason).as_ref()).bind(trips)
            .fetch_optional(conn).await)?;
        Ok(row.and_then(Row::closed))
    }

    /// Opens a closed group. `false` when it is not closed.
    pub async fn reopen_group(&mut self, group: &str) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE destinations SET closed_until = NULL, results = 0, refused = 0 \
            WHERE dest_group = $1 AND closed_until IS NOT NULL";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(group).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Keeps others from a group while the one mail is under way that tries it.
    pub(in crate::store) async fn hold_for_probe(&mut self, group: &str, now: Timestamp) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE destinations SET closed_until = $2 WHERE dest_group = $1";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(group).bind(micros(now + PROBE)).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets groups that had no refusal and were not closed since `before`.
    pub async fn prune_destinations(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        const SQL: &str = "DELETE FROM destinations WHERE counted_since < $1 AND COALESCE(closed_until, 0) < $1";
        Ok(on_conn!(self, conn => sqlx::query(SQL)
            .bind(micros(before)).execute(conn).await.map(|done| done.rows_affected()))?)
    }
}

impl Read {
    /// Groups that are closed, also those whose time is over and that nothing was sent to since.
    pub async fn closed_groups(&mut self) -> Result<Vec<ClosedGroup>, StoreError> {
        const SQL: &str = concat!(
            "SELECT ",
            columns!(),
            " FROM destinations WHERE closed_until IS NOT NULL ORDER BY closed_at, dest_group"
        );
        let rows: Vec<Row> = on_conn!(self, conn => sqlx::query_as(SQL).fetch_all(conn).await)?;
        Ok(rows.into_iter().filter_map(Row::closed).collect())
    }
}
