//! Where every word stands: an index of the fields of a batch of documents.
//!
//! Titles and abstracts are indexed under stems, names of authors and categories as they are.
//! Entries of a list (authors, categories) begin at multiples of [`ENTRY`] positions, so that
//! no phrase reaches from one name into the next.

use std::collections::HashMap;

use super::analyser::Analyser;
use super::query::leaf::category_key;
use super::segment::Doc;
use super::stem::Stems;
use crate::model::Field;

/// Positions set aside for one author or category.
pub(super) const ENTRY: u32 = 64;
/// Before the whole name of a category; no word begins so.
pub(super) const WHOLE: char = '=';

/// One occurrence of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// Which document of the batch.
    pub doc: u16,
    /// In which of its fields; see [`field_number`].
    pub field: u8,
    /// How many positions it covers.
    pub width: u8,
    /// First position.
    pub position: u32,
    /// The form as folded, an index into the sorted surfaces.
    pub surface: u32,
}

impl Occurrence {
    pub(super) fn key(&self) -> u64 {
        u64::from(self.doc) << 40 | u64::from(self.field) << 32 | u64::from(self.position)
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
    pub lengths: Vec<u32>,
}

/// The words of some fields.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Folded forms, sorted.
    surfaces: Vec<Box<str>>,
    /// For each surface, its stem.
    stem_of: Vec<u32>,
    stems: HashMap<Box<str>, u32>,
    /// For each stem, where its occurrences begin; one more at the end.
    starts: Vec<u32>,
    occurrences: Vec<Occurrence>,
}

impl Words {
    /// All occurrences of a stem, ordered by document, field and position.
    pub(super) fn of_stem(&self, stem: &str) -> &[Occurrence] {
        self.stems.get(stem).map_or(&[], |&stem| self.of_stem_id(stem))
    }

    fn of_stem_id(&self, stem: u32) -> &[Occurrence] {
        let range = self.starts.get(stem as usize).zip(self.starts.get(stem as usize + 1));
        range.map_or(&[], |(&from, &to)| &self.occurrences[from as usize..to as usize])
    }

    /// All occurrences of exactly this form.
    pub(super) fn of_surface(&self, surface: &str) -> impl Iterator<Item = &Occurrence> {
        let found = self.surfaces.binary_search_by(|known| (**known).cmp(surface)).ok();
        found.into_iter().flat_map(|surface| self.of_surface_id(surface))
    }

    fn of_surface_id(&self, surface: usize) -> impl Iterator<Item = &Occurrence> {
        let id = u32::try_from(surface).unwrap_or(u32::MAX);
        self.of_stem_id(self.stem_of[surface]).iter().filter(move |occurrence| occurrence.surface == id)
    }

    /// All occurrences of forms that begin with `prefix`, in no order.
    pub(super) fn of_prefix(&self, prefix: &str) -> impl Iterator<Item = &Occurrence> {
        let from = self.surfaces.partition_point(|known| **known < *prefix);
        let count = self.surfaces[from..].iter().take_while(|known| known.starts_with(prefix)).count();
        (from..from + count).flat_map(|surface| self.of_surface_id(surface))
    }
}

/// Gathers occurrences and sorts them once.
#[derive(Default)]
struct WordsBuilder {
    ids: HashMap<Box<str>, u32>,
    occurrences: Vec<Occurrence>,
}

impl WordsBuilder {
    fn push(&mut self, surface: &str, doc: u16, field: u8, position: u32, width: u8) {
        let id = match self.ids.get(surface) {
            Some(&id) => id,
            None => {
                let id = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
                self.ids.insert(surface.into(), id);
                id
            }
        };
        self.occurrences.push(Occurrence { doc, field, width, position, surface: id });
    }

    fn finish(mut self, stem: impl Fn(&str) -> Box<str>) -> Words {
        let mut sorted: Vec<(Box<str>, u32)> = self.ids.into_iter().collect();
        sorted.sort_unstable();
        let mut rank = vec![0_u32; sorted.len()];
        let mut words = Words::default();
        for (index, (surface, id)) in sorted.into_iter().enumerate() {
            rank[id as usize] = u32::try_from(index).unwrap_or(u32::MAX);
            let next = u32::try_from(words.stems.len()).unwrap_or(u32::MAX);
            words.stem_of.push(*words.stems.entry(stem(&surface)).or_insert(next));
            words.surfaces.push(surface);
        }
        for occurrence in &mut self.occurrences {
            occurrence.surface = rank[occurrence.surface as usize];
        }
        let stem_of = &words.stem_of;
        self.occurrences.sort_unstable_by_key(|at| (stem_of[at.surface as usize], at.key(), at.width));
        let mut from = 0;
        for stem in 0..words.stems.len() {
            words.starts.push(u32::try_from(from).unwrap_or(u32::MAX));
            let same = |at: &&Occurrence| stem_of[at.surface as usize] as usize == stem;
            from += self.occurrences[from..].iter().take_while(same).count();
        }
        words.starts.push(u32::try_from(from).unwrap_or(u32::MAX));
        words.occurrences = self.occurrences;
        words
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
    Index { text: text.finish(|word| stems.of(word).into()), names: names.finish(|word| word.into()), lengths }
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
