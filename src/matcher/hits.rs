//! Where a word, a phrase or a name stands in the documents of an index.
//!
//! The same code serves ranking, where only the weights count, and explaining, where the places do:
//! so a paper is explained exactly when it matches.

mod loose;
mod names;

use super::fold::is_cjk;
use super::index::{Index, Occurrence, Words, field_number};
use super::query::leaf::is_stop;
use super::query::{Leaf, What, Word};
use super::stem::Stems;
use crate::model::Field;

/// Weight of a full occurrence.
pub(super) const FULL: u32 = 8;
/// Weight of words that are near each other, but not side by side as asked for: on real days one such
/// place in 25 means what the words mean together, of places side by side every second.
pub(super) const NEAR: u32 = 1;

/// Looking a document up costs about as much as passing over so many occurrences.
const SEARCH_COST: usize = 16;

/// A stretch of positions in one field of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub doc: u16,
    pub field: u8,
    /// First position.
    pub start: u32,
    /// One past the last position.
    pub end: u32,
}

impl Hit {
    fn of(at: &Occurrence) -> Self {
        let start = at.position();
        Self { doc: at.doc(), field: at.field(), start, end: start + u32::from(at.width()) }
    }

    /// The field of a document it is in.
    fn place(&self) -> (u16, u8) {
        (self.doc, self.field)
    }
}

/// A place to mark, and what it adds to the weight of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub hit: Hit,
    /// [`FULL`], [`NEAR`], or 0 for the further words of one occurrence.
    pub weight: u32,
}

/// Everything a leaf hits, ordered by document.
pub(super) fn of_leaf(index: &Index, stems: &Stems, leaf: &Leaf) -> Vec<Mark> {
    let text = Searched { words: &index.text, stems: Some(stems), within: None };
    let names = Searched { words: &index.names, stems: None, within: None };
    let mut marks = match &leaf.what {
        What::Word(word) if word.pieces.len() == 1 && !is_run(&word.pieces[0]) => full(text.word(word)),
        What::Word(word) => full(everywhere(leaf.field, text.word(word), || names.word(word))),
        What::Prefix(prefix) if leaf.field == Some(Field::Author) => full(names.prefix(prefix)),
        What::Prefix(prefix) => full(text.prefix(prefix)),
        What::Phrase(words) => full(everywhere(leaf.field, text.phrase(words), || names.phrase(words))),
        What::Loose(words) => {
            let mut marks = text.loose(words);
            if leaf.field.is_none() {
                marks.append(&mut names.loose(words));
            }
            marks
        }
        What::Name(parts) => full(names::of_name(names.words, parts)),
        What::Category { name, below } => full(names::of_category(names.words, name, *below)),
    };
    if let Some(field) = leaf.field.map(field_number) {
        marks.retain(|mark| mark.hit.field == field);
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn is_run(piece: &str) -> bool {
    piece.chars().nth(1).is_some() && piece.starts_with(is_cjk)
}

fn everywhere(field: Option<Field>, mut hits: Vec<Hit>, in_names: impl FnOnce() -> Vec<Hit>) -> Vec<Hit> {
    if field.is_none() {
        hits.append(&mut in_names());
    }
    hits
}

fn full(hits: Vec<Hit>) -> Vec<Mark> {
    hits.into_iter().map(|hit| Mark { hit, weight: FULL }).collect()
}

/// Some fields, and how their words are stemmed.
struct Searched<'a> {
    words: &'a Words,
    stems: Option<&'a Stems>,
    /// Other documents cannot match; sorted.
    within: Option<Vec<u16>>,
}

impl<'a> Searched<'a> {
    /// The same fields, for words that must all be there: only documents with the rarest one matter.
    fn for_all_of(&self, words: &[Word]) -> Searched<'a> {
        let rarest = self.stems.and_then(|stems| {
            let one_form = |word: &&Word| !word.exact && word.pieces.len() == 1 && word.also.is_empty();
            let plain = words.iter().filter(one_form).filter(|word| !is_stop(word));
            plain.map(|word| self.words.of_stem(&stems.of(&word.pieces[0]))).min_by_key(|found| found.len())
        });
        let within = rarest.map(|found| {
            let mut docs: Vec<u16> = found.iter().map(|at| at.doc()).collect();
            docs.dedup();
            docs
        });
        Searched { within, ..*self }
    }

    /// A word in any of the ways it is written.
    fn word(&self, word: &Word) -> Vec<Hit> {
        let mut hits = self.written(word);
        // Names have no acronyms.
        if self.stems.is_some() && !word.also.is_empty() {
            for other in &word.also {
                hits.append(&mut self.side_by_side(&other.pieces, false));
            }
            hits.sort_unstable();
            hits.dedup();
        }
        hits
    }

    /// A word as typed: its pieces side by side, or the hyphenated word in one.
    fn written(&self, word: &Word) -> Vec<Hit> {
        let rest = word.pieces.len().saturating_sub(1);
        let mut hits = self.side_by_side(&word.pieces, word.exact);
        if (1..=2).contains(&rest) && !word.exact && !word.pieces.iter().any(|piece| piece.starts_with(is_cjk)) {
            hits.append(&mut self.plain(&word.pieces.concat(), false));
            hits.sort_unstable();
            hits.dedup();
        }
        hits
    }

    fn side_by_side(&self, pieces: &[String], exact: bool) -> Vec<Hit> {
        let Some((first, rest)) = pieces.split_first() else { return Vec::new() };
        let mut hits = self.piece(first, exact);
        for piece in rest {
            if hits.is_empty() {
                break;
            }
            hits = chain(&hits, &self.piece(piece, exact), 0);
        }
        hits
    }

    fn piece(&self, piece: &str, exact: bool) -> Vec<Hit> {
        if is_run(piece) { self.run(piece) } else { self.plain(piece, exact) }
    }

    fn plain(&self, piece: &str, exact: bool) -> Vec<Hit> {
        match self.stems {
            Some(stems) if !exact => {
                let found = self.words.of_stem(&stems.of(piece));
                match &self.within {
                    Some(docs) if docs.len() * SEARCH_COST < found.len() => in_docs(found, docs),
                    _ => found.iter().map(Hit::of).collect(),
                }
            }
            _ => self.words.of_surface(piece).map(Hit::of).collect(),
        }
    }

    /// A run without spaces: its pairs of characters, each one position after the other.
    fn run(&self, run: &str) -> Vec<Hit> {
        let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
        let mut hits: Option<Vec<Hit>> = None;
        for pair in starts.windows(3) {
            let next = self.plain(&run[pair[0]..pair[2]], true);
            hits = Some(match hits {
                None => next,
                Some(hits) => chain_overlapping(&hits, &next),
            });
        }
        hits.unwrap_or_default()
    }

    fn prefix(&self, prefix: &str) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.words.of_prefix(prefix).map(Hit::of).collect();
        hits.sort_unstable();
        // A hyphenated word in one does not count beside its first piece, which hits as well.
        hits.dedup_by_key(|hit| (hit.doc, hit.field, hit.start));
        hits
    }

    /// Words side by side, in order.
    fn phrase(&self, words: &[Word]) -> Vec<Hit> {
        let narrow = self.for_all_of(words);
        let mut words = words.iter();
        let mut hits = words.next().map(|word| narrow.word(word)).unwrap_or_default();
        for word in words {
            if hits.is_empty() {
                break;
            }
            hits = chain(&hits, &narrow.word(word), 0);
        }
        hits
    }

    /// Words near each other.
    fn loose(&self, words: &[Word]) -> Vec<Mark> {
        let narrow = self.for_all_of(words);
        let mut elements: Vec<loose::Element> = Vec::new();
        let mut gap = 0;
        for word in words {
            if is_stop(word) {
                gap += width(word);
                continue;
            }
            let hits = narrow.word(word);
            if hits.is_empty() {
                return Vec::new();
            }
            elements.push(loose::Element { hits, gap, width: width(word), key: self.key(word) });
            gap = 0;
        }
        loose::marks(&elements)
    }

    /// Words with equal keys hit the same places, so that a run with both needs two of them.
    fn key(&self, word: &Word) -> String {
        let Some(stems) = self.stems.filter(|_| !word.exact) else { return format!("={}", word.pieces.join("-")) };
        let of = |pieces: &[String]| pieces.iter().map(|piece| stems.of(piece)).collect::<Vec<_>>().join("-");
        word.also.iter().map(|other| of(&other.pieces)).fold(of(&word.pieces), Ord::min)
    }
}

/// The occurrences in these documents.
fn in_docs(found: &[Occurrence], docs: &[u16]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut rest = found;
    for doc in docs {
        rest = &rest[rest.partition_point(|at| at.doc() < *doc)..];
        let here = rest.partition_point(|at| at.doc() == *doc);
        hits.extend(rest[..here].iter().map(Hit::of));
        rest = &rest[here..];
    }
    hits
}

/// How many positions a word takes when its pieces are apart.
fn width(word: &Word) -> u32 {
    let widths = word.pieces.iter().map(|piece| if is_run(piece) { piece.chars().count() } else { 1 });
    u32::try_from(widths.sum::<usize>()).unwrap_or(u32::MAX)
}

/// Pairs of hits of which the second begins `gap` positions after the first ends.
fn chain(first: &[Hit], second: &[Hit], gap: u32) -> Vec<Hit> {
    join(first, second, |hit| hit.end.saturating_add(gap))
}

/// Pairs of hits of which the second begins on the last position of the first.
fn chain_overlapping(first: &[Hit], second: &[Hit]) -> Vec<Hit> {
    join(first, second, |hit| hit.end.saturating_sub(1))
}

/// Both lists are in order, so each is gone through once.
fn join(first: &[Hit], second: &[Hit], begins: impl Fn(&Hit) -> u32) -> Vec<Hit> {
    let place = |hit: &Hit, start: u32| (hit.doc, hit.field, start);
    let in_order = |hits: &[Hit]| hits.is_sorted_by_key(|hit| place(hit, hit.start));
    debug_assert!(in_order(first) && in_order(second), "occurrences are kept in order");
    let mut joined = Vec::new();
    let mut rest = second;
    for hit in first {
        rest = behind(rest, |next| place(next, next.start) < place(hit, hit.start));
        // What is wanted does not begin before the hit itself.
        let wanted = place(hit, begins(hit));
        let near = rest.iter().skip_while(|next| place(next, next.start) < wanted);
        let same = near.take_while(|next| place(next, next.start) == wanted);
        joined.extend(same.map(|next| Hit { end: next.end, ..*hit }));
    }
    joined.sort_unstable();
    joined.dedup();
    joined
}

/// The hits behind the first ones that are `before`: looked for in steps that grow, as they are mostly near.
fn behind(hits: &[Hit], before: impl Fn(&Hit) -> bool) -> &[Hit] {
    let mut step = 1;
    while hits.get(step - 1).is_some_and(&before) {
        step *= 2;
    }
    let from = step / 2;
    &hits[from + hits[from..hits.len().min(step - 1)].partition_point(before)..]
}
