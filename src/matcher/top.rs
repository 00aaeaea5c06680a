//! The k best of many candidates, without keeping or sorting them all.

use crate::model::PaperId;

/// Orders by score, then trend, then paper, the best being the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub missing_score: u32,
    pub missing_trend: u32,
    pub paper: PaperId,
}

/// Lets candidates go that cannot be among the best `k`.
pub(super) struct Best {
    k: usize,
    /// Known to be no better than the k-th.
    worst: Option<Candidate>,
}

impl Best {
    /// Nothing is known yet.
    pub(super) fn new(k: usize) -> Self {
        Self { k, worst: None }
    }

    /// Keeps a candidate if it may win.
    pub(super) fn offer(&mut self, candidates: &mut Vec<Candidate>, one: Candidate) {
        if self.k == 0 || self.worst.is_some_and(|worst| one > worst) {
            return;
        }
        candidates.push(one);
        if candidates.len() >= self.k.saturating_mul(2).saturating_add(64) {
            let (_, last, _) = candidates.select_nth_unstable(self.k - 1);
            self.worst = Some(*last);
            candidates.truncate(self.k);
        }
    }
}
