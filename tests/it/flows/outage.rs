//! A database that cannot be written: nothing leaves, nothing is lost, everybody can see it, and work goes on
//! by itself when it can be written again.

use std::sync::Arc;

use broadsheet::scheduler::{Stop, driver};
use broadsheet::store::Strain;

use crate::support::mails::mails;
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

/// How a SQLite file fails; PostgreSQL becomes read-only and cuts its connections in every case.
const STRAINS: [Strain; 2] = [Strain::Full, Strain::ReadOnly];
const CUT: &str = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Lets the database fail under the service.
async fn fail(db: &TestDb, service: &Service, strain: Strain) {
    match db.kind() {
        "SQLite" => service.app.service.db.strain(strain).await.expect("strained"),
        _ => read_only(db, "on").await,
    }
}

/// Makes the database as it was.
async fn mend(db: &TestDb, service: &Service) {
    match db.kind() {
        "SQLite" => service.app.service.db.strain(Strain::None).await.expect("mended"),
        _ => read_only(db, "off").await,
    }
}

/// Sets it for every connection that is opened from now on, and cuts those that are open. The setting is committed
/// first: whoever opens a connection again while others are cut has to find it.
async fn read_only(db: &TestDb, value: &str) {
    let url = &db.options().url;
    let name = url.rsplit('/').find_map(|part| part.split_once("?host=")).map(|(name, _)| name);
    let name = name.or_else(|| url.split('?').next()?.rsplit('/').next()).expect("a name");
    let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
    db.execute(&format!("BEGIN READ WRITE; {set}; COMMIT; {CUT}")).await;
}

/// Ada's mail of the day can be planned; it is seven.
async fn with_ada(setup: &Setup) -> Service {
    let service = setup.at("2026-03-02T05:00:00Z").await;
    service.add("ada@example.org", &["diffusion models"]).await;
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    service.clock.set(instant("2026-03-02T07:00:00Z"));
    service
}

/// Removes Ada, so that she can come again.
async fn clear(service: Service) {
    service.app.erase_person("ada@example.org").await.expect("erased");
    service.app.close().await;
}

both_databases! {
    async fn no_session_is_opened_while_nothing_can_be_written(db: &TestDb) {
        for strain in STRAINS {
            let post = Server::start(Tls::None);
            let service = with_ada(&Setup::new(db, &post)).await;
            broadsheet::scheduler::plan::run(&service.app.service).await.expect("planned");
            fail(db, &service, strain).await;
            for _ in 0..3 {
                let failure = service.app.run_once(false, &Stop::never()).await.expect_err("it cannot be done");
                assert_eq!(failure.exit_code(), 75, "{failure}");
            }
            let status = service.app.sending().await.expect("it can be read");
            assert!(status.outage.is_some() && !status.paused && status.claimable == 1, "{status:?}");
            let (code, text) = service.get("/readyz").await;
            assert_eq!(code, 503);
            assert!(text.contains("cannot be written") && !text.contains("sqlx"), "{text}");
            assert_eq!(service.get("/").await.0, 200, "pages can be read");
            assert_eq!(post.connections(), 0);

            mend(db, &service).await;
            assert_eq!(service.pass().await.accepted, 1, "by itself");
            assert_eq!((mails(&post).len(), service.get("/readyz").await.0), (1, 200));
            assert_eq!(service.app.sending().await.expect("read").outage, None);
            clear(service).await;
        }
    }

    async fn a_dialogue_that_meets_the_outage_ends_without_the_dot_and_the_mail_leaves_afterwards(db: &TestDb) {
        // Of a full disk one fence might still fit into what is there.
        let strain = Strain::ReadOnly;
        let post = Arc::new(Server::start(Tls::None));
        let service = with_ada(&Setup::new(db, &post)).await;
        post.once(Step::Data, Act::Stall);
        let (stopper, stop) = Stop::pair();
        let work = tokio::spawn(driver::run(Arc::clone(&service.app.service), stop));
        until(&post, |post| post.wait_until_stalled(1)).await;
        fail(db, &service, strain).await;
        post.release();
        while service.app.service.db.outage().is_none() {
            tokio::task::yield_now().await;
        }
        until(&post, Server::wait_until_idle).await;
        assert!(mails(&post).is_empty(), "the fence was not passed");

        mend(db, &service).await;
        // What a sign-up would do; without it the driver looks again after some seconds.
        service.app.service.bell.notify_one();
        until(&post, |post| post.wait_until_taken(1)).await;
        stopper.stop();
        work.await.expect("the driver ends");
        assert_eq!(service.states("ada@example.org").await, ["accepted"]);
        assert_eq!(mails(&post).len(), 1, "once");
        service.app.close().await;
    }

    async fn a_result_that_cannot_be_written_is_kept_until_it_can(db: &TestDb) {
        for strain in STRAINS {
            let post = Arc::new(Server::start(Tls::None));
            let service = with_ada(&Setup::new(db, &post)).await;
            post.once(Step::Dot, Act::AcceptThenStall);
            // What else this pass would do may fail; the result it has in hand may not be lost.
            let never = Stop::never();
            let (_, ()) = tokio::join!(service.app.run_once(false, &never), async {
                until(&post, |post| post.wait_until_stalled(1)).await;
                fail(db, &service, strain).await;
                post.release();
                // The pages and commands go on asking meanwhile.
                for _ in 0..20 {
                    assert!(service.app.sending().await.expect("it can be read").outage.is_some());
                }
                mend(db, &service).await;
            });
            while service.app.run_once(false, &never).await.is_err() {}
            assert_eq!(service.states("ada@example.org").await, ["accepted"]);
            assert_eq!(mails(&post).len(), 1);
            clear(service).await;
        }
    }
}

/// Waits for the mail server in a thread of its own.
async fn until(post: &Arc<Server>, happens: impl FnOnce(&Server) + Send + 'static) {
    let post = Arc::clone(post);
    tokio::task::spawn_blocking(move || happens(&post)).await.expect("it happens");
}
