//! The time, as a parameter: nothing else in the program may ask the system for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Tells the time. Cheap to clone; all clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<Kind>);

enum Kind {
    /// The system's clock, shifted by a fixed number of microseconds.
    System { offset: i64, started: Option<DateTime<Utc>> },
    /// Stands still until moved.
    Mock(AtomicI64),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(Kind::System { offset: 0, started: None }))
    }

    /// A clock that shows `start` now and runs on at the usual pace.
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        let offset = start.timestamp_micros() - system_micros();
        Self(Arc::new(Kind::System { offset, started: Some(start) }))
    }

    /// A clock for tests and replays: it shows `start` until it is moved.
    pub fn mock(start: DateTime<Utc>) -> Self {
        Self(Arc::new(Kind::Mock(AtomicI64::new(start.timestamp_micros()))))
    }

    /// The present instant, cut to microseconds as the databases keep it.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &*self.0 {
            Kind::System { offset, .. } => system_micros() + offset,
            Kind::Mock(micros) => micros.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// When the clock was told to start, if it was; else the present.
    ///
    /// What a command takes in carries this time, so that a run that starts at the same time finds it.
    pub fn started(&self) -> DateTime<Utc> {
        match &*self.0 {
            Kind::System { started: Some(started), .. } => *started,
            Kind::System { started: None, .. } | Kind::Mock(_) => self.now(),
        }
    }

    /// Moves a mock clock forward; a running clock moves by itself and ignores this.
    pub fn advance(&self, by: Duration) {
        if let Kind::Mock(micros) = &*self.0 {
            micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Sets a mock clock, backwards too; a running clock ignores this.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Kind::Mock(micros) = &*self.0 {
            micros.store(to.timestamp_micros(), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place the rule points to")]
fn system_micros() -> i64 {
    Utc::now().timestamp_micros()
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mock_clock_moves_only_when_told() {
        let start = DateTime::from_timestamp(1_764_000_000, 0).expect("valid");
        let clock = Clock::mock(start);
        let twin = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!(twin.now() - start, chrono::Duration::seconds(90));
        twin.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn a_clock_started_elsewhere_runs_on() {
        let start = DateTime::from_timestamp(1_000_000_000, 0).expect("valid");
        let clock = Clock::starting_at(start);
        let shown = clock.now() - start;
        assert!(shown >= chrono::Duration::zero() && shown < chrono::Duration::minutes(5));
    }
}
