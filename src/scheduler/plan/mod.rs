//! Planning: who is due gets an edition for their local date, with its mail in the outbox.
//!
//! Edition, delivery and next due time are written in one transaction that compares and swaps the
//! subscriber's `plan_seq`, so any number of nodes may plan the same people and nothing doubles.
//! Papers are read once per pass; nothing here waits for a source.

mod dues;
mod edition;
mod library;
mod lineups;
mod pass;
mod step;

use std::sync::Arc;

pub use dues::{current_due, due_after_change};
pub use edition::{Draft, Reader};
pub use library::Library;
pub use pass::Crew;

use super::{PassError, Service};
use crate::model::Timestamp;
use crate::store::StoreError;

/// People whose pause is ended at a time.
const PAGE: i64 = 100;
/// No paper is eligible beyond this, so editions of this time say what was shown.
pub const SHOWN_DAYS: i64 = 30;

/// What a pass came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Editions with a mail.
    pub planned: u32,
    /// Quiet editions without one.
    pub silent: u32,
    /// Dates for which it was too late.
    pub missed: u32,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.planned += other.planned;
        self.silent += other.silent;
        self.missed += other.missed;
    }
}

/// Plans everyone who is due.
pub async fn run(service: &Arc<Service>) -> Result<Report, PassError> {
    run_with(service, Crew::default()).await
}

/// Plans everyone who is due with so many hands. What comes out does not depend on them.
pub async fn run_with(service: &Arc<Service>, crew: Crew) -> Result<Report, PassError> {
    let now = service.clock.now();
    end_pauses(service, now).await?;
    let buckets = service.db.read().await?.due_buckets(now).await?;
    if buckets.is_empty() {
        return Ok(Report::default());
    }
    let library = Arc::new(Library::load(service, now).await?);
    let report = pass::run(service, library, buckets, now, crew).await?;
    if report.missed > 0 {
        tracing::warn!(digests = report.missed, "digests were missed: the service was not running");
    }
    Ok(report)
}

/// People whose pause is over are active again.
async fn end_pauses(service: &Service, now: Timestamp) -> Result<(), StoreError> {
    loop {
        let back = service.db.read().await?.pauses_over(now, PAGE).await?;
        if back.is_empty() {
            return Ok(());
        }
        let mut tx = service.db.begin().await?;
        for person in back {
            // As of the pause's end, so that no edition is lost between it and the next pass.
            let due = due_after_change(&person, person.paused_until.unwrap_or(now));
            tx.end_pause(person.id, person.plan_seq, due, now).await?;
        }
        tx.commit().await?;
    }
}
