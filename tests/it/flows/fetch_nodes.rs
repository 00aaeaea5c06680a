//! Several nodes on one database: each visit is made once, and nobody waits for the dead.

use broadsheet::net;
use broadsheet::scheduler::{Stop, driver, fetch};

use crate::support::announcements::{feed, told};
use crate::support::apps::{Plan, TestApp, at};
use crate::support::sources::{Answer, Sources};
use crate::support::{TestDb, both_databases};

const FEEDS: &str = "arxiv";
const MORNING: &str = "2026-03-03T08:00:00Z";

/// Begins a visit as `owner`, who then does nothing more.
async fn begin_visit(service: &TestApp, owner: &str) {
    let source = broadsheet::model::SourceName::new(FEEDS);
    let now = service.clock.now();
    let mut tx = service.app.service.db.begin().await.expect("begins");
    let until = now + chrono::Duration::minutes(30);
    assert!(tx.claim_source(&source, now, owner, until, false).await.expect("claims"));
    tx.start_run(&source, now).await.expect("starts");
    tx.commit().await.expect("commits");
}

both_databases! {
    async fn of_two_nodes_that_race_one_visits(db: &TestDb) {
        let sources = Sources::start().await;
        let one = Plan::new(db, MORNING).hugging_face(&sources).arxiv(&sources).build().await;
        let two = Plan::new(db, MORNING).hugging_face(&sources).arxiv(&sources).build().await;
        let visits =
            tokio::join!(fetch::run(&one.app.service, None), fetch::run(&two.app.service, None));
        let visits = [visits.0.expect("fetches"), visits.1.expect("fetches")].concat();
        assert_eq!(visits.len(), 2, "each source once: {visits:?}");
        assert_eq!((sources.asked("/api/").len(), sources.asked("/rss/").len()), (7, 1));
        assert_eq!((one.runs(FEEDS).await.len(), two.runs("hugging-face").await.len()), (1, 1));
    }

    async fn a_dead_nodes_visit_is_taken_over_at_once(db: &TestDb) {
        let sources = Sources::start().await;
        sources.on_feeds(Answer::ok(feed("2026-03-03", &[told("2603.00001", "Read by the Survivor")])));
        let service = Plan::new(db, MORNING).arxiv(&sources).build().await;
        begin_visit(&service, "0123456789abcdef").await;
        let visits = fetch::run(&service.app.service, None).await.expect("fetches");
        assert_eq!(visits[0].counts.new_papers, 1);
        let runs = service.runs(FEEDS).await;
        assert_eq!(runs.iter().filter(|run| run.finished_at.is_none()).count(), 1, "the dead node's visit stays open");
        assert_eq!(service.source(FEEDS).await.lease_owner, None);
    }

    async fn a_living_node_is_left_alone_until_its_lease_ends(db: &TestDb) {
        let sources = Sources::start().await;
        let slow = Plan::new(db, MORNING).arxiv(&sources).build().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).build().await;
        begin_visit(&service, &slow.app.service.owner).await;
        assert!(service.app.fetch(&[]).await.expect("fetches").is_empty());
        assert!(sources.asked("/").is_empty());
        service.set_clock("2026-03-03T08:30:00Z");
        assert_eq!(service.app.fetch(&[]).await.expect("fetches").len(), 1);
    }

    async fn arxivs_three_seconds_are_kept_over_all_nodes(db: &TestDb) {
        let sources = Sources::start().await;
        let one = Plan::new(db, MORNING).arxiv(&sources).build().await;
        let two = Plan::new(db, "2026-03-03T08:00:02.990Z").arxiv(&sources).build().await;
        one.app.fetch(&[]).await.expect("fetches");
        two.app.fetch(&[]).await.expect("fetches");
        let mut tx = two.app.service.db.begin().await.expect("begins");
        let next = tx.reserve_pace("arxiv", two.clock.now(), std::time::Duration::from_secs(3)).await.expect("reserves");
        assert_eq!(next, at("2026-03-03T08:00:06Z"), "slots at 0 and 3 are taken, though the second was asked for early");
    }
}

#[tokio::test]
async fn a_node_told_to_stop_does_not_wait_for_a_slow_source() {
    let db = TestDb::sqlite().await;
    let sources = Sources::start().await;
    sources.on_feeds(Answer::Stall);
    let hour = std::time::Duration::from_secs(3600);
    let endless = net::Settings { first_byte_timeout: hour, total_timeout: hour, ..net::Settings::default() };
    let service = Plan::new(&db, MORNING).arxiv(&sources).limits(endless).build().await;
    let (stopper, stop) = Stop::pair();
    let working = driver::run(std::sync::Arc::clone(&service.app.service), stop.clone());
    let stopping = async {
        while sources.asked("/rss/").is_empty() {
            tokio::task::yield_now().await;
        }
        stopper.stop();
    };
    tokio::join!(working, stopping);
    assert_eq!(service.app.run_once(true, &stop).await.expect("comes back").papers_new, 0);
    service.app.close().await;

    sources.on_feeds(Answer::ok(feed("2026-03-03", &[told("2603.00001", "Read After the Restart")])));
    let service = Plan::new(&db, "2026-03-03T08:00:09Z").arxiv(&sources).build().await;
    let visits = fetch::run(&service.app.service, None).await.expect("fetches");
    assert_eq!(visits[0].counts.new_papers, 1, "the visit broken off is made up for at once");
    db.remove().await;
}
