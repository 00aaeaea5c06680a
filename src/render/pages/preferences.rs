//! One subscriber's own page, and the pages that offer to change their interests because of a paper.

use serde::Serialize;

use crate::model::{Preferences, QuietDay, Timestamp};
use crate::render::catalogue::{Words, WordsError};
use crate::render::dates;
use crate::render::frame::Frame;
use crate::render::marks::Marked;

use super::ZoneGroup;
use super::message::moment;

/// `pages/preferences.html`.
#[derive(Debug, Clone, Serialize)]
pub struct PreferencesPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Whose page it is.
    pub address: String,
    /// Where the forms lead.
    pub action: String,
    /// The page to leave.
    pub unsubscribe: String,
    /// What was just done, in words.
    pub done: Option<String>,
    /// Whether something typed was refused, so that nothing was saved.
    pub is_refused: bool,
    /// What the form holds: what is saved, or what was typed.
    pub wishes: Wishes,
    /// What was understood of each line of the interests.
    pub lines: Vec<LineView>,
    /// Whether the interests only say what is not wanted.
    pub only_exclusions: bool,
    /// What these interests would have found, after a change or a preview.
    pub forecast: Option<ForecastView>,
    /// Every zone.
    pub zones: Vec<ZoneGroup>,
    /// Weekdays, Monday first.
    pub days: Vec<DayChoice>,
    /// What can come on a quiet day.
    pub quiet_days: Vec<Choice>,
    /// When the next edition comes, in words; none while paused.
    pub next: Option<String>,
    /// Whether digests are paused.
    pub is_paused: bool,
    /// Why the weeks asked for are no pause.
    pub pause_error: Option<String>,
    /// Until when, in words.
    pub paused_until: Option<String>,
    /// Weeks a pause can last, with the day it would end.
    pub pauses: Vec<Choice>,
    /// Today's edition on the web, when there is one.
    pub todays_edition: Option<String>,
    /// The newest editions.
    pub editions: Vec<EditionView>,
}

/// The fields of the form as text, so that what was typed stays when it is refused.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Wishes {
    /// Interests, one a line.
    pub profile: String,
    /// Why the interests as a whole were refused.
    pub profile_error: Option<String>,
    /// Zone name.
    pub timezone: String,
    /// Why it is none.
    pub timezone_error: Option<String>,
    /// `07:30`.
    pub time: String,
    /// Why it is no time.
    pub time_error: Option<String>,
    /// Why the days were refused.
    pub days_error: Option<String>,
    /// Papers under *For you*.
    pub limit: String,
    /// Why it is no such number.
    pub limit_error: Option<String>,
    /// Why the choice for a quiet day is none.
    pub quiet_day_error: Option<String>,
    /// Whether the trending section is wanted.
    pub trending: bool,
}

impl Wishes {
    /// What is saved.
    pub fn saved(preferences: &Preferences) -> Self {
        Self {
            profile: preferences.profile.clone(),
            timezone: preferences.timezone.name().to_owned(),
            time: preferences.send_time(),
            limit: preferences.limit.to_string(),
            trending: preferences.trending,
            ..Self::default()
        }
    }

    /// Whether anything but a line of the interests was refused.
    pub fn is_refused(&self) -> bool {
        let errors = [
            &self.profile_error,
            &self.timezone_error,
            &self.time_error,
            &self.days_error,
            &self.limit_error,
            &self.quiet_day_error,
        ];
        errors.into_iter().any(Option::is_some)
    }
}

/// One line of a profile and what was understood.
#[derive(Debug, Clone, Serialize)]
pub struct LineView {
    /// Counted from 1.
    pub number: usize,
    /// The line as typed.
    pub text: String,
    /// What was understood, in canonical form.
    pub canonical: Option<String>,
    /// Why nothing was.
    pub error: Option<String>,
    /// Where in the line, in characters counted from 1.
    pub column: usize,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// What it also finds, because papers call it so.
    pub also: Vec<String>,
    /// What it would have found, in words.
    pub forecast: Option<String>,
    /// What its writer should know.
    pub warning: Option<String>,
}

/// What a whole profile would have found in the papers of the last days.
#[derive(Debug, Clone, Serialize)]
pub struct ForecastView {
    /// How much, in words.
    pub summary: String,
    /// The best papers.
    pub papers: Vec<FoundView>,
}

/// A paper that a profile would have found.
#[derive(Debug, Clone, Serialize)]
pub struct FoundView {
    /// Its title with its hits.
    pub title: Marked,
    /// Its page.
    pub path: String,
}

/// One of several.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// Its words.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A weekday.
#[derive(Debug, Clone, Serialize)]
pub struct DayChoice {
    /// `mon` ... `sun`, what the form sends.
    pub value: &'static str,
    /// Monday is 1.
    pub number: u8,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// An edition that can be read on the web.
#[derive(Debug, Clone, Serialize)]
pub struct EditionView {
    /// The local date, `2026-11-23`.
    pub date: String,
    /// Its papers.
    pub papers: u64,
    /// Its page.
    pub path: String,
}

impl PreferencesPage {
    /// The choices for a quiet day.
    ///
    /// # Errors
    ///
    /// A catalogue that lacks a text, here and below.
    pub fn quiet_day_choices(words: &Words, chosen: QuietDay) -> Result<Vec<Choice>, WordsError> {
        [QuietDay::Trending, QuietDay::Note, QuietDay::Nothing]
            .into_iter()
            .map(|day| {
                let label = words.say(&format!("preferences.quiet.{}", day.as_str()), &[])?;
                Ok(Choice { value: day.as_str().to_owned(), label, chosen: day == chosen })
            })
            .collect()
    }

    /// Pauses of one, two and four weeks, and the day each would end. The first is chosen.
    pub fn pause_choices(words: &Words, now: Timestamp, chosen: &Preferences) -> Result<Vec<Choice>, WordsError> {
        [1_u64, 2, 4]
            .into_iter()
            .map(|weeks| {
                let end = now + chrono::TimeDelta::weeks(i64::try_from(weeks).unwrap_or(1));
                let date = dates::plain(words, end.with_timezone(&chosen.timezone).date_naive())?;
                let label = words.count("preferences.pause.weeks", weeks, &[("date", &date)])?;
                Ok(Choice { value: weeks.to_string(), label, chosen: weeks == 1 })
            })
            .collect()
    }

    /// A moment on the reader's calendar, in words.
    pub fn moment(words: &Words, at: Timestamp, chosen: &Preferences) -> Result<String, WordsError> {
        moment(words, at, chosen.timezone)
    }
}

/// `pages/feedback.html`: edits of a profile that a paper suggests.
#[derive(Debug, Clone, Serialize)]
pub struct FeedbackPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// More of this, or less.
    pub more: bool,
    /// The paper's title.
    pub title: String,
    /// The paper's page.
    pub paper: String,
    /// Where the form leads.
    pub action: String,
    /// The reader's preferences.
    pub preferences: String,
    /// What can be done.
    pub offers: Vec<OfferView>,
}

/// One edit of a profile.
#[derive(Debug, Clone, Serialize)]
pub struct OfferView {
    /// What the form sends: the kind of edit and the line, as `add:author:"Ada"`.
    pub value: String,
    /// What it does: the catalogue's `feedback.offer.<kind>`.
    pub kind: &'static str,
    /// The line that the profile will hold.
    pub line: String,
    /// The line that it replaces.
    pub former: Option<String>,
    /// What the line would have found, in words.
    pub forecast: Option<String>,
}

/// `pages/undo.html`: a profile was changed, and can be changed back.
#[derive(Debug, Clone, Serialize)]
pub struct UndoPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// The lines that are new.
    pub added: Vec<String>,
    /// The lines that are gone.
    pub removed: Vec<String>,
    /// The whole profile as it was.
    pub former: String,
    /// Where the form leads: the reader's preferences.
    pub action: String,
}
