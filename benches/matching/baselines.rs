//! What simpler ways cost: looking each interest up in each text, and one automaton over all of them.
//!
//! Both look for plain words and phrases alone, inside words too, and rank nothing.

use super::{Options, cpu_nanos, world};

/// Profiles that the slow ways are asked for.
const SOME: usize = 400;
const PAPERS: usize = 1000;

pub fn run(options: &Options, universe: &[String]) {
    let texts: Vec<String> =
        world::papers(PAPERS, 1).into_iter().map(|paper| format!("{}\n{}", paper.title, paper.text)).collect();
    println!("## Simpler ways, {PAPERS} papers\n");
    println!("| way | interests | CPU | ns for each profile and paper |");
    println!("| --- | ---: | ---: | ---: |");
    naive(&texts, universe);
    let most = if options.quick { 1 } else { 2 };
    for size in [10_000, universe.len()].into_iter().take(most) {
        automaton(&texts, universe, size);
    }
    println!();
}

fn plain(line: &str) -> Option<&str> {
    (!line.contains(['(', ':', '-', '^']) && !line.contains(" OR ") && !line.contains(" NOT "))
        .then(|| line.trim_matches('"'))
}

fn naive(texts: &[String], universe: &[String]) {
    let profiles: Vec<String> = (0..SOME).map(|person| world::profile(person, universe)).collect();
    let mut found = 0_usize;
    let nanos = timed(|| {
        for profile in &profiles {
            for needle in profile.lines().filter_map(plain) {
                found += texts.iter().filter(|text| text.contains(needle)).count();
            }
        }
    });
    assert!(found > 0);
    let pairs = (SOME * texts.len()) as f64;
    println!("| `str::contains` | {} profiles | {:.2} s | {:.0} |", SOME, nanos / 1e9, nanos / pairs);
}

fn automaton(texts: &[String], universe: &[String], size: usize) {
    let needles: Vec<&str> = universe[..size].iter().filter_map(|line| plain(line)).collect();
    let mut automaton = None;
    let build = timed(|| {
        let mut builder = aho_corasick::AhoCorasick::builder();
        builder.kind(Some(aho_corasick::AhoCorasickKind::ContiguousNFA));
        automaton = Some(builder.build(&needles).expect("few enough"));
    });
    let Some(automaton) = automaton else { return };
    let mut found = 0_usize;
    let scan = timed(|| found = texts.iter().map(|text| automaton.find_overlapping_iter(text).count()).sum());
    assert!(found > 0);
    println!("| Aho-Corasick, building | {} | {:.3} s | |", needles.len(), build / 1e9);
    println!("| Aho-Corasick, reading once | {} | {:.3} s | |", needles.len(), scan / 1e9);
}

fn timed(work: impl FnOnce()) -> f64 {
    let before = cpu_nanos();
    work();
    (cpu_nanos() - before) as f64
}
