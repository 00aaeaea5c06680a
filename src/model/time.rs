//! Instants and calendar dates as the database keeps them.

use chrono::{DateTime, NaiveDate, Utc};

/// An instant in UTC. Stored as microseconds since 1970, the finest unit both databases keep.
pub type Timestamp = DateTime<Utc>;

/// A date on somebody's wall calendar, without a zone.
pub type LocalDate = NaiveDate;

/// Microseconds since 1970-01-01T00:00:00Z, the stored form of a [`Timestamp`].
pub fn micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// The instant `micros` after 1970; values outside the calendar saturate at its ends.
pub fn from_micros(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or(if micros < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}
