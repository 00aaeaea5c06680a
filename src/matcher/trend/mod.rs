//! How fast papers take off, against papers of the same age.
//!
//! **Growth.** Each kind of signal `s` is read on the scale `log2(1 + s)`, because a tenth upvote says
//! more than a hundredth. The growth of a kind is its rise over the 24 hours before its newest reading,
//! readings being joined by straight lines. Upvotes and comments start from zero when the paper
//! became available; stars of a repository, which may be older than its paper, need two readings.
//!
//! **Cohort.** For each kind and each age (bounds at 6, 12, 24, 48, 72, 120, 192, 336 hours)
//! [`TrendModel::fit`] takes the mean and spread of the growth of all papers that were read at that
//! age, as if [`PRIOR_PAPERS`] papers with growth [`PRIOR_MEAN`] and spread [`PRIOR_SPREAD`] were among
//! them: so a small cohort says little, and no growth is below the mean even where nobody grows.
//!
//! **Factor.** The growth of a paper is its distance from that mean in spreads, averaged over the kinds
//! measured with the weights upvotes 4, comments 2, stars 2, then multiplied by
//! `h / (h + 12)`, `h` being the hours watched (little evidence moves little), and by
//! `2^(-d / 4)`, `d` being the paper's age in days (yesterday's news fades). The factor is
//! `2^(0.7 x that)`, held between 0.5 and 3. A paper without a usable reading has exactly 1.
//!
//! All arithmetic is addition, multiplication, division and square root, which IEEE 754 fixes to the
//! last bit; logarithms are made of these. So factors are the same on every machine.

mod growth;
mod heat;
mod log2;
mod rising;

pub use heat::hotness;
pub use rising::rising;

use crate::model::{PaperId, SignalPoint, Timestamp};
use growth::{GROWN_KINDS, Kind, growth_at, newest};
use log2::exp2;

/// The smallest factor, in thousandths.
pub const MIN_FACTOR: u32 = 500;
/// The factor of a paper about which nothing is known, in thousandths.
pub const NEUTRAL_FACTOR: u32 = 1000;
/// The largest factor, in thousandths.
pub const MAX_FACTOR: u32 = 3000;

/// Ages at which cohorts change, in hours.
const AGE_BOUNDS: [f64; 8] = [6.0, 12.0, 24.0, 48.0, 72.0, 120.0, 192.0, 336.0];
const COHORTS: usize = AGE_BOUNDS.len() + 1;
/// Imagined members of every cohort.
const PRIOR_PAPERS: f64 = 4.0;
/// Their growth, in doublings a day.
const PRIOR_MEAN: f64 = 0.5;
/// And its spread.
const PRIOR_SPREAD: f64 = 1.5;
/// Hours of watching after which half of the evidence is believed.
const HALF_BELIEVED: f64 = 12.0;
/// Days after which half of the effect is gone.
const HALF_LIFE_DAYS: f64 = 4.0;
/// Doublings of the factor for each spread above the mean.
const STEEPNESS: f64 = 0.7;

/// A paper and what was read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The paper.
    pub paper: PaperId,
    /// When it became available.
    pub available_at: Timestamp,
    /// Readings, oldest first.
    pub points: Vec<SignalPoint>,
}

/// What growth is usual at which age.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendModel {
    cohorts: [[Cohort; COHORTS]; GROWN_KINDS.len()],
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cohort {
    mean: f64,
    spread: f64,
}

impl TrendModel {
    /// Learns from the papers of the last weeks. Without any, the prior stands.
    pub fn fit(histories: &[History]) -> Self {
        Self { cohorts: GROWN_KINDS.map(|kind| cohorts(kind, histories)) }
    }

    /// How much a paper's rank is raised or lowered now, in thousandths,
    /// from [`MIN_FACTOR`] to [`MAX_FACTOR`]. Readings after `now` are not looked at.
    pub fn factor(&self, history: &History, now: Timestamp) -> u32 {
        let (mut distance, mut weights, mut watched) = (0.0, 0.0, 0.0_f64);
        for (kind, cohorts) in GROWN_KINDS.into_iter().zip(&self.cohorts) {
            let Some(at) = newest(history, kind, now) else { continue };
            let Some(growth) = growth_at(history, kind, at) else { continue };
            let age = hours(history.available_at, at);
            let cohort = cohorts[cohort_of(age)];
            distance += kind.weight() * (growth - cohort.mean) / cohort.spread;
            weights += kind.weight();
            watched = watched.max(age);
        }
        if weights == 0.0 {
            return NEUTRAL_FACTOR;
        }
        // Somebody who looks at once has still looked.
        let watched = watched.max(1.0);
        let believed = watched / (watched + HALF_BELIEVED);
        let fresh = exp2(-hours(history.available_at, now) / 24.0 / HALF_LIFE_DAYS);
        let factor = 1000.0 * exp2(STEEPNESS * distance / weights * believed * fresh);
        to_permille(factor)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to small positive numbers")]
fn to_permille(factor: f64) -> u32 {
    (factor.clamp(f64::from(MIN_FACTOR), f64::from(MAX_FACTOR)) + 0.5) as u32
}

fn cohorts(kind: Kind, histories: &[History]) -> [Cohort; COHORTS] {
    let mut growths: [Vec<f64>; COHORTS] = Default::default();
    for history in histories {
        // Of each paper the newest reading at each age: often-read papers do not count more.
        let mut newest: [Option<f64>; COHORTS] = [None; COHORTS];
        for point in &history.points {
            if kind.of(point).is_some() {
                let age = hours(history.available_at, point.at);
                newest[cohort_of(age)] = growth_at(history, kind, point.at).or(newest[cohort_of(age)]);
            }
        }
        for (list, growth) in growths.iter_mut().zip(newest) {
            list.extend(growth);
        }
    }
    growths.map(|list| cohort(&list))
}

fn cohort(growths: &[f64]) -> Cohort {
    #[expect(clippy::cast_precision_loss, reason = "cohorts are far smaller than 2^52")]
    let papers = PRIOR_PAPERS + growths.len() as f64;
    let mean = (PRIOR_PAPERS * PRIOR_MEAN + growths.iter().sum::<f64>()) / papers;
    let squares: f64 = growths.iter().map(|growth| (growth - mean) * (growth - mean)).sum();
    let prior = PRIOR_PAPERS * (PRIOR_SPREAD * PRIOR_SPREAD + (PRIOR_MEAN - mean) * (PRIOR_MEAN - mean));
    Cohort { mean, spread: ((prior + squares) / papers).sqrt() }
}

fn cohort_of(age: f64) -> usize {
    AGE_BOUNDS.partition_point(|bound| *bound <= age)
}

/// Hours from `from` to `to`, 0 when `to` is earlier.
fn hours(from: Timestamp, to: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 52 bits for 140,000 years")]
    let millis = (to - from).num_milliseconds().max(0) as f64;
    millis / 3_600_000.0
}

#[cfg(test)]
mod tests;
