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
    if days.is_none() {
        wishes.days_error = Some(words.say("form.error.days", &[])?);
    }
    let quiet_day = QuietDay::from_stored(fields.get("quiet_day")).unwrap_or(saved.quiet_day);

    Ok(match (timezone, time, limit, days) {
        (Ok(timezone), Ok(send_minute), Some(limit), Some(days)) if reading.is_good() => Ok(Preferences {
            profile: wishes.profile,
            timezone,
            send_minute,
            days,
            limit,
            quiet_day,
            trending: wishes.trending,
            language: saved.language.clone(),
        }),
        _ => Err(Box::new(Shown { wishes, days: Some(named), quiet_day: Some(quiet_day) })),
    })
}

fn echo(text: &str) -> String {
    text.trim().chars().take(ECHO).collect()
}
