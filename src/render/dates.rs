//! Dates and times of day in words.

use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

use crate::model::{LocalDate, Timestamp};

use super::catalogue::{Words, WordsError};

/// Keys that end in numbers.
macro_rules! keys {
    ($stem:literal: $($number:literal)*) => { [$(concat!($stem, $number)),*] };
}

/// Where the catalogue has the names of months.
const MONTHS: [&str; 12] = keys!["date.month.": 1 2 3 4 5 6 7 8 9 10 11 12];
const SHORT_MONTHS: [&str; 12] = keys!["date.month_short.": 1 2 3 4 5 6 7 8 9 10 11 12];
/// And those of weekdays, from Monday on.
const WEEKDAYS: [&str; 7] = keys!["date.weekday.": 1 2 3 4 5 6 7];

/// "Monday, 23 November 2026".
pub(super) fn long(words: &Words, date: LocalDate) -> Result<String, WordsError> {
    let weekday = weekday(words, date)?;
    let month = words.text(MONTHS[date.month0() as usize])?;
    words.say("date.long", &[("weekday", &weekday), ("day", &date.day()), ("month", &month), ("year", &date.year())])
}

/// "23 November 2026".
pub(super) fn plain(words: &Words, date: LocalDate) -> Result<String, WordsError> {
    let month = words.text(MONTHS[date.month0() as usize])?;
    words.say("date.plain", &[("day", &date.day()), ("month", &month), ("year", &date.year())])
}

/// "23 Nov", with the year when it is not the year of `today`.
pub(super) fn short(words: &Words, date: LocalDate, today: LocalDate) -> Result<String, WordsError> {
    let month = words.text(SHORT_MONTHS[date.month0() as usize])?;
    let key = if date.year() == today.year() { "date.short" } else { "date.short_year" };
    words.say(key, &[("day", &date.day()), ("month", &month), ("year", &date.year())])
}

/// "06:00" of today, "Saturday 06:00" within the week, else "12 Nov 06:00".
pub(super) fn since(words: &Words, at: Timestamp, zone: Tz, today: LocalDate) -> Result<String, WordsError> {
    let local = at.with_timezone(&zone);
    let date = local.date_naive();
    let time = format!("{:02}:{:02}", local.hour(), local.minute());
    let day = match (today - date).num_days() {
        0 => return Ok(time),
        1..=6 => weekday(words, date)?.to_owned(),
        _ => short(words, date, today)?,
    };
    words.say("date.since_day", &[("day", &day), ("time", &time)])
}

fn weekday(words: &Words, date: LocalDate) -> Result<&str, WordsError> {
    words.text(WEEKDAYS[date.weekday().num_days_from_monday() as usize])
}
