//! What the benchmarks stand on: throw-away databases, synthetic papers and people, and readings of
//! what a run cost. Everything is made from seeds, so that two runs work on the same texts.

pub mod database;
pub mod dice;
pub mod gauge;
pub mod papers;
pub mod people;
pub mod postfix;
#[path = "../../tests/it/support/postgres.rs"]
mod postgres;
pub mod words;
