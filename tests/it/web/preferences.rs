//! A subscriber's own page.

mod feedback;
mod save;
mod schedule;
