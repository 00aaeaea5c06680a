//! Which papers an edition looks at.

use chrono::{NaiveTime, TimeDelta};

use crate::model::{LocalDate, Timestamp};

/// How far back any edition looks.
pub const LONGEST_WINDOW: TimeDelta = TimeDelta::days(8);
/// How far back a first edition looks.
pub const FIRST_WINDOW: TimeDelta = TimeDelta::days(3);
/// A paper announced longer than this before we first saw it is backfill.
pub const BACKFILL_AGE: TimeDelta = TimeDelta::days(14);

/// Papers that became available after `after` and not later than `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Exclusive: what was available then was looked at by the previous edition.
    pub after: Timestamp,
    /// Inclusive; the cut-off that the next edition starts from.
    pub until: Timestamp,
}

impl Window {
    /// Whether a paper available at `at` belongs to this window.
    pub fn contains(self, at: Timestamp) -> bool {
        self.after < at && at <= self.until
    }
}

/// The window of an edition planned at `until`, the previous (non-void) one having looked up to `previous_cutoff`.
///
/// Empty when the previous cut-off lies in the future, as after a clock was set back.
pub fn window(previous_cutoff: Option<Timestamp>, until: Timestamp) -> Window {
    let back = |by| until.checked_sub_signed(by).unwrap_or(until);
    let after = match previous_cutoff {
        Some(cutoff) => cutoff.clamp(back(LONGEST_WINDOW), until),
        None => back(FIRST_WINDOW),
    };
    Window { after, until }
}

/// When a paper became available to readers: the later of its announcement and our first sight of it,
/// and never later than `now`.
///
/// The announcement is the source's date (from its first moment in UTC), else the publication.
pub fn available_at(
    announced: Option<LocalDate>,
    published: Option<Timestamp>,
    first_seen: Timestamp,
    now: Timestamp,
) -> Timestamp {
    announcement(announced, published).map_or(first_seen, |at| at.max(first_seen)).min(now)
}

/// Whether a paper was announced over [`BACKFILL_AGE`] before we first saw it: searchable, never mailed.
pub fn is_backfill(announced: Option<LocalDate>, published: Option<Timestamp>, first_seen: Timestamp) -> bool {
    announcement(announced, published).is_some_and(|at| first_seen.signed_duration_since(at) > BACKFILL_AGE)
}

fn announcement(announced: Option<LocalDate>, published: Option<Timestamp>) -> Option<Timestamp> {
    announced.map(|date| date.and_time(NaiveTime::MIN).and_utc()).or(published)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        DateTime::from_timestamp(1_764_000_000 + hours * 3600, 0).expect("valid")
    }

    fn utc(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn day(text: &str) -> Option<LocalDate> {
        Some(text.parse().expect("a date"))
    }

    #[test]
    fn windows_join_without_gap_and_overlap() {
        let monday = window(Some(at(-24)), at(0));
        let tuesday = window(Some(monday.until), at(24));
        for hour in -23..=24 {
            assert!(monday.contains(at(hour)) != tuesday.contains(at(hour)), "{hour}");
        }
    }

    #[test]
    fn a_first_edition_looks_back_three_days_and_any_at_most_eight() {
        assert_eq!(window(None, at(0)).after, at(-72));
        assert_eq!(window(Some(at(-7 * 24)), at(0)).after, at(-7 * 24));
        assert_eq!(window(Some(at(-30 * 24)), at(0)).after, at(-8 * 24));
    }

    #[test]
    fn a_clock_set_back_gives_an_empty_window() {
        let empty = window(Some(at(5)), at(0));
        assert_eq!((empty.after, empty.until), (at(0), at(0)));
        assert!(!empty.contains(at(0)));
    }

    #[test]
    fn a_paper_is_available_from_announcement_or_first_sight_whichever_is_later() {
        let seen = utc("2025-08-04T09:30:00Z");
        let now = utc("2025-08-06T10:00:00Z");
        let later = utc("2025-08-06T00:00:00Z");
        assert_eq!(available_at(day("2025-08-04"), None, seen, now), seen);
        assert_eq!(available_at(None, Some(at(-90_000)), seen, now), seen);
        assert_eq!(available_at(None, None, seen, now), seen);
        assert_eq!(available_at(day("2025-08-06"), None, seen, now), later);
        assert_eq!(available_at(day("2025-08-07"), None, seen, now), now);
    }

    #[test]
    fn old_papers_seen_late_are_backfill() {
        let seen = utc("2025-08-20T12:00:00Z");
        assert!(is_backfill(day("2025-08-05"), None, seen));
        assert!(!is_backfill(day("2025-08-07"), None, seen));
        assert!(!is_backfill(day("2025-08-19"), Some(at(-90_000)), seen), "the announcement counts, not the age");
        assert!(!is_backfill(None, None, seen));
        let old = utc("2020-01-01T00:00:00Z");
        assert!(is_backfill(None, Some(old), seen));
    }

    proptest! {
        #[test]
        fn nothing_is_ever_available_in_the_future(
            announced in proptest::option::of(-40_000_i64..40_000),
            seen in -40_000_i64..0,
        ) {
            let announced = announced.map(|hours| at(hours).date_naive());
            let available = available_at(announced, None, at(seen), at(0));
            prop_assert!(available <= at(0) && available >= at(seen));
        }
    }
}
