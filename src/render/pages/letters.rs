//! Mails that stay on this machine, as the mailbox viewer shows them.

use serde::Serialize;

use crate::render::frame::Frame;

/// `pages/mailbox.html`.
#[derive(Debug, Clone, Serialize)]
pub struct LettersPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Newest first.
    pub letters: Vec<LetterView>,
    /// Mails that are not listed.
    pub more: usize,
}

/// One mail of the list.
#[derive(Debug, Clone, Serialize)]
pub struct LetterView {
    /// Its page.
    pub path: String,
    /// Subject.
    pub subject: String,
    /// To whom.
    pub to: String,
    /// `2026-11-23 07:00`, as its Date header says.
    pub date: String,
}

/// `pages/letter.html`.
#[derive(Debug, Clone, Serialize)]
pub struct LetterPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Subject.
    pub subject: String,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
    /// Where its HTML is.
    pub html: Option<String>,
    /// Its text part.
    pub text: Option<String>,
    /// Where its text part is by itself.
    pub text_path: String,
    /// Where the bytes are.
    pub raw: String,
    /// Bytes.
    pub size: u64,
}
