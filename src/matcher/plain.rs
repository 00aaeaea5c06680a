//! The plain way to rank: any window, segment by segment, in code that can be seen to be right.
//!
//! [`super::Lineup`] ranks many profiles over one window several times as fast, with the same result.

use super::rank::{Matcher, Ranking, Scratch, Winner};
use super::row::Row;
use super::segment::{Segment, Window};
use super::top::{Best, Candidate};
use crate::model::PaperId;

/// Ranks the papers of `window` for one profile.
pub(super) fn rank(
    matcher: &Matcher,
    scratch: &mut Scratch,
    row: Row<'_>,
    window: &Window,
    shown: &[PaperId],
    k: usize,
) -> Ranking {
    if row.is_empty() {
        return Ranking::default();
    }
    let mut matched = 0;
    let mut best = Best::new(k);
    scratch.candidates.clear();
    for (number, segment) in matcher.segments.iter().enumerate() {
        let range = segment.range(window);
        if range.is_empty() {
            continue;
        }
        if scratch.counters.len() < range.len() {
            scratch.counters.resize(range.len(), 0);
        }
        let counters = &mut scratch.counters[..range.len()];
        add(matcher, counters, row, number, range.start);
        clear_shown(counters, segment, range.start, shown);
        for (&score, doc) in counters.iter().zip(range).filter(|(score, _)| **score > 0) {
            matched += 1;
            best.offer(
                &mut scratch.candidates,
                Candidate {
                    missing_score: u32::MAX - score,
                    missing_trend: u32::MAX - segment.trend[doc],
                    paper: segment.papers[doc],
                },
            );
        }
        counters.fill(0);
    }
    scratch.candidates.sort_unstable();
    scratch.candidates.truncate(k);
    let winner = |one: &Candidate| Winner { paper: one.paper, score: u64::from(u32::MAX - one.missing_score) };
    Ranking { winners: scratch.candidates.iter().map(winner).collect(), matched }
}

/// Adds up the impacts of the interests, then clears what the exclusions hit.
fn add(matcher: &Matcher, counters: &mut [u32], row: Row<'_>, segment: usize, from: usize) {
    let to = from + counters.len();
    for line in row.0 {
        let Some(postings) = matcher.postings(line.id()) else { continue };
        for (doc, impact) in postings.within(matcher.segments.len(), segment, from, to) {
            let counter = &mut counters[doc - from];
            *counter = if line.is_exclusion() { 0 } else { *counter + impact * line.tenths() };
        }
    }
}

fn clear_shown(counters: &mut [u32], segment: &Segment, from: usize, shown: &[PaperId]) {
    let Some((first, last)) = segment.paper_bounds() else { return };
    let begin = shown.partition_point(|paper| *paper < first);
    for paper in shown[begin..].iter().take_while(|paper| **paper <= last) {
        let offset = segment.doc_of(*paper).and_then(|doc| usize::from(doc).checked_sub(from));
        if let Some(counter) = offset.and_then(|offset| counters.get_mut(offset)) {
            *counter = 0;
        }
    }
}
