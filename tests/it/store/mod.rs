//! The store, held to the same behaviour on SQLite and on PostgreSQL.

mod database;
