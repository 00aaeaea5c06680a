//! Visits to the sources: when each is due and who is on the way, what each visit came to,
//! and what servers want to hear again next time.

mod http;

pub use http::Validators;

use crate::model::{RunOutcome, SourceName, Timestamp, from_micros, micros};

use super::db::{Read, Tx, on_conn};
use super::dialect::storable;
use super::error::StoreError;
use super::json::{from_json, to_json};
use super::papers::time;

/// How one source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// The source.
    pub source: SourceName,
    /// When it is to be visited next; `None` means now.
    pub next_due_at: Option<Timestamp>,
    /// The node that is visiting it, or was when it died.
    pub lease_owner: Option<String>,
    /// Until when that node may take.
    pub lease_until: Option<Timestamp>,
    /// The end of the last visit that worked.
    pub last_success_at: Option<Timestamp>,
    /// The end of the last visit that brought a paper not known before.
    pub last_new_at: Option<Timestamp>,
    /// The end of the first of the visits that failed since.
    pub failing_since: Option<Timestamp>,
}

/// How a visit ended, for [`Tx::finish_source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Whether the source could be read.
    pub success: bool,
    /// Whether it brought a paper not known before.
    pub had_new: bool,
    /// When to come again.
    pub next_due_at: Timestamp,
}

/// One recorded visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// What a visit came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Requests sent, retries included.
    pub requests: u32,
    /// Records read.
    pub items: u32,
    /// Papers not known before.
    pub new_papers: u32,
    /// Papers that changed, merged ones included.
    pub updated: u32,
    /// Records that could not be used.
    pub rejected: u32,
}

/// A visit to a source as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRun {
    /// Which visit.
    pub id: RunId,
    /// The source.
    pub source: SourceName,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs, and for ever if the node died.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<RunOutcome>,
    /// What went wrong, for `Failed` and `Partial`.
    pub error: Option<String>,
    /// What it came to.
    pub counts: RunCounts,
    /// Remarks for the operator, such as why records were rejected.
    pub notes: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct SourceRow {
    name: String,
    next_due_at: Option<i64>,
    lease_owner: Option<String>,
    lease_until: Option<i64>,
    last_success_at: Option<i64>,
    last_new_at: Option<i64>,
    failing_since: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RunRow {
    id: i64,
    source: String,
    started_at: i64,
    finished_at: Option<i64>,
    outcome: Option<String>,
    error: Option<String>,
    requests: i64,
    items: i64,
    new_papers: i64,
    updated: i64,
    rejected: i64,
    notes: String,
}

impl RunRow {
    fn into_run(self) -> Result<FetchRun, StoreError> {
        let count = |stored: i64| u32::try_from(stored.max(0)).unwrap_or(u32::MAX);
        Ok(FetchRun {
            id: RunId(self.id),
            source: SourceName::new(&self.source),
            started_at: from_micros(self.started_at),
            finished_at: time(self.finished_at),
            outcome: self.outcome.as_deref().map(RunOutcome::from_stored),
            error: self.error,
            counts: RunCounts {
                requests: count(self.requests),
                items: count(self.items),
                new_papers: count(self.new_papers),
                updated: count(self.updated),
                rejected: count(self.rejected),
            },
            notes: from_json("fetch_runs.notes", &self.notes)?,
        })
    }
}

const CLAIM: &str = "INSERT INTO sources (name, lease_owner, lease_until) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET lease_owner = excluded.lease_owner, \
                     lease_until = excluded.lease_until \
                     WHERE (sources.lease_until IS NULL OR sources.lease_until <= $4) \
                     AND ($5 = 1 OR sources.next_due_at IS NULL OR sources.next_due_at <= $4)";

const FINISH: &str = "UPDATE sources SET lease_owner = NULL, lease_until = NULL, next_due_at = $3, \
                      last_success_at = CASE WHEN $4 = 1 THEN $6 ELSE last_success_at END, \
                      last_new_at = CASE WHEN $5 = 1 THEN $6 ELSE last_new_at END, \
                      failing_since = CASE WHEN $4 = 1 THEN NULL ELSE COALESCE(failing_since, $6) END \
                      WHERE name = $1 AND lease_owner = $2";

const FINISH_RUN: &str = "UPDATE fetch_runs SET finished_at = $2, outcome = $3, error = $4, requests = $5, items = $6, \
                          new_papers = $7, updated = $8, rejected = $9, notes = $10 WHERE id = $1";

const RUNS: &str = "SELECT id, source, started_at, finished_at, outcome, error, requests, items, new_papers, updated, \
                    rejected, notes FROM fetch_runs WHERE source = $1 OR $1 = '' \
                    ORDER BY started_at DESC, id DESC LIMIT $2";

impl Read {
    /// How every source that was ever visited stands, by name.
    pub async fn source_states(&mut self) -> Result<Vec<SourceStatus>, StoreError> {
        const TEXT: &str = "SELECT name, next_due_at, lease_owner, lease_until, last_success_at, last_new_at, \
                            failing_since FROM sources ORDER BY name";
        let rows: Vec<SourceRow> = on_conn!(self, conn => sqlx::query_as(TEXT).fetch_all(conn).await?);
        let status = |row: SourceRow| SourceStatus {
            source: SourceName::new(&row.name),
            next_due_at: time(row.next_due_at),
            lease_owner: row.lease_owner,
            lease_until: time(row.lease_until),
            last_success_at: time(row.last_success_at),
            last_new_at: time(row.last_new_at),
            failing_since: time(row.failing_since),
        };
        Ok(rows.into_iter().map(status).collect())
    }

    /// The last visits to one source, or to all, the newest first.
    pub async fn runs(&mut self, source: Option<&SourceName>, limit: u32) -> Result<Vec<FetchRun>, StoreError> {
        let source = source.map_or("", SourceName::as_str);
        let rows: Vec<RunRow> = on_conn!(self, conn => sqlx::query_as(RUNS)
            .bind(source).bind(i64::from(limit)).fetch_all(conn).await?);
        rows.into_iter().map(RunRow::into_run).collect()
    }
}

impl Tx {
    /// Takes a source for one visit, if it is due or `force`, and no node has it under a lease that still runs.
    pub async fn claim_source(
        &mut self,
        source: &SourceName,
        now: Timestamp,
        owner: &str,
        lease_until: Timestamp,
        force: bool,
    ) -> Result<bool, StoreError> {
        let claimed = on_conn!(self, conn => sqlx::query(CLAIM)
            .bind(source.as_str())
            .bind(owner)
            .bind(micros(lease_until))
            .bind(micros(now))
            .bind(i64::from(force))
            .execute(conn)
            .await?
            .rows_affected());
        Ok(claimed == 1)
    }

    /// Ends a visit. Returns whether `owner` still had the source; if not, another node took over and nothing changes.
    pub async fn finish_source(
        &mut self,
        source: &SourceName,
        owner: &str,
        visit: Visit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let finished = on_conn!(self, conn => sqlx::query(FINISH)
            .bind(source.as_str())
            .bind(owner)
            .bind(micros(visit.next_due_at))
            .bind(i64::from(visit.success))
            .bind(i64::from(visit.had_new))
            .bind(micros(now))
            .execute(conn)
            .await?
            .rows_affected());
        Ok(finished == 1)
    }

    /// Gives a source back without a visit: at a shutdown, or for a node that is known to be dead.
    pub async fn release_source(&mut self, source: &SourceName, owner: &str) -> Result<bool, StoreError> {
        const TEXT: &str =
            "UPDATE sources SET lease_owner = NULL, lease_until = NULL WHERE name = $1 AND lease_owner = $2";
        let released = on_conn!(self, conn => sqlx::query(TEXT)
            .bind(source.as_str()).bind(owner).execute(conn).await?.rows_affected());
        Ok(released == 1)
    }

    /// Records that a visit begins.
    pub async fn start_run(&mut self, source: &SourceName, now: Timestamp) -> Result<RunId, StoreError> {
        const TEXT: &str = "INSERT INTO fetch_runs (source, started_at, requests, items, new_papers, updated, \
                            rejected, notes) VALUES ($1, $2, 0, 0, 0, 0, 0, '[]') RETURNING id";
        let id: i64 = on_conn!(self, conn => sqlx::query_scalar(TEXT)
            .bind(source.as_str()).bind(micros(now)).fetch_one(conn).await?);
        Ok(RunId(id))
    }

    /// Records how a visit ended.
    pub async fn finish_run(
        &mut self,
        id: RunId,
        outcome: RunOutcome,
        error: Option<&str>,
        counts: &RunCounts,
        notes: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_conn!(self, conn => sqlx::query(FINISH_RUN)
            .bind(id.0)
            .bind(micros(now))
            .bind(outcome.as_str())
            .bind(error.map(storable))
            .bind(i64::from(counts.requests))
            .bind(i64::from(counts.items))
            .bind(i64::from(counts.new_papers))
            .bind(i64::from(counts.updated))
            .bind(i64::from(counts.rejected))
            .bind(to_json(notes))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Forgets visits that began before `before`, at most `limit` a call; returns how many went.
    pub async fn prune_runs(&mut self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        const TEXT: &str = "DELETE FROM fetch_runs WHERE id IN \
                            (SELECT id FROM fetch_runs WHERE started_at < $1 ORDER BY id LIMIT $2)";
        Ok(on_conn!(self, conn => sqlx::query(TEXT)
            .bind(micros(before)).bind(i64::from(limit)).execute(conn).await?.rows_affected()))
    }
}
