//! How fast editions are planned: `cargo bench --bench planning -- --people 100000 --database sqlite`.
//!
//! Everyone is due at one instant, with ten interests and ten papers. With `--marks` a fence is asked for all the while,
//! for a mail that does not exist, one after the other: as long as that takes would a mail server wait.

#[expect(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use broadsheet::model::{DeliveryId, Timestamp};
use broadsheet::scheduler::faults::{Faults, KillPoint};
use broadsheet::scheduler::plan::{self, Crew};
use broadsheet::store::deliveries::FenceMark;
use broadsheet::store::marks::Marks;
use chrono::TimeDelta;
use support::database::Scratch;
use support::{gauge, papers, people};

/// What is measured.
struct Options {
    people: usize,
    papers_per_day: usize,
    database: String,
    crew: Crew,
    marks: bool,
}

impl Options {
    fn read() -> Self {
        let (database, crew) = ("sqlite".to_owned(), Crew::default());
        let mut options = Self { people: 10_000, papers_per_day: 400, database, crew, marks: false };
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| panic!("{name} wants a value"));
            match name.as_str() {
                "--people" => options.people = value().parse().expect("a number"),
                "--papers-per-day" => options.papers_per_day = value().parse().expect("a number"),
                "--database" => options.database = value(),
                "--threads" => options.crew.threads = value().parse().expect("a number"),
                "--batch" => options.crew.batch = value().parse().expect("a number"),
                "--marks" => options.marks = true,
                _ => {
                    panic!("there are --people, --papers-per-day, --database, --threads, --batch, --marks, not {name}")
                }
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
    let mut app = scratch.app(now, &[("database.connections", "8")]).await;
    let commits = Arc::new(AtomicU32::new(0));
    Arc::get_mut(&mut app.service).expect("nobody else has it").faults = counting(&commits);
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
    let (before, server_before) = (gauge::cpu_seconds(), scratch.server_seconds().await);
    let mut waits = Vec::new();
    let (report, took) = tokio::select! {
        planned = timed(plan::run_with(service, options.crew)) => planned,
        never = ask_for_the_fence(&service.marks, now, &mut waits), if options.marks => never,
    };
    let report = report.expect("plans");
    let (cpu, server_cpu) = (gauge::cpu_seconds() - before, scratch.server_seconds().await - server_before);
    let people = f64::from(report.planned + report.silent);
    println!("{:?} on {}", report, service.db.kind());
    println!("  {:.2} s, {:.0} people/s, load {}", took.as_secs_f64(), people / took.as_secs_f64(), gauge::load());
    println!("  CPU of this process: {:.2} s, {:.0} us a person", cpu, cpu * 1e6 / people);
    println!("  CPU of the database server: {:.2} s, {:.0} us a person", server_cpu, server_cpu * 1e6 / people);
    println!("  peak memory {:.0} MB", gauge::peak_megabytes());
    println!("  {} commits", commits.load(Ordering::Relaxed));
    waits.sort_unstable();
    if let Some(last) = waits.len().checked_sub(1) {
        let wait = |share: f64| waits[(last as f64 * share) as usize].as_secs_f64() * 1e3;
        let (median, nearly_all, longest) = (wait(0.5), wait(0.99), wait(1.0));
        println!("  a mark waited {median:.1} ms (median), {nearly_all:.1} ms (99 %), {longest:.1} ms (longest)");
    }
    app.close().await;
}

/// Lets nothing die and counts the transactions that were committed.
fn counting(commits: &Arc<AtomicU32>) -> Faults {
    let commits = Arc::clone(commits);
    Faults::at_boundaries(move |point| {
        commits.fetch_add(u32::from(point == KillPoint::Planned), Ordering::Relaxed);
        false
    })
}

/// Notes how long each answer takes; goes on for ever.
async fn ask_for_the_fence<T>(marks: &Marks, now: Timestamp, waits: &mut Vec<Duration>) -> T {
    loop {
        let mark = FenceMark {
            id: DeliveryId(0),
            epoch: 1,
            body_sha256: String::new(),
            template_hash: String::new(),
            lease_until: now,
            now,
        };
        waits.push(timed(marks.fence(mark)).await.1);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    let made = work.await;
    (made, begin.elapsed())
}
