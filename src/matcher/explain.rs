//! Why a paper matches: which interests hit it, and where.

use std::sync::Arc;

use super::acronyms::Acronyms;
use super::analyser::Analyser;
use super::evaluate::{marks, matches};
use super::hits::Mark;
use super::index::{self, ENTRY, Index, field_number};
use super::profile::{Interest, Profile};
use super::query::{Node, Query};
use super::segment::Doc;
use super::stem::Stems;
use crate::model::{Field, Reason, Span};

/// At most so many places are named for one interest.
const MAX_HITS: usize = 100;
const FIELDS: [Field; 4] = [Field::Title, Field::Abstract, Field::Author, Field::Category];

/// Why `doc` matches: a reason for each interest that hits, strongest first; empty when none does.
/// Exclusions are not looked at. For many profiles, analyse the document once with [`Explainer`].
pub fn explain(profile: &Profile, doc: &Doc<'_>) -> Vec<Reason> {
    Explainer::new(doc).explain(profile)
}

/// One document, analysed, to be explained to many.
pub struct Explainer {
    index: Index,
    stems: Stems,
    acronyms: Arc<Acronyms>,
    /// For each field, its positions and their bytes, in order.
    places: [Vec<(u32, Span)>; 4],
}

/// Where an interest hits a document, and how well, whatever its boost.
pub(super) struct Found {
    pub(super) quality: u32,
    pub(super) hits: Vec<(Field, Span)>,
}

impl Explainer {
    /// Analyses a document, for interests that mean what they say.
    pub fn new(doc: &Doc<'_>) -> Self {
        Self::with_acronyms(doc, Arc::default())
    }

    /// Analyses a document, for interests that were ranked with these acronyms.
    pub fn with_acronyms(doc: &Doc<'_>, acronyms: Arc<Acronyms>) -> Self {
        let mut analyser = Analyser::default();
        let places = FIELDS.map(|field| match field {
            Field::Title => places_of(&mut analyser, std::iter::once(doc.title)),
            Field::Abstract => places_of(&mut analyser, std::iter::once(doc.abstract_text)),
            Field::Author => places_of(&mut analyser, doc.authors.iter().map(String::as_str)),
            Field::Category => places_of(&mut analyser, doc.categories.iter().map(String::as_str)),
        });
        Self { index: index::build([doc]), stems: Stems::new(), acronyms, places }
    }

    /// A reason for each interest of the profile that hits, strongest first.
    pub fn explain(&self, profile: &Profile) -> Vec<Reason> {
        let found = profile.interests.iter().filter_map(|interest| Some((interest, self.find(&interest.query)?)));
        let mut found: Vec<_> = found.collect();
        let strength = |interest: &Interest, found: &Found| found.quality.saturating_mul(interest.boost.tenths());
        found.sort_by_key(|(interest, found)| std::cmp::Reverse(strength(interest, found)));
        let reason =
            |(interest, found): (&Interest, Found)| Reason { interest: interest.canonical.clone(), hits: found.hits };
        found.into_iter().map(reason).collect()
    }

    /// Whether an exclusion of the profile hits.
    pub fn excluded(&self, profile: &Profile) -> bool {
        let hits = |root: &Node| !matches(&self.index, &self.stems, root).is_empty();
        profile.exclusions.iter().any(|one| hits(&self.acronyms.expand(one.query.root())))
    }

    /// What an interest finds here.
    pub(super) fn find(&self, interest: &Query) -> Option<Found> {
        let root = self.acronyms.expand(interest.root());
        let quality = matches(&self.index, &self.stems, &root).first()?.quality;
        let marks = marks(&self.index, &self.stems, &root);
        Some(Found { quality, hits: self.hits(&marks) })
    }

    /// The places of the marks, in order, overlapping ones joined.
    fn hits(&self, marks: &[Mark]) -> Vec<(Field, Span)> {
        let mut found: Vec<(Field, Span)> = marks.iter().filter_map(|mark| self.span(mark)).collect();
        found.sort_unstable();
        let mut hits: Vec<(Field, Span)> = Vec::with_capacity(found.len());
        for (field, span) in found {
            match hits.last_mut() {
                Some((before, last)) if *before == field && span.start < last.end => last.end = last.end.max(span.end),
                _ => hits.push((field, span)),
            }
        }
        hits.truncate(MAX_HITS);
        hits
    }

    fn span(&self, mark: &Mark) -> Option<(Field, Span)> {
        let number = usize::from(mark.hit.field);
        let places = self.places.get(number)?;
        let first = places.partition_point(|(position, _)| *position < mark.hit.start);
        let after = places.partition_point(|(position, _)| *position < mark.hit.end);
        let span = Span { start: places.get(first)?.1.start, end: places.get(after.checked_sub(1)?)?.1.end };
        let field = FIELDS.into_iter().find(|field| field_number(*field) == mark.hit.field)?;
        (span.start < span.end).then_some((field, span))
    }
}

/// The bytes of each position of a list of texts joined with `", "`.
fn places_of<'a>(analyser: &mut Analyser, entries: impl Iterator<Item = &'a str>) -> Vec<(u32, Span)> {
    let mut places = Vec::new();
    let mut first = 0_u32;
    let mut offset = 0_u32;
    for entry in entries {
        analyser.tokens(entry, first, |token| {
            // The first token of a position is its word; wider ones only repeat it.
            if places.last().is_none_or(|(position, _)| *position < token.position) {
                places.push((token.position, Span { start: offset + token.start, end: offset + token.end }));
            }
        });
        let length = u32::try_from(entry.len() + 2).unwrap_or(u32::MAX);
        let (Some(next), Some(begin)) = (first.checked_add(ENTRY), offset.checked_add(length)) else { break };
        first = next;
        offset = begin;
    }
    places
}
