//! Measures matching: many profiles against the papers of a day or a week.
//!
//! `cargo bench --bench matching -- [--people 10000,100000] [--papers 1000] [--quick] [--threads N]
//! [--only kernel|load|baselines|tsquery]`
//!
//! Machines are shared and differ, so every figure stands beside the *floor* of the same run: the additions
//! alone, without choosing the best. Rounds of all kernels alternate; of each shard the fastest round counts,
//! so that what a shared machine does meanwhile is left out.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and its arguments")]
#![expect(missing_docs, reason = "a program of its own")]

mod baselines;
mod kernel;
mod load;
#[expect(dead_code, reason = "each benchmark uses a part of it")]
#[path = "../support/mod.rs"]
mod support;
mod tsquery;
mod world;

use std::sync::Arc;
use std::time::Instant;

use broadsheet::matcher::{Interests, Matcher, Segment, Shard};
use broadsheet::model::SubscriberId;

/// Profiles in a shard: few enough that a round of one often runs without being interrupted.
const SHARD: usize = 1024;

pub struct Options {
    people: Vec<usize>,
    papers: Vec<usize>,
    quick: bool,
    threads: usize,
    only: Option<String>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            people: vec![10_000, 100_000, 1_000_000],
            papers: vec![500, 1000, 2000, 3000, 7000],
            quick: false,
            threads: std::thread::available_parallelism().map_or(1, |count| count.get()),
            only: None,
        };
        let mut arguments = std::env::args().skip(1);
        let list = |text: Option<String>| -> Vec<usize> {
            let text = text.expect("a list of numbers");
            text.split(',').map(|number| number.replace('_', "").parse().expect("a number")).collect()
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--people" => options.people = list(arguments.next()),
                "--papers" => options.papers = list(arguments.next()),
                "--threads" => options.threads = list(arguments.next())[0],
                "--only" => options.only = arguments.next(),
                "--quick" => {
                    (options.people, options.papers, options.quick) = (vec![10_000, 100_000], vec![1000], true)
                }
                // What cargo adds.
                "--bench" => {}
                other => panic!("unknown option {other}"),
            }
        }
        options
    }

    fn runs(&self, part: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == part)
    }
}

/// Nanoseconds of processor time of this thread, as Linux counts them.
pub fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).expect("a number")
}

pub fn matcher(papers: &[world::Paper], days: usize, interests: &Arc<Interests>) -> Matcher {
    let segments =
        papers.chunks(papers.len().div_ceil(days)).map(|day| Segment::build(day.iter().map(world::Paper::doc)));
    Matcher::with_interests(segments.map(Arc::new).collect(), Arc::clone(interests))
}

pub fn shards(people: usize, universe: &[String], interests: &Interests) -> Vec<Shard> {
    let ids: Vec<usize> = (0..people).collect();
    let shard = |ids: &[usize]| {
        let mut shard = Shard::default();
        for &id in ids {
            shard.push_text(interests, SubscriberId(id as i64), &world::profile(id, universe));
        }
        shard.shrink();
        shard
    };
    ids.chunks(SHARD).map(shard).collect()
}

fn main() {
    let options = Options::read();
    let started = Instant::now();
    let universe: Vec<String> = (0..world::UNIVERSE).map(world::interest).collect();
    if options.runs("kernel") {
        kernel::run(&options, &universe);
    }
    if options.runs("baselines") {
        baselines::run(&options, &universe);
    }
    if options.runs("tsquery") {
        tsquery::run(&options, &universe);
    }
    if options.runs("load") {
        load::run(&options);
    }
    eprintln!("done after {:.0} s", started.elapsed().as_secs_f64());
}
