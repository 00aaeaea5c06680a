//! A digest in which every interest is heard.

use std::cmp::Reverse;

use super::lineup::Lineup;
use super::rank::{Matcher, Ranking, Scratch, Winner};
use super::row::{CompiledProfile, Row};
use super::segment::Window;
use crate::model::PaperId;

/// For each paper of a digest so many of the best are looked at, to find out which interests they speak for.
const LOOKED_AT: usize = 4;

/// An interest waits with its next paper after so many, until all others were heard.
const FAIR_SHARE: usize = 3;

impl Matcher {
    /// [`Matcher::rank_with`] for a digest of `limit` papers. First stand, best first, the papers that [`diversify`]
    /// chooses, then the others that were looked at. An interest that has matches, but none of them among the
    /// best, takes part with its own best one.
    pub fn choose(
        &self,
        scratch: &mut Scratch,
        profile: &CompiledProfile,
        window: &Window,
        shown: &[PaperId],
        limit: usize,
    ) -> Ranking {
        self.choose_among(profile, limit, |row, k| self.rank_with(scratch, row, window, shown, k))
    }

    /// The same, where `rank` gives the best so many for a row.
    fn choose_among(
        &self,
        profile: &CompiledProfile,
        limit: usize,
        mut rank: impl FnMut(Row<'_>, usize) -> Ranking,
    ) -> Ranking {
        let looked_at = limit.saturating_mul(LOOKED_AT);
        let Ranking { winners, matched } = rank(profile.row(), looked_at);
        let with_hits = |winner: Winner| (winner, self.interests_hit(profile, winner.paper));
        let mut ranked: Vec<(Winner, Vec<usize>)> = winners.into_iter().map(with_hits).collect();
        if ranked.len() == looked_at {
            let silent = |place: &usize| ranked.iter().all(|(_, hit)| !hit.contains(place));
            let silent: Vec<usize> = (0..profile.interests()).filter(silent).collect();
            let best = |place| rank(profile.only(place).row(), 1).winners.pop();
            let mut quiet: Vec<Winner> = silent.into_iter().filter_map(best).collect();
            quiet.sort_by_key(|winner| (winner.paper, Reverse(winner.score)));
            quiet.dedup_by_key(|winner| winner.paper);
            quiet.sort_by_key(|winner| (Reverse(winner.score), winner.paper));
            ranked.extend(quiet.into_iter().map(with_hits));
        }
        let mut winners = diversify(ranked.clone(), limit);
        let mut chosen: Vec<PaperId> = winners.iter().map(|winner| winner.paper).collect();
        chosen.sort_unstable();
        let others = ranked.into_iter().map(|(winner, _)| winner);
        winners.extend(others.filter(|winner| chosen.binary_search(&winner.paper).is_err()));
        Ranking { winners, matched }
    }
}

impl Lineup {
    /// [`Matcher::choose`] over this window.
    pub fn choose(&self, scratch: &mut Scratch, profile: &CompiledProfile, shown: &[PaperId], limit: usize) -> Ranking {
        self.matcher.choose_among(profile, limit, |row, k| self.rank(scratch, row, shown, k))
    }
}

/// Chooses at most `limit` of the ranked papers, each given with the interests that hit it (any
/// numbers that tell them apart), so that each interest that has matches is heard before any gets
/// its fourth paper. The papers chosen stay in the order they came.
fn diversify(ranked: Vec<(Winner, Vec<usize>)>, limit: usize) -> Vec<Winner> {
    let mut interests: Vec<usize> = ranked.iter().flat_map(|(_, hit)| hit.iter().copied()).collect();
    interests.sort_unstable();
    interests.dedup();
    let mut heard = vec![0_usize; interests.len()];
    let place = |interest: &usize| interests.binary_search(interest).unwrap_or_default();
    let mut chosen = vec![false; ranked.len()];
    for _ in 0..limit.min(ranked.len()) {
        let open = || ranked.iter().enumerate().filter(|(index, _)| !chosen[*index]);
        let silent = heard.contains(&0);
        let fair = |hit: &[usize]| !silent || hit.iter().all(|interest| heard[place(interest)] < FAIR_SHARE);
        let breaks_silence = |hit: &[usize]| hit.iter().any(|interest| heard[place(interest)] == 0);
        let next = open().find(|(_, (_, hit))| fair(hit)).or_else(|| open().find(|(_, (_, hit))| breaks_silence(hit)));
        let Some((index, (_, hit))) = next else { break };
        for interest in hit {
            heard[place(interest)] += 1;
        }
        chosen[index] = true;
    }
    ranked.into_iter().zip(chosen).filter_map(|((winner, _), chosen)| chosen.then_some(winner)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::PaperId;

    fn ranked(hits: &[&[usize]]) -> Vec<(Winner, Vec<usize>)> {
        hits.iter()
            .enumerate()
            .map(|(index, hit)| {
                let paper = PaperId(i64::try_from(index).expect("small"));
                (Winner { paper, score: 1000 - index as u64 }, hit.to_vec())
            })
            .collect()
    }

    fn papers(chosen: &[Winner]) -> Vec<i64> {
        chosen.iter().map(|winner| winner.paper.0).collect()
    }

    #[test]
    fn a_quiet_interest_is_heard_before_a_loud_one_gets_its_fourth_paper() {
        let all = ranked(&[&[0], &[0], &[0], &[0], &[0], &[1], &[0], &[2]]);
        assert_eq!(papers(&diversify(all.clone(), 5)), [0, 1, 2, 5, 7]);
        assert_eq!(papers(&diversify(all, 7)), [0, 1, 2, 3, 4, 5, 7]);
    }

    #[test]
    fn with_one_interest_the_best_papers_stay() {
        assert_eq!(papers(&diversify(ranked(&[&[0], &[0], &[0], &[0], &[0]]), 4)), [0, 1, 2, 3]);
    }

    #[test]
    fn a_paper_of_a_loud_and_a_silent_interest_may_break_the_silence() {
        assert_eq!(papers(&diversify(ranked(&[&[0], &[0], &[0], &[0, 1], &[0]]), 5)), [0, 1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_while_there_is_room(
            hits in prop::collection::vec(prop::collection::btree_set(0..6_usize, 0..3), 0..30), limit in 0..40_usize,
        ) {
            let hits: Vec<Vec<usize>> = hits.into_iter().map(|hit| hit.into_iter().collect()).collect();
            let views: Vec<&[usize]> = hits.iter().map(Vec::as_slice).collect();
            let all = ranked(&views);
            let chosen = papers(&diversify(all.clone(), limit));
            prop_assert_eq!(chosen.len(), limit.min(all.len()));
            prop_assert!(chosen.is_sorted_by(|one, other| one < other));
            let count = |interest: usize| chosen.iter().filter(|paper| hits[**paper as usize].contains(&interest)).count();
            let matched: Vec<usize> = (0..6).filter(|interest| hits.iter().any(|hit| hit.contains(interest))).collect();
            let alone = hits.iter().all(|hit| hit.len() < 2);
            if alone && matched.iter().any(|interest| count(*interest) == 0) {
                prop_assert!(matched.iter().all(|interest| count(*interest) <= FAIR_SHARE));
            }
        }
    }
}
