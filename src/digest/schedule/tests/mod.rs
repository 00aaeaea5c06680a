mod changes;
mod zones;

use chrono::Weekday;

use super::*;
use crate::model::Days as ChosenDays;
use crate::model::subscriber::parse_send_time;

fn utc(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn date(text: &str) -> LocalDate {
    text.parse().expect("a date")
}

fn prefs(zone: Tz, send_time: &str) -> Preferences {
    Preferences { send_minute: parse_send_time(send_time).expect("a time"), ..Preferences::defaults(zone) }
}

fn last(due: Due) -> LastEdition {
    LastEdition { local_date: due.local_date, due: due.at }
}

/// The editions that follow each other after `start`.
fn editions(prefs: &Preferences, start: Timestamp) -> impl Iterator<Item = Due> {
    let first = next_due(prefs, None, start);
    std::iter::successors(Some(first), |due| Some(next_due(prefs, Some(last(*due)), due.at)))
}

/// The first `count` due times after `start`, in UTC.
fn times(prefs: &Preferences, start: &str, count: usize) -> Vec<String> {
    editions(prefs, utc(start)).take(count).map(|due| due.at.format("%m-%d %H:%M").to_string()).collect()
}

#[test]
fn a_first_edition_comes_at_the_next_chosen_time() {
    let berlin = prefs(Tz::Europe__Berlin, "07:00");
    let before = next_due(&berlin, None, utc("2026-11-23T05:59:59Z"));
    assert_eq!((before.local_date, before.at), (date("2026-11-23"), utc("2026-11-23T06:00:00Z")));
    let exactly = next_due(&berlin, None, utc("2026-11-23T06:00:00Z"));
    assert_eq!((exactly.local_date, exactly.at), (date("2026-11-24"), utc("2026-11-24T06:00:00Z")));
}

#[test]
fn only_chosen_weekdays_have_editions() {
    let days = ChosenDays::from_days([Weekday::Mon, Weekday::Thu]).expect("days");
    let prefs = Preferences { days, ..prefs(Tz::UTC, "07:00") };
    assert_eq!(times(&prefs, "2026-12-24T08:00:00Z", 3), ["12-28 07:00", "12-31 07:00", "01-04 07:00"]);
}

#[test]
fn leap_days_and_year_ends_are_days_like_others() {
    let prefs = prefs(Tz::UTC, "23:59");
    assert_eq!(times(&prefs, "2028-02-28T00:00:00Z", 3), ["02-28 23:59", "02-29 23:59", "03-01 23:59"]);
    assert_eq!(times(&prefs, "2026-12-31T00:00:00Z", 2), ["12-31 23:59", "01-01 23:59"]);
}

#[test]
fn an_edition_is_due_for_twelve_hours_and_then_missed() {
    let due = utc("2026-11-23T07:00:00Z");
    for (now, is, was) in [
        ("2026-11-23T06:59:59Z", false, false),
        ("2026-11-23T07:00:00Z", true, false),
        ("2026-11-23T18:59:59Z", true, false),
        ("2026-11-23T19:00:00Z", false, true),
    ] {
        assert_eq!((is_due(due, utc(now)), missed(due, utc(now))), (is, was), "{now}");
    }
}

#[test]
fn a_digest_expires_after_twelve_hours_or_with_the_next_one() {
    let due = utc("2026-11-23T07:00:00Z");
    assert_eq!(expires_at(due, utc("2026-11-24T07:00:00Z")), utc("2026-11-23T19:00:00Z"));
    assert_eq!(expires_at(due, utc("2026-11-23T14:00:00Z")), utc("2026-11-23T14:00:00Z"));
}

#[test]
fn after_an_outage_the_edition_that_can_still_be_sent_is_next() {
    let prefs = prefs(Tz::UTC, "07:00");
    let missed = LastEdition { local_date: date("2026-11-20"), due: utc("2026-11-20T07:00:00Z") };
    let now = utc("2026-11-23T10:00:00Z");
    assert_eq!(next_due(&prefs, Some(missed), now - STILL_DUE).at, utc("2026-11-23T07:00:00Z"));
    let later = utc("2026-11-23T20:00:00Z");
    assert_eq!(next_due(&prefs, Some(missed), later - STILL_DUE).at, utc("2026-11-24T07:00:00Z"));
}

#[test]
fn a_clock_set_back_gives_no_second_edition() {
    let prefs = prefs(Tz::UTC, "07:00");
    let sent = LastEdition { local_date: date("2026-11-23"), due: utc("2026-11-23T07:00:00Z") };
    assert_eq!(next_due(&prefs, Some(sent), utc("2026-10-01T00:00:00Z")).local_date, date("2026-11-24"));
}

#[test]
fn the_ends_of_the_calendar_do_no_harm() {
    for zone in [Tz::UTC, Tz::Pacific__Kiritimati, Tz::Pacific__Pago_Pago] {
        let prefs = prefs(zone, "23:59");
        for after in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let due = next_due(&prefs, None, after);
            let following = next_due(&prefs, Some(last(due)), after);
            assert!(following.local_date >= due.local_date && following.at >= due.at);
            assert!(after_change(&prefs, Some(last(due)), Some(due), after).at >= due.at);
        }
        let end = LastEdition { local_date: LocalDate::MAX, due: DateTime::<Utc>::MAX_UTC };
        assert_eq!(next_due(&prefs, Some(end), DateTime::<Utc>::MIN_UTC).at, DateTime::<Utc>::MAX_UTC);
        assert!(!missed(DateTime::<Utc>::MAX_UTC, utc("2026-11-23T07:00:00Z")));
    }
}
