//! One worker: one session, one dialogue at a time.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::super::faults::KillPoint;
use super::super::{PassError, Service};
use super::compose::Composed;
use super::pace::Pace;
use super::queue::{End, Parcel, Queue};
use super::{Report, verdict};
use crate::mailer::{Envelope, Refusal, Session};
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
    pace: Arc<Pace>,
    template_hash: Arc<str>,
    session: Option<Open>,
    report: Report,
}

/// A session and when it last carried something.
struct Open {
    session: Session,
    used: Timestamp,
}

impl Worker {
    pub(super) fn new(service: Arc<Service>, queue: Arc<Queue>, pace: Arc<Pace>, template_hash: Arc<str>) -> Self {
        Self { service, queue, pace, template_hash, session: None, report: Report::default() }
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
        while let Some(parcel) = self.queue.take().await {
            self.service.faults.pass(KillPoint::Composed).await;
            self.pace.turn().await;
            match self.open().await {
                Ok(session) => self.speak(session, parcel).await?,
                Err(refusal) => self.without_session(parcel, &refusal).await,
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
    async fn without_session(&mut self, parcel: Parcel, refusal: &Refusal) {
        self.queue.put_back(parcel);
        let others = self.queue.session_ends();
        tracing::warn!(relay = %refusal, others, "a connection to the relay was refused");
        if others == 0 || refusal.phase == Phase::Auth {
            self.relay_down();
        } else {
            tokio::time::timeout(CROWDED, self.queue.closed()).await.ok();
        }
    }

    fn relay_down(&mut self) {
        self.report.held_back = true;
        self.queue.close(End::RelayDown);
    }

    async fn speak(&mut self, mut session: Session, parcel: Parcel) -> Result<(), PassError> {
        let envelope = Envelope { from: parcel.composed.return_path.clone(), to: parcel.delivery.address.clone() };
        if let Err(refusal) = session.offer(&envelope).await {
            self.not_offered(session, parcel, refusal).await;
            return Ok(());
        }
        let Parcel { delivery, composed } = parcel;
        self.service.faults.pass(KillPoint::Offered).await;
        match self.pass_fence(&delivery, &composed).await {
            Ok(true) => self.hand_over(session, &delivery, &composed).await,
            Ok(false) => {
                self.abandon(session);
                self.report.count(Outcome::Fenced);
                verdict::fenced(&self.service, &delivery).await;
                self.queue.finish();
            }
            Err(error) => {
                // Nothing left; that the mark is perhaps there all the same is put right when it can be.
                self.abandon(session);
                self.queue.close(End::Failed);
                verdict::fenced(&self.service, &delivery).await;
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

    async fn not_offered(&mut self, mut session: Session, parcel: Parcel, refusal: Refusal) {
        if refusal.relay_fault {
            let served = session.messages_sent() > 0;
            self.abandon(session);
            self.queue.put_back(parcel);
            // A relay that ends a connection which had served is not down: the mail goes on a fresh one.
            if !served {
                tracing::warn!(relay = %refusal, "the relay cannot be used");
                self.relay_down();
            }
            return;
        }
        if refusal.keep_connection && session.reset().await.is_ok() {
            self.keep(session);
        } else {
            self.abandon(session);
        }
        let phase = refusal.phase;
        self.report.count(refusal.outcome);
        verdict::record(&self.service, &parcel.delivery, refusal, phase).await;
        self.queue.finish();
    }

    async fn hand_over(&mut self, mut session: Session, delivery: &Claimed, composed: &Composed) {
        self.service.faults.pass(KillPoint::Fenced).await;
        let answer = session.hand_over(&composed.bytes).await;
        self.service.faults.pass(KillPoint::Answered).await;
        match answer {
            Ok(acceptance) => {
                self.report.count(Outcome::Accepted);
                verdict::accepted(&self.service, delivery, &acceptance).await;
            }
            Err(refusal) => {
                self.report.count(refusal.outcome);
                verdict::record(&self.service, delivery, refusal, Phase::Dot).await;
            }
        }
        self.service.faults.pass(KillPoint::Recorded).await;
        self.keep(session);
        self.queue.finish();
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
