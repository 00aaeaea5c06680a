//! The order of the day's trending papers: how much attention they won of late.

use super::growth::{GROWN_KINDS, Kind};
use super::log2::exp2;
use super::{History, hours};
use crate::model::Timestamp;

/// Attention counts half after so many hours.
const HALF_LIFE_HOURS: f64 = 18.0;

/// How hot a paper is: upvotes, comments twice and new stars a quarter, each counting half as much
/// for every 18 hours since it was won; in thousandths of an upvote. Between two readings the
/// gain is spread evenly. 0 without evidence. Sort by it, largest first, equals by paper id.
pub fn hotness(history: &History, now: Timestamp) -> u64 {
    let total: f64 = GROWN_KINDS.into_iter().map(|kind| worth(kind) * recent(history, kind, now)).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of gains, never negative")]
    let thousandths = (total * 1000.0 + 0.5) as u64;
    thousandths
}

fn worth(kind: Kind) -> f64 {
    match kind {
        Kind::Upvotes => 1.0,
        Kind::Comments => 2.0,
        Kind::Stars => 0.25,
    }
}

fn recent(history: &History, kind: Kind, now: Timestamp) -> f64 {
    let mut before = kind.starts_from_zero().then_some((history.available_at, 0));
    let mut sum = 0.0;
    for point in history.points.iter().filter(|point| point.at <= now) {
        let Some(value) = kind.of(point) else { continue };
        if let Some((since, known)) = before {
            let gain = f64::from(value.saturating_sub(known));
            sum += gain * mean_decay(hours(point.at, now), hours(since, now));
        }
        before = Some((point.at, value));
    }
    sum
}

/// The mean of `2^(-x / half-life)` for x from `newest` to `oldest` hours ago.
fn mean_decay(newest: f64, oldest: f64) -> f64 {
    let decay = |ago: f64| exp2(-ago / HALF_LIFE_HOURS);
    let length = (oldest - newest) / HALF_LIFE_HOURS * std::f64::consts::LN_2;
    if length < 1e-6 { decay(newest) } else { (decay(newest) - decay(oldest)) / length }
}
