//! Broadsheet: a self-hosted email digest of the day's trending papers.
//!
//! The rooms, in the order data flows through them, are described in `docs/ARCHITECTURE.md`;
//! who may import whom is checked by `tests/it/tidy.rs`.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod digest;
pub mod links;
pub mod mailer;
pub mod matcher;
pub mod model;
pub mod net;
pub mod render;
pub mod scheduler;
pub mod shelf;
pub mod sources;
pub mod store;
pub mod text;
pub mod web;
