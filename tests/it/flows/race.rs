//! Several programs on one PostgreSQL that is killed and started anew while they plan and send.

use broadsheet::store::Liveness;

use crate::support::TestDb;
use crate::support::campaigns::race::{Race, race};

/// A tenth of the readers of `cargo bench --bench kills -- --race`, and as many accidents, so that a test
/// without optimisation takes seconds and not minutes.
async fn with(nodes: usize) {
    let Some(db) = TestDb::postgres_alone().await else { return };
    let plan = Race { nodes, deliveries: 2000, connections: 3, crashes: 3 };
    println!("{:?}", race(&db, &plan).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_lose_and_double_nothing_while_the_database_crashes() {
    with(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_programs_lose_and_double_nothing_while_the_database_crashes() {
    with(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_shows_that_it_lives_again_after_the_database_crashed() {
    let Some(db) = TestDb::postgres_alone().await else { return };
    let sign = db.register_instance("living").await.expect("registers");
    tokio::task::block_in_place(|| db.crash());
    // Until the pools have noticed, questions fail.
    while !matches!(db.liveness("living").await, Ok(Liveness::Alive)) {
        tokio::task::yield_now().await;
    }
    drop(sign);
    while !matches!(db.liveness("living").await, Ok(Liveness::Dead)) {
        tokio::task::yield_now().await;
    }
    db.remove().await;
}
