//! One worker: one session, one dialogue at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::TimeDelta;

use super::super::faults::KillPoint;
use super::super::{PassError, Service, Stop};
use super::Report;
use super::backoff::next_try;
use super::compose::{Composed, Composer};
use super::pace::Pace;
use crate::mailer::{Enhanced, Envelope, Refusal, Session};
use crate::model::{Outcome, Phase};
use crate::store::StoreError;
use crate::store::deliveries::{ClaimOrder, Claimed, FenceMark, OutcomeMark};

/// Mails a worker holds at once. Few, so that a crash or a pause leaves little to take back.
const HELD: i64 = 4;
/// A claim is good for this long; composing and the dialogue up to the fence must fit in.
const LEASE: TimeDelta = TimeDelta::minutes(15);
/// After the dot a server may take ten minutes (RFC 5321, 4.5.3.2.6), and then some.
const REPLY_LEASE: TimeDelta = TimeDelta::minutes(15);
/// A session is renewed after this many mails, as relays expect.
const MAILS_A_SESSION: u32 = 100;
/// How long a relay that could not be used is left alone.
const RELAY_REST: TimeDelta = TimeDelta::seconds(60);

pub(super) struct Worker {
    service: Arc<Service>,
    composer: Arc<Composer>,
    pace: Arc<Pace>,
    stop: Stop,
    session: Option<Session>,
    held: VecDeque<Claimed>,
    report: Report,
}

/// Whether the worker goes on.
enum Next {
    GoOn,
    RelayDown,
}

impl Worker {
    pub(super) fn new(service: Arc<Service>, composer: Arc<Composer>, pace: Arc<Pace>, stop: Stop) -> Self {
        Self { service, composer, pace, stop, session: None, held: VecDeque::new(), report: Report::default() }
    }

    pub(super) async fn run(mut self) -> Result<Report, PassError> {
        let done = self.work().await;
        let now = self.service.clock.now();
        for delivery in std::mem::take(&mut self.held) {
            self.give_back(&delivery, now).await?;
        }
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
        done?;
        Ok(self.report)
    }

    async fn work(&mut self) -> Result<(), PassError> {
        while !self.stop.is_set() {
            let Some(delivery) = self.next().await? else { return Ok(()) };
            if let Next::RelayDown = self.deliver(delivery).await? {
                self.report.held_back = true;
                return Ok(());
            }
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Claimed>, StoreError> {
        if self.held.is_empty() {
            let now = self.service.clock.now();
            let mut tx = self.service.db.begin().await?;
            if tx.sending().await?.paused {
                self.report.held_back = true;
                return Ok(None);
            }
            let order = ClaimOrder {
                now,
                owner: &self.service.owner,
                lease_until: now + LEASE,
                limit: HELD,
                full_groups: &[],
                rate_per_second: None,
            };
            self.held = tx.claim_deliveries(&order).await?.deliveries.into();
            tx.commit().await?;
            self.service.faults.pass(KillPoint::Claimed).await;
        }
        Ok(self.held.pop_front())
    }

    /// Gives a claim back untouched.
    async fn give_back(&self, delivery: &Claimed, not_before: crate::model::Timestamp) -> Result<(), StoreError> {
        let mut tx = self.service.db.begin().await?;
        tx.release_delivery(delivery, not_before, self.service.clock.now()).await?;
        tx.commit().await
    }

    async fn deliver(&mut self, delivery: Claimed) -> Result<Next, PassError> {
        let composed = match self.composer.compose(&delivery).await {
            Ok(Some(composed)) => composed,
            // Its subscriber or edition is gone; tidy ends it when its time is over.
            Ok(None) => {
                let refusal = ours("the subscriber or the edition of this mail no longer exists");
                self.refused(delivery, refusal, Phase::Fence).await;
                return Ok(Next::GoOn);
            }
            Err(error @ (PassError::Render(_) | PassError::Message(_) | PassError::Empty)) => {
                tracing::error!(delivery = %delivery.id, %error, "a mail could not be made");
                self.report.failed += 1;
                self.refused(delivery, ours(&format!("the mail could not be made: {error}")), Phase::Fence).await;
                return Ok(Next::GoOn);
            }
            Err(other) => return Err(other),
        };
        self.service.faults.pass(KillPoint::Composed).await;
        self.pace.turn().await;
        if let Err(refusal) = self.open().await {
            tracing::warn!(relay = %refusal, "the relay cannot be used");
            let rest = self.service.clock.now() + RELAY_REST;
            self.give_back(&delivery, rest).await?;
            for held in std::mem::take(&mut self.held) {
                self.give_back(&held, rest).await?;
            }
            return Ok(Next::RelayDown);
        }
        self.speak(delivery, composed).await
    }

    /// Makes sure there is a session that can carry the next mail.
    async fn open(&mut self) -> Result<(), Refusal> {
        if self.session.as_ref().is_some_and(|session| session.is_usable() && session.messages_sent() < MAILS_A_SESSION)
        {
            return Ok(());
        }
        if let Some(spent) = self.session.take().filter(Session::is_usable) {
            spent.quit().await;
        }
        self.session = Some(self.service.transport.open().await?);
        Ok(())
    }

    async fn speak(&mut self, delivery: Claimed, composed: Composed) -> Result<Next, PassError> {
        let Some(mut session) = self.session.take() else { return Ok(Next::RelayDown) };
        let envelope = Envelope { from: composed.return_path.clone(), to: delivery.address.clone() };
        if let Err(refusal) = session.offer(&envelope).await {
            let relay_down = refusal.relay_fault;
            if relay_down && session.messages_sent() > 0 {
                // The relay ended a connection that had served: the mail is offered again on a fresh one.
                self.held.push_front(delivery);
                return Ok(Next::GoOn);
            }
            if refusal.keep_connection && session.reset().await.is_ok() {
                self.session = Some(session);
            }
            let phase = refusal.phase;
            self.refused(delivery, refusal, phase).await;
            return Ok(if relay_down { Next::RelayDown } else { Next::GoOn });
        }
        self.service.faults.pass(KillPoint::Offered).await;
        if !self.pass_fence(&delivery, &composed).await? {
            session.abandon();
            self.report.fenced += 1;
            let phase = Phase::Fence;
            self.record(&delivery, Outcome::Fenced, phase, None, None, "no longer wanted at the fence", true).await;
            return Ok(Next::GoOn);
        }
        self.service.faults.pass(KillPoint::Fenced).await;
        let answer = session.hand_over(&composed.bytes).await;
        self.service.faults.pass(KillPoint::Answered).await;
        match answer {
            Ok(acceptance) => {
                self.report.accepted += 1;
                self.record(&delivery, Outcome::Accepted, Phase::Dot, acceptance.code, None, &acceptance.text, true)
                    .await;
            }
            Err(refusal) => self.refused(delivery, refusal, Phase::Dot).await,
        }
        self.service.faults.pass(KillPoint::Recorded).await;
        if session.is_usable() {
            self.session = Some(session);
        }
        Ok(Next::GoOn)
    }

    async fn pass_fence(&self, delivery: &Claimed, composed: &Composed) -> Result<bool, StoreError> {
        let now = self.service.clock.now();
        self.service
            .marks
            .fence(FenceMark {
                id: delivery.id,
                epoch: delivery.epoch,
                body_sha256: composed.sha256.clone(),
                template_hash: self.composer.template_hash().to_owned(),
                lease_until: now + REPLY_LEASE,
                now,
            })
            .await
    }

    async fn refused(&mut self, delivery: Claimed, refusal: Refusal, phase: Phase) {
        match refusal.outcome {
            Outcome::Uncertain => self.report.uncertain += 1,
            Outcome::Retry => self.report.retried += 1,
            Outcome::AddressDead | Outcome::SoftBounce | Outcome::OurFault => self.report.rejected += 1,
            Outcome::Accepted | Outcome::Fenced => {}
        }
        tracing::warn!(delivery = %delivery.id, outcome = refusal.outcome.as_str(), %refusal, "a mail was not accepted");
        let enhanced = refusal.enhanced.map(dotted);
        self.record(&delivery, refusal.outcome, phase, refusal.code, enhanced, &refusal.text, !refusal.relay_fault)
            .await;
    }

    async fn record(
        &self,
        delivery: &Claimed,
        outcome: Outcome,
        phase: Phase,
        code: Option<u16>,
        enhanced: Option<String>,
        reply: &str,
        counts: bool,
    ) {
        let now = self.service.clock.now();
        let mark = OutcomeMark {
            delivery: delivery.clone(),
            outcome,
            phase,
            code,
            enhanced,
            reply: reply.to_owned(),
            retry_at: if counts { next_try(delivery.id, delivery.attempts, now) } else { now + RELAY_REST },
            counts,
            now,
        };
        self.service.marks.outcome(mark).await;
    }
}

fn dotted((class, subject, detail): Enhanced) -> String {
    format!("{class}.{subject}.{detail}")
}

/// A failure of ours, before anything was offered.
fn ours(text: &str) -> Refusal {
    Refusal {
        phase: Phase::Fence,
        code: None,
        enhanced: None,
        text: text.to_owned(),
        outcome: Outcome::OurFault,
        keep_connection: true,
        relay_fault: false,
    }
}
