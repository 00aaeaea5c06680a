//! A copy of the database while it works, and the same copy in its place a day later.

use std::path::PathBuf;
use std::sync::Arc;

use broadsheet::app::{AppError, RestoreReport, restore};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use crate::support::mails::mails;
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

/// A database of its own, which can be replaced, and a folder for copies.
struct Place {
    setup: Setup,
    post: Arc<Server>,
    folder: TempDir,
}

impl Place {
    async fn new(db: &TestDb) -> Self {
        let post = Arc::new(Server::start(Tls::None));
        let setup = Setup::new(db, &post).with("database.url", &db.empty().await.url);
        Self { setup, post, folder: TempDir::new().expect("a folder") }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn with_ada(&self) -> Service {
        let service = self.setup.at("2026-03-02T05:00:00Z").await;
        service.add("ada@example.org", &["diffusion models"]).await;
        service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
        service
    }

    async fn restore(&self, service: Service, name: &str) -> Result<RestoreReport, AppError> {
        let (config, clock) = (service.app.config.clone(), service.clock.clone());
        service.app.close().await;
        // A server may take a moment to see that a program is gone.
        for _ in 0..10_000 {
            match restore(&config, &clock, &self.file(name)).await {
                Err(AppError::Failed(text)) if text.contains("use the database") => {}
                other => return other,
            }
        }
        panic!("the program that ended is thought alive");
    }
}

both_databases! {
    async fn yesterdays_backup_sends_nothing_until_the_operator_resumes(db: &TestDb) {
        let place = Place::new(db).await;
        let service = place.with_ada().await;
        assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.accepted, 1);
        let copy = service.app.backup(&place.file("a.backup")).await.expect("copied");
        assert_eq!(copy.bytes, std::fs::metadata(place.file("a.backup")).expect("there").len());
        service.import(&[("2603.00002", "Diffusion models for coffee", "We stir.")]).await;
        assert_eq!(service.pass_at("2026-03-03T07:00:00Z").await.accepted, 1, "work goes on");

        let done = place.restore(service, "a.backup").await.expect("restored");
        assert_eq!((done.papers, done.subscribers, done.deliveries), (1, 1, 1));
        if let Some(kept) = &done.kept {
            assert!(std::fs::metadata(kept).expect("kept").len() > 0);
        }
        let service = place.setup.at("2026-03-03T08:00:00Z").await;
        assert_eq!(service.pass().await.accepted, 0);
        let status = service.app.sending().await.expect("read");
        assert!(status.paused && status.reason.contains("Restored from"), "{status:?}");
        assert!(db.kind() != "SQLite" || status.reason.contains("Backup of 2026-03-02T07:00:00Z"), "{status:?}");
        assert_eq!(mails(&place.post).len(), 2, "the mail of the third is not sent again");
        // Half a day later it is too late for the edition that may have been sent.
        let after = service.pass_at("2026-03-03T20:00:00Z").await;
        assert_eq!((after.accepted, after.waiting), (0, 0));
        service.app.resume_sending().await.expect("resumed");
        service.import(&[("2603.00003", "Diffusion models for tea", "We pour.")]).await;
        assert_eq!(service.pass_at("2026-03-04T07:00:00Z").await.accepted, 1);
        assert_eq!(mails(&place.post).len(), 3);
        service.app.close().await;
    }

    async fn claims_of_the_time_of_the_backup_end_and_open_fates_stay_open(db: &TestDb) {
        for (step, act, expected) in [(Step::Data, Act::Stall, (1, 0)), (Step::Dot, Act::AcceptThenStall, (0, 1))] {
            let place = Place::new(db).await;
            let service = place.with_ada().await;
            service.clock.set("2026-03-02T07:00:00Z".parse().expect("an instant"));
            place.post.once(step, act);
            let waiting = Arc::clone(&place.post);
            let (report, ()) = tokio::join!(service.pass(), async {
                tokio::task::spawn_blocking(move || waiting.wait_until_stalled(1)).await.expect("stalled");
                service.app.backup(&place.file("a.backup")).await.expect("copied in the middle of it");
                place.post.release();
            });
            assert_eq!(report.accepted, 1);
            let done = place.restore(service, "a.backup").await.expect("restored");
            assert_eq!((done.taken_back, done.uncertain), expected);
        }
    }

    async fn nothing_is_overwritten_and_nobody_is_at_work(db: &TestDb) {
        let place = Place::new(db).await;
        let service = place.with_ada().await;
        std::fs::write(place.file("mine"), "precious").expect("written");
        let refusal = service.app.backup(&place.file("mine")).await.expect_err("refused").to_string();
        assert!(refusal.contains("overwrites nothing"), "{refusal}");
        assert_eq!(std::fs::read_to_string(place.file("mine")).expect("there"), "precious");
        assert!(service.app.backup(&place.file("no/such/folder")).await.is_err());
        service.app.backup(&place.file("a.backup")).await.expect("copied");
        let left: Vec<_> = std::fs::read_dir(place.folder.path()).expect("readable").flatten().collect();
        assert_eq!(left.len(), 2, "{left:?}");
        let refusal = restore(&service.app.config, &service.clock, &place.file("a.backup")).await.expect_err("refused");
        assert!(refusal.to_string().contains("1 program(s) use the database"), "{refusal}");
        service.app.close().await;
    }

    async fn what_is_no_backup_leaves_the_database_as_it_is(db: &TestDb) {
        let place = Place::new(db).await;
        let service = place.with_ada().await;
        let (config, clock) = (service.app.config.clone(), service.clock.clone());
        service.app.backup(&place.file("whole")).await.expect("copied");
        service.app.close().await;
        std::fs::write(place.file("text"), "Dear diary, ".repeat(1000)).expect("written");
        std::fs::write(place.file("empty"), "").expect("written");
        let whole = std::fs::read(place.file("whole")).expect("read");
        std::fs::write(place.file("half"), &whole[..whole.len() / 2]).expect("written");
        for name in ["text", "empty", "half", "missing"] {
            assert!(restore(&config, &clock, &place.file(name)).await.is_err(), "{name}");
        }
        let service = place.setup.at("2026-03-02T07:00:00Z").await;
        assert_eq!(service.pass().await.accepted, 1, "it is as it was, and mail goes out");
        service.app.close().await;
    }
}

#[tokio::test]
async fn a_backup_put_in_place_by_hand_is_paused_and_one_of_a_newer_program_is_refused() {
    let db = TestDb::sqlite().await;
    let place = Place::new(&db).await;
    let service = place.with_ada().await;
    service.app.backup(&place.file("a.backup")).await.expect("copied");
    let (config, clock) = (service.app.config.clone(), service.clock.clone());
    service.app.close().await;
    let by_hand =
        Setup::new(&db, &place.post).with("database.url", &format!("sqlite:{}", place.file("a.backup").display()));
    let service = by_hand.at("2026-03-02T07:00:00Z").await;
    assert_eq!(service.pass().await.accepted, 0);
    let reason = service.app.sending().await.expect("read").reason;
    assert!(reason.starts_with("Backup of 2026-03-02T05:00:00Z by broadsheet "), "{reason}");
    let mut connection = SqliteConnection::connect(&service.app.config.database.url).await.expect("connects");
    let newer = sqlx::query("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1");
    newer.execute(&mut connection).await.expect("changed");
    service.app.close().await;
    let refusal = restore(&config, &clock, &place.file("a.backup")).await.expect_err("refused");
    assert!(refusal.to_string().contains("use the newer program") && refusal.exit_code() == 78, "{refusal}");
}
