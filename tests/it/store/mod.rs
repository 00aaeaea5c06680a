//! The store, held to the same behaviour on SQLite and on PostgreSQL.

mod database;
mod deliveries;
mod editions;
mod fields;
mod identity;
mod lifecycle;
mod marks;
mod papers;
mod profiles;
mod properties;
mod runs;
mod signals;
mod signups;
mod standing;
mod subscribers;
mod throttling;
