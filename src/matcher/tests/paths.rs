//! Every way to rank gives the same: kernels, layouts, batches, threads.

use std::sync::Arc;

use proptest::prelude::*;

use super::ranking::{library, matcher_of};
use super::*;

const KERNELS: [Kernel; 3] = [Kernel::Plain, Kernel::Portable, Kernel::Fastest];
const LINES: [&str; 9] = [
    "robots",
    "language models^2",
    "diffusion^0.3",
    "agents OR language",
    "rob*",
    "-agents",
    "-(robots language)",
    "title:diffusion",
    "nobody writes this",
];

fn profile() -> impl Strategy<Value = String> {
    prop::sample::subsequence(LINES.to_vec(), 0..LINES.len()).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn kernels_layouts_and_batches_do_not_change_a_ranking(
        texts in prop::collection::vec(profile(), 1..6),
        count in 1..900_usize,
        day in 1..900_usize,
        hours in (0..300_i64, 0..300_i64),
        shown in prop::collection::btree_set(9000..10_100_i64, 0..40),
        k in prop_oneof![0..70_usize, 70..300_usize],
    ) {
        let papers = library(count);
        let window = Window { after: hour(hours.0.min(hours.1)), until: hour(hours.0.max(hours.1)) };
        let shown: Vec<PaperId> = shown.into_iter().map(PaperId).collect();
        let whole = matcher_of(&papers, papers.len());
        let mut scratch = Scratch::with(Kernel::Plain);
        let expected: Vec<Ranking> = texts
            .iter()
            .map(|text| whole.rank_with(&mut scratch, &whole.compile_text(text), &window, &shown, k))
            .collect();
        let split = Arc::new(matcher_of(&papers, day));
        let profiles: Vec<CompiledProfile> = texts.iter().map(|text| split.compile_text(text)).collect();
        let lineup = Lineup::new(Arc::clone(&split), window);
        for kernel in KERNELS {
            let mut scratch = Scratch::with(kernel);
            for (profile, expected) in profiles.iter().zip(&expected) {
                prop_assert_eq!(&split.rank_with(&mut scratch, profile, &window, &shown, k), expected);
                prop_assert_eq!(&lineup.rank(&mut scratch, profile, &shown, k), expected);
            }
        }
    }
}

#[test]
fn shards_and_threads_do_not_change_a_ranking() {
    let papers = library(700);
    let matcher = Arc::new(matcher_of(&papers, 300));
    let interests = Interests::default();
    let texts: Vec<String> =
        (0..64).map(|n| LINES[n % 7..].iter().step_by(1 + n % 3).copied().collect::<Vec<_>>().join("\n")).collect();
    let window = Window { after: hour(5), until: hour(200) };
    let alone: Vec<Ranking> =
        texts.iter().map(|text| matcher.rank(&matcher.compile_text(text), &window, &[], 20)).collect();
    assert!(alone.iter().any(|ranking| ranking.winners.len() == 20));
    let shared = Arc::new(Matcher::with_interests(matcher.segments.clone(), Arc::new(interests)));
    let lineup_before = Lineup::new(Arc::clone(&shared), window);
    for size in [1, 7, 64] {
        let shards: Vec<Shard> = texts
            .chunks(size)
            .map(|texts| {
                let mut shard = Shard::default();
                texts.iter().for_each(|text| shard.push_text(shared.interests(), crate::model::SubscriberId(1), text));
                shard
            })
            .collect();
        shared.evaluate_on(3);
        // One that knows all interests, and one that was made before any was noted.
        for lineup in [&Lineup::new(Arc::clone(&shared), window), &lineup_before] {
            for (threads, kernel) in [(1, Kernel::Plain), (1, Kernel::Fastest), (3, Kernel::Portable)] {
                let gathered: Vec<Vec<Ranking>> =
                    lineup.rank_shards(&shards, 20, threads, kernel, |all: &mut Vec<_>, _, winners, matched| {
                        all.push(Ranking { winners: winners.to_vec(), matched });
                    });
                assert_eq!(gathered.concat(), alone, "{size} {threads} {kernel:?}");
            }
        }
    }
}

#[test]
fn a_window_of_more_papers_than_a_layout_holds_is_ranked_all_the_same() {
    let papers: Vec<Paper> =
        (0..66_000).map(|id| Paper { id, ..Paper::titled(if id % 999 == 0 { "robots" } else { "x" }) }).collect();
    let matcher = Arc::new(matcher_of(&papers, 33_000));
    let profile = matcher.compile_text("robots");
    let lineup = Lineup::new(Arc::clone(&matcher), ALWAYS);
    let ranking = lineup.rank(&mut Scratch::default(), &profile, &[], 10);
    assert_eq!((ranking.matched, lineup.len()), (67, 66_000));
    assert_eq!(ranking, matcher.rank(&profile, &ALWAYS, &[], 10));
}
