//! What a forecast costs, and what the papers behind it take in memory.
//!
//! `cargo bench --bench forecast -- [--papers 30000] [--rounds 20] [--from DIR]`
//!
//! Papers are spread evenly over 30 days. Without `--from` they are made up; with it, they are those of the
//! JSON Lines files of a folder (`title`, `abstract` or `summary`), over and over until there are enough.
//! Every round asks for ten interests that no round before asked for. Nothing is cached between rounds.

#[expect(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use broadsheet::matcher::{Acronyms, Definitions, Doc, Explainer, Forecast, Profile, Segment, Window};
use broadsheet::model::{PaperId, from_micros};
use support::dice::Dice;
use support::gauge;

const DAYS: usize = 30;
const DAY: i64 = 86_400_000_000;
const INTERESTS: usize = 10;

struct Text {
    title: String,
    text: String,
    authors: Vec<String>,
    categories: Vec<String>,
}

fn main() {
    let options = Options::read();
    let texts = match &options.from {
        Some(folder) => real(folder),
        None => made_up(options.papers),
    };
    let docs: Vec<Doc<'_>> =
        (0..options.papers).map(|number| doc(&texts[number % texts.len()], number, options.papers)).collect();
    let before = gauge::cpu_seconds();
    let learned = Definitions::of(docs.iter().map(|doc| (doc.title, doc.abstract_text)));
    let acronyms = Arc::new(Acronyms::learn([&learned]));
    let learning = gauge::cpu_seconds() - before;
    let before = gauge::cpu_seconds();
    let segments: Vec<Arc<Segment>> =
        docs.chunks(options.papers.div_ceil(DAYS)).map(|day| Arc::new(Segment::build(day.iter().copied()))).collect();
    let indexing = gauge::cpu_seconds() - before;
    let bytes: usize = segments.iter().map(|segment| segment.bytes()).sum();
    println!("load {}; {} papers of {} texts, {} segments", gauge::load(), options.papers, texts.len(), segments.len());
    println!("acronyms: {} pairs learned in {learning:.2} s of processor time", acronyms.len());
    println!("segments: {} bytes a paper, made in {indexing:.2} s of processor time", bytes / options.papers.max(1));

    let mut dice = Dice::new(11);
    let mut times: Vec<f64> = Vec::new();
    let mut found = 0;
    let before = gauge::cpu_seconds();
    for _ in 0..options.rounds {
        let text: String = (0..INTERESTS).map(|number| interest(&docs, &mut dice, number) + "\n").collect();
        let profile = Profile::from_text(&text);
        let window = Window { after: from_micros(-1), until: from_micros(DAY * 31) };
        let (forecast, took) = timed(|| Forecast::of(&segments, &acronyms, &profile, &window, 30, 5));
        times.push(took.as_secs_f64() * 1000.0);
        found += forecast.found;
    }
    let cpu = (gauge::cpu_seconds() - before) * 1000.0 / options.rounds as f64;
    times.sort_by(f64::total_cmp);
    let (least, middle, most) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    println!(
        "forecast of {INTERESTS} new interests: {middle:.1} ms (least {least:.1}, most {most:.1}), \
         {cpu:.1} ms of processor time with making the interests; {} papers found a round",
        found as usize / options.rounds
    );
    let papers = &docs[..docs.len().min(2000)];
    let profile =
        Profile::from_text(&(0..INTERESTS).map(|n| interest(papers, &mut dice, n) + "\n").collect::<String>());
    let before = gauge::cpu_seconds();
    for doc in papers {
        std::hint::black_box(Explainer::with_acronyms(doc, Arc::clone(&acronyms)).explain(&profile));
    }
    let micros = (gauge::cpu_seconds() - before) * 1e6 / papers.len() as f64;
    println!("reasons: {micros:.0} µs to read a paper and ask it for {INTERESTS} interests");
}

/// Words of a paper, in turn a run, a phrase, a single word, alternatives, and both of two.
fn interest(docs: &[Doc<'_>], dice: &mut Dice, number: usize) -> String {
    let mut words = |count: usize| {
        loop {
            let text = docs[dice.below(docs.len())].abstract_text;
            let plain = |word: &&str| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase());
            let all: Vec<&str> = text.split([' ', '\n']).filter(plain).collect();
            if all.len() > count + 1 {
                let at = dice.below(all.len() - count);
                return all[at..at + count].join(" ");
            }
        }
    };
    match number % 5 {
        0 => words(2),
        1 => format!("\"{}\"", words(2)),
        2 => words(1),
        3 => format!("({}) OR ({})", words(1), words(2)),
        _ => format!("({}) AND ({})", words(1), words(1)),
    }
}

fn doc<'a>(text: &'a Text, number: usize, of: usize) -> Doc<'a> {
    Doc {
        id: PaperId(i64::try_from(number).expect("few") + 1),
        available_at: from_micros(DAY * 30 * i64::try_from(number).expect("few") / i64::try_from(of).expect("few")),
        title: &text.title,
        abstract_text: &text.text,
        authors: &text.authors,
        categories: &text.categories,
        trend_permille: 1000,
    }
}

fn made_up(count: usize) -> Vec<Text> {
    support::papers::make(count, 1)
        .into_iter()
        .map(|paper| Text {
            title: paper.title,
            text: paper.abstract_text,
            authors: paper.authors,
            categories: paper.categories,
        })
        .collect()
}

fn real(folder: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(Path::new(folder)).expect("a folder") {
        let file = std::fs::read_to_string(entry.expect("readable").path()).expect("text");
        for line in file.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON Lines");
            let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            let list = |key: &str| {
                let entries = value[key].as_array().into_iter().flatten();
                entries.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
            };
            texts.push(Text {
                title: broadsheet::text::display_line(&text("title")),
                text: broadsheet::text::display_paragraphs(&(text("abstract") + &text("summary"))),
                authors: list("authors"),
                categories: list("categories"),
            });
        }
    }
    texts
}

struct Options {
    papers: usize,
    rounds: usize,
    from: Option<String>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { papers: 30_000, rounds: 20, from: None };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value");
            match word.as_str() {
                "--papers" => options.papers = value().parse().expect("a number"),
                "--rounds" => options.rounds = value().parse().expect("a number"),
                "--from" => options.from = Some(value()),
                _ => {}
            }
        }
        options
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let made = work();
    (made, begin.elapsed())
}
