//! What keeps mail back: the relay's rate and rests, and groups of destinations that are closed.
//!
//! It stands in the database, so that it holds over all nodes and survives restarts. How many dialogues a group
//! bears at a time is each program's own observation and is not kept here.

mod bucket;
mod destinations;
mod relays;

pub use destinations::{ClosedGroup, Trip};
pub use relays::RelayRest;
