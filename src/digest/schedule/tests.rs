use chrono::Weekday;

use super::*;

fn utc(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn date(text: &str) -> LocalDate {
    text.parse().expect("a date")
}

fn prefs(zone: Tz, send_time: &str) -> Preferences {
    let send_minute = crate::model::subscriber::parse_send_time(send_time).expect("a time");
    Preferences { send_minute, ..Preferences::defaults(zone) }
}

/// The editions that follow each other after `start`.
fn editions(prefs: &Preferences, start: Timestamp, count: usize) -> Vec<Due> {
    let first = next_due(prefs, None, start);
    std::iter::successors(Some(first), |due| Some(next_due(prefs, Some(last(*due)), due.at))).take(count).collect()
}

fn last(due: Due) -> LastEdition {
    LastEdition { local_date: due.local_date, due: due.at }
}

fn ats(prefs: &Preferences, start: &str, count: usize) -> Vec<String> {
    editions(prefs, utc(start), count).iter().map(|due| due.at.format("%m-%d %H:%M").to_string()).collect()
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
    let days = crate::model::Days::from_days([Weekday::Mon, Weekday::Thu]).expect("days");
    let prefs = Preferences { days, ..prefs(Tz::UTC, "07:00") };
    assert_eq!(ats(&prefs, "2026-12-24T08:00:00Z", 3), ["12-28 07:00", "12-31 07:00", "01-04 07:00"]);
}

#[test]
fn a_time_left_out_by_a_gap_moves_to_its_end_and_a_doubled_one_comes_first() {
    let prefs = prefs(Tz::Europe__Berlin, "02:30");
    assert_eq!(ats(&prefs, "2026-03-28T00:00:00Z", 3), ["03-28 01:30", "03-29 01:00", "03-30 00:30"]);
    assert_eq!(ats(&prefs, "2026-10-24T00:00:00Z", 3), ["10-24 00:30", "10-25 00:30", "10-26 01:30"]);
}
