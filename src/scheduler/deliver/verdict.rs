//! Recording what a try came to.

use chrono::TimeDelta;

use super::super::Service;
use super::Report;
use super::backoff::next_try;
use crate::mailer::{Acceptance, Enhanced, Refusal};
use crate::model::{Outcome, Phase};
use crate::store::deliveries::{Claimed, OutcomeMark};

/// How long a relay that could not be used is left alone.
pub(super) const RELAY_REST: TimeDelta = TimeDelta::seconds(60);

/// The server took the mail.
pub(super) async fn accepted(service: &Service, delivery: &Claimed, acceptance: &Acceptance) {
    let mark = mark(service, delivery, Outcome::Accepted, Phase::Dot, &acceptance.text);
    service.marks.outcome(OutcomeMark { code: acceptance.code, ..mark }).await;
}

/// The mail was stopped at the fence.
pub(super) async fn fenced(service: &Service, delivery: &Claimed) {
    let mark = mark(service, delivery, Outcome::Fenced, Phase::Fence, "no longer wanted at the fence");
    service.marks.outcome(mark).await;
}

/// The server, or we ourselves, did not let the mail pass.
pub(super) async fn record(service: &Service, delivery: &Claimed, refusal: Refusal, phase: Phase) {
    let outcome = refusal.outcome;
    tracing::warn!(delivery = %delivery.id, outcome = outcome.as_str(), %refusal, "a mail was not accepted");
    let mark = mark(service, delivery, outcome, phase, &refusal.text);
    let counts = !refusal.relay_fault;
    let retry_at = if counts { mark.retry_at } else { mark.now + RELAY_REST };
    let enhanced = refusal.enhanced.map(dotted);
    service.marks.outcome(OutcomeMark { code: refusal.code, enhanced, counts, retry_at, ..mark }).await;
}

fn mark(service: &Service, delivery: &Claimed, outcome: Outcome, phase: Phase, reply: &str) -> OutcomeMark {
    let now = service.clock.now();
    OutcomeMark {
        delivery: delivery.clone(),
        outcome,
        phase,
        code: None,
        enhanced: None,
        reply: reply.to_owned(),
        retry_at: next_try(delivery.id, delivery.attempts, now),
        counts: true,
        now,
    }
}

fn dotted((class, subject, detail): Enhanced) -> String {
    format!("{class}.{subject}.{detail}")
}

/// A failure of ours, before anything was offered.
pub(super) fn ours(text: &str) -> Refusal {
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

impl Report {
    /// Counts a mail that was not accepted.
    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::Fenced => self.fenced += 1,
            Outcome::Uncertain => self.uncertain += 1,
            Outcome::Retry => self.retried += 1,
            Outcome::AddressDead | Outcome::SoftBounce | Outcome::OurFault => self.rejected += 1,
        }
    }
}
