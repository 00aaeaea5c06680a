//! How fast editions are planned: `cargo bench --bench planning -- --people 100000 --database sqlite`.

#[expect(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::time::{Duration, Instant};

use broadsheet::scheduler::plan;
use chrono::TimeDelta;
use support::database::Scratch;
use support::{gauge, papers, people};

/// What is measured.
struct Options {
    people: usize,
    papers_per_day: usize,
    database: String,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { people: 10_000, papers_per_day: 400, database: "sqlite".to_owned() };
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{name} wants a value"));
            match name.as_str() {
                "--people" => options.people = value.parse().expect("a number"),
                "--papers-per-day" => options.papers_per_day = value.parse().expect("a number"),
                "--database" => options.database = value,
                _ => panic!("there are --people, --papers-per-day and --database, not {name}"),
            }
        }
        options
    }
}

#[tokio::main]
async fn main() {
    let options = Options::read();
    let scratch = Scratch::new(&options.database);
    let now = "2026-03-05T06:00:00Z".parse().expect("an instant");
    let app = scratch.app(now, &[("database.connections", "8")]).await;
    let service = &app.service;
    let (_, seeding) = timed(async {
        papers::seed(&service.db, now, options.papers_per_day, 14).await;
        people::seed(service, &scratch.url, options.people, now - TimeDelta::minutes(1)).await;
    })
    .await;
    println!(
        "seeded {} people and {} papers in {:.1} s",
        options.people,
        options.papers_per_day * 14,
        seeding.as_secs_f64()
    );
    gauge::reset_peak();
    let before = gauge::cpu_seconds();
    let (report, took) = timed(plan::run(service)).await;
    let report = report.expect("plans");
    let cpu = gauge::cpu_seconds() - before;
    let people = f64::from(report.planned + report.silent);
    println!("{:?} on {}", report, service.db.kind());
    println!("  {:.2} s, {:.0} people/s, load {}", took.as_secs_f64(), people / took.as_secs_f64(), gauge::load());
    println!("  CPU of this process: {:.2} s, {:.0} us a person", cpu, cpu * 1e6 / people);
    println!("  peak memory {:.0} MB", gauge::peak_megabytes());
    app.close().await;
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    let made = work.await;
    (made, begin.elapsed())
}
