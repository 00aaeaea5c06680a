//! Where every word stands: an index of the fields of a batch of documents.
//!
//! Titles and abstracts are indexed under stems, names of authors and categories as they are.
//! Entries of a list (authors, categories) begin at multiples of [`ENTRY`] positions, so that
//! no phrase reaches from one name into the next.

use std::collections::HashMap;

use super::analyser::Analyser;
use super::lexicon::Lexicon;
use super::query::leaf::category_key;
use super::segment::Doc;
use super::stem::Stems;
use crate::model::Field;

/// Positions set aside for one author or category.
pub(super) const ENTRY: u32 = 64;
/// Before the whole name of a category; no word begins so.
pub(super) const WHOLE: char = '=';

/// One occurrence of a word in eight bytes, because an index consists mostly of these: from the
/// highest bit on document (16), field (2), position (22), width (8), and which of the forms of its stem (16).
/// In this order they sort as they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence(u64);

impl Occurrence {
    /// Words further on in a text are not indexed.
    const MAX_POSITION: u32 = (1 << 22) - 1;

    fn new(doc: u16, field: u8, position: u32, width: u8) -> Option<Self> {
        let place = u64::from(doc) << 48 | u64::from(field) << 46 | u64::from(position) << 24;
        (position <= Self::MAX_POSITION).then_some(Self(place | u64::from(width) << 16))
    }

    /// Which document of the batch.
    pub(super) fn doc(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// In which of its fields; see [`field_number`].
    pub(super) fn field(self) -> u8 {
        (self.0 >> 46 & 3) as u8
    }

    /// First position.
    pub(super) fn position(self) -> u32 {
        (self.0 >> 24) as u32 & Self::MAX_POSITION
    }

    /// How many positions it covers.
    pub(super) fn width(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// Which of the forms of its stem.
    fn form(self) -> u16 {
        self.0 as u16
    }
}

/// The order in which fields are indexed and reported.
pub(super) fn field_number(field: Field) -> u8 {
    match field {
        Field::Title => 0,
        Field::Abstract => 1,
        Field::Author => 2,
        Field::Category => 3,
    }
}

/// The index of one batch of documents.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Titles and abstracts.
    pub text: Words,
    /// Authors and categories.
    pub names: Words,
    /// Words of title and abstract together, for each document.
    pub lengths: Box<[u32]>,
}

/// The words of some fields.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Folded forms.
    surfaces: Lexicon,
    /// For each surface, its stem and which of its forms it is.
    stem_of: Box<[(u32, u16)]>,
    stems: Lexicon,
    /// For each stem, where its occurrences begin; one more at the end.
    starts: Box<[u32]>,
    occurrences: Box<[Occurrence]>,
}

impl Words {
    /// All occurrences of a stem, ordered by document, field and position.
    pub(super) fn of_stem(&self, stem: &str) -> &[Occurrence] {
        self.stems.find(stem).map_or(&[], |stem| self.of_stem_id(stem))
    }

    fn of_stem_id(&self, stem: usize) -> &[Occurrence] {
        let range = self.starts.get(stem).zip(self.starts.get(stem + 1));
        range.map_or(&[], |(&from, &to)| &self.occurrences[from as usize..to as usize])
    }

    /// All occurrences of exactly this form.
    pub(super) fn of_surface(&self, surface: &str) -> impl Iterator<Item = &Occurrence> {
        self.surfaces.find(surface).into_iter().flat_map(|surface| self.of_surface_id(surface))
    }

    fn of_surface_id(&self, surface: usize) -> impl Iterator<Item = &Occurrence> {
        let (stem, form) = self.stem_of[surface];
        self.of_stem_id(stem as usize).iter().filter(move |at| at.form() == form)
    }

    /// All occurrences of forms that begin with `prefix`, in no order.
    pub(super) fn of_prefix(&self, prefix: &str) -> impl Iterator<Item = &Occurrence> {
        self.surfaces.beginning_with(prefix).flat_map(|surface| self.of_surface_id(surface))
    }

    /// How many bytes they take.
    fn bytes(&self) -> usize {
        let lists = size_of_val(&*self.stem_of) + size_of_val(&*self.starts) + size_of_val(&*self.occurrences);
        self.surfaces.bytes() + self.stems.bytes() + lists
    }
}

impl Index {
    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.bytes() + self.names.bytes() + size_of_val(&*self.lengths)
    }
}

/// Gathers occurrences and sorts them once.
#[derive(Default)]
struct WordsBuilder {
    ids: HashMap<Box<str>, u32>,
    occurrences: Vec<(u32, Occurrence)>,
}

impl WordsBuilder {
    fn push(&mut self, surface: &str, doc: u16, field: u8, position: u32, width: u8) {
        let Some(occurrence) = Occurrence::new(doc, field, position, width) else { return };
        let id = match self.ids.get(surface) {
            Some(&id) => id,
            None => {
                let id = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
                self.ids.insert(surface.into(), id);
                id
            }
        };
        self.occurrences.push((id, occurrence));
    }

    fn finish(mut self, stem: impl Fn(&str) -> Box<str>) -> Words {
        let mut surfaces: Vec<(Box<str>, u32)> = self.ids.into_iter().collect();
        surfaces.sort_unstable();
        let stemmed: Vec<Box<str>> = surfaces.iter().map(|(surface, _)| stem(surface)).collect();
        let mut stems: Vec<&str> = stemmed.iter().map(|stem| &**stem).collect();
        stems.sort_unstable();
        stems.dedup();
        let stem_words = Lexicon::of_sorted(stems.iter().copied());
        let mut forms = vec![0_u16; stems.len()];
        let mut meaning = vec![(0_u32, 0_u16); surfaces.len()];
        let mut stem_of = Vec::with_capacity(surfaces.len());
        for ((_, id), stem) in surfaces.iter().zip(&stemmed) {
            let at = stem_words.find(stem).unwrap_or_default();
            let known = (u32::try_from(at).unwrap_or(u32::MAX), forms[at]);
            forms[at] = forms[at].saturating_add(1);
            meaning[*id as usize] = known;
            stem_of.push(known);
        }
        for (id, occurrence) in &mut self.occurrences {
            let (stem, form) = meaning[*id as usize];
            *id = stem;
            occurrence.0 |= u64::from(form);
        }
        self.occurrences.sort_unstable();
        let mut starts = Vec::with_capacity(stems.len() + 1);
        for stem in 0..=stems.len() {
            let before = self.occurrences.partition_point(|(known, _)| (*known as usize) < stem);
            starts.push(u32::try_from(before).unwrap_or(u32::MAX));
        }
        Words {
            surfaces: Lexicon::of_sorted(surfaces.iter().map(|(surface, _)| &**surface)),
            stem_of: stem_of.into(),
            stems: stem_words,
            starts: starts.into(),
            occurrences: self.occurrences.into_iter().map(|(_, occurrence)| occurrence).collect(),
        }
    }
}

/// Indexes `docs`, of which there are at most 65,536.
pub(super) fn build<'a>(docs: impl IntoIterator<Item = &'a Doc<'a>>) -> Index {
    let mut text = WordsBuilder::default();
    let mut names = WordsBuilder::default();
    let mut lengths = Vec::new();
    let mut analyser = Analyser::default();
    for (number, doc) in docs.into_iter().enumerate() {
        let Ok(number) = u16::try_from(number) else { break };
        let mut length = 0;
        for (field, content) in [(Field::Title, doc.title), (Field::Abstract, doc.abstract_text)] {
            let field = field_number(field);
            length += analyser.tokens(content, 0, |token| {
                text.push(token.text, number, field, token.position, token.width);
            });
        }
        lengths.push(length);
        for (field, list) in [(Field::Author, doc.authors), (Field::Category, doc.categories)] {
            index_list(&mut names, &mut analyser, number, field, list);
        }
    }
    let stems = Stems::new();
    Index {
        text: text.finish(|word| stems.of(word).into()),
        names: names.finish(|word| word.into()),
        lengths: lengths.into(),
    }
}

fn index_list(names: &mut WordsBuilder, analyser: &mut Analyser, doc: u16, field: Field, list: &[String]) {
    let number = field_number(field);
    let mut first = 0_u32;
    for entry in list {
        let end = analyser.tokens(entry, first, |token| {
            // A name longer than its place is no name; what does not fit is not found.
            if token.position + u32::from(token.width) < first + ENTRY {
                names.push(token.text, doc, number, token.position, token.width);
            }
        });
        if field == Field::Category && end > first {
            let width = u8::try_from((end - first).min(ENTRY - 1)).unwrap_or(u8::MAX);
            names.push(&format!("{WHOLE}{}", category_key(entry)), doc, number, first, width);
        }
        let Some(next) = first.checked_add(ENTRY) else { return };
        first = next;
    }
}
