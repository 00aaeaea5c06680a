//! Delivery marks: gathered, each for itself when one is bad, and kept when the database fails for a while.

use broadsheet::model::{Outcome, Phase};
use broadsheet::store::marks::Marks;
use futures_util::future::join_all;

use crate::support::outbox::{at_the_fence, claim, digest, ended, fence, state, subscribe};
use crate::support::papers::noon;
use crate::support::{TestDb, both_databases};

/// Makes every update of deliveries `condition` applies to fail.
async fn refuse_updates(db: &TestDb, condition: &str, postgres_body: &str) {
    if db.kind() == "SQLite" {
        let trigger = format!(
            "CREATE TRIGGER refuse BEFORE UPDATE ON deliveries WHEN {condition} BEGIN SELECT RAISE(ABORT, 'no'); END"
        );
        return db.execute(&trigger).await;
    }
    let function = format!(
        "CREATE SEQUENCE refusals; CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN {postgres_body} RETURN NEW; END $$; \
         CREATE TRIGGER refuse BEFORE UPDATE ON deliveries FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
    );
    db.execute(&function).await;
}

both_databases! {
    async fn more_marks_than_one_commit_takes_are_all_answered(db: &TestDb) {
        let person = subscribe(db, "ada@example.org").await;
        digest(db, &person, 0).await;
        let held = claim(db, "one", noon(), 1).await;
        let (marks, writer) = Marks::start((**db).clone());
        let asked = (0..900).map(|_| marks.fence(at_the_fence(&held[0], noon())));
        let answers: Vec<bool> = join_all(asked).await.into_iter().map(|answer| answer.expect("answered")).collect();
        assert_eq!(answers.iter().filter(|passed| **passed).count(), 1, "one claim passes once");
        drop(marks);
        writer.await.expect("the writer ends");
    }

    async fn marks_of_many_sessions_share_a_commit_and_each_gets_its_answer(db: &TestDb) {
        for n in 0..40 {
            let person = subscribe(db, &format!("reader{n}@example.org")).await;
            digest(db, &person, 0).await;
        }
        let held = claim(db, "one", noon(), 40).await;
        let (marks, writer) = Marks::start((**db).clone());
        // Somebody holds the first of them meanwhile, so that the others pile up behind it.
        let mut other = db.begin().await.expect("begins");
        assert!(other.release_delivery(&held[0], noon(), noon()).await.expect("releases"));
        let asked = join_all(held.iter().chain(&held[..3]).map(|one| marks.fence(at_the_fence(one, noon()))));
        let (answers, ()) = tokio::join!(asked, async {
            tokio::task::yield_now().await;
            drop(other);
        });
        let passed = answers.into_iter().filter(|answer| matches!(answer, Ok(true))).count();
        assert_eq!(passed, 40, "and the three that asked twice were refused");
        if db.kind() == "PostgreSQL" {
            // Rows written by one transaction carry its number.
            let commits = db.count("SELECT COUNT(DISTINCT xmin::TEXT) FROM deliveries").await;
            assert!(commits <= 3, "forty marks took {commits} commits");
        }
        let told = join_all(held.iter().map(|one| marks.outcome(ended(one, Outcome::Accepted, Phase::Dot, noon()))));
        assert!(told.await.into_iter().all(|counted| counted));
        drop(marks);
        writer.await.expect("the writer ends with the last session");
        let counts = db.read().await.expect("reads").delivery_counts().await.expect("counts");
        assert_eq!(counts, [("digest".to_owned(), "accepted".to_owned(), 40)]);
    }

    async fn one_bad_mark_spoils_no_other(db: &TestDb) {
        for n in 0..6 {
            let person = subscribe(db, &format!("reader{n}@example.org")).await;
            digest(db, &person, 0).await;
        }
        let held = claim(db, "one", noon(), 6).await;
        refuse_updates(db, &format!("NEW.id = {}", held[2].id), "RAISE EXCEPTION 'no';").await;
        let (marks, _writer) = Marks::start((**db).clone());
        let answers = join_all(held.iter().map(|one| marks.fence(at_the_fence(one, noon())))).await;
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(matches!(answer, Ok(true)), number != 2, "{answer:?}");
        }
        assert_eq!(state(db, held[2].id).await, "leased", "an error is no passage");
    }
}

#[tokio::test]
async fn a_result_outlives_a_database_that_fails_for_a_while_and_a_fence_does_not_wait() {
    let Some(db) = TestDb::postgres().await else { return };
    let mut held = Vec::new();
    for n in 0..2 {
        let person = subscribe(&db, &format!("reader{n}@example.org")).await;
        digest(&db, &person, 0).await;
        held.extend(claim(&db, "one", noon(), 1).await);
    }
    assert!(fence(&db, &held[0], noon()).await);
    // The disk is full for the first five updates (53100, PostgreSQL's appendix A).
    let full = "IF nextval('refusals') <= 5 THEN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END IF;";
    refuse_updates(&db, "TRUE", full).await;
    let (marks, _writer) = Marks::start((*db).clone());
    assert!(marks.fence(at_the_fence(&held[1], noon())).await.is_err(), "the session closes without the dot");
    assert!(marks.outcome(ended(&held[0], Outcome::Accepted, Phase::Dot, noon())).await, "the server's word is kept");
    assert_eq!((state(&db, held[0].id).await.as_str(), state(&db, held[1].id).await.as_str()), ("accepted", "leased"));
    db.remove().await;
}
