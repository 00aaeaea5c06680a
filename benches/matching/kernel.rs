//! Ranking itself: every kernel against the floor.

use std::sync::Arc;
use std::time::Instant;

use broadsheet::matcher::{Interests, Kernel, Lineup, Scratch, Shard, Window, Winner};
use broadsheet::model::{SubscriberId, Timestamp};

use super::{Options, cpu_nanos, matcher, shards, world};

const K: usize = 40;
const WINDOW: Window = Window { after: Timestamp::MIN_UTC, until: Timestamp::MAX_UTC };

/// What a pass over all profiles gathers: enough to see that no result differs, and too little to cost anything.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
struct Sum {
    matched: u64,
    check: u64,
}

fn gather(sum: &mut Sum, person: SubscriberId, winners: &[Winner], matched: u32) {
    sum.matched += u64::from(matched);
    for winner in winners {
        let one = winner.score.wrapping_mul(31).wrapping_add(winner.paper.0 as u64);
        sum.check = sum.check.rotate_left(5) ^ one ^ person.0 as u64;
    }
}

fn total(sums: &[Sum]) -> Sum {
    sums.iter().fold(Sum::default(), |all, one| Sum {
        matched: all.matched + one.matched,
        check: all.check.rotate_left(1) ^ one.check,
    })
}

pub fn run(options: &Options, universe: &[String]) {
    println!("## Ranking, k = {K}\n");
    println!("CPU of one thread in ns for each profile, fastest of several rounds; wall for all threads.\n");
    println!(
        "| people | papers | matches | floor | fastest | ratio | portable | ratio | plain | Mpairs/s | wall on {} | once: index, interests, layout | bytes a profile | shared MB |",
        options.threads
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for &people in &options.people {
        let interests = Arc::new(Interests::default());
        let shards = shards(people, universe, &interests);
        for &papers in &options.papers {
            one(options, people, papers, &interests, &shards);
        }
    }
    println!();
}

fn one(options: &Options, people: usize, papers: usize, interests: &Arc<Interests>, shards: &[Shard]) {
    let days = if papers >= 7000 { 7 } else { 1 };
    let texts = world::papers(papers, days);
    let started = Instant::now();
    let matcher = Arc::new(matcher(&texts, days, interests));
    let indexed = started.elapsed();
    matcher.evaluate_on(options.threads);
    let evaluated = started.elapsed();
    let lineup = Lineup::new(Arc::clone(&matcher), WINDOW);
    let laid_out = started.elapsed();
    let rounds = if options.quick || people > 100_000 { 5 } else { 9 };
    let mut best = [f64::INFINITY; 3];
    let mut sums = [Sum::default(); 2];
    for _ in 0..rounds {
        best[0] = best[0].min(timed(people, || floor(&lineup, shards)));
        for (place, kernel) in [Kernel::Fastest, Kernel::Portable].into_iter().enumerate() {
            let work = || sums[place] = total(&lineup.rank_shards(shards, K, 1, kernel, gather));
            best[place + 1] = best[place + 1].min(timed(people, work));
        }
    }
    assert_eq!(sums[0], sums[1], "kernels differ");
    let some = &shards[..shards.len().min(8)];
    let plain_people: usize = some.iter().map(Shard::len).sum();
    let mut plain = Sum::default();
    let plain_cost = timed(plain_people, || {
        let mut scratch = Scratch::default();
        let sums: Vec<Sum> = some
            .iter()
            .map(|shard| {
                let mut sum = Sum::default();
                for (person, row) in shard.rows() {
                    let ranking = matcher.rank_with(&mut scratch, row, &WINDOW, &[], K);
                    gather(&mut sum, person, &ranking.winners, ranking.matched);
                }
                sum
            })
            .collect();
        plain = total(&sums);
    });
    assert_eq!(plain, total(&lineup.rank_shards(some, K, 1, Kernel::Fastest, gather)), "the plain kernel differs");
    let walls = (0..rounds).map(|_| {
        let started = Instant::now();
        let sum = total(&lineup.rank_shards(shards, K, options.threads, Kernel::Fastest, gather));
        assert_eq!(sum, sums[0], "threads change the result");
        started.elapsed().as_secs_f64()
    });
    let wall = walls.fold(f64::INFINITY, f64::min);
    let bytes: usize = shards.iter().map(Shard::bytes).sum();
    println!(
        "| {people} | {papers} | {:.1} | {:.0} | {:.0} | {:.2} | {:.0} | {:.2} | {plain_cost:.0} | {:.0} | {wall:.3} s | {:.0}, {:.0}, {:.0} ms | {:.1} | {:.1} |",
        sums[0].matched as f64 / people as f64,
        best[0],
        best[1],
        best[1] / best[0],
        best[2],
        best[2] / best[0],
        sums[0].matched as f64 / people as f64 / best[1] * 1000.0,
        indexed.as_secs_f64() * 1000.0,
        (evaluated - indexed).as_secs_f64() * 1000.0,
        (laid_out - evaluated).as_secs_f64() * 1000.0,
        bytes as f64 / people as f64,
        lineup.bytes() as f64 / 1e6,
    );
}

fn timed(people: usize, work: impl FnOnce()) -> f64 {
    let before = cpu_nanos();
    work();
    (cpu_nanos() - before) as f64 / people as f64
}

/// The additions alone.
fn floor(lineup: &Lineup, shards: &[Shard]) {
    let mut scratch = Scratch::default();
    for shard in shards {
        for (_, row) in shard.rows() {
            lineup.add_only(&mut scratch, row);
        }
    }
    std::hint::black_box(&scratch);
}
