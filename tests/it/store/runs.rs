//! Visits to sources: due, claimed, recorded; validators and paces.

use std::time::Duration;

use broadsheet::model::{RunOutcome, SourceName, Timestamp};
use broadsheet::store::runs::{RunCounts, Validators, Visit};

use crate::support::papers::{hours, noon};
use crate::support::{TestDb, both_databases};

async fn claim(db: &TestDb, now: Timestamp, owner: &str, force: bool) -> bool {
    let source = SourceName::new("arxiv");
    let mut tx = db.begin().await.expect("begins");
    let lease = now + chrono::Duration::minutes(10);
    let claimed = tx.claim_source(&source, now, owner, lease, force).await.expect("claims");
    tx.commit().await.expect("commits");
    claimed
}

async fn finish(db: &TestDb, now: Timestamp, owner: &str, success: bool, had_new: bool) -> bool {
    let visit = Visit { success, had_new, next_due_at: now + chrono::Duration::hours(1) };
    let mut tx = db.begin().await.expect("begins");
    let finished = tx.finish_source(&SourceName::new("arxiv"), owner, visit, now).await.expect("finishes");
    tx.commit().await.expect("commits");
    finished
}

async fn reserve(db: &TestDb, gate: &str, now: Timestamp, every: Duration) -> Timestamp {
    let mut tx = db.begin().await.expect("begins");
    let slot = tx.reserve_pace(gate, now, every).await.expect("reserves");
    tx.commit().await.expect("commits");
    slot
}

both_databases! {
    async fn a_source_is_visited_by_one_node_when_it_is_due(db: &TestDb) {
        assert!(claim(db, noon(), "one", false).await, "never visited is due");
        assert!(!claim(db, noon(), "two", false).await, "it is taken");
        assert!(!claim(db, noon(), "two", true).await, "force is no reason to visit twice at once");
        assert!(finish(db, noon(), "one", true, true).await);
        assert!(!claim(db, hours(0), "two", false).await, "it is not due");
        assert!(claim(db, hours(0), "two", true).await, "force does not wait");
        assert!(finish(db, noon(), "two", true, false).await);
        assert!(claim(db, hours(1), "one", false).await, "due at the very instant");
    }

    async fn of_many_nodes_one_gets_the_source(db: &TestDb) {
        let claims = tokio::join!(
            claim(db, noon(), "a", false),
            claim(db, noon(), "b", false),
            claim(db, noon(), "c", true),
            claim(db, noon(), "d", false)
        );
        let won = [claims.0, claims.1, claims.2, claims.3].into_iter().filter(|won| *won).count();
        assert_eq!(won, 1);
    }

    async fn a_lease_that_ran_out_changes_hands(db: &TestDb) {
        assert!(claim(db, noon(), "one", false).await);
        assert!(claim(db, hours(1), "two", false).await);
        assert!(!finish(db, hours(1), "one", true, true).await, "it is not the first one's any more");
        let mut tx = db.begin().await.expect("begins");
        let source = SourceName::new("arxiv");
        assert!(!tx.release_source(&source, "one").await.expect("releases"));
        assert!(tx.release_source(&source, "two").await.expect("releases"));
        tx.commit().await.expect("commits");
        assert!(claim(db, hours(1), "three", false).await, "given back, still due");
    }

    async fn the_state_of_a_source_tells_since_when_it_fails(db: &TestDb) {
        assert_eq!(db.read().await.expect("reads").source_states().await.expect("reads"), []);
        for (hour, success, had_new) in [(0, true, true), (1, true, false), (2, false, false), (3, false, false)] {
            assert!(claim(db, hours(hour), "one", true).await);
            assert!(finish(db, hours(hour), "one", success, had_new).await);
        }
        let status = db.read().await.expect("reads").source_states().await.expect("reads").remove(0);
        assert_eq!(status.source, SourceName::new("arxiv"));
        assert_eq!((status.last_new_at, status.last_success_at), (Some(noon()), Some(hours(1))));
        assert_eq!((status.failing_since, status.next_due_at), (Some(hours(2)), Some(hours(4))));
        assert_eq!((status.lease_owner, status.lease_until), (None, None));

        assert!(claim(db, hours(4), "one", false).await);
        assert!(finish(db, hours(4), "one", true, false).await);
        let status = db.read().await.expect("reads").source_states().await.expect("reads").remove(0);
        assert_eq!((status.failing_since, status.last_new_at), (None, Some(noon())));
    }

    async fn visits_are_listed_newest_first(db: &TestDb) {
        let (arxiv, list) = (SourceName::new("arxiv"), SourceName::new("hugging_face"));
        let counts = RunCounts { requests: 3, items: 120, new_papers: 100, updated: 15, rejected: 5 };
        let notes = vec!["item 7: no title".to_owned()];
        let mut tx = db.begin().await.expect("begins");
        let first = tx.start_run(&arxiv, noon()).await.expect("starts");
        let failed = tx.start_run(&list, hours(1)).await.expect("starts");
        let open = tx.start_run(&arxiv, hours(2)).await.expect("starts");
        tx.finish_run(first, RunOutcome::Partial, None, &counts, &notes, hours(1)).await.expect("ends");
        tx.finish_run(failed, RunOutcome::Failed, Some("status 503\0"), &RunCounts::default(), &[], hours(2))
            .await
            .expect("ends");
        tx.commit().await.expect("commits");

        let mut tx = db.begin().await.expect("begins");
        let all = tx.runs(None, 10).await.expect("reads");
        assert_eq!(all.iter().map(|run| run.id).collect::<Vec<_>>(), [open, failed, first]);
        assert_eq!((all[0].finished_at, all[0].outcome), (None, None));
        assert_eq!((all[1].error.as_deref(), all[1].outcome), (Some("status 503"), Some(RunOutcome::Failed)));
        assert_eq!((&all[2].counts, &all[2].notes, all[2].finished_at), (&counts, &notes, Some(hours(1))));
        assert_eq!(tx.runs(Some(&arxiv), 1).await.expect("reads"), all[..1]);
        assert_eq!(tx.prune_runs(hours(2), 1).await.expect("prunes"), 1);
        assert_eq!(tx.prune_runs(hours(2), 9).await.expect("prunes"), 1);
        assert_eq!(tx.runs(None, 10).await.expect("reads"), all[..1]);
    }

    async fn validators_come_back_byte_for_byte(db: &TestDb) {
        let url = "https://example.org/rss?a=1&b='2'";
        let said = Validators { etag: Some("W/\"a b\"".to_owned()), last_modified: Some("Mon, 2 Mar 2026".to_owned()) };
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.validators(url).await.expect("reads"), Validators::default());
        tx.put_validators(url, &said, noon()).await.expect("keeps");
        assert_eq!(tx.validators(url).await.expect("reads"), said);
        let newer = Validators { etag: None, ..said };
        tx.put_validators(url, &newer, hours(1)).await.expect("keeps");
        assert_eq!(tx.validators(url).await.expect("reads"), newer);
        tx.put_validators(url, &Validators::default(), hours(2)).await.expect("forgets");
        assert_eq!(tx.validators(url).await.expect("reads"), Validators::default());

        let endless = format!("https://example.org/{}", "x".repeat(9_000));
        tx.put_validators(&endless, &newer, noon()).await.expect("passes over");
        assert_eq!(tx.validators(&endless).await.expect("reads"), Validators::default());
        tx.put_validators(url, &newer, noon()).await.expect("keeps");
        assert_eq!(tx.prune_validators(noon()).await.expect("prunes"), 0);
        assert_eq!(tx.prune_validators(hours(1)).await.expect("prunes"), 1);
    }

    async fn slots_of_a_gate_are_apart_over_all_nodes(db: &TestDb) {
        let every = Duration::from_secs(3);
        let slots = tokio::join!(
            reserve(db, "arxiv", noon(), every),
            reserve(db, "arxiv", noon(), every),
            reserve(db, "arxiv", noon(), every)
        );
        let mut slots = [slots.0, slots.1, slots.2];
        slots.sort();
        assert_eq!(slots, [0, 3, 6].map(|seconds| noon() + chrono::Duration::seconds(seconds)));
        assert_eq!(reserve(db, "other", noon(), every).await, noon(), "gates do not know each other");
        assert_eq!(reserve(db, "arxiv", hours(1), every).await, hours(1), "idle time is not saved up");
    }

    async fn a_slot_taken_by_a_clock_far_ahead_binds_nobody(db: &TestDb) {
        let every = Duration::from_secs(3);
        reserve(db, "arxiv", hours(24 * 365), every).await;
        assert_eq!(reserve(db, "arxiv", noon(), every).await, noon());
        assert_eq!(reserve(db, "arxiv", noon(), Duration::ZERO).await, noon() + chrono::Duration::seconds(3));
    }
}
