//! A mail on its way: its kind, its states, and which state may follow which.
//!
//! ```text
//! ready -> leased -> handing_off -> accepted
//!   ^        |            |-> retry_wait, rejected      (the server answered)
//!   |        |            '-> uncertain -> accepted, ready, unknown
//!   |        '-> ready, retry_wait, rejected            (before the final dot)
//! retry_wait
//! any state before the fence -> suppressed, expired
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a mail is for. Decides template, priority, headers and policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// The daily digest.
    Digest,
    /// "Please confirm your subscription."
    Confirmation,
    /// "Here is the link to your preferences."
    ManageLink,
    /// "You are already subscribed", at most once in 30 days.
    AlreadySubscribed,
}

impl DeliveryKind {
    /// All kinds, for counters and template checks.
    pub const ALL: [Self; 4] = [Self::Digest, Self::Confirmation, Self::ManageLink, Self::AlreadySubscribed];

    /// The stored spelling, which is also the template folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Confirmation => "confirmation",
            Self::ManageLink => "manage_link",
            Self::AlreadySubscribed => "already_subscribed",
        }
    }

    /// Reads the stored spelling.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Smaller goes first: somebody is waiting for a confirmation.
    pub fn priority(self) -> i64 {
        match self {
            Self::Confirmation | Self::ManageLink => 0,
            Self::AlreadySubscribed => 1,
            Self::Digest => 2,
        }
    }

    /// Whether somebody asked for this very mail: no list headers, and a resend when its fate is uncertain.
    pub fn is_transactional(self) -> bool {
        self != Self::Digest
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waiting to be claimed.
    Ready,
    /// Claimed by a worker until its lease ends.
    Leased,
    /// Past the fence: the final dot may have been sent.
    HandingOff,
    /// The server took responsibility.
    Accepted,
    /// A temporary failure; ready again at `not_before`.
    RetryWait,
    /// A permanent refusal.
    Rejected,
    /// A crash or a lost connection left open whether the server took it.
    Uncertain,
    /// Uncertain for too long; final, still settleable by the operator.
    Unknown,
    /// The person left, paused or was suppressed before the fence.
    Suppressed,
    /// Too late to be worth sending.
    Expired,
}

impl DeliveryState {
    /// All states, for counters and model checks.
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::Leased,
        Self::HandingOff,
        Self::Accepted,
        Self::RetryWait,
        Self::Rejected,
        Self::Uncertain,
        Self::Unknown,
        Self::Suppressed,
        Self::Expired,
    ];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::HandingOff => "handing_off",
            Self::Accepted => "accepted",
            Self::RetryWait => "retry_wait",
            Self::Rejected => "rejected",
            Self::Uncertain => "uncertain",
            Self::Unknown => "unknown",
            Self::Suppressed => "suppressed",
            Self::Expired => "expired",
        }
    }

    /// Reads the stored spelling.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing will happen to the delivery by itself any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected | Self::Unknown | Self::Suppressed | Self::Expired)
    }

    /// Whether the mail certainly has not left: what may still be suppressed or expire.
    pub fn is_before_fence(self) -> bool {
        matches!(self, Self::Ready | Self::Leased | Self::RetryWait)
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far an SMTP dialogue came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Opening the TCP connection.
    Connect,
    /// Waiting for the greeting, EHLO, STARTTLS.
    Greeting,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, up to the server's 354.
    Data,
    /// The durable mark between 354 and the final dot.
    Fence,
    /// After the final dot.
    Dot,
}

impl Phase {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Fence => "fence",
            Self::Dot => "dot",
        }
    }
}

/// What one attempt at a delivery came to. The SMTP session decides it, the store records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The server took responsibility (2xx after the dot).
    Accepted,
    /// A temporary refusal (4xx) or a failure before the dot: try again later.
    Retry,
    /// A permanent refusal that says the address does not exist: suppress it.
    AddressDead,
    /// A permanent refusal of unclear weight: count it, do not suppress at once.
    SoftBounce,
    /// A permanent refusal that is our fault (policy, content, size, sender): never blame the person.
    OurFault,
    /// The connection was lost after the dot and before the reply.
    Uncertain,
    /// The fence refused: the person left, the lease is lost, or it is too late.
    Fenced,
}

impl Outcome {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Retry => "retry",
            Self::AddressDead => "address_dead",
            Self::SoftBounce => "soft_bounce",
            Self::OurFault => "our_fault",
            Self::Uncertain => "uncertain",
            Self::Fenced => "fenced",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_spellings_read_back() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::from_stored(state.as_str()), Some(state));
            assert!(!(state.is_final() && state.is_before_fence()));
        }
        for kind in DeliveryKind::ALL {
            assert_eq!(DeliveryKind::from_stored(kind.as_str()), Some(kind));
        }
    }
}
