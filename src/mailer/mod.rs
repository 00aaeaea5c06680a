//! Mail on the wire: composing and signing messages, handing them to a relay, reading them back.
//!
//! This room turns finished texts into bytes and bytes into an accepted message.
//! It must not know where the texts come from, who subscribes to what, or how an outcome is stored:
//! every function takes plain arguments, and the clock, ids and seeds are passed in.
//!
//! The pieces in the order a message meets them:
//! [`message`] composes, [`dkim`] signs, [`wire`] makes the last check,
//! [`transport`] offers and hands over through [`smtp`] or [`directory`],
//! [`refusal`] says what went wrong and what it means, [`read`] shows a message to people.

pub mod directory;
pub mod dkim;
mod headers;
pub mod message;
mod quoted;
pub mod read;
pub mod refusal;
pub mod smtp;
pub mod transport;
mod verdict;
pub mod wire;

pub use dkim::{DkimError, Signer};
pub use message::{Draft, ListHeaders, Mailbox, MessageError, compose};
pub use refusal::{Enhanced, Refusal};
pub use smtp::{Deadlines, RelayError, RelaySettings, Security};
pub use transport::{Acceptance, Envelope, Relay, Session, Transport};
pub use wire::{WireError, WireMessage};
