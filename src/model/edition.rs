//! An edition: what one subscriber gets for one local date, frozen when it is planned.

use serde::{Deserialize, Serialize};

use super::id::PaperId;
use super::source::SourceName;
use super::time::Timestamp;

/// The part of a digest a paper stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Matches of the reader's interests, best first.
    ForYou,
    /// Matched papers of the last days that took off since.
    Rising,
    /// What everyone reads, whatever the profile.
    Trending,
}

/// The field of a paper in which an interest hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The title.
    Title,
    /// The abstract.
    Abstract,
    /// One of the authors.
    Author,
    /// One of the categories.
    Category,
}

/// A half-open range of bytes in the display text of a field, on character boundaries.
///
/// For [`Field::Author`] and [`Field::Category`] the text is the list joined with `", "`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Why a paper is in a digest: one interest that hit, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The interest in canonical form.
    #[serde(rename = "i")]
    pub interest: String,
    /// Where it hit, in order of field and place.
    #[serde(rename = "h")]
    pub hits: Vec<(Field, Span)>,
}

/// One paper of an edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The paper.
    #[serde(rename = "p")]
    pub paper: PaperId,
    /// The revision of its texts that the spans refer to.
    #[serde(rename = "r")]
    pub revision: i64,
    /// Where it stands.
    #[serde(rename = "s")]
    pub section: Section,
    /// Rank score; comparable within one edition only.
    #[serde(rename = "k")]
    pub score: u64,
    /// The interests that hit, strongest first; empty for trending papers outside the profile.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Upvotes when the edition was planned, when measured.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub upvotes: Option<u32>,
    /// Upvotes won in the day before, when both ends were measured.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub upvotes_gained: Option<u32>,
}

/// How a source stood when an edition was planned, for the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It answered since the previous edition and had papers.
    Fresh,
    /// It answered and announced nothing; the shipped calendar knows no reason.
    Quiet,
    /// It announced nothing because of the weekend.
    Weekend,
    /// It announced nothing because of a holiday in the shipped calendar.
    Holiday,
    /// It could not be read; its papers will come later.
    Unreachable,
    /// It answers, but still shows what it showed before.
    Late,
}

/// What one source brought to an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFigures {
    /// The source.
    pub source: SourceName,
    /// New papers in the window; one announced by two sources counts for each.
    pub papers: u32,
    /// How the source stood.
    pub state: SourceState,
    /// Since when it could not be read, for `Unreachable`.
    pub since: Option<Timestamp>,
}

/// The figures behind the status line of an edition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Distinct new papers looked at.
    pub looked_at: u32,
    /// How many of them matched an interest (whatever the limit).
    pub matched: u32,
    /// Whether the reader has any interests.
    pub has_interests: bool,
    /// Each source that is switched on, or brought papers.
    pub sources: Vec<SourceFigures>,
    /// The local date of an earlier edition whose fate is unknown, to be mentioned on top.
    pub unknown_edition: Option<super::time::LocalDate>,
    /// The row of that edition.
    #[serde(default)]
    pub unknown_edition_id: Option<super::id::EditionId>,
    /// The best matches beyond the reader's limit, for the page of the edition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<PaperId>,
}
