//! Claiming mails and composing them, as fast as the sessions take them and no faster.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::faults::KillPoint;
use super::super::{PassError, Service, Stop};
use super::Report;
use super::compose::{Composer, Sample};
use super::queue::{End, Parcel, Queue};
use super::verdict;
use crate::model::{DeliveryKind, Phase, Timestamp};
use crate::store::StoreError;
use crate::store::deliveries::{Claim, ClaimOrder, Claimed};

/// Mails claimed in one transaction at most.
const CLAIM: usize = 128;
/// Mails composed at one go.
const HANDFUL: usize = 8;
/// A claim is good for this long; composing and the dialogue up to the fence must fit in.
const LEASE: TimeDelta = TimeDelta::minutes(15);

/// How long to wait for a token at least and at most, whatever the clock says.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

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
            self.withdraw().await;
            let Some(room) = self.queue.ample_room() else {
                self.wait().await;
                continue;
            };
            // A result that comes while the claim is made may free what the claim did not see.
            let was_idle = self.queue.is_idle();
            let Some(claim) = self.claim(room.min(CLAIM)).await? else {
                self.report.held_back = true;
                return Ok(End::Stopped);
            };
            let next_token = claim.next_at.filter(|_| claim.lacks_tokens);
            if !claim.deliveries.is_empty() {
                self.compose(claim.deliveries).await?;
            } else if let Some(next) = next_token {
                self.wait_until(next).await;
            } else if !self.queue.is_idle() {
                self.wait().await;
            } else if !was_idle {
                continue;
            } else if let Some(rest) = claim.resting {
                tracing::warn!(until = %rest.until, reason = rest.reason, "the relay is left alone");
                self.report.held_back = true;
                return Ok(End::RelayDown);
            } else {
                return Ok(End::Drained);
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

    /// Until there are tokens again, or it is time to stop; at most a second.
    async fn wait_until(&mut self, next: Timestamp) {
        let missing = (next - self.service.clock.now()).to_std().unwrap_or_default();
        tokio::select! {
            () = tokio::time::sleep(missing.clamp(SHORTEST_WAIT, LONGEST_WAIT)) => {}
            () = self.stop.wait() => {}
        }
    }

    /// Gives back what waits for groups that are left alone.
    async fn withdraw(&self) {
        let now = self.service.clock.now();
        let back = self.queue.withdraw().into_iter();
        join_all(back.map(|parcel| self.service.marks.give_back(parcel.delivery, now, now))).await;
    }

    /// Up to `most` mails; `None` while sending is paused.
    async fn claim(&self, most: usize) -> Result<Option<Claim>, StoreError> {
        let now = self.service.clock.now();
        let mut tx = self.service.db.begin_by_key().await?;
        if tx.sending().await?.paused {
            return Ok(None);
        }
        let most = i64::try_from(most).unwrap_or(1);
        let order = ClaimOrder {
            now,
            owner: &self.service.owner,
            lease_until: now + LEASE,
            limit: most,
            rooms: &self.queue.rooms(),
            rate_per_second: self.service.settings.rate_per_second,
        };
        let claim = tx.claim_deliveries(&order).await?;
        tx.commit().await?;
        self.service.faults.pass(KillPoint::Claimed).await;
        Ok(Some(claim))
    }

    /// Has the mails composed on other threads. Does not wait for them: the next are claimed meanwhile.
    async fn compose(&mut self, claimed: Vec<Claimed>) -> Result<(), PassError> {
        let samples = self.composer.read(&claimed).await?;
        self.queue.expect(&claimed);
        let mut mails: Vec<(Claimed, Option<Sample>)> = claimed.into_iter().zip(samples).collect();
        while !mails.is_empty() {
            let rest = mails.split_off(mails.len().min(HANDFUL));
            let handful = std::mem::replace(&mut mails, rest);
            let presses = Arc::clone(&self.presses);
            let (service, composer, queue) =
                (Arc::clone(&self.service), self.composer.clone(), Arc::clone(&self.queue));
            self.composing.spawn(async move {
                let press = presses.acquire_owned().await;
                let composed = tokio::task::spawn_blocking(move || press_all(&composer, &queue, handful));
                let mut report = Report::default();
                for (delivery, fate) in composed.await.unwrap_or_default() {
                    match fate {
                        Fate::TurnedBack => {
                            let now = service.clock.now();
                            service.marks.give_back(delivery, now, now).await;
                        }
                        Fate::Unmade(why) => {
                            report.failed += 1;
                            verdict::record(&service, &delivery, verdict::ours(&why), Phase::Fence).await;
                        }
                    }
                }
                drop(press);
                report
            });
        }
        while let Some(done) = self.composing.try_join_next() {
            self.report.add(done?);
        }
        Ok(())
    }
}

/// Why a mail did not get to the queue.
enum Fate {
    /// Its group was closed while it was made.
    TurnedBack,
    /// It cannot be made.
    Unmade(String),
}

/// Composes mails one after the other, and brings them to the queue together: a session that is woken for each of them
/// costs more than the others wait. Returns those that did not get there.
fn press_all(composer: &Composer, queue: &Queue, mails: Vec<(Claimed, Option<Sample>)>) -> Vec<(Claimed, Fate)> {
    let (mut parcels, mut others) = (Vec::with_capacity(mails.len()), Vec::new());
    for (delivery, sample) in mails {
        let unmade = |error| format!("the mail could not be made: {error}");
        let composed = or_panic(|| match &sample {
            Some(sample) => composer.compose(&delivery, sample).map_err(unmade),
            None if delivery.kind == DeliveryKind::Alert => composer.alert(&delivery).map_err(unmade),
            None => Err("the subscriber or the edition of this mail no longer exists".to_owned()),
        });
        match composed {
            Ok(composed) => parcels.push(Parcel { delivery, composed }),
            Err(why) => {
                tracing::error!(delivery = %delivery.id, why, "a mail could not be made");
                queue.miss(delivery.id);
                others.push((delivery, Fate::Unmade(why)));
            }
        }
    }
    let back = queue.arrive(parcels).into_iter();
    others.extend(back.map(|parcel| (parcel.delivery, Fate::TurnedBack)));
    others
}

/// What `make` gives. Its panic is this one mail's failure: the pass counts on every mail to arrive somewhere.
fn or_panic<T>(make: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let made = panic::catch_unwind(AssertUnwindSafe(make));
    made.unwrap_or_else(|_| Err("the mail could not be made: the program panicked, see its log".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_failure_of_one_mail() {
        assert_eq!(or_panic(|| Ok(1)), Ok(1));
        let why = or_panic::<()>(|| panic!("a fault in a template")).unwrap_err();
        assert!(why.contains("panicked"), "{why}");
    }
}
