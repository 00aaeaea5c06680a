//! The pages, asked as browsers, mail programs, scanners and strangers ask.

mod admin;
mod archive;
mod confirm;
mod feeds;
mod headers;
mod listening;
mod mailbox;
mod metrics;
mod preferences;
mod public;
mod scanners;
mod sign_up;
mod site;
mod unsubscribe;
