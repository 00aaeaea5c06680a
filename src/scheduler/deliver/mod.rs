//! Handing mails over: claim, compose, offer, pass the fence, send the dot, record the reply.
//!
//! A feeder claims and composes a bounded number of mails ahead of the workers. Each worker owns one session
//! and speaks one dialogue at a time, so a crash can leave at most as many mails uncertain as there are workers.
//! What the server said is recorded by [`crate::store::marks`].

mod backoff;
mod breaker;
mod compose;
mod feed;
mod queue;
mod recover;
pub mod throttle;
mod verdict;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::task::JoinSet;

pub use compose::{Composed, Composer, Prepared, Sample};
pub use recover::{recover, settle};

use super::{PassError, Service, Stop};
use feed::Feeder;
use queue::{End, Queue};
use verdict::RELAY_REST;
use worker::Worker;

/// How often to look whether slow dialogues hold sessions.
const RELIEF: Duration = Duration::from_secs(1);

/// What a pass came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Mails a server took.
    pub accepted: u32,
    /// Mails put off.
    pub retried: u32,
    /// Mails refused for good.
    pub rejected: u32,
    /// Mails whose fate is open.
    pub uncertain: u32,
    /// Mails stopped at the fence.
    pub fenced: u32,
    /// Mails that could not be made; they stay, and are named in the log.
    pub failed: u32,
    /// Whether sending is paused or the relay could not be used.
    pub held_back: bool,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.retried += other.retried;
        self.rejected += other.rejected;
        self.uncertain += other.uncertain;
        self.fenced += other.fenced;
        self.failed += other.failed;
        self.held_back |= other.held_back;
    }
}

/// Delivers until nothing is claimable, or `stop`.
pub async fn run(service: &Arc<Service>, stop: &Stop) -> Result<Report, PassError> {
    recover(service).await?;
    let mut report = Report::default();
    if service.db.read().await?.sending().await?.paused {
        report.held_back = true;
        return Ok(report);
    }
    let composer = Composer::new(service);
    let queue = Arc::new(Queue::new(Arc::clone(service), stop.clone()));
    let template_hash: Arc<str> = composer.template_hash().into();
    let mut parts: Vec<_> = (0..service.settings.connections)
        .map(|_| {
            tokio::spawn(Worker::new(Arc::clone(service), Arc::clone(&queue), Arc::clone(&template_hash), false).run())
        })
        .collect();
    parts.push(tokio::spawn(relieve(Arc::clone(service), Arc::clone(&queue), template_hash)));
    parts.push(tokio::spawn(Feeder::new(Arc::clone(service), composer, Arc::clone(&queue), stop.clone()).run()));
    // All of them end before the pass does, whatever became of the first.
    let mut failed = None;
    for part in parts {
        match part.await.map_err(PassError::from).and_then(|done| done) {
            Ok(done) => report.add(done),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    give_back(service, &queue).await;
    failed.map_or(Ok(report), Err)
}

/// Opens a spare session in the place of each that is held by a slow dialogue, while mails wait.
async fn relieve(service: Arc<Service>, queue: Arc<Queue>, template_hash: Arc<str>) -> Result<Report, PassError> {
    let mut spares = JoinSet::new();
    let mut report = Report::default();
    while tokio::time::timeout(RELIEF, queue.closed()).await.is_err() {
        while let Some(done) = spares.try_join_next() {
            report.add(done??);
        }
        while queue.has_waiting() && spares.len() + service.settings.connections < queue.sessions() {
            spares.spawn(Worker::new(Arc::clone(&service), Arc::clone(&queue), Arc::clone(&template_hash), true).run());
        }
    }
    while let Some(done) = spares.join_next().await {
        report.add(done??);
    }
    Ok(report)
}

/// Mails that were composed and not offered can be claimed again; not at once, if the relay is to blame.
async fn give_back(service: &Service, queue: &Queue) {
    let now = service.clock.now();
    let rest = if queue.end() == Some(End::RelayDown) { RELAY_REST } else { TimeDelta::zero() };
    let back = queue.leftovers().into_iter().map(|parcel| service.marks.give_back(parcel.delivery, now + rest, now));
    join_all(back).await;
}
