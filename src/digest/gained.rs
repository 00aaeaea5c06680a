//! Upvotes won in the last day, from the history of a paper's signals.

use chrono::TimeDelta;

use crate::model::{SignalPoint, Timestamp};

/// "Since yesterday" is between this ...
const LEAST_SPAN: TimeDelta = TimeDelta::hours(18);
/// ... and this before the newest count, as near to a day as there is a measurement.
const LONGEST_SPAN: TimeDelta = TimeDelta::hours(36);
/// A newest count older than this says nothing about the last day.
const STALE_AFTER: TimeDelta = TimeDelta::hours(24);

/// The newest count of upvotes up to `now`, and how many were won in the day before it.
///
/// The gain is known only when both ends were measured: counts of about a day before, and of the last day.
/// Votes taken back make a gain of 0, not a loss. Points may come in any order.
pub fn gained(history: &[SignalPoint], now: Timestamp) -> (Option<u32>, Option<u32>) {
    let counts = || history.iter().filter_map(|point| Some((point.at, point.signals.upvotes?)));
    let Some((latest_at, latest)) = counts().filter(|(at, _)| *at <= now).max_by_key(|(at, _)| *at) else {
        return (None, None);
    };
    if now.signed_duration_since(latest_at) > STALE_AFTER {
        return (Some(latest), None);
    }
    let span = |at: Timestamp| latest_at.signed_duration_since(at);
    let before = counts()
        .filter(|(at, _)| (LEAST_SPAN..=LONGEST_SPAN).contains(&span(*at)))
        .min_by_key(|(at, _)| ((span(*at) - TimeDelta::hours(24)).abs(), *at));
    (Some(latest), before.map(|(_, count)| latest.saturating_sub(count)))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::Signals;

    fn at(hours: i64) -> Timestamp {
        DateTime::from_timestamp(1_764_000_000 + hours * 3600, 0).expect("valid")
    }

    fn history(points: &[(i64, Option<u32>)]) -> Vec<SignalPoint> {
        let point = |(hours, upvotes): &(i64, Option<u32>)| SignalPoint {
            at: at(*hours),
            signals: Signals { upvotes: *upvotes, ..Signals::default() },
        };
        points.iter().map(point).collect()
    }

    #[test]
    fn the_gain_is_measured_against_the_count_nearest_to_a_day_before() {
        let history = history(&[(-60, Some(5)), (-31, Some(60)), (-25, Some(75)), (-12, Some(100)), (-1, Some(120))]);
        assert_eq!(gained(&history, at(0)), (Some(120), Some(45)));
    }

    #[test]
    fn a_gain_needs_both_ends_measured() {
        assert_eq!(gained(&[], at(0)), (None, None));
        assert_eq!(gained(&history(&[(-1, None)]), at(0)), (None, None));
        assert_eq!(gained(&history(&[(-1, Some(9))]), at(0)), (Some(9), None));
        assert_eq!(gained(&history(&[(-25, None), (-1, Some(9))]), at(0)), (Some(9), None));
        assert_eq!(gained(&history(&[(-70, Some(1)), (-10, Some(4)), (-1, Some(9))]), at(0)), (Some(9), None));
        assert_eq!(gained(&history(&[(-60, Some(1)), (-36, Some(9))]), at(0)), (Some(9), None));
    }

    #[test]
    fn measured_zeros_count_and_votes_taken_back_are_no_gain() {
        assert_eq!(gained(&history(&[(-24, Some(0)), (0, Some(7))]), at(0)), (Some(7), Some(7)));
        assert_eq!(gained(&history(&[(-24, Some(9)), (0, Some(7))]), at(0)), (Some(7), Some(0)));
    }

    #[test]
    fn the_future_is_not_looked_at_and_order_does_not_matter() {
        let history = history(&[(5, Some(500)), (-1, Some(20)), (-24, Some(5))]);
        assert_eq!(gained(&history, at(0)), (Some(20), Some(15)));
    }
}
