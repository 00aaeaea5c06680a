//! Acronyms that papers define themselves: *large language models (LLMs)*.
//!
//! [`Definitions`] gathers what a batch of papers defines, [`Acronyms`] is the table made from some
//! batches: pairs of an acronym and its long form on which enough papers agree. It is applied when an
//! interest is evaluated or explained, so that *LLM* finds the long form and the long form *LLM*;
//! the interest itself, its canonical text and its identity do not know of it.
//!
//! A pair is kept when enough papers define it ([`MIN_PAPERS`]), when more than three quarters of the
//! definitions of the acronym mean this long form and of the long form this acronym, and when the acronym
//! is not an everyday word in small letters (*MAP*, *CLIP*). This module knows no database; whoever has papers hands them in.

mod definition;
mod definitions;
mod expand;

use std::collections::{BTreeMap, HashMap};

pub use definitions::Definitions;

use super::query::Query;
use super::stem::Stems;
use definitions::Form;

/// Papers that must define a pair; of acronyms of two letters, which mean many things, the second number.
const MIN_PAPERS: (u32, u32) = (3, 5);
/// Of the papers that define the acronym, and of those that abbreviate the long form, more than so many in a hundred
/// must agree: at 75, *SSL* (self-supervised in 9 of 12, semi-supervised in 3) stays what it is.
const MIN_SHARE: u32 = 75;
/// Of the papers with the word, so many in a hundred may write it in small letters.
const MOST_SMALL: u32 = 10;
/// Ways of writing a long form that are looked for.
const MOST_FORMS: usize = 3;

/// Another way to write a word.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Synonym {
    /// Its folded pieces, side by side.
    pub pieces: Vec<String>,
    /// As people read it.
    pub written: String,
}

/// A table of acronyms and their long forms. The default is empty and changes nothing.
#[derive(Default)]
pub struct Acronyms {
    /// By the key of the acronym.
    long_of: HashMap<String, Vec<Synonym>>,
    /// By the stems of the long form, separated by spaces.
    short_of: HashMap<String, Synonym>,
    /// Pieces of the longest long form.
    longest: usize,
    stems: Stems,
}

impl std::fmt::Debug for Acronyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.pairs()).finish()
    }
}

impl Acronyms {
    /// The table on which these batches agree; the order in which they come does not matter.
    pub fn learn<'a>(batches: impl IntoIterator<Item = &'a Definitions>) -> Self {
        let mut all = Definitions::default();
        for batch in batches {
            all.add(batch);
        }
        let mut table = Self::default();
        let mut of_long: HashMap<&str, u32> = HashMap::new();
        for meanings in all.meanings.values() {
            for (long, meaning) in meanings {
                *of_long.entry(long).or_default() += meaning.papers;
            }
        }
        for (short, meanings) in &all.meanings {
            let defined: u32 = meanings.values().map(|meaning| meaning.papers).sum();
            // Of equals the first by spelling: the table must not depend on the order of papers.
            let best = meanings.iter().max_by_key(|(long, meaning)| (meaning.papers, std::cmp::Reverse(*long)));
            let Some((long, meaning)) = best else { continue };
            let agreed = |of: u32| meaning.papers * 100 > of * MIN_SHARE;
            let abbreviated = of_long.get(long.as_str()).copied().unwrap_or(0);
            let enough = if short.len() > 2 { MIN_PAPERS.0 } else { MIN_PAPERS.1 };
            if meaning.papers >= enough && agreed(defined) && agreed(abbreviated) && !all.is_everyday(short) {
                table.insert(short, &meaning.shorts, &meaning.forms);
            }
        }
        table
    }

    fn insert(&mut self, short: &str, shorts: &BTreeMap<String, u32>, forms: &BTreeMap<Form, u32>) {
        let written = most(shorts).cloned().unwrap_or_else(|| short.to_uppercase());
        let short_form = Synonym { pieces: vec![short.to_owned()], written };
        // Forms with equal stems find the same; the shortest of them is shown.
        let mut by_stems: BTreeMap<String, (u32, &Form)> = BTreeMap::new();
        for (form, papers) in forms {
            let known = by_stems.entry(self.key(&form.pieces)).or_insert((0, form));
            known.0 += papers;
            if (form.written.len(), form) < (known.1.written.len(), known.1) {
                known.1 = form;
            }
        }
        let mut ranked: Vec<(String, (u32, &Form))> = by_stems.into_iter().collect();
        ranked.sort_by(|one, other| other.1.0.cmp(&one.1.0).then_with(|| one.0.cmp(&other.0)));
        ranked.truncate(MOST_FORMS);
        for (key, (_, form)) in ranked {
            self.longest = self.longest.max(form.pieces.len());
            let long = Synonym { pieces: form.pieces.clone(), written: form.written.clone() };
            self.long_of.entry(self.stems.of(short).into_owned()).or_default().push(long);
            self.short_of.insert(key, short_form.clone());
        }
    }

    fn key(&self, pieces: &[String]) -> String {
        pieces.iter().map(|piece| self.stems.of(piece)).collect::<Vec<_>>().join(" ")
    }

    /// How many acronyms there are.
    pub fn len(&self) -> usize {
        self.long_of.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.long_of.is_empty()
    }

    /// Acronyms and their usual long forms as people read them, in the order of their letters.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = self
            .long_of
            .values()
            .filter_map(|forms| {
                let long = forms.first()?;
                Some((self.short_of.get(&self.key(&long.pieces))?.written.clone(), long.written.clone()))
            })
            .collect();
        pairs.sort_unstable();
        pairs
    }

    /// What an interest finds beside what it says, as people read it: for *llm agents* "large language model".
    pub fn also(&self, query: &Query) -> Vec<String> {
        let mut found = Vec::new();
        expand::synonyms(&self.expand(query.root()), &mut found);
        found
    }
}

/// The most frequent, of equals the first by spelling.
fn most<T: Ord>(counts: &BTreeMap<T, u32>) -> Option<&T> {
    counts.iter().max_by_key(|(written, count)| (**count, std::cmp::Reverse(*written))).map(|(written, _)| written)
}

#[cfg(test)]
mod tests;
