//! `run`: one pass over everything, for cron or by hand.

use serde::Serialize;

use super::{App, AppError};
use crate::scheduler::{Stop, clearance, fetch, plan, signup, tidy};

/// What one pass came to.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output of `run --json`")]
pub struct RunReport {
    pub papers_new: u32,
    pub sources_failed: u32,
    pub signups: u32,
    pub planned: u32,
    pub silent: u32,
    pub missed: u32,
    pub accepted: u32,
    pub retried: u32,
    pub rejected: u32,
    pub uncertain: u32,
    pub fenced: u32,
    pub failed: u32,
    /// Deliveries that wait: for a retry, for a paused service, for a relay.
    pub waiting: i64,
}

impl App {
    /// Fetches when asked to, signs up, plans what is due, and delivers until nothing is claimable.
    pub async fn run_once(&self, with_fetch: bool, stop: &Stop) -> Result<RunReport, AppError> {
        let mut report = RunReport::default();
        if with_fetch {
            let mut stopped = stop.clone();
            let visits = tokio::select! {
                visits = fetch::run(&self.service, Some(&[])) => visits?,
                () = stopped.wait() => Vec::new(),
            };
            for visit in visits {
                report.papers_new += visit.counts.new_papers;
                report.sources_failed += u32::from(visit.error.is_some());
            }
        }
        report.signups = signup::run(&self.service).await?.handled;
        let planned = plan::run(&self.service).await?;
        (report.planned, report.silent, report.missed) = (planned.planned, planned.silent, planned.missed);
        let delivered = clearance::deliver(&self.service, stop).await?;
        report.accepted = delivered.accepted;
        report.retried = delivered.retried;
        report.rejected = delivered.rejected;
        report.uncertain = delivered.uncertain;
        report.fenced = delivered.fenced;
        report.failed = delivered.failed;
        if !stop.is_set() {
            tidy::run(&self.service).await?;
        }
        let now = self.service.clock.now();
        let (claimable, later) = self.service.db.read().await?.waiting_deliveries(now).await?;
        report.waiting = claimable + later;
        Ok(report)
    }
}
