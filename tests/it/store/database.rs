//! Opening, migrating, transactions, and telling live programs from dead ones.

use broadsheet::model::SourceName;
use broadsheet::store::{Db, Liveness, StoreError};

use crate::support::papers::{arxiv, noon, seen};
use crate::support::{TestDb, both_databases};

both_databases! {
    async fn what_is_committed_is_there_for_the_next_opener(db: &TestDb) {
        let paper = arxiv("2603.00001", "A committed paper");
        let mut tx = db.begin().await.expect("begins");
        tx.ingest(&paper, &seen(&paper, noon())).await.expect("ingests");
        tx.commit().await.expect("commits");

        let again = Db::open(db.options()).await.expect("opens again");
        assert_eq!(again.kind(), db.kind());
        assert_eq!(again.read().await.expect("reads").paper_count().await.expect("counts"), 1);
        again.close().await;
    }

    async fn a_dropped_transaction_leaves_nothing(db: &TestDb) {
        let paper = arxiv("2603.00001", "A paper that never was");
        let mut tx = db.begin().await.expect("begins");
        tx.ingest(&paper, &seen(&paper, noon())).await.expect("ingests");
        assert_eq!(tx.paper_count().await.expect("counts"), 1);
        drop(tx);

        assert_eq!(db.read().await.expect("reads").paper_count().await.expect("counts"), 0);
        let mut tx = db.begin().await.expect("the writer is free again");
        tx.start_run(&SourceName::new("arxiv"), noon()).await.expect("writes");
        tx.commit().await.expect("commits");
    }

    async fn a_reader_sees_one_moment(db: &TestDb) {
        let mut early = db.read().await.expect("reads");
        assert_eq!(early.paper_count().await.expect("counts"), 0);
        let paper = arxiv("2603.00001", "A paper that came meanwhile");
        let mut tx = db.begin().await.expect("begins");
        tx.ingest(&paper, &seen(&paper, noon())).await.expect("ingests");
        tx.commit().await.expect("commits");

        assert_eq!(early.paper_count().await.expect("counts"), 0);
        assert_eq!(db.read().await.expect("reads").paper_count().await.expect("counts"), 1);
    }

    async fn two_programs_that_start_together_both_find_the_schema(db: &TestDb) {
        let empty = db.empty().await;
        let (one, two) = tokio::join!(Db::open(&empty), Db::open(&empty));
        let (one, two) = (one.expect("opens"), two.expect("opens"));
        for opened in [&one, &two] {
            assert_eq!(opened.read().await.expect("reads").paper_count().await.expect("counts"), 0);
            opened.close().await;
        }
    }

    async fn a_transaction_that_nobody_goes_on_with_keeps_its_rows_for_seconds_only(db: &TestDb) {
        // On SQLite a program that sleeps in a transaction keeps the file: it has to be ended.
        if db.kind() == "SQLite" {
            return;
        }
        let other = Db::open(db.options()).await.expect("opens");
        let mut frozen = db.begin().await.expect("begins");
        frozen.set_sending(true, "frozen", noon()).await.expect("writes");
        let mut awake = other.begin().await.expect("begins");
        awake.set_sending(true, "awake", noon()).await.expect("the row is free again");
        awake.commit().await.expect("commits");
        assert!(frozen.commit().await.is_err(), "and what was begun is undone");
        assert_eq!(db.read().await.expect("reads").sending().await.expect("read").reason, "awake");
        other.close().await;
    }

    async fn what_may_be_done_again_does_not_make_the_next_transaction_less_durable(db: &TestDb) {
        let usual = async || {
            let mut tx = db.begin().await.expect("begins");
            tx.is_durable().await.expect("asked")
        };
        // The throw-away server of the tests waits for no disk.
        let expected = db.kind() == "SQLite";
        assert_eq!(usual().await, expected);
        for _ in 0..2 {
            let mut replayable = db.begin_replayable().await.expect("begins");
            assert!(!replayable.is_durable().await.expect("asked"));
            replayable.commit().await.expect("commits");
            assert_eq!(usual().await, expected);
        }
    }

    async fn a_newer_schema_is_refused_by_number(db: &TestDb) {
        db.execute(
            "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
             SELECT 9000, 'of the future', installed_on, success, checksum, execution_time \
             FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
        let refusal = Db::open(db.options()).await.err().expect("refused");
        assert!(matches!(refusal, StoreError::Newer { found: 9000, known } if known < 9000), "{refusal}");
        assert!(refusal.to_string().contains("use the newer program"), "{refusal}");
    }

    async fn a_program_is_alive_until_it_is_gone(db: &TestDb) {
        assert_eq!(db.liveness("never1").await.expect("looks"), Liveness::Dead);
        let instance = db.register_instance("node1").await.expect("registers");
        let other = db.register_instance("node2").await.expect("registers");
        let elsewhere = Db::open(db.options()).await.expect("opens");
        assert_eq!(elsewhere.liveness(instance.id()).await.expect("looks"), Liveness::Alive);
        assert_eq!(db.liveness("node1").await.expect("looks"), Liveness::Alive, "looking does not end it");

        drop(instance);
        let mut looks = 0;
        // A server needs a moment to notice that the line is dead; each look is a round trip to it.
        while elsewhere.liveness("node1").await.expect("looks") == Liveness::Alive {
            looks += 1;
            assert!(looks < 10_000, "still thought alive");
        }
        assert_eq!(elsewhere.liveness("node2").await.expect("looks"), Liveness::Alive);
        drop(other);
        elsewhere.close().await;
    }

    async fn statistics_can_be_refreshed(db: &TestDb) {
        db.analyze().await.expect("analyses");
    }
}

#[tokio::test]
async fn a_url_of_another_database_is_refused() {
    let options = broadsheet::store::Options { url: "mysql://localhost/papers".to_owned(), connections: 2 };
    let refusal = Db::open(&options).await.err().expect("refused");
    assert!(matches!(&refusal, StoreError::Url(url) if url == "mysql://localhost/papers"), "{refusal}");
}
