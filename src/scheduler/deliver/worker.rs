//! One worker: one session, one dialogue at a time.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::super::faults::KillPoint;
use super::super::{PassError, Service};
use super::compose::Composed;
use super::queue::{End, Parcel, Queue, Taken};
use super::throttle::{Signal, Ticket};
use super::{Report, breaker, verdict};
use crate::mailer::{Envelope, Refusal, Session, WireMessage};
use crate::model::{Outcome, Phase, Timestamp};
use crate::store::StoreError;
use crate::store::deliveries::{Claimed, FenceMark};

/// After the dot a server may take ten minutes (RFC 5321, 4.5.3.2.6), and then some.
const REPLY_LEASE: TimeDelta = TimeDelta::minutes(15);
/// A session is renewed after this many mails, as relays expect.
const MAILS_A_SESSION: u32 = 100;
/// A session that was silent for so long is asked whether it still stands.
const IDLE: TimeDelta = TimeDelta::seconds(10);
/// A worker whose connection was refused while others have theirs tries again after this.
const CROWDED: Duration = Duration::from_secs(30);

pub(super) struct Worker {
    service: Arc<Service>,
    queue: Arc<Queue>,
    template_hash: Arc<str>,
    /// It works only while others are held by slow dialogues.
    spare: bool,
    session: Option<Open>,
    report: Report,
}

/// A session and when it last carried something.
struct Open {
    session: Session,
    used: Timestamp,
}

impl Worker {
    pub(super) fn new(service: Arc<Service>, queue: Arc<Queue>, template_hash: Arc<str>, spare: bool) -> Self {
        Self { service, queue, template_hash, spare, session: None, report: Report::default() }
    }

    pub(super) async fn run(mut self) -> Result<Report, PassError> {
        let done = self.work().await;
        if done.is_err() {
            self.queue.close(End::Failed);
        }
        if let Some(open) = self.session.take() {
            self.queue.session_ends();
            open.session.quit().await;
        }
        done?;
        Ok(self.report)
    }

    async fn work(&mut self) -> Result<(), PassError> {
        while let Some(taken) = self.queue.take(self.spare).await {
            self.service.faults.pass(KillPoint::Composed).await;
            match self.open().await {
                Ok(session) => self.speak(session, taken).await?,
                Err(refusal) => self.without_session(taken, &refusal).await,
            }
        }
        Ok(())
    }

    /// The session, which can carry the next mail.
    async fn open(&mut self) -> Result<Session, Refusal> {
        if let Some(mut open) = self.session.take() {
            let session = &mut open.session;
            let idle = self.service.clock.now() - open.used > IDLE;
            if session.is_usable()
                && session.messages_sent() < MAILS_A_SESSION
                && (!idle || session.probe().await.is_ok())
            {
                return Ok(open.session);
            }
            if session.is_usable() {
                open.session.quit().await;
            }
        } else {
            self.queue.session_opens();
        }
        self.service.transport.open().await
    }

    /// Keeps the session for the next mail, if it can carry one.
    fn keep(&mut self, session: Session) {
        if session.is_usable() {
            self.session = Some(Open { session, used: self.service.clock.now() });
        } else {
            self.queue.session_ends();
        }
    }

    /// No connection: either there are enough already, or the relay cannot be used at all.
    async fn without_session(&mut self, taken: Taken, refusal: &Refusal) {
        let others = self.queue.session_ends();
        tracing::warn!(relay = %refusal, others, "a connection to the relay was refused");
        if others == 0 || refusal.phase == Phase::Auth {
            // First the end, so that nobody else takes the mail and tries with it.
            self.relay_down(refusal).await;
            self.queue.put_back(taken);
        } else {
            self.queue.put_back(taken);
            tokio::time::timeout(CROWDED, self.queue.closed()).await.ok();
        }
    }

    async fn relay_down(&mut self, refusal: &Refusal) {
        if let Err(error) = breaker::relay_failed(&self.service, &refusal.to_string()).await {
            tracing::warn!(%error, "that the relay cannot be used could not be noted");
        }
        self.report.held_back = true;
        self.queue.close(End::RelayDown);
    }

    /// A dialogue has ended: what it told of its group and of the relay.
    async fn done(&self, ticket: Ticket, delivery: &Claimed, signal: Signal, reply: &str) {
        let tally = self.queue.ended(ticket, signal);
        match breaker::note(&self.service, delivery, signal, tally, reply).await {
            Ok(false) => {}
            Ok(true) => self.hold_back(&delivery.dest_group).await,
            Err(error) => tracing::warn!(%error, "what was learnt of a destination could not be noted"),
        }
        self.queue.finish();
    }

    /// Gives back what is ready for a group that was closed.
    async fn hold_back(&self, group: &str) {
        let now = self.service.clock.now();
        for parcel in self.queue.withdraw_group(group) {
            self.service.marks.give_back(parcel.delivery, now, now).await;
        }
    }

    async fn speak(&mut self, mut session: Session, taken: Taken) -> Result<(), PassError> {
        let parcel = &taken.parcel;
        let envelope = Envelope { from: parcel.composed.return_path.clone(), to: parcel.delivery.address.clone() };
        if let Err(refusal) = session.offer(&envelope).await {
            self.not_offered(session, taken, refusal).await;
            return Ok(());
        }
        let Taken { parcel: Parcel { delivery, composed }, ticket } = taken;
        self.service.faults.pass(KillPoint::Offered).await;
        match self.pass_fence(&delivery, &composed).await {
            Ok(true) => self.hand_over(session, &delivery, composed.message, ticket).await,
            Ok(false) => {
                self.abandon(session);
                self.report.count(Outcome::Fenced);
                verdict::fenced(&self.service, &delivery).await;
                self.done(ticket, &delivery, Signal::Neutral, "").await;
            }
            Err(error) => {
                // Nothing left; that the mark is perhaps there all the same is put right when it can be.
                self.abandon(session);
                self.queue.close(End::Failed);
                verdict::fenced(&self.service, &delivery).await;
                drop(self.queue.ended(ticket, Signal::Neutral));
                self.queue.finish();
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Closes the connection without the dot: the server forgets the mail.
    fn abandon(&self, session: Session) {
        session.abandon();
        self.queue.session_ends();
    }

    async fn not_offered(&mut self, mut session: Session, taken: Taken, refusal: Refusal) {
        if refusal.relay_fault {
            let served = session.messages_sent() > 0;
            self.abandon(session);
            // A relay that ends a connection which had served is not down: the mail goes on a fresh one.
            if !served {
                tracing::warn!(relay = %refusal, "the relay cannot be used");
                self.relay_down(&refusal).await;
            }
            self.queue.put_back(taken);
            return;
        }
        if refusal.keep_connection && session.reset().await.is_ok() {
            self.keep(session);
        } else {
            self.abandon(session);
        }
        self.report.count(refusal.outcome);
        let (signal, reply) = (Signal::of(&refusal), refusal.to_string());
        let (phase, Taken { parcel, ticket }) = (refusal.phase, taken);
        verdict::record(&self.service, &parcel.delivery, refusal, phase).await;
        self.done(ticket, &parcel.delivery, signal, &reply).await;
    }

    async fn hand_over(&mut self, mut session: Session, delivery: &Claimed, message: WireMessage, ticket: Ticket) {
        self.service.faults.pass(KillPoint::Fenced).await;
        let answer = session.hand_over(message).await;
        self.service.faults.pass(KillPoint::Answered).await;
        let (signal, reply) = match answer {
            Ok(acceptance) => {
                self.report.count(Outcome::Accepted);
                verdict::accepted(&self.service, delivery, &acceptance).await;
                (Signal::Served, String::new())
            }
            Err(refusal) => {
                self.report.count(refusal.outcome);
                let told = (Signal::of(&refusal), refusal.to_string());
                verdict::record(&self.service, delivery, refusal, Phase::Dot).await;
                told
            }
        };
        self.service.faults.pass(KillPoint::Recorded).await;
        self.keep(session);
        self.done(ticket, delivery, signal, &reply).await;
    }

    async fn pass_fence(&self, delivery: &Claimed, composed: &Composed) -> Result<bool, StoreError> {
        let now = self.service.clock.now();
        let mark = FenceMark {
            id: delivery.id,
            epoch: delivery.epoch,
            body_sha256: composed.sha256.clone(),
            template_hash: self.template_hash.to_string(),
            lease_until: now + REPLY_LEASE,
            now,
        };
        self.service.marks.fence(mark).await
    }
}
