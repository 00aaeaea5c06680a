//! Several programs on one PostgreSQL that crashes and cuts connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use broadsheet::model::DeliveryState;
use broadsheet::scheduler::{Stop, deliver, plan};

use super::with_readers;
use crate::support::TestDb;
use crate::support::nodes::Node;
use crate::support::oracle::{Ledger, Promise};
use crate::support::service::Setup;
use crate::support::smtp::{Server, Tls};

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Race {
    pub nodes: usize,
    pub deliveries: usize,
    /// Open SMTP dialogues of each node at most.
    pub connections: usize,
    /// How often the database server is killed and started anew. Between two of them connections are cut.
    pub crashes: usize,
}

/// What it cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Toll {
    /// Passes that failed because the database was away.
    pub failed_passes: usize,
    /// Mails that the accidents left open.
    pub uncertain: usize,
}

/// Ends the sessions of some programs: those whose process number has this remainder.
const CUT: &str =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'broadsheet' AND pid % 3 =";

/// Lets the programs plan and send everything while the database has its accidents.
pub async fn race(db: &TestDb, plan: &Race) -> Toll {
    let post = Arc::new(Server::start(Tls::None));
    post.keep_names_only();
    let setup = Setup::new(db, &post).with("mail.connections", &plan.connections.to_string());
    let first = with_readers(&setup, plan.deliveries).await;
    let clock = first.clock.clone();
    first.app.close().await;
    let over = Arc::new(AtomicBool::new(false));
    let nodes: Vec<Node<usize>> = (0..plan.nodes)
        .map(|_| {
            let over = Arc::clone(&over);
            Node::start(&setup, &clock, move |service| async move { work(&service.app.service, &over).await })
        })
        .collect();
    for accident in 1..=plan.crashes {
        let share = plan.deliveries / (plan.crashes + 1);
        tokio::task::block_in_place(|| post.wait_until_taken(share * accident - share / 2));
        db.execute(&format!("{CUT} {}", accident % 3)).await;
        tokio::task::block_in_place(|| {
            post.wait_until_taken(share * accident);
            db.crash();
        });
    }
    wait_until_all_are_claimed(db, plan.deliveries).await;
    over.store(true, Ordering::SeqCst);
    let failed_passes = tokio::task::block_in_place(|| nodes.into_iter().map(Node::join).sum());

    // What a program held while it lost its connections comes back when the lease ends.
    clock.advance(std::time::Duration::from_secs(16 * 60));
    let last = setup.under(clock).await;
    for _ in 0..3 {
        last.pass().await;
    }
    let ledger = Ledger::read(db, &post).await;
    let open = (plan.crashes * 2) * plan.nodes * plan.connections;
    ledger.assert_kept(&Promise { deliveries: plan.deliveries, resends: 0, open, now: last.clock.now() });
    let uncertain = ledger.count(DeliveryState::Uncertain);
    assert_eq!(ledger.count(DeliveryState::Accepted) + uncertain, plan.deliveries);
    last.app.close().await;
    Toll { failed_passes, uncertain }
}

/// Plans and delivers until told that it is over; how many passes failed.
async fn work(service: &Arc<broadsheet::scheduler::Service>, over: &AtomicBool) -> usize {
    let mut failed = 0;
    while !over.load(Ordering::SeqCst) {
        let planned = plan::run(service).await.map(drop);
        let delivered = deliver::run(service, &Stop::never()).await.map(drop);
        failed += usize::from(planned.is_err()) + usize::from(delivered.is_err());
        tokio::task::yield_now().await;
    }
    failed
}

/// Looks until everything has been planned, and taken by somebody; the database may be away meanwhile.
async fn wait_until_all_are_claimed(db: &TestDb, deliveries: usize) {
    loop {
        if let Ok(mut read) = db.read().await
            && let Ok(counts) = read.delivery_counts().await
        {
            let waiting = counts.iter().any(|(_, state, _)| ["ready", "retry_wait"].contains(&state.as_str()));
            let planned: i64 = counts.iter().map(|(_, _, count)| count).sum();
            if !waiting && usize::try_from(planned) == Ok(deliveries) {
                return;
            }
        }
        tokio::task::yield_now().await;
    }
}
