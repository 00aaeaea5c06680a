//! When an edition is due, by the wall clock and the calendar of its reader.
//!
//! A local date gets at most one edition, however the reader or the zone's clocks move,
//! because the next edition's date is always later than the last one's.

#[cfg(test)]
mod tests;

use chrono::offset::LocalResult;
use chrono::{DateTime, Datelike, Days, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::{LocalDate, Preferences, Timestamp};

/// How long after its due time an edition may still be planned and sent.
pub const STILL_DUE: TimeDelta = TimeDelta::hours(12);
/// The least time between the due times of two editions of one reader.
pub const LEAST_APART: TimeDelta = TimeDelta::hours(6);

/// How long ago a chosen time may have passed for [`after_change`] to make up for it:
/// the longest local day there is by daylight saving time.
const MADE_UP_FOR: TimeDelta = TimeDelta::hours(25);
/// Local times no zone's gap outlasts, in minutes: Samoa once left out a whole day.
const LONGEST_GAP_MINUTES: i64 = 25 * 60;
/// Dates tried until one is chosen, exists and is late enough; ten would do.
const DATES_TRIED: usize = 32;

/// The edition planned (or missed) last, on which the next one depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEdition {
    /// The reader's date it was for.
    pub local_date: LocalDate,
    /// When it was due.
    pub due: Timestamp,
}

/// When the next edition is due, and for which date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The reader's date it is for.
    pub local_date: LocalDate,
    /// The instant.
    pub at: Timestamp,
}

/// The first chosen local time after `after` whose date is later than the last edition's
/// and that is at least [`LEAST_APART`] later than its due time.
///
/// A time that a zone's gap leaves out moves to the first instant after the gap, a time that comes twice is
/// the first of the two, and a date that a zone left out altogether gets no edition.
/// `after` is the last due time in the ordinary course; now for a first edition; and now less [`STILL_DUE`]
/// when editions were missed.
pub fn next_due(prefs: &Preferences, last: Option<LastEdition>, after: Timestamp) -> Due {
    let after = within_calendar(after);
    let after_date = after.with_timezone(&prefs.timezone).date_naive();
    // One day back: a time moved out of a gap at midnight belongs to the date before.
    let mut date = after_date.checked_sub_days(Days::new(1)).unwrap_or(after_date);
    if let Some(last) = last {
        date = date.max(last.local_date.checked_add_days(Days::new(1)).unwrap_or(last.local_date));
    }
    for _ in 0..DATES_TRIED {
        if let Some(due) = candidate(prefs, date).filter(|due| due.at > after && is_apart(*due, last)) {
            return due;
        }
        date = date.checked_add_days(Days::new(1)).unwrap_or(date);
    }
    // Only at the end of the calendar is there nothing left to choose.
    Due { local_date: date, at: DateTime::<Utc>::MAX_UTC }
}

/// When the next edition is due after the reader changed time, zone or days, or came back from a pause.
///
/// An edition due at this moment stays so. When the newly chosen time has just passed on a date that had no
/// edition yet, that edition is due now: a change of settings never makes a reader wait for an extra day.
pub fn after_change(prefs: &Preferences, last: Option<LastEdition>, current: Option<Due>, now: Timestamp) -> Due {
    if let Some(current) = current.filter(|due| is_due(due.at, now)) {
        return current;
    }
    let Some(last) = last else { return next_due(prefs, None, now) };
    let first = next_due(prefs, Some(last), earlier(now, MADE_UP_FOR));
    if first.at > now {
        return first;
    }
    let second = next_due(prefs, Some(last), first.at);
    let latest = if second.at <= now { second } else { first };
    Due { local_date: latest.local_date, at: now }
}

/// Whether an edition is to be planned and sent at `now`.
pub fn is_due(due_at: Timestamp, now: Timestamp) -> bool {
    due_at <= now && now < later(due_at, STILL_DUE)
}

/// Whether it is too late for an edition: it is recorded as missed, and its papers join the next one.
pub fn missed(due_at: Timestamp, now: Timestamp) -> bool {
    now >= later(due_at, STILL_DUE)
}

/// When a digest is no longer worth sending: [`STILL_DUE`] after it was due, or when the next one is.
pub fn expires_at(due_at: Timestamp, next_due_at: Timestamp) -> Timestamp {
    later(due_at, STILL_DUE).min(next_due_at)
}

/// The edition of `date`, if its weekday is chosen and the zone had that date.
fn candidate(prefs: &Preferences, date: LocalDate) -> Option<Due> {
    if !prefs.days.contains(date.weekday()) {
        return None;
    }
    let zone = prefs.timezone;
    let begins = instant(zone, date.and_time(NaiveTime::MIN))?;
    let chosen = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(prefs.send_minute.min(24 * 60 - 1)));
    let exists = begins.with_timezone(&zone).date_naive() == date;
    if exists { Some(Due { local_date: date, at: instant(zone, chosen)? }) } else { None }
}

/// The first instant at which clocks in `zone` show `local`, or else the first after the gap that left it out.
fn instant(zone: Tz, local: NaiveDateTime) -> Option<Timestamp> {
    (0..=LONGEST_GAP_MINUTES).find_map(|minutes| {
        let shown = local.checked_add_signed(TimeDelta::minutes(minutes))?;
        match zone.from_local_datetime(&shown) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
            LocalResult::None => None,
        }
    })
}

fn is_apart(due: Due, last: Option<LastEdition>) -> bool {
    last.is_none_or(|last| due.local_date > last.local_date && due.at >= later(last.due, LEAST_APART))
}

fn later(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn earlier(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Keeps away from the ends of the calendar, where an offset leads out of it.
fn within_calendar(at: Timestamp) -> Timestamp {
    let margin = TimeDelta::days(400);
    at.clamp(later(DateTime::<Utc>::MIN_UTC, margin), earlier(DateTime::<Utc>::MAX_UTC, margin))
}
