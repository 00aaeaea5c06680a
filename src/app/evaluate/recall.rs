//! How many of the keywords that stand in a paper's text find that paper when they are interests.

use std::sync::Arc;

use serde::Serialize;

use super::people::Keyword;
use super::replay::doc;
use super::sample::{Month, Sample};
use super::words::Words;
use crate::matcher::trend::NEUTRAL_FACTOR;
use crate::matcher::{Matcher, Profile, Segment};

/// Keywords that stand in title or abstract as consecutive words, ignoring case, hyphens and the plural -s.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Recall {
    /// Pairs of a paper and a keyword of its own that stands in it.
    pub standing: usize,
    /// Of those, pairs in which the keyword as an interest finds the paper.
    pub found: usize,
    /// `found / standing`, 1 when nothing stands anywhere.
    pub share: f64,
    /// The other pairs: name of the paper, keyword.
    pub missed: Vec<(String, String)>,
}

/// Looks for every keyword of a month's papers in the paper that was given it.
pub(super) fn recall(sample: &Sample, month: Month) -> Recall {
    let papers = || sample.papers.iter().enumerate().filter(|(_, paper)| month.has(paper.day));
    let docs = papers().map(|(index, _)| doc(sample, index, NEUTRAL_FACTOR));
    let matcher = Matcher::new(Segment::build_many(docs).into_iter().map(Arc::new).collect());
    let mut recall = Recall::default();
    for (index, paper) in papers() {
        for text in paper.keywords.iter().filter(|text| paper.holds(&Words::of(text))) {
            let line = Keyword::of(text).map(|keyword| keyword.line).unwrap_or_default();
            let profile = matcher.compile(&Profile::from_text(&line));
            recall.standing += 1;
            if matcher.interests_hit(&profile, super::replay::id(index)).is_empty() {
                recall.missed.push((paper.name().to_owned(), text.clone()));
            }
        }
    }
    recall.found = recall.standing - recall.missed.len();
    recall.share = if recall.standing == 0 { 1.0 } else { ratio(recall.found, recall.standing) };
    recall
}

#[expect(clippy::cast_precision_loss, reason = "counts of keywords are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
