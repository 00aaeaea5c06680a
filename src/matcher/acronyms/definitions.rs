//! What a batch of papers says of acronyms: pairs with the number of papers that define them, and how
//! often candidates are everyday words.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::MOST_SMALL;
use super::definition::definitions;
use crate::matcher::analyser::Analyser;
use crate::matcher::fold::fold_str;
use crate::matcher::stem::{Stems, is_stop_word};

/// Words up to this length are looked at for everyday words.
const MAX_EVERYDAY: usize = 8;
/// A long form has at most so many pieces.
const MAX_PIECES: usize = 8;

/// One way to write a long form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    pub pieces: Vec<String>,
    /// In small letters, hyphens as written.
    pub written: String,
}

/// One meaning of an acronym.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Papers that define it.
    pub papers: u32,
    /// How the long form was written.
    pub forms: BTreeMap<Form, u32>,
    /// How the acronym was written.
    pub shorts: BTreeMap<String, u32>,
}

/// What a batch of papers says of acronyms, for [`super::Acronyms::learn`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions {
    /// By folded acronym, then by what ways of writing the long form have in common.
    pub(super) meanings: BTreeMap<String, BTreeMap<String, Meaning>>,
    /// Short words with the number of papers that write them in small letters, and with capitals.
    words: HashMap<Box<str>, (u32, u32)>,
}

impl Definitions {
    /// Reads papers, each a title and an abstract in display text.
    pub fn of<'a>(papers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut batch = Self::default();
        let (stems, mut analyser) = (Stems::new(), Analyser::default());
        for (title, text) in papers {
            let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
            for part in [title, text] {
                definitions(part, |short, long| batch.note(short, long, &stems, &mut analyser, &mut seen));
            }
            batch.count_words([title, text]);
        }
        batch
    }

    fn note(
        &mut self,
        short: &str,
        long: &str,
        stems: &Stems,
        analyser: &mut Analyser,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        let mut pieces: Vec<String> = Vec::new();
        analyser.pieces(long, |piece| pieces.push(piece.text.to_owned()));
        let Some((last, first)) = pieces.split_last().filter(|_| pieces.len() <= MAX_PIECES) else { return };
        // Hyphen, space or neither, singular or plural, "from" or "with": one long form.
        let telling = first.iter().filter(|piece| !is_stop_word(piece));
        let common =
            telling.map(|piece| piece.strip_suffix('s').unwrap_or(piece)).collect::<String>() + &stems.of(last);
        let folded = short.to_ascii_lowercase();
        let meaning = self.meanings.entry(folded.clone()).or_default().entry(common.clone()).or_default();
        *meaning.shorts.entry(short.to_owned()).or_default() += 1;
        if seen.insert((folded, common)) {
            meaning.papers += 1;
            let written = fold_str(long).split_whitespace().collect::<Vec<_>>().join(" ");
            *meaning.forms.entry(Form { pieces, written }).or_default() += 1;
        }
    }

    fn count_words(&mut self, texts: [&str; 2]) {
        let words = texts.into_iter().flat_map(|text| text.split(|ch: char| !ch.is_ascii_alphanumeric()));
        let mut seen: HashSet<(&str, bool)> = HashSet::new();
        for word in words.filter(|word| (2..=MAX_EVERYDAY).contains(&word.len())) {
            let small = !word.bytes().any(|byte| byte.is_ascii_uppercase());
            let capitals = word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
            if (small || capitals) && seen.insert((word, small)) {
                let counts = self.words.entry(word.to_ascii_lowercase().into()).or_default();
                *(if small { &mut counts.0 } else { &mut counts.1 }) += 1;
            }
        }
    }

    /// Takes in what another batch says.
    pub(super) fn add(&mut self, other: &Self) {
        for (short, meanings) in &other.meanings {
            let known = self.meanings.entry(short.clone()).or_default();
            for (long, meaning) in meanings {
                let known = known.entry(long.clone()).or_default();
                known.papers += meaning.papers;
                for (form, count) in &meaning.forms {
                    *known.forms.entry(form.clone()).or_default() += count;
                }
                for (short, count) in &meaning.shorts {
                    *known.shorts.entry(short.clone()).or_default() += count;
                }
            }
        }
        for (word, (small, capitals)) in &other.words {
            let known = self.words.entry(word.clone()).or_default();
            known.0 += small;
            known.1 += capitals;
        }
    }

    /// Whether a folded acronym is also a word that people write in small letters, in singular or plural.
    pub(super) fn is_everyday(&self, short: &str) -> bool {
        let counts = [short.to_owned(), format!("{short}s")].map(|form| self.words.get(form.as_str()).copied());
        let (small, capitals) = counts.into_iter().flatten().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        small * 100 > (small + capitals) * MOST_SMALL
    }
}
