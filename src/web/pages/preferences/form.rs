//! Reading the form: either everything is good, or what was typed comes back with what is wrong.

use chrono_tz::Tz;

use crate::model::subscriber::parse_send_time;
use crate::model::{Preferences, QuietDay};
use crate::render::pages::Wishes;
use crate::render::{Words, WordsError};
use crate::web::fields::Fields;
use crate::web::profile;

use super::{Shown, chosen_days, weekday};

/// The longest value that comes back in a field of one line.
const ECHO: usize = 60;

/// What the form asks for; what it does not mention stays as it is saved.
pub(super) fn read(
    words: &Words,
    fields: &Fields,
    saved: &Preferences,
) -> Result<Result<Preferences, Box<Shown>>, WordsError> {
    let mut wishes = Wishes {
        profile: profile::tidy(fields.get("profile")),
        timezone: echo(fields.get("timezone")),
        time: echo(fields.get("time")),
        limit: echo(fields.get("limit")),
        trending: fields.has("trending"),
        ..Wishes::default()
    };
    let reading = profile::read(&wishes.profile);
    wishes.profile_error.clone_from(&reading.error);

    let timezone = wishes.timezone.parse::<Tz>();
    if timezone.is_err() {
        wishes.timezone_error = Some(words.say("form.error.timezone", &[])?);
        saved.timezone.name().clone_into(&mut wishes.timezone);
    }
    // Some browsers send seconds.
    let time = parse_send_time(wishes.time.get(..5).unwrap_or(&wishes.time));
    if time.is_err() {
        wishes.time_error = Some(words.say("form.error.time", &[])?);
    }
    let limit = wishes.limit.trim().parse().ok().filter(|limit| (1..=Preferences::MAX_LIMIT).contains(limit));
    if limit.is_none() {
        wishes.limit_error = Some(words.say("form.error.limit", &[("most", &Preferences::MAX_LIMIT)])?);
    }
    let named: Vec<_> = fields.all("days").filter_map(weekday).collect();
    let days = chosen_days(&named);
    if named.len() < fields.all("days").count() {
        wishes.days_error = Some(words.say("form.error.unknown_day", &[])?);
    } else if days.is_none() {
        wishes.days_error = Some(words.say("form.error.days", &[])?);
    }
    let quiet_day = match fields.has("quiet_day") {
        true => QuietDay::from_stored(fields.get("quiet_day")),
        false => Some(saved.quiet_day),
    };
    if quiet_day.is_none() {
        wishes.quiet_day_error = Some(words.say("form.error.choice", &[])?);
    }

    let is_good = reading.is_good() && !wishes.is_refused();
    Ok(match (timezone, time, limit, days, quiet_day) {
        (Ok(timezone), Ok(send_minute), Some(limit), Some(days), Some(quiet_day)) if is_good => Ok(Preferences {
            profile: wishes.profile,
            timezone,
            send_minute,
            days,
            limit,
            quiet_day,
            trending: wishes.trending,
            language: saved.language.clone(),
        }),
        _ => Err(Box::new(Shown { wishes, days: Some(named), quiet_day })),
    })
}

/// Weeks of a pause: one of those offered, the first when none was chosen.
pub(super) fn pause_weeks(fields: &Fields) -> Option<i64> {
    match fields.get("weeks") {
        "1" => Some(1),
        "2" => Some(2),
        "4" => Some(4),
        "" if !fields.has("weeks") => Some(1),
        _ => None,
    }
}

fn echo(text: &str) -> String {
    text.trim().chars().take(ECHO).collect()
}
