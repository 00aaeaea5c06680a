//! Programs inside this one: each a service on a runtime of its own, which can die as a whole at any moment.
//!
//! Dropping a runtime drops every task at the very point where it waits, closes its connections to database and
//! mail server without a word, and gives up its life sign: from outside it looks like `kill -9`.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use broadsheet::clock::Clock;
use broadsheet::scheduler::faults::{Faults, KillPoint};
use broadsheet::store::{Db, Liveness};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::service::{Service, Setup};

/// Longer than any test waits for a runtime to come to rest.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that lives in a runtime of its own.
pub struct Node<T> {
    runtime: Runtime,
    work: JoinHandle<T>,
}

impl<T: Send + 'static> Node<T> {
    /// Builds a service and gives it `work` to do.
    pub fn start<F>(setup: &Setup, clock: &Clock, work: impl FnOnce(Service) -> F + Send + 'static) -> Self
    where
        F: Future<Output = T> + Send,
    {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let (setup, clock) = (setup.clone(), clock.clone());
        let work = runtime.spawn(async move {
            let service = setup.under(clock).await;
            work(service).await
        });
        Self { runtime, work }
    }

    /// Ends it in the middle of whatever it does. Not to be called from a task, which must not wait.
    pub fn kill(self) {
        self.runtime.shutdown_timeout(PATIENCE);
    }

    /// What its work came to. Not to be called from a task, which must not wait.
    pub fn join(self) -> T {
        let done = self.runtime.block_on(self.work).expect("the work does not panic");
        self.runtime.shutdown_timeout(PATIENCE);
        done
    }
}

/// Makes one pass and dies the first time it comes past `point`. Not to be called from a task.
pub fn die_at(setup: &Setup, clock: &Clock, point: KillPoint) {
    let (tell, told) = mpsc::channel();
    let (tell, over) = (Arc::new(Mutex::new(tell.clone())), tell);
    let faults =
        Faults::at_boundaries(move |passed| passed == point && tell.lock().expect("no panic").send(true).is_ok());
    let node = Node::start(&setup.clone().faults(faults), clock, move |service| async move {
        let report = service.pass().await;
        over.send(false).expect("somebody listens");
        report
    });
    let died = told.recv().expect("it lives or dies");
    node.kill();
    assert!(died, "the pass ended without coming past {point:?}");
}

/// Waits until the database knows that everybody who holds leases is dead: a server may take a moment to notice.
pub async fn wait_until_dead(db: &Db) {
    let owners = db.read().await.expect("reads").lease_owners().await.expect("listed");
    for owner in owners {
        while db.liveness(&owner).await.expect("asked") != Liveness::Dead {
            tokio::task::yield_now().await;
        }
    }
}
