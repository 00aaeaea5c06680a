//! A paper, its identities, and the signals that say how much it is read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::PaperId;
use super::source::SourceName;
use super::time::{LocalDate, Timestamp};

/// One name under which a paper is known, for instance `arxiv:2508.00950`.
///
/// All keys of a paper are aliases of it. The scheme comes first, so that equal
/// texts of different kinds never collide: `arxiv`, `doi`, `source`, `title`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaperKey(String);

impl PaperKey {
    /// An arXiv id without its version: `2508.00950`, `math/0309136`.
    pub fn arxiv(id: &str) -> Self {
        Self(format!("arxiv:{}", id.to_ascii_lowercase()))
    }

    /// A DOI, folded to lower case as the DOI handbook compares them.
    pub fn doi(doi: &str) -> Self {
        Self(format!("doi:{}", doi.to_lowercase()))
    }

    /// What a source calls the paper, when no public id is known.
    pub fn source(source: &SourceName, id: &str) -> Self {
        Self(format!("source:{source}:{id}"))
    }

    /// The hash of a normalised title, the weakest identity.
    pub fn title(hash: &str) -> Self {
        Self(format!("title:{hash}"))
    }

    /// A key as stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The key as stored and as `papers show` accepts it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The arXiv id, when this is one.
    pub fn arxiv_id(&self) -> Option<&str> {
        self.0.strip_prefix("arxiv:")
    }

    /// Whether this is only the hash of a title.
    pub fn is_title(&self) -> bool {
        self.0.starts_with("title:")
    }
}

impl fmt::Display for PaperKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a source announced a paper, weakest first: a merge keeps the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnnounceType {
    /// A new version of a paper cross-listed here.
    ReplaceCross,
    /// A new version.
    Replace,
    /// New, but at home in another category.
    Cross,
    /// New.
    New,
}

impl AnnounceType {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] = [Self::ReplaceCross, Self::Replace, Self::Cross, Self::New];

    /// The stored spelling, which is also arXiv's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReplaceCross => "replace-cross",
            Self::Replace => "replace",
            Self::Cross => "cross",
            Self::New => "new",
        }
    }

    /// Reads the stored spelling.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Counts of attention at one moment. `None` means not measured, which is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// Upvotes on Hugging Face.
    pub upvotes: Option<u32>,
    /// Comments on Hugging Face.
    pub comments: Option<u32>,
    /// Stars of the paper's GitHub repository.
    pub github_stars: Option<u32>,
}

impl Signals {
    /// Whether nothing at all was measured.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Signals with the moment they were read: trending is a rate, so the history counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalPoint {
    /// When they were read.
    pub at: Timestamp,
    /// What was read.
    pub signals: Signals,
}

/// One paper as a source tells of it, its texts already display text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingPaper {
    /// Who told.
    pub source: SourceName,
    /// Every public identity found, strongest first; may be empty for a title-only record.
    pub keys: Vec<PaperKey>,
    /// Display text, one line, never empty.
    pub title: String,
    /// Display text; paragraphs are separated by one blank line.
    pub abstract_text: String,
    /// Display names in order.
    pub authors: Vec<String>,
    /// Category names such as `cs.CL`, the primary one first.
    pub categories: Vec<String>,
    /// First publication anywhere (arXiv v1).
    pub published_at: Option<Timestamp>,
    /// The day the source put it before its readers.
    pub announced_on: Option<LocalDate>,
    /// How it was announced, for sources that say so.
    pub announce_type: Option<AnnounceType>,
    /// The page to link to, `http` or `https` only.
    pub url: Option<String>,
    /// Code, `https` only.
    pub code_url: Option<String>,
    /// Project page, `https` only.
    pub project_url: Option<String>,
    /// Withdrawn by its authors: kept, never mailed.
    pub withdrawn: bool,
    /// Attention at the moment of the visit.
    pub signals: Signals,
}

/// A stored paper with the newest revision of its texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Its row.
    pub id: PaperId,
    /// Which revision of the texts this is, counted from 1.
    pub revision: i64,
    /// Strongest identity, for links and listings.
    pub key: PaperKey,
    /// Display text, one line.
    pub title: String,
    /// Display text.
    pub abstract_text: String,
    /// Display names in order.
    pub authors: Vec<String>,
    /// Primary category first.
    pub categories: Vec<String>,
    /// Every source that announced it, in the order they did.
    pub sources: Vec<SourceName>,
    /// First publication anywhere.
    pub published_at: Option<Timestamp>,
    /// When we first saw it.
    pub first_seen_at: Timestamp,
    /// The later of announcement and first sight, never in the future: what a window compares.
    pub available_at: Timestamp,
    /// Announced over 14 days before we first saw it: searchable, never mailed.
    pub backfill: bool,
    /// Withdrawn by its authors.
    pub withdrawn: bool,
    /// The page to link to.
    pub url: Option<String>,
    /// PDF, when one is known.
    pub pdf_url: Option<String>,
    /// Code.
    pub code_url: Option<String>,
    /// Project page.
    pub project_url: Option<String>,
    /// The newest signals of each kind.
    pub signals: Signals,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_announcement_wins_a_merge() {
        assert_eq!(AnnounceType::Cross.max(AnnounceType::New), AnnounceType::New);
        assert_eq!(AnnounceType::Replace.max(AnnounceType::ReplaceCross), AnnounceType::Replace);
    }

    #[test]
    fn keys_of_different_kinds_never_collide() {
        let source = SourceName::new("hugging_face");
        let keys = [PaperKey::arxiv("1"), PaperKey::doi("1"), PaperKey::source(&source, "1"), PaperKey::title("1")];
        let distinct: std::collections::HashSet<&PaperKey> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
        assert_eq!(keys[2].as_str(), "source:hugging-face:1");
    }
}
