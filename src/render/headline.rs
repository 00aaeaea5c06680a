//! What a mail list shows of a digest: the subject, and the pre-header after it.

use crate::model::{LocalDate, QuietDay};

use super::catalogue::{Words, WordsError};
use super::dates;
use super::escape::{cut, cut_off, folded};

/// Characters of a subject; more is cut off by most mail lists.
pub(super) const SUBJECT: usize = 78;
/// Characters of a pre-header: fewer let the body leak into the list, more are not shown.
pub(super) const PREHEADER: std::ops::RangeInclusive<usize> = 90..=140;

/// What subject and pre-header are made of.
pub(super) struct Headline<'a> {
    /// Local date of the edition.
    pub date: LocalDate,
    /// Papers that match an interest.
    pub matched: usize,
    /// All papers of the edition.
    pub papers: usize,
    /// Titles in the order of the edition.
    pub titles: Vec<&'a str>,
    /// The kind of note, on a day without matches.
    pub quiet: Option<QuietDay>,
    /// Whether the reader has any interests.
    pub has_interests: bool,
    /// The status line.
    pub status: &'a str,
}

impl Headline<'_> {
    /// The subject, at most [`SUBJECT`] characters on one line.
    pub(super) fn subject(&self, words: &Words) -> Result<String, WordsError> {
        let count = self.count(words)?;
        if self.is_quiet() {
            return Ok(cut_off(count, SUBJECT));
        }
        let lead = words.say("subject.lead", &[("count", &count), ("title", &"")])?;
        let room = SUBJECT.saturating_sub(lead.chars().count());
        let title = folded(self.titles.first().unwrap_or(&""));
        let subject = words.say("subject.lead", &[("count", &count), ("title", &cut(&title, room))])?;
        Ok(cut_off(subject, SUBJECT))
    }

    /// The pre-header, within [`PREHEADER`].
    pub(super) fn preheader(&self, words: &Words) -> Result<String, WordsError> {
        let titles = self.titles.iter().take(6).map(|title| folded(title)).collect::<Vec<_>>().join("; ");
        let mut text = match titles.is_empty() {
            true => folded(self.status),
            false => words.say("subject.lead", &[("count", &self.count(words)?), ("title", &titles)])?,
        };
        if text.chars().count() < *PREHEADER.start() && !titles.is_empty() {
            text = format!("{text}. {}", folded(self.status));
        }
        if text.chars().count() < *PREHEADER.start() {
            text = format!("{text} {}", words.say("preheader.filler", &[])?);
        }
        let neat = cut(&text, *PREHEADER.end());
        if neat.chars().count() >= *PREHEADER.start() {
            return Ok(neat.into_owned());
        }
        Ok(text.chars().take(*PREHEADER.end()).collect())
    }

    fn is_quiet(&self) -> bool {
        self.quiet.is_some() || self.titles.is_empty()
    }

    fn count(&self, words: &Words) -> Result<String, WordsError> {
        let date = dates::plain(words, self.date)?;
        match (self.is_quiet(), self.papers, self.matched) {
            (true, 0, _) if !self.has_interests => words.say("subject.nothing", &[("date", &date)]),
            (true, 0, _) => words.say("subject.quiet", &[("date", &date)]),
            (true, papers, _) => words.count("subject.quiet_trending", papers as u64, &[("date", &date)]),
            (false, papers, 0) => words.count("subject.trending", papers as u64, &[]),
            (false, _, matched) => words.count("subject.for_you", matched as u64, &[]),
        }
    }
}
