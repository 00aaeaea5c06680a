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

pub fn run(options: &Options, universe: &[String]) {
    println!("## Ranking, k = {K}\n");
    println!("ns for each profile on one thread; of each shard the fastest of several rounds.\n");
    println!(
        "| people | papers | matches | floor | fastest | ratio | portable | ratio | plain | Mpairs/s | wall on {} | once, CPU: index, interests, layout | bytes a profile | shared MB |",
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
    let mut once = vec![cpu_nanos()];
    let matcher = Arc::new(matcher(&texts, days, interests));
    once.push(cpu_nanos());
    matcher.evaluate_all();
    once.push(cpu_nanos());
    let lineup = Lineup::new(Arc::clone(&matcher), WINDOW);
    once.push(cpu_nanos());
    let once: Vec<String> = once.windows(2).map(|pair| format!("{:.0}", (pair[1] - pair[0]) as f64 / 1e6)).collect();
    let rounds = if options.quick || people > 100_000 { 5 } else { 9 };
    let mut best: [Fastest; 4] = std::array::from_fn(|_| Fastest::new(shards.len()));
    let mut sums = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        best[0].round(shards, |shard| floor(&lineup, shard));
        for (place, kernel) in [Kernel::Fastest, Kernel::Portable].into_iter().enumerate() {
            let rank = |shard: &Shard| lineup.rank_shards(std::slice::from_ref(shard), K, 1, kernel, gather)[0];
            sums[place] = best[place + 1].round(shards, rank);
        }
    }
    assert_eq!(sums[0], sums[1], "kernels differ");
    let some = &shards[..shards.len().min(10)];
    let mut scratch = Scratch::with(Kernel::Plain);
    for _ in 0..3 {
        sums[2] = best[3].round(some, |shard| {
            let mut sum = Sum::default();
            for (person, row) in shard.rows() {
                let ranking = matcher.rank_with(&mut scratch, row, &WINDOW, &[], K);
                gather(&mut sum, person, &ranking.winners, ranking.matched);
            }
            sum
        });
    }
    assert_eq!(sums[2], sums[0][..some.len()], "the plain way differs");
    let walls = (0..rounds).map(|_| {
        let started = Instant::now();
        let found = lineup.rank_shards(shards, K, options.threads, Kernel::Fastest, gather);
        assert_eq!(found, sums[0], "threads change the result");
        started.elapsed().as_secs_f64()
    });
    let wall = walls.fold(f64::INFINITY, f64::min);
    let bytes: usize = shards.iter().map(Shard::bytes).sum();
    let matched = sums[0].iter().map(|sum| sum.matched).sum::<u64>() as f64 / people as f64;
    let [floor, fastest, portable, plain] =
        [0, 1, 2, 3].map(|way| best[way].nanos(if way == 3 { some } else { shards }));
    println!(
        "| {people} | {papers} | {matched:.0} | {floor:.0} | {fastest:.0} | {:.2} | {portable:.0} | {:.2} | {plain:.0} | {:.0} | {wall:.3} s | {} ms | {:.1} | {:.1} |",
        fastest / floor,
        portable / floor,
        matched / fastest * 1000.0,
        once.join(", "),
        bytes as f64 / people as f64,
        (interests.bytes() + matcher.bytes() + lineup.bytes()) as f64 / 1e6,
    );
}

/// For each shard its fastest round.
struct Fastest(Vec<f64>);

impl Fastest {
    fn new(shards: usize) -> Self {
        Self(vec![f64::INFINITY; shards])
    }

    fn round<T>(&mut self, shards: &[Shard], mut work: impl FnMut(&Shard) -> T) -> Vec<T> {
        let one = |(shard, best): (&Shard, &mut f64)| {
            let started = Instant::now();
            let made = work(shard);
            *best = best.min(started.elapsed().as_nanos() as f64);
            made
        };
        shards.iter().zip(&mut self.0).map(one).collect()
    }

    /// For each profile.
    fn nanos(&self, shards: &[Shard]) -> f64 {
        self.0[..shards.len()].iter().sum::<f64>() / shards.iter().map(Shard::len).sum::<usize>() as f64
    }
}

/// The additions alone.
fn floor(lineup: &Lineup, shard: &Shard) {
    let mut scratch = Scratch::default();
    for (_, row) in shard.rows() {
        lineup.add_only(&mut scratch, row);
    }
    std::hint::black_box(&scratch);
}
