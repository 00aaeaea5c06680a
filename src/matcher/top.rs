//! The k best of many counters, without sorting them.

use crate::model::PaperId;

/// Groups of counters of which only the largest is looked at first.
const STRIPES: usize = 128;

/// Orders by score, then trend, then paper, the best being the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub missing_score: u32,
    pub missing_trend: u32,
    pub paper: PaperId,
}

/// Keeps the candidates few: what is worse than the k-th is let go from time to time.
pub(super) struct Best {
    k: usize,
    /// Scores up to this cannot win.
    pub bound: u32,
}

impl Best {
    /// Nothing is known yet.
    pub(super) fn new(k: usize) -> Self {
        Self { k, bound: if k == 0 { u32::MAX } else { 0 } }
    }

    /// Raises the bound before any score is looked at alone: the k-th largest of the maxima of many
    /// stripes is no more than the k-th largest of all. Stripes run across the counters, so that the
    /// compiler finds their maxima side by side.
    pub(super) fn raise(&mut self, scores: &[u32]) {
        if self.k == 0 || self.k > STRIPES / 2 || scores.len() < 4 * STRIPES {
            return;
        }
        let mut maxima = [0_u32; STRIPES];
        for row in scores.chunks_exact(STRIPES) {
            for (most, score) in maxima.iter_mut().zip(row) {
                *most = (*most).max(*score);
            }
        }
        let (_, kth, _) = maxima.select_nth_unstable(STRIPES - self.k);
        // An equal score may still win by trend or id.
        self.bound = self.bound.max(kth.saturating_sub(1));
    }

    /// Lets go of what cannot win, once there is much of it.
    pub(super) fn trim(&mut self, candidates: &mut Vec<Candidate>) {
        if self.k > 0 && candidates.len() >= self.k.saturating_mul(2).saturating_add(64) {
            let (_, last, _) = candidates.select_nth_unstable(self.k - 1);
            self.bound = self.bound.max((u32::MAX - last.missing_score).saturating_sub(1));
            candidates.truncate(self.k);
        }
    }
}
