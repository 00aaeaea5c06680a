//! Pages that say one thing: what was done, or why not, and where to go on.

use chrono_tz::Tz;
use serde::Serialize;

use crate::model::{Preferences, Timestamp};
use crate::render::catalogue::{Words, WordsError};
use crate::render::dates;
use crate::render::frame::Frame;

/// `pages/message.html`.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// The page's surroundings.
    pub frame: Frame,
    /// What happened, in a few words.
    pub title: String,
    /// What it means and what to do.
    pub paragraphs: Vec<String>,
    /// Where to go on.
    pub actions: Vec<ActionView>,
}

/// A link that looks like a button.
#[derive(Debug, Clone, Serialize)]
pub struct ActionView {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub path: String,
}

impl Message {
    fn new(words: &Words, frame: Frame, key: &str) -> Result<Self, WordsError> {
        let title = words.say(&format!("{key}.title"), &[])?;
        let text = words.say(&format!("{key}.text"), &[("site", &frame.site_name)])?;
        Ok(Self { frame, title, paragraphs: vec![text], actions: Vec::new() })
    }

    fn and_say(mut self, paragraph: String) -> Self {
        self.paragraphs.push(paragraph);
        self
    }

    fn offering(mut self, words: &Words, label: &str, path: impl Into<String>) -> Result<Self, WordsError> {
        self.actions.push(ActionView { label: words.say(label, &[])?, path: path.into() });
        Ok(self)
    }

    /// A request could not be answered. `key` names its texts, `reference` a line in our log.
    ///
    /// # Errors
    ///
    /// A catalogue that lacks a text, here and below.
    pub fn failure(words: &Words, frame: Frame, key: &str, reference: Option<&str>) -> Result<Self, WordsError> {
        let mut page = Self::new(words, frame, &format!("error.{key}"))?;
        if let Some(reference) = reference {
            page = page.and_say(words.say("error.reference", &[("reference", &reference)])?);
        }
        match key {
            "bad_link" | "old_link" => page.offering(words, "action.manage", "/manage"),
            _ => page.offering(words, "action.home", "/"),
        }
    }

    /// A request to subscribe was taken.
    pub fn sign_up_taken(words: &Words, frame: Frame) -> Result<Self, WordsError> {
        let more = words.say("sign_up_taken.more", &[])?;
        Self::new(words, frame, "sign_up_taken")?.and_say(more).offering(words, "action.home", "/")
    }

    /// A request for the link was taken.
    pub fn link_request_taken(words: &Words, frame: Frame) -> Result<Self, WordsError> {
        let more = words.say("link_taken.more", &[])?;
        Self::new(words, frame, "link_taken")?.and_say(more).offering(words, "action.home", "/")
    }

    /// The subscription is confirmed; the first edition comes at `due`.
    pub fn subscribed(
        words: &Words,
        frame: Frame,
        preferences: String,
        due: Option<Timestamp>,
        chosen: &Preferences,
    ) -> Result<Self, WordsError> {
        let mut page = Self::new(words, frame, "subscribed")?;
        if let Some(due) = due {
            page = page.and_say(words.say("subscribed.due", &[("when", &moment(words, due, chosen.timezone)?)])?);
        }
        if chosen.profile.trim().is_empty() {
            page = page.and_say(words.say("subscribed.no_interests", &[])?);
        }
        page.offering(words, "action.preferences", preferences)
    }

    /// The subscription was confirmed before.
    pub fn already_confirmed(words: &Words, frame: Frame, preferences: String) -> Result<Self, WordsError> {
        Self::new(words, frame, "already_confirmed")?.offering(words, "action.preferences", preferences)
    }

    /// Mail to the address came back, or was complained about.
    pub fn cannot_be_mailed(words: &Words, frame: Frame) -> Result<Self, WordsError> {
        Self::new(words, frame, "cannot_be_mailed")?.offering(words, "action.home", "/")
    }

    /// The person is no subscriber any more, or not yet.
    pub fn not_subscribed(words: &Words, frame: Frame) -> Result<Self, WordsError> {
        Self::new(words, frame, "not_subscribed")?.offering(words, "action.subscribe", "/subscribe")
    }

    /// Nothing will be sent any more.
    pub fn unsubscribed(words: &Words, frame: Frame) -> Result<Self, WordsError> {
        let (undo, less) = (words.say("unsubscribed.undo", &[])?, words.say("unsubscribed.less", &[])?);
        Self::new(words, frame, "unsubscribed")?.and_say(undo).and_say(less).offering(
            words,
            "action.subscribe",
            "/subscribe",
        )
    }

    /// Old links are dead, and this is the new one.
    pub fn links_renewed(words: &Words, frame: Frame, preferences: String) -> Result<Self, WordsError> {
        Self::new(words, frame, "links_renewed")?.offering(words, "action.preferences", preferences)
    }
}

/// "Tuesday, 24 November 2026 at 07:00 (Europe/Berlin)".
pub(super) fn moment(words: &Words, at: Timestamp, zone: Tz) -> Result<String, WordsError> {
    let local = at.with_timezone(&zone);
    let date = dates::long(words, local.date_naive())?;
    words.say("moment", &[("date", &date), ("time", &local.format("%H:%M")), ("zone", &zone.name())])
}
