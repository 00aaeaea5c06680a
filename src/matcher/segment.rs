//! A day's papers as an immutable index, and the windows that are looked for in it.

use std::ops::Range;

use super::index::{self, Index};
use crate::model::{Paper, PaperId, Timestamp};

/// A paper as the matcher sees it. All texts are display texts.
#[derive(Debug, Clone, Copy)]
pub struct Doc<'a> {
    /// Its row.
    pub id: PaperId,
    /// When it became available: what a window compares.
    pub available_at: Timestamp,
    /// One line.
    pub title: &'a str,
    /// Paragraphs separated by one blank line.
    pub abstract_text: &'a str,
    /// Display names in order.
    pub authors: &'a [String],
    /// Category names.
    pub categories: &'a [String],
    /// How much it trends, in thousandths; see [`super::trend`]. 1000 is neutral.
    pub trend_permille: u32,
}

impl<'a> Doc<'a> {
    /// A stored paper that trends by `trend_permille`.
    pub fn of(paper: &'a Paper, trend_permille: u32) -> Self {
        Self {
            id: paper.id,
            available_at: paper.available_at,
            title: &paper.title,
            abstract_text: &paper.abstract_text,
            authors: &paper.authors,
            categories: &paper.categories,
            trend_permille,
        }
    }
}

/// The papers one digest looks at: those that became available in `after < available_at <= until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The cut-off of the edition before.
    pub after: Timestamp,
    /// The cut-off of this edition.
    pub until: Timestamp,
}

/// The papers of one day, indexed once and never changed.
///
/// Documents stand in the order in which they became available, then by id,
/// so that every window is a range of them.
#[derive(Debug, Default)]
pub struct Segment {
    pub(super) index: Index,
    /// For each document.
    pub(super) papers: Vec<PaperId>,
    available: Vec<Timestamp>,
    /// For each document, within the bounds of a trend factor.
    pub(super) trend: Vec<u32>,
    /// Papers with their documents, sorted by paper.
    by_paper: Vec<(PaperId, u16)>,
    left_out: usize,
}

impl Segment {
    /// The most papers one segment holds.
    pub const MAX_DOCS: usize = 1 << 16;

    /// Indexes at most [`Segment::MAX_DOCS`] papers, each of which must come once.
    /// Of more, the earliest stay and [`Segment::left_out`] counts the rest; [`Segment::build_many`] keeps all.
    pub fn build<'a>(docs: impl IntoIterator<Item = Doc<'a>>) -> Self {
        let docs = in_order(docs);
        let mut segment = Self::of_sorted(&docs[..docs.len().min(Self::MAX_DOCS)]);
        segment.left_out = docs.len().saturating_sub(Self::MAX_DOCS);
        segment
    }

    /// Indexes any number of papers in as many segments as they need.
    pub fn build_many<'a>(docs: impl IntoIterator<Item = Doc<'a>>) -> Vec<Self> {
        in_order(docs).chunks(Self::MAX_DOCS).map(Self::of_sorted).collect()
    }

    fn of_sorted(docs: &[Doc<'_>]) -> Self {
        let papers: Vec<PaperId> = docs.iter().map(|doc| doc.id).collect();
        let mut by_paper: Vec<(PaperId, u16)> = papers.iter().copied().zip(0..=u16::MAX).collect();
        by_paper.sort_unstable();
        Self {
            index: index::build(docs),
            papers,
            available: docs.iter().map(|doc| doc.available_at).collect(),
            trend: docs.iter().map(|doc| bounded_trend(doc)).collect(),
            by_paper,
            left_out: 0,
        }
    }

    /// How many papers are indexed.
    pub fn len(&self) -> usize {
        self.papers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.papers.is_empty()
    }

    /// How many papers were too many.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let for_each = size_of::<PaperId>() + size_of::<Timestamp>() + size_of::<u32>() + size_of::<(PaperId, u16)>();
        self.index.bytes() + self.papers.len() * for_each
    }

    /// How many papers a window takes in.
    pub fn count(&self, window: &Window) -> usize {
        self.range(window).len()
    }

    /// The documents of a window.
    pub(super) fn range(&self, window: &Window) -> Range<usize> {
        let from = self.available.partition_point(|at| *at <= window.after);
        let to = self.available.partition_point(|at| *at <= window.until);
        from..to.max(from)
    }

    /// Where a paper stands.
    pub(super) fn doc_of(&self, paper: PaperId) -> Option<u16> {
        let at = self.by_paper.binary_search_by_key(&paper, |(known, _)| *known).ok()?;
        Some(self.by_paper[at].1)
    }

    /// The smallest and the largest paper id.
    pub(super) fn paper_bounds(&self) -> Option<(PaperId, PaperId)> {
        Some((self.by_paper.first()?.0, self.by_paper.last()?.0))
    }
}

fn in_order<'a>(docs: impl IntoIterator<Item = Doc<'a>>) -> Vec<Doc<'a>> {
    let mut docs: Vec<Doc<'a>> = docs.into_iter().collect();
    docs.sort_by_key(|doc| (doc.available_at, doc.id));
    docs
}

fn bounded_trend(doc: &Doc<'_>) -> u32 {
    doc.trend_permille.clamp(super::trend::MIN_FACTOR, super::trend::MAX_FACTOR)
}
