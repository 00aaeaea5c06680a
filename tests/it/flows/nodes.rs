//! More than one program on one database: one that stops, one that dies, one that freezes and wakes up.

use std::sync::Arc;

use broadsheet::scheduler::{Stop, deliver, plan};

use crate::support::mails::mails;
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

/// Readers whose mails are planned and wait.
async fn with_readers(setup: &Setup, count: usize) -> Service {
    let service = setup.at("2026-03-02T05:00:00Z").await;
    for n in 0..count {
        service.add(&format!("reader{n}@example.org"), &["diffusion models"]).await;
    }
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    service.clock.set(instant("2026-03-02T07:00:00Z"));
    plan::run(&service.app.service).await.expect("planned");
    service
}

async fn states_in_all(service: &Service) -> Vec<String> {
    let mut states: Vec<String> = service.deliveries().await.into_iter().map(|line| line.state).collect();
    states.sort();
    states.dedup();
    states
}

/// Waits in a thread of its own until a dialogue stalls.
async fn stalled(post: &Arc<Server>, count: usize) {
    let post = Arc::clone(post);
    tokio::task::spawn_blocking(move || post.wait_until_stalled(count)).await.expect("stalled");
}

both_databases! {
    async fn a_stop_in_mid_run_finishes_what_is_past_the_fence_and_gives_the_rest_back(db: &TestDb) {
        let post = Arc::new(Server::start(Tls::None));
        let service = with_readers(&Setup::new(db, &post), 8).await;
        post.once(Step::Dot, Act::Usual);
        post.once(Step::Dot, Act::Stall);
        let (stopper, stop) = Stop::pair();
        let (report, ()) = tokio::join!(deliver::run(&service.app.service, &stop), async {
            stalled(&post, 1).await;
            stopper.stop();
            post.release();
        });
        assert_eq!(report.expect("a pass").accepted, 2);
        assert_eq!(states_in_all(&service).await, ["accepted", "ready"]);
        assert_eq!(service.pass().await.accepted, 6, "at once, not when a lease ends");
        service.app.close().await;
    }

    async fn the_leases_of_a_dead_program_are_broken_at_once(db: &TestDb) {
        let post = Arc::new(Server::start(Tls::None));
        let setup = Setup::new(db, &post);
        let doomed = with_readers(&setup, 3).await;
        post.once(Step::Dot, Act::AcceptThenStall);
        let task = tokio::spawn({
            let service = Arc::clone(&doomed.app.service);
            async move { deliver::run(&service, &Stop::never()).await }
        });
        stalled(&post, 1).await;
        let owner = doomed.app.service.owner.clone();
        let heir = setup.under(doomed.clock.clone()).await;
        assert_eq!(heir.pass().await.accepted, 0, "the other lives and holds them all");
        assert_eq!(states_in_all(&heir).await, ["handing_off", "leased"]);
        // It loses its life sign, though its session goes on: to be wrong about that has to be harmless.
        drop(doomed);
        while heir.app.service.db.liveness(&owner).await.expect("asked") != broadsheet::store::Liveness::Dead {
            tokio::task::yield_now().await;
        }
        let report = heir.pass().await;
        assert_eq!((report.accepted, report.waiting), (2, 0), "{report:?}");
        assert_eq!(states_in_all(&heir).await, ["accepted", "uncertain"]);
        post.release();
        let late = task.await.expect("ends").expect("a pass");
        assert_eq!((late.accepted, late.fenced), (1, 2), "its word counts, its claims do not");
        assert_eq!(states_in_all(&heir).await, ["accepted"]);
        assert_eq!(mails(&post).len(), 3);
        heir.app.close().await;
    }

    async fn a_frozen_program_that_wakes_up_loses_at_the_fence(db: &TestDb) {
        let post = Arc::new(Server::start(Tls::None));
        let setup = Setup::new(db, &post);
        let frozen = with_readers(&setup, 1).await;
        let other = setup.under(frozen.clock.clone()).await;
        post.once(Step::Data, Act::Stall);
        let never = Stop::never();
        let (report, ()) = tokio::join!(deliver::run(&frozen.app.service, &never), async {
            stalled(&post, 1).await;
            assert_eq!(other.pass_after(14).await.accepted, 0, "the lease still holds");
            assert_eq!(other.pass_after(2).await.accepted, 1);
            post.release();
        });
        let report = report.expect("a pass");
        assert_eq!((report.accepted, report.fenced), (0, 1));
        post.wait_until_idle();
        assert_eq!(mails(&post).len(), 1);
        assert_eq!(states_in_all(&other).await, ["accepted"]);
        frozen.app.close().await;
        other.app.close().await;
    }

    async fn a_late_reply_settles_what_was_given_up(db: &TestDb) {
        let post = Arc::new(Server::start(Tls::None));
        let setup = Setup::new(db, &post).with("mail.uncertain.digest", "resend");
        let slow = with_readers(&setup, 1).await;
        let other = setup.under(slow.clock.clone()).await;
        post.once(Step::Dot, Act::AcceptThenStall);
        let never = Stop::never();
        let (report, ()) = tokio::join!(deliver::run(&slow.app.service, &never), async {
            stalled(&post, 1).await;
            assert_eq!(other.pass_after(16).await.accepted, 0);
            assert_eq!(states_in_all(&other).await, ["uncertain"]);
            // A second copy is decided on, but the relay is down, so it has not left yet.
            post.always(Step::Greeting, Act::Reply("421 4.3.2 down"));
            assert_eq!(other.pass_after(31).await.accepted, 0);
            assert_eq!(states_in_all(&other).await, ["ready"]);
            post.release();
        });
        assert_eq!(report.expect("a pass").accepted, 1);
        assert_eq!(states_in_all(&other).await, ["accepted"]);
        post.always(Step::Greeting, Act::Usual);
        assert_eq!(other.pass_after(5).await.accepted, 0);
        assert_eq!(mails(&post).len(), 1);
        slow.app.close().await;
        other.app.close().await;
    }

    async fn two_programs_at_once_plan_and_send_everything_once(db: &TestDb) {
        let post = Arc::new(Server::start(Tls::None));
        let setup = Setup::new(db, &post).with("mail.connections", "2");
        let service = setup.at("2026-03-02T05:00:00Z").await;
        for n in 0..30 {
            service.add(&format!("reader{n}@example.org"), &["diffusion models"]).await;
        }
        service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
        service.clock.set(instant("2026-03-02T07:00:00Z"));
        let other = setup.under(service.clock.clone()).await;
        let (one, two) = tokio::join!(service.pass(), other.pass());
        assert_eq!(one.planned + two.planned, 30);
        assert_eq!(one.accepted + two.accepted + service.pass().await.accepted, 30);
        let mut to: Vec<String> = mails(&post).into_iter().map(|mail| mail.to).collect();
        to.sort();
        to.dedup();
        assert_eq!((to.len(), mails(&post).len()), (30, 30));
        service.app.close().await;
        other.app.close().await;
    }
}
