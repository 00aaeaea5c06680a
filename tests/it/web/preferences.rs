//! A subscriber's own page.

mod feedback;
mod forecast;
mod save;
mod schedule;
