//! An edition: what one subscriber gets for one local date, frozen when it is planned.

use serde::ser::{SerializeStruct, Serializer};
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

impl Field {
    const ALL: [Self; 4] = [Self::Title, Self::Abstract, Self::Author, Self::Category];

    /// The number it is stored under.
    fn number(self) -> u32 {
        match self {
            Self::Title => 0,
            Self::Abstract => 1,
            Self::Author => 2,
            Self::Category => 3,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.number() == number)
    }
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
///
/// Stored as `{"i": interest, "at": [field, start, end, ...]}`: most of an edition are places, so they are
/// written short.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "StoredReason")]
pub struct Reason {
    /// The interest in canonical form.
    pub interest: String,
    /// Where it hit, in order of field and place.
    pub hits: Vec<(Field, Span)>,
}

/// A reason as it was ever stored.
#[derive(Deserialize)]
struct StoredReason {
    #[serde(rename = "i")]
    interest: String,
    #[serde(rename = "at", default)]
    places: Vec<u32>,
    /// Places as they were written first: a name and an object each.
    #[serde(rename = "h", default)]
    spelled_out: Vec<(Field, Span)>,
}

impl From<StoredReason> for Reason {
    fn from(stored: StoredReason) -> Self {
        let (places, _) = stored.places.as_chunks();
        let hit = |&[field, start, end]: &[u32; 3]| Some((Field::from_number(field)?, Span { start, end }));
        let hits = stored.spelled_out.into_iter().chain(places.iter().filter_map(hit)).collect();
        Self { interest: stored.interest, hits }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut stored = to.serialize_struct("Reason", 2)?;
        stored.serialize_field("i", &self.interest)?;
        stored.serialize_field("at", &Places(&self.hits))?;
        stored.end()
    }
}

struct Places<'a>(&'a [(Field, Span)]);

impl Serialize for Places<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().flat_map(|(field, span)| [field.number(), span.start, span.end]))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_as_they_are_written_and_as_they_were_written_first() {
        let hits = Field::ALL.iter().zip(1..).map(|(field, start)| (*field, Span { start, end: 2 * start })).collect();
        let reason = Reason { interest: "robots".to_owned(), hits };
        let stored = serde_json::to_string(&reason).expect("writes");
        assert_eq!(stored, r#"{"i":"robots","at":[0,1,2,1,2,4,2,3,6,3,4,8]}"#);
        assert_eq!(serde_json::from_str::<Reason>(&stored).expect("reads"), reason);
        let first = r#"{"i":"robots","h":[["title",{"start":1,"end":2}],["abstract",{"start":2,"end":4}],
            ["author",{"start":3,"end":6}],["category",{"start":4,"end":8}]]}"#;
        assert_eq!(serde_json::from_str::<Reason>(first).expect("reads"), reason);
    }
}
