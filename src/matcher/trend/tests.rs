use proptest::prelude::*;

use super::*;
use crate::model::{Signals, from_micros};

fn at(hours: i64) -> Timestamp {
    from_micros(1_764_000_000_000_000 + hours * 3_600_000_000)
}

/// A paper that became available at hour 0, with upvotes read at hours.
fn upvoted(id: i64, readings: &[(i64, u32)]) -> History {
    let point = |(hour, upvotes): &(i64, u32)| SignalPoint {
        at: at(*hour),
        signals: Signals { upvotes: Some(*upvotes), ..Signals::default() },
    };
    History { paper: PaperId(id), available_at: at(0), points: readings.iter().map(point).collect() }
}

fn starred(readings: &[(i64, u32)]) -> History {
    let mut history = upvoted(1, readings);
    for point in &mut history.points {
        point.signals = Signals { github_stars: point.signals.upvotes, ..Signals::default() };
    }
    history
}

/// Two days of papers, most with few upvotes.
fn model() -> TrendModel {
    let histories: Vec<History> =
        (0..200).map(|n| upvoted(n, &[(6, (n as u32 % 17) / 2), (20, n as u32 % 17), (44, n as u32 % 23)])).collect();
    TrendModel::fit(&histories)
}

#[test]
fn without_evidence_a_paper_is_exactly_neutral() {
    for model in [TrendModel::fit(&[]), model()] {
        assert_eq!(model.factor(&upvoted(1, &[]), at(20)), NEUTRAL_FACTOR);
        let unmeasured = SignalPoint { at: at(3), signals: Signals::default() };
        assert_eq!(model.factor(&History { points: vec![unmeasured], ..upvoted(1, &[]) }, at(20)), NEUTRAL_FACTOR);
        assert_eq!(model.factor(&upvoted(1, &[(30, 500)]), at(20)), NEUTRAL_FACTOR, "the future is not known");
        assert_eq!(
            model.factor(&starred(&[(10, 90_000)]), at(20)),
            NEUTRAL_FACTOR,
            "stars may be older than the paper"
        );
    }
}

#[test]
fn zero_votes_measured_is_evidence() {
    for model in [TrendModel::fit(&[]), model(), TrendModel::fit(&vec![upvoted(1, &[(20, 0)]); 5000])] {
        assert!(model.factor(&upvoted(1, &[(20, 0)]), at(20)) < NEUTRAL_FACTOR);
    }
}

#[test]
fn faster_growth_never_ranks_lower() {
    let model = model();
    let factors: Vec<u32> = (0..300).map(|votes| model.factor(&upvoted(1, &[(20, votes)]), at(20))).collect();
    assert!(factors.is_sorted());
    assert!(factors[100] > factors[10] && factors[10] > factors[0]);
}

#[test]
fn what_grew_today_beats_what_grew_yesterday() {
    let model = model();
    let today = model.factor(&upvoted(1, &[(20, 5), (44, 60)]), at(44));
    let yesterday = model.factor(&upvoted(1, &[(20, 60), (44, 60)]), at(44));
    assert!(today > NEUTRAL_FACTOR && yesterday < NEUTRAL_FACTOR, "{today} {yesterday}");
}

#[test]
fn growth_is_measured_against_papers_of_the_same_age() {
    let busy: Vec<History> = (0..100).map(|n| upvoted(n, &[(20, 60 + n as u32)])).collect();
    let quiet: Vec<History> = (0..100).map(|n| upvoted(n, &[(20, n as u32 % 3)])).collect();
    let paper = upvoted(1, &[(20, 30)]);
    assert!(TrendModel::fit(&busy).factor(&paper, at(20)) < TrendModel::fit(&quiet).factor(&paper, at(20)));
    let of_other_age: Vec<History> = (0..100).map(|n| upvoted(n, &[(200, 60 + n as u32)])).collect();
    assert_eq!(TrendModel::fit(&of_other_age).factor(&paper, at(20)), TrendModel::fit(&[]).factor(&paper, at(20)));
}

#[test]
fn little_evidence_moves_little() {
    let model = TrendModel::fit(&[]);
    let after = |hour: i64| model.factor(&upvoted(1, &[(hour, 12)]), at(hour));
    assert!(NEUTRAL_FACTOR < after(1) && after(1) < after(5) && after(5) < after(20));
    let few = TrendModel::fit(&(0..2).map(|n| upvoted(n, &[(20, 1)])).collect::<Vec<_>>());
    let many = TrendModel::fit(&(0..200).map(|n| upvoted(n, &[(20, 1)])).collect::<Vec<_>>());
    let paper = upvoted(1, &[(20, 4)]);
    let prior = TrendModel::fit(&[]).factor(&paper, at(20));
    let distance = |model: &TrendModel| model.factor(&paper, at(20)).abs_diff(prior);
    assert!(distance(&few) < distance(&many), "a small cohort says less");
}

#[test]
fn the_effect_fades_with_age() {
    let model = model();
    let paper = upvoted(1, &[(20, 40)]);
    let factors: Vec<u32> = [20, 44, 92, 188, 2000].map(|hour| model.factor(&paper, at(hour))).to_vec();
    assert!(factors.is_sorted_by(|older, newer| older > newer), "{factors:?}");
    assert_eq!(factors[4], NEUTRAL_FACTOR);
    let unloved: Vec<u32> = [20, 92, 2000].map(|hour| model.factor(&upvoted(1, &[(20, 0)]), at(hour))).to_vec();
    assert!(unloved.is_sorted() && unloved[2] == NEUTRAL_FACTOR, "{unloved:?}");
}

#[test]
fn rising_takes_the_fastest_of_their_age_above_the_floor() {
    let mut histories: Vec<History> = (0..60).map(|n| upvoted(n, &[(60, 3), (84, 3 + n as u32 % 4)])).collect();
    assert_eq!(rising(&histories, at(85)), [], "nobody wins five a day");
    histories.push(upvoted(100, &[(60, 10), (84, 40)]));
    histories.push(upvoted(101, &[(60, 10), (84, 90)]));
    histories.push(upvoted(102, &[(84, 900)]));
    histories.push(upvoted(103, &[(30, 5), (36, 400)]));
    assert_eq!(rising(&histories, at(85)), [PaperId(101), PaperId(100)]);
    assert_eq!(rising(&histories, at(30)), [], "too young");
    assert_eq!(rising(&histories, at(400)), [], "too old");
    assert_eq!(rising(&histories, at(84 + 72)), [], "not seen of late");
}

#[test]
fn at_most_two_hundred_papers_rise() {
    let histories: Vec<History> = (0..6000).map(|n| upvoted(n, &[(60, 3), (84, 3 + n as u32)])).collect();
    let rising = rising(&histories, at(85));
    assert_eq!(rising.len(), 200);
    assert_eq!(rising[0], PaperId(5999));
}

#[test]
fn hot_is_what_won_attention_of_late() {
    let now = at(48);
    let today = hotness(&upvoted(1, &[(24, 10), (48, 110)]), now);
    let yesterday = hotness(&upvoted(1, &[(24, 110), (48, 110)]), now);
    assert!(today > yesterday && yesterday > 0);
    assert_eq!(hotness(&upvoted(1, &[]), now), 0);
    assert_eq!(hotness(&starred(&[(10, 90_000)]), now), 0);
    assert!(hotness(&starred(&[(10, 90_000), (40, 90_100)]), now) > 0);
    assert_eq!(hotness(&upvoted(1, &[(47, 50), (60, 900)]), now), hotness(&upvoted(1, &[(47, 50)]), now));
}

proptest! {
    #[test]
    fn factors_stay_in_bounds(
        readings in prop::collection::vec((-100..500_i64, any::<u32>(), prop::option::of(any::<u32>())), 0..12),
        now in -50..600_i64,
    ) {
        let mut history = upvoted(1, &[]);
        history.points = readings.iter().map(|(hour, upvotes, stars)| SignalPoint {
            at: at(*hour),
            signals: Signals { upvotes: Some(*upvotes), comments: None, github_stars: *stars },
        }).collect();
        for model in [model(), TrendModel::fit(std::slice::from_ref(&history))] {
            let factor = model.factor(&history, at(now));
            prop_assert!((MIN_FACTOR..=MAX_FACTOR).contains(&factor));
        }
        prop_assert!(hotness(&history, at(now)) < u64::MAX);
        rising(&[history], at(now));
    }

    #[test]
    fn one_more_upvote_never_lowers_the_factor(
        mut votes in prop::collection::vec(0..200_u32, 1..6), more in 1..200_u32, now in 0..100_i64,
    ) {
        votes.sort_unstable();
        let readings: Vec<(i64, u32)> = votes.iter().zip(1..).map(|(votes, n)| (n * 9, *votes)).collect();
        let mut better = readings.clone();
        better.last_mut().unwrap().1 += more;
        let model = model();
        let now = at(readings.last().unwrap().0 + now);
        prop_assert!(model.factor(&upvoted(1, &better), now) >= model.factor(&upvoted(1, &readings), now));
    }
}
