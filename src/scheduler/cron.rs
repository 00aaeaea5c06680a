//! The operator's schedules: five-field cron expressions in UTC, read the way cron itself reads them.
//!
//! The `cron` crate wants a seconds field and counts Sunday as 1, so expressions are put into its terms first.
//! Never used for readers' own times: those follow calendars and zones, not cron.

use std::str::FromStr;

use chrono::TimeDelta;

use crate::model::Timestamp;

/// Names in the order of cron's day numbers, 0 and 7 both being Sunday.
const DAYS: [&str; 8] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/// When something is to be done, again and again.
#[derive(Debug, Clone)]
pub struct Schedule(::cron::Schedule);

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not five fields.
    #[error("{0:?} should have five fields: minute hour day-of-month month day-of-week, such as \"20 5,7 * * 1-5\"")]
    Fields(String),
    /// A field that means nothing.
    #[error("{text:?} is not a cron expression: {reason}")]
    Syntax {
        /// What was written.
        text: String,
        /// What the parser said.
        reason: String,
    },
    /// A date that never comes, such as 31 February.
    #[error("{0:?} never happens")]
    Never(String),
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let expression = if text.trim_start().starts_with('@') { text.trim().to_owned() } else { with_seconds(text)? };
        let schedule = ::cron::Schedule::from_str(&expression)
            .map_err(|error| ScheduleError::Syntax { text: text.to_owned(), reason: error.to_string() })?;
        let schedule = Self(schedule);
        // Four years and a day hold every date there is.
        match schedule.0.after(&chrono::DateTime::UNIX_EPOCH).next() {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError::Never(text.to_owned())),
        }
    }
}

impl Schedule {
    /// The first time after `now`.
    pub fn next_after(&self, now: Timestamp) -> Timestamp {
        self.0.after(&now).next().unwrap_or(now + TimeDelta::days(1))
    }
}

/// Puts a five-field expression into the crate's six fields.
fn with_seconds(text: &str) -> Result<String, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err(ScheduleError::Fields(text.to_owned()));
    };
    Ok(format!("0 {minute} {hour} {day} {month} {}", named_days(weekday)))
}

/// Turns day numbers into names; steps (behind a slash) stay numbers.
fn named_days(field: &str) -> String {
    let named = |part: &str| match part.parse::<usize>() {
        Ok(number) if number < DAYS.len() => DAYS[number].to_owned(),
        _ => part.to_owned(),
    };
    let with_step = |item: &str| {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let range = match range.split_once('-') {
            // Sunday at the end of a range is 7 in cron and the first day in the crate: split it off.
            Some((from, "7" | "0")) if from != "0" && step.is_none() => format!("{}-SAT,SUN", named(from)),
            Some((from, to)) => format!("{}-{}", named(from), named(to)),
            None => named(range),
        };
        step.map_or(range.clone(), |step| format!("{range}/{step}"))
    };
    field.split(',').map(with_step).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, after: &str) -> String {
        let schedule: Schedule = expression.parse().expect(expression);
        schedule.next_after(after.parse().expect("instant")).format("%a %F %H:%M:%S").to_string()
    }

    #[test]
    fn five_fields_mean_what_cron_means() {
        assert_eq!(next("20 5,7 * * 1-5", "2026-01-09T07:20:00Z"), "Mon 2026-01-12 05:20:00");
        assert_eq!(next("0 0 * * 0", "2026-01-09T00:00:00Z"), "Sun 2026-01-11 00:00:00");
        assert_eq!(next("0 0 * * 7", "2026-01-09T00:00:00Z"), "Sun 2026-01-11 00:00:00");
        assert_eq!(next("0 6 * * 5-7", "2026-01-10T07:00:00Z"), "Sun 2026-01-11 06:00:00");
        assert_eq!(next("0 6 * * mon", "2026-01-10T07:00:00Z"), "Mon 2026-01-12 06:00:00");
        assert_eq!(next("10 */2 * * *", "2026-01-10T07:00:00Z"), "Sat 2026-01-10 08:10:00");
        assert_eq!(next("@daily", "2026-01-10T07:00:00Z"), "Sun 2026-01-11 00:00:00");
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_a_reason() {
        assert!(matches!("0 5 * *".parse::<Schedule>(), Err(ScheduleError::Fields(_))));
        assert!(matches!("61 5 * * *".parse::<Schedule>(), Err(ScheduleError::Syntax { .. })));
        assert!(matches!("0 8 31 2 *".parse::<Schedule>(), Err(ScheduleError::Never(_))));
        assert!(matches!("".parse::<Schedule>(), Err(ScheduleError::Fields(_))));
    }
}
