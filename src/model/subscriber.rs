//! A subscriber's state and what they chose.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Where an address stands. Only `Active` gets digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriberState {
    /// Signed up, not confirmed.
    Pending,
    /// Confirmed, gets digests.
    Active,
    /// Asked for a pause.
    Paused,
    /// Left.
    Unsubscribed,
    /// The address does not exist.
    Bounced,
    /// Reported a mail as spam.
    Complained,
}

impl SubscriberState {
    /// All states, for counters and listings.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Active, Self::Paused, Self::Unsubscribed, Self::Bounced, Self::Complained];

    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Unsubscribed => "unsubscribed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// Reads the stored spelling.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The weekdays on which a digest is wanted; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Days(u8);

impl Days {
    /// Monday to Sunday.
    pub const EVERY: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WEEKDAYS: Self = Self(0b001_1111);

    /// Whether `day` is chosen.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.num_days_from_monday()) != 0
    }

    /// The stored form, bit 0 being Monday.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// Reads the stored form; nothing chosen reads as every day.
    pub fn from_bits(bits: i64) -> Self {
        match u8::try_from(bits & 0b111_1111) {
            Ok(0) | Err(_) => Self::EVERY,
            Ok(bits) => Self(bits),
        }
    }

    /// The days chosen, or `None` when there is none.
    pub fn from_days(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let bits = days.into_iter().fold(0, |bits, day| bits | 1 << day.num_days_from_monday());
        (bits != 0).then_some(Self(bits))
    }
}

const DAY_NAMES: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

impl FromStr for Days {
    type Err = String;

    /// `day` (or `every`), `weekdays`, or day names joined with commas: `mon,thu`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "day" | "every" | "daily" => return Ok(Self::EVERY),
            "weekdays" => return Ok(Self::WEEKDAYS),
            _ => {}
        }
        let mut days = Vec::new();
        for name in text.split(',').map(str::trim) {
            let known = DAY_NAMES.iter().find(|(short, _)| name.len() >= 3 && name.starts_with(short));
            let (_, day) =
                known.ok_or_else(|| format!("{name:?} is not a day; use day, weekdays, or names such as mon,thu"))?;
            days.push(*day);
        }
        Self::from_days(days).ok_or_else(|| "choose at least one day".to_owned())
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::EVERY => f.write_str("day"),
            Self::WEEKDAYS => f.write_str("weekdays"),
            some => {
                let names: Vec<&str> =
                    DAY_NAMES.iter().filter(|(_, day)| some.contains(*day)).map(|(name, _)| *name).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

/// What a reader wants on a day without matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuietDay {
    /// No mail.
    Nothing,
    /// A one-line note.
    Note,
    /// The trending papers only.
    #[default]
    Trending,
}

impl QuietDay {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Note => "note",
            Self::Trending => "trending",
        }
    }

    /// Reads the stored spelling.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Nothing, Self::Note, Self::Trending].into_iter().find(|choice| choice.as_str() == text)
    }
}

/// Everything a subscriber can set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// Interests and exclusions, one a line, as the person wrote them. Empty: trending papers.
    pub profile: String,
    /// The zone whose calendar and clock count.
    pub timezone: Tz,
    /// Minutes after local midnight, 0 to 1439.
    pub send_minute: u16,
    /// On which local weekdays.
    pub days: Days,
    /// At most this many papers under *For you*, 1 to 50.
    pub limit: u16,
    /// What comes on a day without matches.
    pub quiet_day: QuietDay,
    /// Whether the *Trending* section is wanted.
    pub trending: bool,
    /// Language tag of mails and pages, such as `en`.
    pub language: String,
}

impl Preferences {
    /// The longest digest that can be asked for, in papers.
    pub const MAX_LIMIT: u16 = 50;

    /// 07:00 every day in `timezone`, ten papers, no interests.
    pub fn defaults(timezone: Tz) -> Self {
        Self {
            profile: String::new(),
            timezone,
            send_minute: 7 * 60,
            days: Days::EVERY,
            limit: 10,
            quiet_day: QuietDay::default(),
            trending: true,
            language: "en".to_owned(),
        }
    }

    /// The send time as people write it: `07:30`.
    pub fn send_time(&self) -> String {
        format!("{:02}:{:02}", self.send_minute / 60, self.send_minute % 60)
    }
}

/// Reads a wall-clock time such as `07:30` as minutes after midnight.
///
/// # Errors
///
/// Anything but `HH:MM` from `00:00` to `23:59`.
pub fn parse_send_time(text: &str) -> Result<u16, String> {
    let refused = || format!("{text:?} is not a time of day such as 07:30");
    let (hour, minute) = text.trim().split_once(':').ok_or_else(refused)?;
    let in_range = |part: &str, below: u16| {
        (part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
            .filter(|value| *value < below)
    };
    match (in_range(hour, 24), in_range(minute, 60)) {
        (Some(hour), Some(minute)) => Ok(hour * 60 + minute),
        _ => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_and_print_the_same() {
        for text in ["day", "weekdays", "mon", "mon,thu", "sat,sun"] {
            let days: Days = text.parse().expect(text);
            assert_eq!(days.to_string(), text);
            assert_eq!(Days::from_bits(days.bits()), days);
        }
        assert_eq!("Monday, Thursday".parse::<Days>().expect("names").to_string(), "mon,thu");
        assert!("funday".parse::<Days>().is_err());
        assert!("".parse::<Days>().is_err());
    }

    #[test]
    fn send_times_outside_the_day_are_refused() {
        assert_eq!(parse_send_time("07:30"), Ok(450));
        assert_eq!(parse_send_time(" 0:05 "), Ok(5));
        for text in ["24:00", "7", "07:60", "-1:00", "07:3x", "", "007:30", "+7:30"] {
            assert!(parse_send_time(text).is_err(), "{text}");
        }
    }
}
