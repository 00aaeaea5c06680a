//! Ranks one profile over any window, segment by segment: nothing has to be prepared.
//!
//! For many profiles over one window [`super::Lineup`] is faster and comes to the same result.

use super::kernel::of_key;
use super::rank::{Matcher, Ranking, Scratch, Winner};
use super::row::Row;
use super::segment::{Segment, Window};
use crate::model::PaperId;

/// Orders by score, then trend, then paper, the best being the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    missing_score: u32,
    missing_trend: u32,
    paper: PaperId,
}

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
        let picked = scratch.kernel.pick(counters, k, &mut scratch.keys);
        matched += picked.matched;
        scratch.candidates.extend(scratch.keys[..picked.keys].iter().map(|key| {
            let (offset, score) = of_key(*key);
            let doc = range.start + offset;
            Candidate {
                missing_score: u32::MAX - score,
                missing_trend: u32::MAX - segment.trend[doc],
                paper: segment.papers[doc],
            }
        }));
    }
    scratch.candidates.sort_unstable();
    let winner = |one: &Candidate| Winner { paper: one.paper, score: u64::from(u32::MAX - one.missing_score) };
    Ranking { winners: scratch.candidates.iter().take(k).map(winner).collect(), matched }
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
