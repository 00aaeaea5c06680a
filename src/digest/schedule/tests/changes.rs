//! Readers who change zone, time and days, at any moment.

use proptest::prelude::*;

use super::*;

/// The editions of a reader while the clock runs and settings change; the planner is always punctual.
struct Life {
    prefs: Preferences,
    now: Timestamp,
    due: Due,
    sent: Vec<Due>,
}

impl Life {
    fn begin(prefs: Preferences, now: Timestamp) -> Self {
        let due = next_due(&prefs, None, now);
        Self { prefs, now, due, sent: Vec::new() }
    }

    fn last(&self) -> Option<LastEdition> {
        self.sent.last().map(|due| last(*due))
    }

    fn run_until(&mut self, until: Timestamp) {
        while self.due.at <= until {
            self.sent.push(self.due);
            self.due = next_due(&self.prefs, self.last(), self.due.at);
        }
        self.now = until;
    }

    fn change(&mut self, prefs: Preferences) {
        self.prefs = prefs;
        self.due = after_change(&self.prefs, self.last(), Some(self.due), self.now);
        self.run_until(self.now);
    }
}

const ZONES: [Tz; 8] = [
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Chatham,
    Tz::Asia__Tokyo,
    Tz::Asia__Kathmandu,
    Tz::Europe__Berlin,
    Tz::UTC,
    Tz::America__Los_Angeles,
    Tz::Pacific__Pago_Pago,
];

/// Hours between two editions when every day is chosen and the send time stays: a day,
/// all zones there are from the first to the last, and an hour of daylight saving time.
const LONGEST_WAIT: i64 = 24 + 26 + 1;

fn change() -> impl Strategy<Value = (i64, Tz, Option<u16>)> {
    (1_i64..36 * 60, proptest::sample::select(&ZONES[..]), proptest::option::of(0_u16..1440))
}

fn live(changes: &[(i64, Tz, Option<u16>)], times_change: bool, days: ChosenDays) -> Life {
    let prefs = Preferences { days, ..prefs(Tz::UTC, "07:00") };
    let mut life = Life::begin(prefs, utc("2026-03-20T00:00:00Z"));
    for (minutes, zone, minute) in changes {
        life.run_until(life.now + TimeDelta::minutes(*minutes));
        let send_minute = minute.filter(|_| times_change).unwrap_or(life.prefs.send_minute);
        life.change(Preferences { timezone: *zone, send_minute, ..life.prefs.clone() });
    }
    life.run_until(life.now + TimeDelta::days(9));
    life
}

proptest! {
    #[test]
    fn no_date_has_two_editions_and_none_come_close_together(
        changes in proptest::collection::vec(change(), 1..30),
        days in 1_i64..128,
    ) {
        let days = ChosenDays::from_bits(days);
        let life = live(&changes, true, days);
        for pair in life.sent.windows(2) {
            prop_assert!(pair[0].local_date < pair[1].local_date, "{pair:?}");
            prop_assert!(pair[1].at - pair[0].at >= LEAST_APART, "{pair:?}");
        }
        prop_assert!(life.sent.iter().all(|due| days.contains(due.local_date.weekday())));
    }

    #[test]
    fn nobody_waits_longer_however_often_they_change_zone_or_time(
        changes in proptest::collection::vec(change(), 1..30),
        times_change in any::<bool>(),
    ) {
        let life = live(&changes, times_change, ChosenDays::EVERY);
        let longest = LONGEST_WAIT + if times_change { 24 } else { 0 };
        prop_assert!(life.sent.len() > 3);
        for pair in life.sent.windows(2) {
            prop_assert!(pair[1].at - pair[0].at <= TimeDelta::hours(longest), "{pair:?}");
        }
    }
}

fn sent(day: &str, at: &str) -> Option<LastEdition> {
    Some(LastEdition { local_date: date(day), due: utc(at) })
}

#[test]
fn a_time_moved_to_just_before_now_is_due_now_instead_of_tomorrow() {
    let now = utc("2026-11-23T06:50:00Z");
    let current = Due { local_date: date("2026-11-23"), at: utc("2026-11-23T07:00:00Z") };
    let due = after_change(&prefs(Tz::UTC, "06:45"), sent("2026-11-22", "2026-11-22T07:00:00Z"), Some(current), now);
    assert_eq!(due, Due { local_date: date("2026-11-23"), at: now });
}

#[test]
fn a_date_that_had_its_edition_has_no_other_after_a_change() {
    let now = utc("2026-11-23T09:00:00Z");
    let due = after_change(&prefs(Tz::UTC, "10:00"), sent("2026-11-23", "2026-11-23T07:00:00Z"), None, now);
    assert_eq!(due.at, utc("2026-11-24T10:00:00Z"));
}

#[test]
fn an_edition_that_is_due_stays_due_through_a_change() {
    let now = utc("2026-11-23T07:00:10Z");
    let current = Due { local_date: date("2026-11-23"), at: utc("2026-11-23T07:00:00Z") };
    let last = sent("2026-11-22", "2026-11-22T07:00:00Z");
    assert_eq!(after_change(&prefs(Tz::UTC, "18:00"), last, Some(current), now), current);
}

#[test]
fn the_first_edition_after_a_change_comes_at_the_new_time() {
    let due = after_change(&prefs(Tz::Asia__Tokyo, "07:00"), None, None, utc("2026-11-22T23:00:00Z"));
    assert_eq!((due.local_date, due.at), (date("2026-11-24"), utc("2026-11-23T22:00:00Z")));
}

#[test]
fn a_new_time_less_than_six_hours_after_the_last_edition_waits_for_the_day_after() {
    let last = sent("2026-11-23", "2026-11-23T23:00:00Z");
    let due = after_change(&prefs(Tz::UTC, "01:00"), last, None, utc("2026-11-23T23:30:00Z"));
    assert_eq!(due.at, utc("2026-11-25T01:00:00Z"));
}

#[test]
fn who_returns_from_a_long_pause_gets_the_edition_of_the_day_once() {
    let now = utc("2026-11-23T09:00:00Z");
    let due = after_change(&prefs(Tz::UTC, "07:00"), sent("2026-10-01", "2026-10-01T07:00:00Z"), None, now);
    assert_eq!(due, Due { local_date: date("2026-11-23"), at: now });
    let next = next_due(&prefs(Tz::UTC, "07:00"), Some(last(due)), due.at);
    assert_eq!(next.at, utc("2026-11-24T07:00:00Z"));
}
