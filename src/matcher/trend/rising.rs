//! Papers of the last days that take off now.

use super::growth::{GROWN_KINDS, Kind, growth_at, newest};
use super::{COHORTS, History, cohort_of, hours};
use crate::model::{PaperId, Timestamp};

/// At most so many papers rise at a time.
const MAX_RISING: usize = 200;
/// Younger papers are news, older ones are old.
const AGE_HOURS: std::ops::RangeInclusive<f64> = 48.0..=336.0;
/// One in so many papers of an age rises.
const ONE_IN: usize = 20;
/// And wins at least so much in its last day: upvotes, comments twice, stars half.
const FLOOR: f64 = 5.0;
/// A paper last read longer ago than this, in hours, may have risen, but does not rise now.
const STALE_HOURS: f64 = 48.0;

/// The papers that rise now, the fastest first: 2 to 14 days old, in the top twentieth of their age
/// by growth over the last day, with an absolute gain worth telling; at most 200.
/// Growth counts only between readings: a paper read once has not been seen to rise.
pub fn rising(histories: &[History], now: Timestamp) -> Vec<PaperId> {
    let mut cohorts: [Vec<Riser>; COHORTS] = Default::default();
    for history in histories {
        let age = hours(history.available_at, now);
        if let (true, Some(riser)) = (AGE_HOURS.contains(&age), riser(history, now)) {
            cohorts[cohort_of(age)].push(riser);
        }
    }
    let mut rising: Vec<Riser> = Vec::new();
    for mut cohort in cohorts {
        cohort.sort_by(faster_first);
        let places = cohort.len().div_ceil(ONE_IN);
        rising.extend(cohort.into_iter().take(places).filter(|riser| riser.gain >= FLOOR));
    }
    rising.sort_by(faster_first);
    rising.truncate(MAX_RISING);
    rising.into_iter().map(|riser| riser.paper).collect()
}

struct Riser {
    paper: PaperId,
    /// Doublings in the last day, weighted.
    growth: f64,
    /// Attention won in the last day.
    gain: f64,
}

fn faster_first(one: &Riser, other: &Riser) -> std::cmp::Ordering {
    other.growth.total_cmp(&one.growth).then(one.paper.cmp(&other.paper))
}

/// The growth of a paper, if it was measured at all.
fn riser(history: &History, now: Timestamp) -> Option<Riser> {
    let (mut growth, mut gain, mut measured) = (0.0, 0.0, false);
    for kind in GROWN_KINDS {
        let Some(at) = newest(history, kind, now).filter(|at| hours(*at, now) <= STALE_HOURS) else { continue };
        measured = true;
        let Some(won) = won_between_readings(history, kind, at) else { continue };
        gain += won * worth(kind);
        growth += kind.weight() * growth_at(history, kind, at).unwrap_or(0.0);
    }
    measured.then_some(Riser { paper: history.paper, growth, gain })
}

fn worth(kind: Kind) -> f64 {
    match kind {
        Kind::Upvotes => 1.0,
        Kind::Comments => 2.0,
        Kind::Stars => 0.5,
    }
}

/// What a kind won since the reading nearest to a day before `at`, at the pace of a day.
fn won_between_readings(history: &History, kind: Kind, at: Timestamp) -> Option<f64> {
    let readings = || history.points.iter().filter_map(|point| Some((point.at, kind.of(point)?)));
    let day_before = at - chrono::Duration::hours(24);
    let earlier = readings().filter(|(when, _)| *when < at);
    let (since, before) = earlier.min_by_key(|(when, _)| (*when - day_before).abs())?;
    let (_, newest) = readings().rfind(|(when, _)| *when == at)?;
    let days = hours(since, at) / 24.0;
    Some(f64::from(newest.saturating_sub(before)) / days.max(1.0))
}
