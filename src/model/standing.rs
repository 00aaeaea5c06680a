//! Which change of a delivery may follow which, as a pure function.
//!
//! The store implements these rules as conditions of single statements, so that two programs need not agree
//! on anything but the row. Here they stand in one place, where they can be read, and searched exhaustively
//! for an order of events that would lose or double a mail; a test holds the statements against them.

use super::delivery::{DeliveryState, Outcome};

/// What of a delivery's row decides which change may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Standing {
    /// Where it stands.
    pub state: DeliveryState,
    /// The number of its newest claim; 0 before the first.
    pub epoch: i64,
    /// Whether any copy ever passed the fence.
    pub fenced: bool,
    /// How often it was sent again while the fate of a copy was open.
    pub resends: i64,
    /// Whether its time is over, so that no copy may leave any more.
    pub late: bool,
}

/// What may happen to a delivery. An `epoch` is the claim that the change speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A worker takes it.
    Claim,
    /// A worker gives it back untouched.
    Release {
        /// Of the claim.
        epoch: i64,
    },
    /// A worker asks to pass the fence.
    Fence {
        /// Of the claim.
        epoch: i64,
        /// Whether the address may be mailed, sending goes on, and the reader (of a digest) is active.
        wanted: bool,
    },
    /// A worker was stopped at the fence and has closed the connection without the dot.
    Fenced {
        /// Of the claim.
        epoch: i64,
        /// Whether the mail would be wanted later: the address may be mailed and the reader is active.
        wanted: bool,
    },
    /// A try ended before the final dot was sent.
    Refused {
        /// Of the claim.
        epoch: i64,
        /// What it came to.
        end: End,
    },
    /// The server's answer to the final dot, or its absence, became known.
    Answered {
        /// Of the claim.
        epoch: i64,
        /// What it came to.
        end: End,
    },
    /// The lease is over, or its holder is taken for dead.
    BreakLease,
    /// The reconciler ends what is late.
    Expire,
    /// The person left or paused, or the address is not mailed any more.
    Stop,
    /// The policy for uncertain mails sends a second copy.
    Resend,
    /// Nothing settled an uncertain mail for too long.
    GiveUp,
    /// The operator, or evidence from outside, says that it arrived.
    SettleAccepted,
    /// The operator wants a mail sent again that ended without leaving.
    Retry,
    /// The operator wants another copy of a mail whose fate is open.
    SendCopy,
}

/// What a try came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct End {
    /// As decided by the session.
    pub outcome: Outcome,
    /// Whether it counts as an attempt; failures of the relay do not.
    pub counts: bool,
    /// Whether the next try would come after the mail's time.
    pub too_late: bool,
}

impl End {
    /// An end that counts and leaves time for another try.
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, counts: true, too_late: false }
    }

    /// Where a delivery goes from here, if no earlier copy is open; `None` for a try stopped at the fence.
    pub fn state(self) -> Option<DeliveryState> {
        Some(match self.outcome {
            Outcome::Fenced => return None,
            Outcome::Accepted => DeliveryState::Accepted,
            Outcome::Uncertain => DeliveryState::Uncertain,
            Outcome::Retry if self.too_late => DeliveryState::Expired,
            Outcome::Retry if self.counts => DeliveryState::RetryWait,
            Outcome::Retry => DeliveryState::Ready,
            Outcome::AddressDead | Outcome::SoftBounce | Outcome::OurFault => DeliveryState::Rejected,
        })
    }
}

impl Standing {
    /// A mail that was just put into the outbox.
    pub const NEW: Self = Self { state: DeliveryState::Ready, epoch: 0, fenced: false, resends: 0, late: false };

    /// How the delivery stands after `change`; `None` when the change does not apply and nothing happens.
    pub fn after(self, change: Change) -> Option<Self> {
        use DeliveryState::{Accepted, Expired, HandingOff, Leased, Ready, Rejected, RetryWait, Suppressed};
        use DeliveryState::{Uncertain, Unknown};
        let to = |state| Some(Self { state, ..self });
        match (change, self.state) {
            (Change::Claim, Ready | RetryWait) if !self.late => {
                Some(Self { state: Leased, epoch: self.epoch + 1, ..self })
            }
            (Change::Release { epoch }, Leased) if epoch == self.epoch => to(Ready),
            (Change::Fence { epoch, wanted: true }, Leased) if epoch == self.epoch && !self.late => {
                Some(Self { state: HandingOff, fenced: true, ..self })
            }
            // Whoever was stopped has sent no dot: the mark may have been made by a commit nobody heard of.
            (Change::Fenced { epoch, wanted }, Leased | HandingOff) if epoch == self.epoch => {
                if self.late {
                    self.ended(Expired)
                } else if wanted {
                    to(Ready)
                } else {
                    self.ended(Suppressed)
                }
            }
            (Change::Refused { epoch, end }, Leased) if epoch == self.epoch => self.ended(end.state()?),
            (Change::Answered { epoch, end }, _) if self.hears(epoch, end.outcome) => self.ended(end.state()?),
            (Change::BreakLease, Leased) => to(Ready),
            (Change::BreakLease, HandingOff) => to(Uncertain),
            (Change::Expire, Ready | Leased | RetryWait) if self.late => self.ended(Expired),
            (Change::Stop, Ready | Leased | RetryWait) => self.ended(Suppressed),
            // What is past the fence may still arrive, but is not tried again.
            (Change::Stop, HandingOff | Uncertain) => Some(Self { late: true, ..self }),
            (Change::Resend, Uncertain) if self.resends == 0 && !self.late => {
                Some(Self { state: Ready, resends: 1, ..self })
            }
            (Change::GiveUp, Uncertain) => to(Unknown),
            (Change::SettleAccepted, Uncertain | Unknown) => to(Accepted),
            (Change::Retry, Rejected | Expired | RetryWait) => Some(Self { state: Ready, late: false, ..self }),
            (Change::SendCopy, Uncertain | Unknown) => {
                Some(Self { state: Ready, resends: self.resends + 1, late: false, ..self })
            }
            _ => None,
        }
    }

    /// Whether what became of the copy of `epoch` is still news.
    fn hears(self, epoch: i64, outcome: Outcome) -> bool {
        use DeliveryState::{HandingOff, Leased, Ready, RetryWait, Uncertain, Unknown};
        let own = epoch == self.epoch;
        match outcome {
            // That nobody answered is news only while an answer is awaited.
            Outcome::Uncertain => own && self.state == HandingOff,
            // A copy that was taken makes every other one needless that is not on the wire.
            Outcome::Accepted => {
                own && self.state == HandingOff
                    || epoch <= self.epoch
                        && self.fenced
                        && matches!(self.state, Ready | Leased | RetryWait | Uncertain | Unknown)
            }
            // Any other answer speaks for its own copy alone, however late it comes.
            _ => own && matches!(self.state, HandingOff | Uncertain | Unknown),
        }
    }

    /// A mail ends, or waits, in `state`; but if an earlier copy may have arrived, "it did not leave" would be a lie.
    fn ended(self, state: DeliveryState) -> Option<Self> {
        let untrue = matches!(state, DeliveryState::Expired | DeliveryState::Suppressed) && self.resends > 0;
        Some(Self { state: if untrue { DeliveryState::Unknown } else { state }, ..self })
    }
}
