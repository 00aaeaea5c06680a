//! Made-up readers: seeded groups of keywords that papers of one month have in common.

use super::chance::Chance;
use super::sample::{Month, Sample, SamplePaper};
use super::words::Words;
use crate::matcher::{MAX_QUERY_CHARS, Query};

/// A reader has at least so many keywords ...
const FEWEST: usize = 5;
/// ... and at most so many.
const MOST: usize = 10;
/// Steps in which a group may fail to grow before another is begun.
const PATIENCE: usize = 200;
/// Groups that may stay too small for each that is wanted.
const ATTEMPTS: usize = 20;

/// What a keyword may hold and an interest means something else by.
const SIGNS: [char; 12] = ['(', ')', '"', '^', '*', ':', '=', '|', '&', '!', ',', '+'];

/// One keyword of a reader.
pub(super) struct Keyword {
    /// As the papers have it.
    pub words: Words,
    /// To compare.
    pub key: String,
    /// The line of the profile.
    pub line: String,
}

impl Keyword {
    /// A keyword as an interest: its words as a person would type them; with signs that mean something in
    /// the query language, such as brackets, in quotes. `None` if that is refused.
    pub(super) fn of(text: &str) -> Option<Self> {
        let words = Words::of(text);
        let plain = text.trim().trim_start_matches(['-', '#', '−', '–']);
        let line = if plain.contains(SIGNS) { format!("\"{}\"", plain.replace('"', " ")) } else { plain.to_owned() };
        Query::parse(&line).ok()?;
        let usable = !words.is_empty() && text.chars().count() <= MAX_QUERY_CHARS;
        usable.then(|| Self { key: words.key(), words, line })
    }
}

/// A made-up reader.
pub(super) struct Person {
    pub keywords: Vec<Keyword>,
}

impl Person {
    /// The text of the profile.
    pub(super) fn profile(&self) -> String {
        self.keywords.iter().map(|keyword| format!("{}\n", keyword.line)).collect()
    }

    /// Whether a paper was given a keyword of this reader.
    pub(super) fn wants(&self, paper: &SamplePaper) -> bool {
        self.keywords.iter().any(|keyword| paper.keys.contains(&keyword.key))
    }
}

/// `count` readers after the papers of a month; fewer when these have too few keywords.
///
/// A group begins with a keyword of a paper drawn at random. It grows along papers: a keyword of the group
/// is drawn, then a paper that has it, then a keyword of that paper. So every keyword of a group stands beside
/// another one of it in some paper, and what many papers have is in many groups.
pub(super) fn people(sample: &Sample, month: Month, count: usize, seed: u64) -> Vec<Person> {
    let papers: Vec<&SamplePaper> = sample.of(month).filter(|paper| !paper.keywords.is_empty()).collect();
    let mut chance = Chance::of(seed, "people");
    let groups = (0..count.saturating_mul(ATTEMPTS)).filter_map(|_| person(&papers, &mut chance));
    groups.take(count).collect()
}

fn person(papers: &[&SamplePaper], chance: &mut Chance) -> Option<Person> {
    let size = FEWEST + chance.below(MOST - FEWEST + 1);
    let mut keywords: Vec<Keyword> = Vec::new();
    for _ in 0..PATIENCE {
        let near: Vec<&SamplePaper> = match chance.pick(&keywords) {
            Some(known) => papers.iter().copied().filter(|paper| paper.keys.contains(&known.key)).collect(),
            None => papers.to_vec(),
        };
        let paper = chance.pick(&near)?;
        let drawn = chance.pick(&paper.keywords).and_then(|text| Keyword::of(text));
        keywords.extend(drawn.filter(|drawn| keywords.iter().all(|known| known.key != drawn.key)));
        if keywords.len() == size {
            break;
        }
    }
    (keywords.len() >= FEWEST).then_some(Person { keywords })
}
