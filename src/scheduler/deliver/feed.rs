//! Claiming mails and composing them, as fast as the sessions take them and no faster.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::faults::KillPoint;
use super::super::{PassError, Service, Stop};
use super::Report;
use super::compose::{Composer, Sample};
use super::queue::{End, Parcel, Queue};
use super::verdict;
use crate::model::Phase;
use crate::store::StoreError;
use crate::store::deliveries::Claimed;

/// Mails claimed in one transaction at most.
const CLAIM: usize = 64;
/// Mails composed at one go.
const HANDFUL: usize = 8;
/// A claim is good for this long; composing and the dialogue up to the fence must fit in.
const LEASE: TimeDelta = TimeDelta::minutes(15);

/// Fills the queue.
pub(super) struct Feeder {
    service: Arc<Service>,
    composer: Composer,
    queue: Arc<Queue>,
    stop: Stop,
    /// One permit for each processor.
    presses: Arc<Semaphore>,
    composing: JoinSet<Report>,
    report: Report,
}

impl Feeder {
    pub(super) fn new(service: Arc<Service>, composer: Composer, queue: Arc<Queue>, stop: Stop) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let presses = Arc::new(Semaphore::new(processors));
        Self { service, composer, queue, stop, presses, composing: JoinSet::new(), report: Report::default() }
    }

    /// Claims and composes until nothing is claimable and nothing can come back.
    pub(super) async fn run(mut self) -> Result<Report, PassError> {
        let done = self.feed().await;
        self.queue.close(match &done {
            Ok(end) => *end,
            Err(_) => End::Failed,
        });
        while let Some(handful) = self.composing.join_next().await {
            self.report.add(handful?);
        }
        done?;
        Ok(self.report)
    }

    async fn feed(&mut self) -> Result<End, PassError> {
        loop {
            if self.stop.is_set() {
                return Ok(End::Stopped);
            }
            if let Some(end) = self.queue.end() {
                return Ok(end);
            }
            let room = self.queue.room();
            if room < HANDFUL {
                self.wait().await;
                continue;
            }
            let Some(claimed) = self.claim(room.min(CLAIM)).await? else {
                self.report.held_back = true;
                return Ok(End::Stopped);
            };
            if !claimed.is_empty() {
                self.compose(claimed).await?;
            } else if self.queue.is_idle() {
                return Ok(End::Drained);
            } else {
                self.wait().await;
            }
        }
    }

    /// Until a mail has gone on, or it is time to stop.
    async fn wait(&mut self) {
        tokio::select! {
            () = self.queue.space() => {}
            () = self.stop.wait() => {}
        }
    }

    /// Up to `most` mails; `None` while sending is paused.
    async fn claim(&self, most: usize) -> Result<Option<Vec<Claimed>>, StoreError> {
        let now = self.service.clock.now();
        let mut tx = self.service.db.begin().await?;
        if tx.sending().await?.paused {
            return Ok(None);
        }
        let most = i64::try_from(most).unwrap_or(1);
        let claimed = tx.claim_deliveries(now, &self.service.owner, now + LEASE, most).await?;
        tx.commit().await?;
        self.service.faults.pass(KillPoint::Claimed).await;
        Ok(Some(claimed))
    }

    /// Has the mails composed on other threads. Comes back when the last of them is begun.
    async fn compose(&mut self, claimed: Vec<Claimed>) -> Result<(), PassError> {
        let samples = self.composer.read(&claimed).await?;
        self.queue.expect(claimed.len());
        let mut mails: Vec<(Claimed, Option<Sample>)> = claimed.into_iter().zip(samples).collect();
        while !mails.is_empty() {
            let rest = mails.split_off(mails.len().min(HANDFUL));
            let handful = std::mem::replace(&mut mails, rest);
            let press = Arc::clone(&self.presses).acquire_owned().await;
            let (service, composer, queue) =
                (Arc::clone(&self.service), self.composer.clone(), Arc::clone(&self.queue));
            self.composing.spawn(async move {
                let composed = tokio::task::spawn_blocking(move || press_all(&composer, &queue, handful));
                let mut report = Report::default();
                for (delivery, why) in composed.await.unwrap_or_default() {
                    report.failed += 1;
                    verdict::record(&service, &delivery, verdict::ours(&why), Phase::Fence).await;
                }
                drop(press);
                report
            });
            while let Some(done) = self.composing.try_join_next() {
                self.report.add(done?);
            }
        }
        Ok(())
    }
}

/// Composes mails one after the other; each goes to the queue as soon as it is done.
/// Returns those that cannot be made, and why.
fn press_all(composer: &Composer, queue: &Queue, mails: Vec<(Claimed, Option<Sample>)>) -> Vec<(Claimed, String)> {
    let mut failed = Vec::new();
    for (delivery, sample) in mails {
        let composed = match &sample {
            Some(sample) => {
                composer.compose(&delivery, sample).map_err(|error| format!("the mail could not be made: {error}"))
            }
            None => Err("the subscriber or the edition of this mail no longer exists".to_owned()),
        };
        match composed {
            Ok(composed) => queue.arrive(Some(Parcel { delivery, composed })),
            Err(why) => {
                tracing::error!(delivery = %delivery.id, why, "a mail could not be made");
                queue.arrive(None);
                failed.push((delivery, why));
            }
        }
    }
    failed
}
