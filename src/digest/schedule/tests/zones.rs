//! Clock changes in every zone there is.

use chrono::Offset;
use chrono_tz::TZ_VARIANTS;

use super::*;

const SEND_TIMES: [&str; 7] = ["00:00", "00:30", "02:00", "02:30", "07:00", "23:30", "23:59"];

/// Days between two looks at a zone's offset; no zone keeps an offset for less.
const STEP: i64 = 8;

fn offset(zone: Tz, at: Timestamp) -> i32 {
    at.with_timezone(&zone).offset().fix().local_minus_utc()
}

/// The last whole day, in UTC, before each change of the offset in the years 2024 to 2030.
fn days_before_changes(zone: Tz) -> Vec<Timestamp> {
    let start = utc("2024-01-01T00:00:00Z");
    let mut found = Vec::new();
    for step in 0..(7 * 366 / STEP) {
        let mut before = start + TimeDelta::days(step * STEP);
        let after = before + TimeDelta::days(STEP);
        if offset(zone, before) != offset(zone, after) {
            while offset(zone, before + TimeDelta::days(1)) == offset(zone, before) {
                before += TimeDelta::days(1);
            }
            found.push(before);
        }
    }
    found
}

/// What a reader's clock shows.
fn shown(zone: Tz, at: Timestamp) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

fn assert_is_first_showing(prefs: &Preferences, due: Due) {
    let zone = prefs.timezone;
    let chosen = due.local_date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(prefs.send_minute));
    let place = || format!("{zone}, {chosen}, {}", due.at);
    if shown(zone, due.at) == chosen {
        for earlier in [30, 45, 60, 120, 180] {
            assert_ne!(shown(zone, due.at - TimeDelta::minutes(earlier)), chosen, "{}", place());
        }
    } else {
        assert!(shown(zone, due.at) > chosen, "{}", place());
        assert!(shown(zone, due.at - TimeDelta::seconds(1)) < chosen, "{}", place());
    }
}

#[test]
fn every_local_date_has_one_edition_around_every_clock_change() {
    let mut changes = 0;
    for zone in TZ_VARIANTS {
        for day_before in days_before_changes(zone) {
            changes += 1;
            for send_time in SEND_TIMES {
                let prefs = prefs(zone, send_time);
                let around: Vec<Due> = editions(&prefs, day_before - TimeDelta::days(2)).take(5).collect();
                for pair in around.windows(2) {
                    assert_eq!(pair[0].local_date.succ_opt(), Some(pair[1].local_date), "{zone} {send_time}");
                    assert!(pair[1].at - pair[0].at >= LEAST_APART, "{zone} {send_time}");
                }
                around.into_iter().for_each(|due| assert_is_first_showing(&prefs, due));
            }
        }
    }
    assert!(changes > 1000, "only {changes} changes were found");
}

#[test]
fn a_time_left_out_by_a_gap_moves_to_its_end_and_a_doubled_one_comes_first() {
    let prefs = prefs(Tz::Europe__Berlin, "02:30");
    assert_eq!(times(&prefs, "2026-03-28T00:00:00Z", 3), ["03-28 01:30", "03-29 01:00", "03-30 00:30"]);
    assert_eq!(times(&prefs, "2026-10-24T00:00:00Z", 3), ["10-24 00:30", "10-25 00:30", "10-26 01:30"]);
}

#[test]
fn a_gap_that_ends_at_midnight_still_leaves_its_date_an_edition() {
    let prefs = prefs(Tz::America__Nuuk, "23:30");
    let dues: Vec<Due> = editions(&prefs, utc("2025-03-28T12:00:00Z")).take(3).collect();
    let dates: Vec<String> = dues.iter().map(|due| due.local_date.to_string()).collect();
    assert_eq!(dates, ["2025-03-28", "2025-03-29", "2025-03-30"]);
    assert_eq!(dues[1].at, utc("2025-03-30T01:00:00Z"));
}

#[test]
fn zones_off_the_hour_keep_their_minutes() {
    for (zone, expected) in [
        (Tz::Asia__Kathmandu, ["10-02 01:15", "10-03 01:15", "10-04 01:15", "10-05 01:15"]),
        (Tz::Australia__Eucla, ["10-01 22:15", "10-02 22:15", "10-03 22:15", "10-04 22:15"]),
        (Tz::Australia__Lord_Howe, ["10-01 20:30", "10-02 20:30", "10-03 20:00", "10-04 20:00"]),
        (Tz::Pacific__Chatham, ["10-01 17:15", "10-02 17:15", "10-03 17:15", "10-04 17:15"]),
    ] {
        assert_eq!(times(&prefs(zone, "07:00"), "2026-10-01T12:00:00Z", 4), expected, "{zone}");
    }
    let chatham = prefs(Tz::Pacific__Chatham, "07:00");
    assert_eq!(times(&chatham, "2026-09-25T12:00:00Z", 3), ["09-25 18:15", "09-26 17:15", "09-27 17:15"]);
}

#[test]
fn a_date_a_zone_left_out_has_no_edition() {
    for (zone, start, expected) in [
        (Tz::Pacific__Apia, "2011-12-28T12:00:00Z", ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]),
        (Tz::Pacific__Kwajalein, "1993-08-20T12:00:00Z", ["1993-08-20", "1993-08-22", "1993-08-23", "1993-08-24"]),
    ] {
        for send_time in SEND_TIMES {
            let dues: Vec<Due> = editions(&prefs(zone, send_time), utc(start)).take(6).collect();
            let dates: Vec<String> = dues.iter().map(|due| due.local_date.to_string()).collect();
            let from = dates.iter().position(|date| date == expected[1]).expect("the date before or after");
            assert_eq!(dates[from..from + 3], expected[1..], "{zone} {send_time}");
            assert!(dues.windows(2).all(|pair| pair[1].at - pair[0].at >= LEAST_APART));
        }
    }
}
