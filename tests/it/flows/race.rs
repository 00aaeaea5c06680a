//! Several programs on one PostgreSQL that is killed and started anew while they plan and send.

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
