//! The operator's pages: figures, sources, deliveries, and the few switches that must be at hand.
//!
//! A token from the configuration signs in; after that a session cookie, of which only the hash is kept.

pub(super) mod actions;
pub(super) mod deliveries;
mod doorman;
pub(super) mod overview;
pub(super) mod session;

pub(super) use doorman::Doorman;

use crate::model::{Timestamp, from_micros};

/// An instant as operators read it, in UTC.
fn shown(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn shown_micros(micros: i64) -> String {
    shown(from_micros(micros))
}
