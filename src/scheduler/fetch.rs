//! Visiting the sources: ask page by page, store what comes, record every visit with its counts.
//!
//! A visit belongs to one node at a time, by a lease. Validators of a page are kept only after its papers
//! are stored, so that a crash in between makes the page come again.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::ingest::{Counts, Route, remark, store_papers};
use super::{PassError, ScheduledSource, Service, span};
use crate::model::{RunOutcome, SourceName, Timestamp};
use crate::net::{NetError, Request, Response};
use crate::sources::{Page, PageRequest, Rejected, Source, SourceError};
use crate::store::StoreError;
use crate::store::runs::{RunCounts, RunId, Validators, Visit};

/// A visit takes no longer; afterwards another node may begin one.
const LEASE: TimeDelta = TimeDelta::minutes(30);
/// Pages a visit asks for at most, whatever the source says is next.
const MOST_PAGES: u32 = 400;
/// A source that failed is tried again after this, if its schedule does not come first.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(15);
/// Two pages in a row that cannot be read end the visit: the source is down.
const FAILURES_IN_A_ROW: u32 = 2;
/// Remarks kept of one visit.
const MOST_NOTES: usize = 20;

/// How long to bear with a server that asks for patience.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Further tries of one page.
    pub retries: u32,
    /// The longest wait before a try; a server that asks for more is left alone for this visit.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { retries: 3, longest_wait: Duration::from_secs(60) }
    }
}

/// How one visit ended.
#[derive(Debug, Clone)]
pub struct VisitReport {
    /// The source.
    pub source: SourceName,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What went wrong.
    pub error: Option<String>,
    /// What it came to.
    pub counts: RunCounts,
}

/// Why a page brought nothing.
#[derive(Debug, thiserror::Error)]
enum PageError {
    #[error(transparent)]
    Net(#[from] NetError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("none of {records} records could be used; {}: {}", first.place, first.reason)]
    NothingUsable { records: usize, first: Rejected },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Visits the sources that are due, or, with `names`, those whether due or not.
///
/// A source that fails leaves the others alone.
pub async fn run(service: &Service, names: Option<&[SourceName]>) -> Result<Vec<VisitReport>, PassError> {
    let wanted = |scheduled: &&ScheduledSource| {
        names.is_none_or(|names| names.is_empty() || names.contains(scheduled.source.name()))
    };
    let visits = service.sources.iter().filter(wanted).map(|source| visit_if_free(service, source, names.is_some()));
    // Side by side, so that one that stalls does not keep the others waiting.
    let visits: Vec<Option<VisitReport>> = join_all(visits).await.into_iter().collect::<Result<_, PassError>>()?;
    Ok(visits.into_iter().flatten().collect())
}

async fn visit_if_free(
    service: &Service,
    scheduled: &ScheduledSource,
    force: bool,
) -> Result<Option<VisitReport>, PassError> {
    let source = scheduled.source.as_ref();
    let now = service.clock.now();
    release_if_dead(service, source.name()).await?;
    let mut tx = service.db.begin().await?;
    if !tx.claim_source(source.name(), now, &service.owner, now + LEASE, force).await? {
        return Ok(None);
    }
    let run = tx.start_run(source.name(), now).await?;
    tx.commit().await?;
    let mut visit =
        Running { service, source, counts: RunCounts::default(), notes: Vec::new(), outcome: Tally::default() };
    visit.all_pages(now).await?;
    visit.finish(run, scheduled).await.map(Some)
}

/// A node that died in the middle of a visit does not keep the source for the rest of its lease.
async fn release_if_dead(service: &Service, name: &SourceName) -> Result<(), StoreError> {
    let states = service.db.read().await?.source_states().await?;
    let holder = states.into_iter().find(|state| state.source == *name).and_then(|state| state.lease_owner);
    let Some(holder) = holder.filter(|holder| *holder != service.owner) else { return Ok(()) };
    if service.db.liveness(&holder).await? == crate::store::Liveness::Dead {
        let mut tx = service.db.begin().await?;
        tx.release_source(name, &holder).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A visit under way.
struct Running<'a> {
    service: &'a Service,
    source: &'a dyn Source,
    counts: RunCounts,
    notes: Vec<String>,
    outcome: Tally,
}

#[derive(Default)]
struct Tally {
    pages: u32,
    failed: u32,
    not_modified: u32,
    error: Option<String>,
    come_back: Option<Duration>,
}

impl Running<'_> {
    async fn all_pages(&mut self, now: Timestamp) -> Result<(), PassError> {
        let mut in_a_row = 0;
        for first in self.source.first_requests(now) {
            let mut next = Some(first);
            while let Some(request) = next.take() {
                if self.outcome.pages == MOST_PAGES {
                    self.note(&format!("stopped after {MOST_PAGES} pages"));
                    return Ok(());
                }
                self.outcome.pages += 1;
                match self.page(&request).await {
                    Ok(following) => (next, in_a_row) = (following, 0),
                    Err(PageError::Store(error)) => return Err(error.into()),
                    Err(error) => {
                        in_a_row += 1;
                        self.fail(&request, &error);
                        if in_a_row == FAILURES_IN_A_ROW || self.outcome.come_back.is_some() {
                            return Ok(());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn fail(&mut self, request: &PageRequest, error: &PageError) {
        self.outcome.failed += 1;
        if let PageError::Net(error) = error {
            self.outcome.come_back = error.retry_after();
        }
        let text = if request.label.is_empty() { error.to_string() } else { format!("{}: {error}", request.label) };
        let text = remark(&text);
        tracing::warn!(source = %self.source.name(), error = %text, "a page could not be used");
        self.note(&text);
        self.outcome.error.get_or_insert(text);
    }

    fn note(&mut self, text: &str) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(remark(text));
        }
    }

    /// Asks for one page and stores it; gives back the one that follows it.
    async fn page(&mut self, request: &PageRequest) -> Result<Option<PageRequest>, PageError> {
        let Some((body, validators)) = self.ask(request).await? else {
            self.outcome.not_modified += 1;
            return Ok(None);
        };
        let now = self.service.clock.now();
        let page = self.source.read(request, &body, now)?;
        drop(body);
        self.store(&page, now).await?;
        if let (true, Some(first)) = (page.papers.is_empty(), page.rejected.first()) {
            return Err(PageError::NothingUsable { records: page.rejected.len(), first: first.clone() });
        }
        if request.conditional {
            let mut tx = self.service.db.begin().await?;
            tx.put_validators(&request.url, &validators, now).await?;
            tx.commit().await?;
        }
        Ok(page.next)
    }

    async fn store(&mut self, page: &Page, now: Timestamp) -> Result<(), StoreError> {
        let Counts { new, updated, .. } = store_papers(&self.service.db, &page.papers, Route::Source, now).await?;
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.counts.items += count(page.total_items);
        self.counts.new_papers += new;
        self.counts.updated += updated;
        self.counts.rejected += count(page.rejected.len());
        for warning in &page.warnings {
            self.note(warning);
        }
        for rejected in &page.rejected {
            self.note(&format!("{}: {}", rejected.place, rejected.reason));
        }
        Ok(())
    }

    /// The body of a page with its validators, or `None` when it is as we know it.
    async fn ask(&mut self, request: &PageRequest) -> Result<Option<(Vec<u8>, Validators)>, PageError> {
        let known = if request.conditional {
            self.service.db.read().await?.validators(&request.url).await?
        } else {
            Validators::default()
        };
        let get = Request {
            url: request.url.clone(),
            accept: request.accept.to_owned(),
            etag: known.etag,
            last_modified: known.last_modified,
        };
        let patience = self.service.settings.patience;
        for tried in 0.. {
            self.wait_for_turn().await?;
            self.counts.requests += 1;
            let error = match self.service.client.get(&get).await {
                Ok(Response::NotModified) => return Ok(None),
                Ok(Response::Fetched(page)) => {
                    let validators = Validators { etag: page.etag, last_modified: page.last_modified };
                    return Ok(Some((page.body, validators)));
                }
                Err(error) => error,
            };
            let wait = error.retry_after().unwrap_or(Duration::from_secs(2 << tried.min(5)));
            if tried >= patience.retries || !error.is_retryable() || wait > patience.longest_wait {
                return Err(error.into());
            }
            tokio::time::sleep(wait).await;
        }
        Ok(None)
    }

    /// Keeps the distance between requests that the source asks for, over all nodes.
    async fn wait_for_turn(&self) -> Result<(), StoreError> {
        let Some(pace) = self.source.pace() else { return Ok(()) };
        let now = self.service.clock.now();
        let mut tx = self.service.db.begin().await?;
        let turn = tx.reserve_pace(pace.gate, now, pace.every).await?;
        tx.commit().await?;
        if let Ok(wait) = (turn - now).to_std() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn verdict(&self) -> RunOutcome {
        let tally = &self.outcome;
        match () {
            () if tally.pages == tally.failed => RunOutcome::Failed,
            () if tally.failed > 0 || self.counts.rejected > 0 => RunOutcome::Partial,
            () if tally.pages == tally.not_modified => RunOutcome::NotModified,
            () if self.counts.items == 0 => RunOutcome::Empty,
            () => RunOutcome::Complete,
        }
    }

    async fn finish(mut self, run: RunId, scheduled: &ScheduledSource) -> Result<VisitReport, PassError> {
        let now = self.service.clock.now();
        let outcome = self.verdict();
        if outcome == RunOutcome::Complete && self.counts.new_papers == 0 {
            self.note("every paper was known already; on a working day the list may still be yesterday's");
        }
        let failed = outcome == RunOutcome::Failed;
        let scheduled_next = scheduled.schedule.next_after(now);
        let wished = if failed { scheduled_next.min(now + RETRY_AFTER) } else { scheduled_next };
        let asked = self.outcome.come_back.map_or(now, |wait| now + span(wait));
        let next_due_at = wished.max(asked);
        let visit = Visit { success: !failed, had_new: self.counts.new_papers > 0, next_due_at };
        let mut tx = self.service.db.begin().await?;
        tx.finish_run(run, outcome, self.outcome.error.as_deref(), &self.counts, &self.notes, now).await?;
        tx.finish_source(self.source.name(), &self.service.owner, visit, now).await?;
        tx.commit().await?;
        let source = self.source.name().clone();
        tracing::info!(%source, outcome = outcome.as_str(), new = self.counts.new_papers, "visited a source");
        Ok(VisitReport { source, outcome, error: self.outcome.error, counts: self.counts })
    }
}
