//! How sure a mean difference is.

use serde::Serialize;

use super::chance::Chance;

/// Samples drawn again.
const RESAMPLES: usize = 2000;
/// Of a thousand of them so many are cut off at each end: 95 % stay.
const CUT_PERMILLE: usize = 25;

/// A mean and the interval that holds 95 % of the means of samples drawn again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Interval {
    /// Of the differences as measured.
    pub mean: f64,
    /// 2.5 % of the means are below.
    pub low: f64,
    /// 2.5 % of the means are above.
    pub high: f64,
}

/// The paired bootstrap of differences measured for each reader on each day, `None` where there was nothing to measure.
///
/// Differences of one day depend on each other, since they share its papers and votes, and so do those of one reader.
/// So days and readers are both drawn again, with replacement (Owen, "The pigeonhole bootstrap", 2007); this
/// gives wider intervals than drawing single differences, never much too narrow ones.
pub(super) fn bootstrap(days: &[Vec<Option<f64>>], seed: u64) -> Interval {
    let readers = days.first().map_or(0, Vec::len);
    let once = vec![1.0; days.len().max(readers)];
    let mean = weighted_mean(days, &once, &once);
    let mut chance = Chance::of(seed, "bootstrap");
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| weighted_mean(days, &draw(days.len(), &mut chance), &draw(readers, &mut chance)))
        .collect();
    means.sort_by(f64::total_cmp);
    let cut = RESAMPLES * CUT_PERMILLE / 1000;
    Interval { mean, low: means[cut], high: means[RESAMPLES - 1 - cut] }
}

/// How often each of `count` things comes up in `count` draws.
fn draw(count: usize, chance: &mut Chance) -> Vec<f64> {
    let mut times = vec![0.0; count];
    for _ in 0..count {
        times[chance.below(count)] += 1.0;
    }
    times
}

fn weighted_mean(days: &[Vec<Option<f64>>], of_day: &[f64], of_reader: &[f64]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (day, day_weight) in days.iter().zip(of_day).filter(|(_, weight)| **weight > 0.0) {
        for (value, weight) in day.iter().zip(of_reader) {
            if let Some(value) = value {
                sum += value * day_weight * weight;
                weights += day_weight * weight;
            }
        }
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u64, days: usize, readers: usize, shift: f64) -> Vec<Vec<Option<f64>>> {
        let mut chance = Chance::of(seed, "noise");
        let mut value = || Some(f64::from(u32::try_from(chance.below(1000)).unwrap()) / 1000.0 - 0.5 + shift);
        (0..days).map(|_| (0..readers).map(|_| value()).collect()).collect()
    }

    #[test]
    fn a_clear_difference_is_above_zero_and_none_is_not() {
        let clear = bootstrap(&noise(1, 20, 50, 0.2), 1);
        assert!(clear.low > 0.0 && clear.low < clear.mean && clear.mean < clear.high, "{clear:?}");
        let none = bootstrap(&noise(1, 20, 50, 0.0), 1);
        assert!(none.low < 0.0 && none.high > 0.0, "{none:?}");
    }

    #[test]
    fn fewer_days_are_less_sure() {
        let width = |days| {
            let interval = bootstrap(&noise(3, days, 30, 0.1), 1);
            interval.high - interval.low
        };
        assert!(width(3) > width(40));
    }

    #[test]
    fn where_nothing_was_measured_nothing_counts() {
        let mut days = noise(5, 6, 4, 0.0);
        days[2] = vec![None; 4];
        days.iter_mut().for_each(|day| day[1] = None);
        let expected: Vec<f64> = days.iter().flatten().flatten().copied().collect();
        let mean = expected.iter().sum::<f64>() / f64::from(u32::try_from(expected.len()).unwrap());
        assert!((bootstrap(&days, 1).mean - mean).abs() < 1e-12);
        assert_eq!(bootstrap(&[], 1), Interval::default());
        assert_eq!(bootstrap(&[vec![None; 3]], 1), Interval::default());
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let days = noise(9, 10, 10, 0.05);
        assert_eq!(bootstrap(&days, 4), bootstrap(&days, 4));
        assert_ne!(bootstrap(&days, 4), bootstrap(&days, 5));
    }
}
