//! The one guarded HTTP client: every request to a paper source goes through it.
//!
//! It bounds what a hostile or broken server can cost us (time, bytes before and after
//! decompression, redirects) and where a name or a redirect can lead us (never to private
//! addresses, unless the operator wrote that host into the configuration).
//! It must not know what the bodies mean, nor when to try again: both are its callers' business.

mod body;
mod client;
mod error;
mod guard;
mod retry_after;

#[cfg(test)]
mod tests;

pub use client::{Client, Fetched, Request, Response, Settings};
pub use error::{NetError, Phase, RefusedRedirect, Stage};
pub use guard::is_public;
