//! Every address that leaves the service, and the tokens in them.
//!
//! Pages and mails build their links here and nowhere else, so that no link can come from a Host header.
//! Tokens are derived from the secret key, never stored: see [`token`].

mod token;
mod verp;

use std::fmt::Write as _;

use crate::model::{EditionId, LocalDate, PaperId, SubscriberId, Timestamp};

pub use token::{Keyring, Purpose, TokenError, Verified};

/// Builds links below one public address.
#[derive(Clone)]
pub struct Links {
    base: String,
    keys: Keyring,
}

impl Links {
    /// `base` is the public address of the site, with or without a slash at its end.
    pub fn new(base: &str, keys: Keyring) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), keys }
    }

    /// What signs and hashes.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// The public address of the site, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Today's papers.
    pub fn home(&self) -> String {
        format!("{}/", self.base)
    }

    /// The papers of one day.
    pub fn day(&self, date: LocalDate) -> String {
        format!("{}/papers?date={date}", self.base)
    }

    /// One paper.
    pub fn paper(&self, paper: PaperId) -> String {
        below(&self.base, "/papers/", paper)
    }

    /// "Mail me my link."
    pub fn manage(&self) -> String {
        format!("{}/manage", self.base)
    }

    /// The page that confirms a subscription.
    pub fn confirm(&self, subscriber: SubscriberId, generation: i64, issued: Timestamp) -> String {
        self.with_token("confirm", Purpose::Confirm, subscriber.0, generation, issued)
    }

    /// Interests, schedule and pause.
    pub fn preferences(&self, subscriber: SubscriberId, generation: i64, issued: Timestamp) -> String {
        self.with_token("preferences", Purpose::Preferences, subscriber.0, generation, issued)
    }

    /// "More like this" and "less like this" for one reader.
    pub fn feedback(&self, subscriber: SubscriberId, generation: i64, issued: Timestamp) -> FeedbackLinks {
        FeedbackLinks { preferences: self.preferences(subscriber, generation, issued) }
    }

    /// The page to leave, and the target of one-click unsubscribe. Never expires.
    pub fn unsubscribe(&self, subscriber: SubscriberId) -> String {
        format!("{}/unsubscribe/{}", self.base, self.keys.derive(Purpose::Unsubscribe, subscriber.0, 0, None))
    }

    /// One edition on the web.
    pub fn archive(&self, edition: EditionId, generation: i64, issued: Timestamp) -> String {
        self.with_token("archive", Purpose::Archive, edition.0, generation, issued)
    }

    fn with_token(&self, page: &str, purpose: Purpose, id: i64, generation: i64, issued: Timestamp) -> String {
        format!("{}/{page}/{}", self.base, self.keys.derive(purpose, id, generation, Some(issued)))
    }
}

/// The address of a paper below another one.
fn below(address: &str, page: &str, paper: PaperId) -> String {
    // A link of a digest is made thirty times: with room for the number it is one piece of memory.
    let mut link = String::with_capacity(address.len() + page.len() + 20);
    // Writing to a String cannot fail.
    let _ = write!(link, "{address}{page}{paper}");
    link
}

/// Links to the pages that offer edits of a profile for the sake of a paper.
#[derive(Debug, Clone)]
pub struct FeedbackLinks {
    preferences: String,
}

impl FeedbackLinks {
    /// Offers to widen the profile.
    pub fn more(&self, paper: PaperId) -> String {
        below(&self.preferences, "/more/", paper)
    }

    /// Offers to narrow it.
    pub fn less(&self, paper: PaperId) -> String {
        below(&self.preferences, "/less/", paper)
    }
}
