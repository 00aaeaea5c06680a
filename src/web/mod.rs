//! The web pages: the only room that speaks HTTP.
//!
//! A request reads what it shows, or writes rows and rings the bell; it never talks to a mail server
//! or a paper source, and no answer tells whether an address is known. What may change something is decided
//! by type: handlers of GET and HEAD are given a [`state::Reader`], which cannot begin a writing transaction,
//! because mail scanners follow every link.
//!
//! This room must not know the configuration file, the mail server or how digests are planned.

mod admin;
mod answer;
mod crowd;
mod failure;
mod fields;
mod forecast;
mod headers;
mod metrics;
mod network;
mod observe;
mod pages;
mod people;
mod profile;
mod random;
mod routes;
mod serve;
mod state;

pub use metrics::metrics_router;
pub use network::Network;
pub use observe::Counters;
pub use random::Random;
pub use routes::router;
pub use serve::{Peer, serve};
pub use state::{Settings, SignUp, State};
