//! Files given to `papers import`: four formats, told apart by what they hold.
//!
//! A bad line or entry is reported with its number and reason; the good ones are read. Only a
//! file that is not in the format at all is an error.

mod lines;
mod page;

use std::fmt;
use std::str::FromStr;

use super::{SourceError, draft, feed, hugging_face, json, sniff};
use crate::model::{IncomingPaper, LocalDate, SourceName, Timestamp};

/// Most bad lines that are listed; further ones are only counted.
const MOST_LISTED: usize = 1_000;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// The text of a Daily Papers page, saved from a browser: titles and abstracts.
    Text,
    /// Answers of Hugging Face's Daily Papers interface: JSON lists, one or several.
    HuggingFace,
    /// An RSS or Atom feed.
    Feed,
}

impl Format {
    /// The format a file seems to be in, by its beginning.
    pub fn detect(bytes: &[u8]) -> Self {
        let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        match start.first() {
            Some(b'<') => Self::Feed,
            Some(b'[') => Self::HuggingFace,
            Some(b'{') if starts_with_envelope(start) => Self::HuggingFace,
            Some(b'{') => Self::JsonLines,
            _ => Self::Text,
        }
    }

    /// As written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Text => "text",
            Self::HuggingFace => "hugging-face",
            Self::Feed => "feed",
        }
    }
}

/// Whether the first line is an envelope around a paper.
fn starts_with_envelope(start: &[u8]) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    json::record(&line).is_ok_and(|node| node.get("paper").is_some())
}

impl FromStr for Format {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        match text.trim().to_ascii_lowercase().replace('_', "-").as_str() {
            "jsonl" | "json-lines" => Ok(Self::JsonLines),
            "text" => Ok(Self::Text),
            "hugging-face" => Ok(Self::HuggingFace),
            "feed" => Ok(Self::Feed),
            other => Err(SourceError::Settings(format!(
                "{other:?} is not a format; choose jsonl, text, hugging-face or feed"
            ))),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a file held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileReport {
    /// Papers in the order of the file; one paper may come several times.
    pub papers: Vec<IncomingPaper>,
    /// What could not be read; at most 1,000 are listed.
    pub bad: Vec<BadLine>,
    /// How many could not be read, listed or not.
    pub bad_count: usize,
    /// What [`BadLine::line`] counts: `line`, or `entry` in formats without lines of their own.
    pub unit: &'static str,
    /// What was cut or guessed.
    pub warnings: Vec<String>,
}

/// A line or entry that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

impl FileReport {
    fn of(unit: &'static str) -> Self {
        Self { unit, ..Self::default() }
    }

    fn bad(&mut self, line: usize, reason: String) {
        self.bad_count += 1;
        if self.bad.len() < MOST_LISTED {
            self.bad.push(BadLine { line, reason });
        }
    }
}

/// Reads a file. Papers without a date of their own (announced or published) are dated `date`,
/// else the day of `now` in UTC.
///
/// # Errors
/// When the file as a whole is not in `format`.
pub fn read(format: Format, bytes: &[u8], date: Option<LocalDate>, now: Timestamp) -> Result<FileReport, SourceError> {
    let mut report = match format {
        Format::JsonLines => lines::read(bytes),
        Format::Text => page::read(sniff::utf8(bytes)?)?,
        Format::HuggingFace => read_hugging_face(bytes)?,
        Format::Feed => read_feed(bytes, now)?,
    };
    let day = date.unwrap_or_else(|| now.date_naive());
    for paper in &mut report.papers {
        if paper.announced_on.is_none() && paper.published_at.is_none() {
            paper.announced_on = Some(day);
        }
    }
    Ok(report)
}

fn read_hugging_face(bytes: &[u8]) -> Result<FileReport, SourceError> {
    let source = SourceName::new(SourceName::HUGGING_FACE);
    let own = SourceName::new(SourceName::IMPORT);
    let mut report = FileReport::of("entry");
    let mut entries = 0;
    json::records(bytes, usize::MAX, |record| {
        entries += 1;
        // A list of what could have been lines of JSON is read as such.
        let read = record.and_then(|entry| match (entry.get("paper"), entry.get("abstract")) {
            (None, Some(_)) => lines::read_node(&own, &entry, &mut report.warnings),
            _ => hugging_face::read_entry(&source, &entry, None, &mut report.warnings),
        });
        match read {
            Ok(paper) => report.papers.push(paper),
            Err(reason) => report.bad(entries, reason),
        }
    })?;
    Ok(report)
}

fn read_feed(bytes: &[u8], now: Timestamp) -> Result<FileReport, SourceError> {
    let page = feed::read_any(&SourceName::new(SourceName::IMPORT), bytes, now)?;
    let mut report = FileReport { papers: page.papers, warnings: page.warnings, ..FileReport::of("entry") };
    for rejected in page.rejected {
        let number = rejected.place.trim_start_matches("item ").parse().unwrap_or_default();
        report.bad(number, rejected.reason);
    }
    Ok(report)
}
