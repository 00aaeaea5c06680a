//! One road for every message, whatever stands at its end: open a session, offer the envelope,
//! and, once the durable mark is made, hand over the bytes.

use std::path::PathBuf;
use std::sync::Arc;

use super::directory::{Directory, DirectorySession};
use super::refusal::Refusal;
use super::smtp::{Deadlines, RelaySettings, SmtpSession};
use super::wire::WireMessage;
use crate::model::EmailAddress;

/// A mail relay and the patience for it.
#[derive(Debug)]
pub struct Relay {
    /// How to reach it.
    pub settings: RelaySettings,
    /// How long to wait for it.
    pub deadlines: Deadlines,
}

/// Where messages go. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A mail relay.
    Smtp(Arc<Relay>),
    /// Files in a directory.
    Directory(Directory),
}

/// Sender and recipient as the mail server sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The return path, `local@domain`; empty or `<>` for none.
    pub from: String,
    /// The recipient.
    pub to: EmailAddress,
}

/// The server took responsibility for the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The reply code; none from a directory.
    pub code: Option<u16>,
    /// What the server said, often its queue id: one line, at most 500 characters.
    pub text: String,
}

/// An open way to hand over messages, one after the other.
#[derive(Debug)]
pub enum Session {
    /// A connection to a relay.
    Smtp(Box<SmtpSession>),
    /// A directory.
    Directory(DirectorySession),
}

impl Transport {
    /// Messages go to a relay.
    pub fn smtp(settings: RelaySettings, deadlines: Deadlines) -> Self {
        Self::Smtp(Arc::new(Relay { settings, deadlines }))
    }

    /// Messages become files in `path`.
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self::Directory(Directory::new(path))
    }

    /// Opens a session: connects, secures and logs in, or makes the directory.
    ///
    /// # Errors
    ///
    /// A refusal that is the relay's fault.
    pub async fn open(&self) -> Result<Session, Refusal> {
        match self {
            Self::Smtp(relay) => {
                let session = SmtpSession::open(&relay.settings, &relay.deadlines).await?;
                Ok(Session::Smtp(Box::new(session)))
            }
            Self::Directory(directory) => Ok(Session::Directory(directory.open().await?)),
        }
    }
}

impl Session {
    /// Speaks MAIL, RCPT and DATA up to the server's 354. Nothing of the message leaves.
    ///
    /// # Errors
    ///
    /// The refusal; never uncertain.
    pub async fn offer(&mut self, envelope: &Envelope) -> Result<(), Refusal> {
        match self {
            Self::Smtp(session) => session.offer(envelope).await,
            Self::Directory(session) => session.offer(envelope),
        }
    }

    /// Sends the message that was offered, with its final dot, in one piece, and reads the reply.
    ///
    /// # Errors
    ///
    /// The refusal; its outcome is uncertain when the reply was lost.
    pub async fn hand_over(&mut self, message: WireMessage) -> Result<Acceptance, Refusal> {
        match self {
            Self::Smtp(session) => session.hand_over(message).await,
            Self::Directory(session) => session.hand_over(&message).await,
        }
    }

    /// Forgets what was offered: the connection is closed without the dot, and the server forgets it too.
    pub fn abandon(self) {
        drop(self);
    }

    /// Takes back an offer that was refused, so that the session can carry the next one (RSET).
    ///
    /// # Errors
    ///
    /// The session is over.
    pub async fn reset(&mut self) -> Result<(), Refusal> {
        match self {
            Self::Smtp(session) => session.reset().await,
            Self::Directory(session) => {
                session.reset();
                Ok(())
            }
        }
    }

    /// Asks whether the other side is still there (NOOP): for sessions that were idle.
    ///
    /// # Errors
    ///
    /// The session is over.
    pub async fn probe(&mut self) -> Result<(), Refusal> {
        match self {
            Self::Smtp(session) => session.probe().await,
            Self::Directory(_) => Ok(()),
        }
    }

    /// Says goodbye and closes. How that goes changes nothing any more, so it is not reported.
    pub async fn quit(self) {
        match self {
            Self::Smtp(session) => session.quit().await,
            Self::Directory(_) => {}
        }
    }

    /// Messages accepted on this session.
    pub fn messages_sent(&self) -> u32 {
        match self {
            Self::Smtp(session) => session.messages_sent(),
            Self::Directory(session) => session.messages_sent(),
        }
    }

    /// Whether another message may be offered. Once false it stays false:
    /// after a timeout, a lost connection, a reply out of turn, or a call that was cancelled midway.
    pub fn is_usable(&self) -> bool {
        match self {
            Self::Smtp(session) => session.is_usable(),
            Self::Directory(_) => true,
        }
    }
}
