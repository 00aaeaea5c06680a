//! Where papers come from: what to ask for, and how to read what comes.
//!
//! Everything here is a pure function of bytes. A source says which pages to ask for and reads
//! their bodies; it must not know who fetches them, how often, or where the papers are kept.

mod arxiv;
pub mod calendar;
mod draft;
mod feed;
pub mod file;
mod hugging_face;
pub mod identity;
mod json;
mod json_feed;
mod sniff;
mod xml;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use arxiv::Arxiv;
pub use feed::Feed;
pub use hugging_face::HuggingFace;

use crate::model::{IncomingPaper, LocalDate, PaperKey, SourceName, Timestamp};

/// A place that announces papers.
pub trait Source: Send + Sync {
    /// The stable name under which its papers and visits are stored.
    fn name(&self) -> &SourceName;

    /// The politeness rule shared by all nodes; `None` leaves it to common sense.
    fn pace(&self) -> Option<Pace>;

    /// The first page of everything to ask for on a visit at `now`.
    fn first_requests(&self, now: Timestamp) -> Vec<PageRequest>;

    /// Reads one page. A bad record is rejected with its place; only a page that is not what
    /// was asked for is an error.
    ///
    /// # Errors
    /// [`SourceError`] names what came instead.
    fn read(&self, request: &PageRequest, body: &[u8], now: Timestamp) -> Result<Page, SourceError>;
}

/// Requests through one gate keep a distance, whichever node sends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The name of the gate; sources of one operator share it.
    pub gate: &'static str,
    /// The least time between two requests.
    pub every: Duration,
}

/// One page to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The full address.
    pub url: String,
    /// The `Accept` header.
    pub accept: &'static str,
    /// Counted from 0 within the list it belongs to.
    pub page: u32,
    /// Whether validators of an earlier visit may be sent: only where "not modified" says
    /// that the pages after this one have not changed either.
    pub conditional: bool,
    /// The day asked for, for sources that are asked day by day.
    pub day: Option<LocalDate>,
    /// The first paper of the page before this one, to notice a server that repeats itself.
    pub follows: Option<PaperKey>,
    /// For logs and listings: `2026-11-20, page 1`.
    pub label: String,
}

/// What a page held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Papers in the order of the page; one paper may come twice.
    pub papers: Vec<IncomingPaper>,
    /// Records that could not be used.
    pub rejected: Vec<Rejected>,
    /// The page to ask for next, if the list goes on.
    pub next: Option<PageRequest>,
    /// Records on the page, good and bad.
    pub total_items: usize,
    /// What an operator should know although the page could be read.
    pub warnings: Vec<String>,
}

/// A record that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it stood: `item 12 (2611.04321)`.
    pub place: String,
    /// Why it could not be used.
    pub reason: String,
}

/// Why a page could not be read, or a source could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Something else came than was asked for.
    #[error("expected {expected}, but {came} came")]
    Unexpected {
        /// What was asked for.
        expected: &'static str,
        /// What came, described for people.
        came: String,
    },
    /// The right kind of thing, damaged or cut off.
    #[error("the {what} is damaged or cut off at {place}: {reason}")]
    Malformed {
        /// `JSON` or `XML`.
        what: &'static str,
        /// Where the reader stopped.
        place: String,
        /// What it stumbled over.
        reason: String,
    },
    /// Not UTF-8.
    #[error("the text is not UTF-8: byte {offset} does not fit")]
    NotUtf8 {
        /// Offset of the first byte that does not fit.
        offset: usize,
    },
    /// The source answered that it will not answer.
    #[error("the source refused: {0}")]
    Refused(String),
    /// The configuration makes no sense.
    #[error("{0}")]
    Settings(String),
}

/// The base address of a source without a trailing slash; the real paths are appended to it.
fn base_address(text: &str) -> Result<String, SourceError> {
    let url = draft::web_url(text.trim())
        .ok_or_else(|| SourceError::Settings(format!("{text:?} is not an http or https address")))?;
    Ok(url.trim_end_matches('/').to_owned())
}
