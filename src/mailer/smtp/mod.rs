//! SMTP sessions (RFC 5321), one message at a time, split where the durable mark belongs:
//! everything up to the server's 354, then the message and its final dot in one write.
//!
//! lettre supplies TLS. Its ready-made connection is not used: it reads lines without a limit,
//! keeps what arrived in the clear across STARTTLS, takes no socket of ours for implicit TLS,
//! and sends the message and the dot in two writes.

mod connect;
mod deadlines;
mod dialogue;
mod login;
mod relay;
mod reply;
mod session;

pub use deadlines::Deadlines;
pub use relay::{RelayError, RelaySettings, Security};
pub use session::SmtpSession;
