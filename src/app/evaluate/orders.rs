//! The orders in which a day's papers can be put before a reader: ours, and those it must beat.

use std::collections::HashMap;

use super::people::Person;
use super::sample::SamplePaper;

/// Saturation of BM25, and how much the length of a text counts: the values of the textbooks
/// (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009).
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Words that say nothing about a paper.
const COMMON: [&str; 16] =
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "via", "with"];

/// Papers in which a keyword stands as a phrase, the newest first. Of papers of one day those are newer that were
/// published later.
pub(super) fn newest_with_phrase(day: &[&SamplePaper], person: &Person) -> Vec<usize> {
    let stands = |paper: &SamplePaper| person.keywords.iter().any(|keyword| paper.holds(&keyword.words));
    let mut order: Vec<usize> = (0..day.len()).filter(|index| stands(day[*index])).collect();
    order.sort_by_key(|index| std::cmp::Reverse((day[*index].paper.published_at, *index)));
    order
}

/// All papers, those with the most votes seen first.
pub(super) fn most_votes(seen: &[u32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by_key(|index| (std::cmp::Reverse(seen[*index]), *index));
    order
}

/// Okapi BM25 over the words of titles and abstracts.
pub(super) struct Bm25 {
    /// In how many papers each word stands.
    papers_with: HashMap<String, f64>,
    papers: f64,
    usual_length: f64,
}

impl Bm25 {
    /// Knows how common words are from these papers.
    pub(super) fn of(papers: &[&SamplePaper]) -> Self {
        let mut papers_with: HashMap<String, f64> = HashMap::new();
        let mut length = 0;
        for paper in papers {
            let counts = counts(paper);
            length += counts.values().sum::<u32>();
            counts.into_keys().for_each(|word| *papers_with.entry(word.to_owned()).or_default() += 1.0);
        }
        let count = f64::from(u32::try_from(papers.len()).unwrap_or(u32::MAX));
        Self { papers_with, papers: count, usual_length: f64::from(length) / count.max(1.0) }
    }

    /// The papers that have any word of the reader's keywords, the best first.
    pub(super) fn order(&self, day: &[&SamplePaper], person: &Person) -> Vec<usize> {
        let mut asked: Vec<&str> = person.keywords.iter().flat_map(|keyword| keyword.words.iter()).collect();
        asked.retain(|word| !COMMON.contains(word));
        asked.sort_unstable();
        asked.dedup();
        let scores = day.iter().map(|paper| self.score(&counts(paper), &asked)).enumerate();
        let mut scored: Vec<(usize, f64)> = scores.filter(|(_, score)| *score > 0.0).collect();
        scored.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        scored.into_iter().map(|(index, _)| index).collect()
    }

    fn score(&self, counts: &HashMap<&str, u32>, asked: &[&str]) -> f64 {
        let length = f64::from(counts.values().sum::<u32>());
        let norm = K1 * (1.0 - B + B * length / self.usual_length.max(1.0));
        let term = |word: &&str| {
            let times = f64::from(counts.get(word).copied().unwrap_or(0));
            let with = self.papers_with.get(*word).copied().unwrap_or(0.0);
            let rarity = (1.0 + (self.papers - with + 0.5) / (with + 0.5)).ln();
            rarity * times * (K1 + 1.0) / (times + norm)
        };
        asked.iter().map(term).sum()
    }
}

fn counts(paper: &SamplePaper) -> HashMap<&str, u32> {
    let mut counts = HashMap::new();
    for word in paper.words.iter().flat_map(|words| words.iter()) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}
