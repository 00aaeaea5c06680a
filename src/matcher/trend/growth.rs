//! The rise of one kind of signal over a day.

use super::log2::log2_1p;
use super::{History, hours};
use crate::model::{SignalPoint, Timestamp};

/// A kind of attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Upvotes,
    Comments,
    Stars,
}

/// All kinds, in the order models keep them.
pub(super) const GROWN_KINDS: [Kind; 3] = [Kind::Upvotes, Kind::Comments, Kind::Stars];

impl Kind {
    /// What was read of this kind.
    pub(super) fn of(self, point: &SignalPoint) -> Option<u32> {
        match self {
            Self::Upvotes => point.signals.upvotes,
            Self::Comments => point.signals.comments,
            Self::Stars => point.signals.github_stars,
        }
    }

    /// How much the kind says among the kinds measured.
    pub(super) fn weight(self) -> f64 {
        match self {
            Self::Upvotes => 4.0,
            Self::Comments | Self::Stars => 2.0,
        }
    }

    /// Whether it was surely zero when the paper became available.
    pub(super) fn starts_from_zero(self) -> bool {
        self != Self::Stars
    }
}

/// When this kind was last read, up to `now`.
pub(super) fn newest(history: &History, kind: Kind, now: Timestamp) -> Option<Timestamp> {
    history.points.iter().filter(|point| point.at <= now && kind.of(point).is_some()).map(|point| point.at).max()
}

/// The rise in doublings over the 24 hours before `at`, which must be a time of reading.
pub(super) fn growth_at(history: &History, kind: Kind, at: Timestamp) -> Option<f64> {
    let start = kind.starts_from_zero().then_some((history.available_at, 0));
    let mut line: Vec<(Timestamp, u32)> = start
        .into_iter()
        .chain(history.points.iter().filter_map(|point| Some((point.at, kind.of(point)?))))
        .filter(|(when, _)| *when <= at)
        .collect();
    // Readings from before the announcement show where the paper started.
    line.sort_by_key(|(when, _)| *when);
    if line.len() < 2 && !kind.starts_from_zero() {
        return None;
    }
    let (_, newest) = *line.last()?;
    let day_before = at - chrono::Duration::hours(24);
    Some(log2_1p(f64::from(newest)) - level(&line, day_before))
}

/// The level on the logarithmic scale at a moment; before the first reading, that of the first.
fn level(line: &[(Timestamp, u32)], at: Timestamp) -> f64 {
    let scaled = |index: usize| line.get(index).map_or(0.0, |(_, value)| log2_1p(f64::from(*value)));
    let after = line.partition_point(|(when, _)| *when <= at);
    let (Some(before), true) = (after.checked_sub(1), after < line.len()) else {
        return scaled(after.min(line.len().saturating_sub(1)));
    };
    let span = hours(line[before].0, line[after].0);
    let passed = hours(line[before].0, at);
    scaled(before) + (scaled(after) - scaled(before)) * passed / span
}
