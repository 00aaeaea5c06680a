//! From the rows of subscribers to shards, on both databases.

use std::sync::Arc;
use std::time::Instant;

use broadsheet::matcher::{Interests, Shard};
use broadsheet::scheduler::profiles;
use chrono::TimeDelta;

use super::Options;
use super::support::database::Scratch;
use super::support::{gauge, people};

pub fn run(options: &Options) {
    println!("## Loading profiles from a database\n");
    println!("| database | people | wall | CPU of this process | distinct interests | bytes a profile |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.threads)
        .enable_all()
        .build()
        .expect("a runtime");
    for kind in ["sqlite", "postgres"] {
        for &count in &options.people {
            runtime.block_on(one(kind, count, options.threads));
        }
    }
    println!();
}

async fn one(kind: &str, count: usize, threads: usize) {
    let scratch = Scratch::new(kind);
    let now = "2026-03-05T06:00:00Z".parse().expect("an instant");
    let app = scratch.app(now, &[("database.connections", "8")]).await;
    people::seed(&app.service, &scratch.url, count, now - TimeDelta::minutes(1)).await;
    for _ in 0..2 {
        let interests = Arc::new(Interests::default());
        let (before, begin) = (gauge::cpu_seconds(), Instant::now());
        let shards = profiles::load(&app.service.db, &interests, threads * 2).await.expect("loads");
        let (took, cpu) = (begin.elapsed(), gauge::cpu_seconds() - before);
        let bytes: usize = shards.iter().map(Shard::bytes).sum();
        assert_eq!(shards.iter().map(Shard::len).sum::<usize>(), count);
        println!(
            "| {kind} | {count} | {:.2} s | {cpu:.2} s | {} | {:.1} |",
            took.as_secs_f64(),
            interests.len(),
            bytes as f64 / count as f64
        );
    }
    app.close().await;
}
