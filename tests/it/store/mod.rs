//! The store, held to the same behaviour on SQLite and on PostgreSQL.

mod database;
mod fields;
mod identity;
mod papers;
mod properties;
mod runs;
mod signals;
