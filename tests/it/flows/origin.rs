//! A database put back to an earlier day by hand: its passes would send the same mails again, so it is noticed.

use std::path::{Path, PathBuf};

use broadsheet::app::RunReport;
use tempfile::TempDir;

use crate::support::TestDb;
use crate::support::mails::mails;
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Server, Tls};

/// A SQLite database in a folder where files come and go.
struct Place {
    folder: TempDir,
    other: TestDb,
    post: Server,
}

impl Place {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        Self { folder, other: TestDb::sqlite().await, post: Server::start(Tls::None) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn service(&self, database: &str, now: &str) -> Service {
        let url = format!("sqlite:{}", self.file(database).display());
        Setup::new(&self.other, &self.post).with("database.url", &url).at(now).await
    }

    /// Sends Ada's mail of a day in March, and ends.
    async fn day(&self, database: &str, day: u32) -> RunReport {
        let service = self.service(database, &format!("2026-03-0{day}T05:00:00Z")).await;
        if service.app.show_person("ada@example.org").await.is_err() {
            service.add("ada@example.org", &["diffusion models"]).await;
        }
        let id = format!("2603.0000{day}");
        service.import(&[(&id, &format!("Diffusion models of day {day}"), "We forecast rain.")]).await;
        let report = service.pass_at(&format!("2026-03-0{day}T07:00:00Z")).await;
        service.app.close().await;
        report
    }

    /// Makes a pass in the morning of a day, and tells why mail is held back, if it is.
    async fn pass(&self, database: &str, day: u32) -> Option<String> {
        let service = self.service(database, &format!("2026-03-0{day}T08:00:00Z")).await;
        service.pass().await;
        let status = service.app.sending().await.expect("read");
        service.app.close().await;
        status.paused.then_some(status.reason)
    }

    /// Replaces a database by a copy, as an operator does.
    fn put(&self, from: &str, to: &str) {
        for ending in ["-wal", "-shm"] {
            std::fs::remove_file(self.file(&format!("{to}{ending}"))).ok();
        }
        std::fs::copy(self.file(from), self.file(to)).expect("copied");
    }
}

fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = std::fs::read_to_string(path).expect("a mark");
    std::fs::write(path, change(text)).expect("written");
}

#[tokio::test]
async fn yesterdays_file_put_back_holds_its_mail_until_the_operator_resumes() {
    let place = Place::new().await;
    assert_eq!(place.day("a.db", 2).await.accepted, 1);
    place.put("a.db", "yesterday.db");
    assert_eq!(place.day("a.db", 3).await.accepted, 1);
    assert_eq!(place.pass("a.db", 3).await, None, "nothing is wrong yet");
    place.put("yesterday.db", "a.db");

    let reason = place.pass("a.db", 3).await.expect("held back");
    assert!(reason.contains("older than") && reason.contains("sending resume"), "{reason}");
    assert_eq!(mails(&place.post).len(), 2, "the mail of the third is not sent again");
    assert!(place.pass("a.db", 3).await.is_some(), "and stays held back");

    let service = place.service("a.db", "2026-03-03T08:05:00Z").await;
    let waited = service.app.resume_sending().await.expect("resumed");
    assert_eq!((waited.claimable, waited.overdue), (1, 0), "told before it leaves");
    assert_eq!(service.pass().await.accepted, 1, "the operator said so");
    service.app.close().await;
    assert_eq!(place.day("a.db", 4).await.accepted, 1);
}

#[tokio::test]
async fn a_copy_without_its_mark_or_with_anothers_does_not_send() {
    let place = Place::new().await;
    place.day("a.db", 2).await;
    place.day("b.db", 2).await;
    place.put("a.db", "staging.db");
    place.put("a.db", "b.db");
    let sent = mails(&place.post).len();
    for (name, why) in [("staging.db", "is missing"), ("b.db", "belongs to another")] {
        assert_eq!(place.day(name, 3).await.accepted, 0, "{name}");
        let reason = place.pass(name, 3).await.expect("held back");
        assert!(reason.contains(why), "{reason}");
    }
    assert_eq!(mails(&place.post).len(), sent);
    std::fs::write(place.file("a.db.origin"), "nonsense").expect("written");
    assert_eq!(place.day("a.db", 3).await.accepted, 0);
    assert!(place.pass("a.db", 3).await.expect("held back").contains("cannot be read"));
}

#[tokio::test]
async fn a_database_moved_together_with_its_mark_goes_on() {
    let place = Place::new().await;
    place.day("a.db", 2).await;
    for ending in ["", ".origin"] {
        let (from, to) = (place.file(&format!("a.db{ending}")), place.file(&format!("moved.db{ending}")));
        std::fs::rename(from, to).expect("moved");
    }
    assert_eq!(place.day("moved.db", 3).await.accepted, 1);
}

#[tokio::test]
async fn a_fresh_database_beside_an_old_mark_sends() {
    let place = Place::new().await;
    place.day("a.db", 2).await;
    place.day("a.db", 3).await;
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(place.file(&format!("a.db{ending}"))).ok();
    }
    assert_eq!(place.day("a.db", 4).await.accepted, 1);
    assert_eq!(place.pass("a.db", 4).await, None);
}

#[tokio::test]
async fn dying_between_mark_and_commit_is_no_alarm_and_one_step_more_is() {
    let place = Place::new().await;
    place.day("a.db", 2).await;
    let mark = place.file("a.db.origin");
    let number = |text: &str| text.split(' ').rev().nth(1).expect("a number").parse::<i64>().expect("a number");
    let next = |text: String, standing: &str| {
        let (old, new) = (format!("{:020}", number(&text)), format!("{:020}", number(&text) + 1));
        text.replace(&old, &new).replace("certain", standing)
    };
    // As a program leaves it that dies between writing the file and committing.
    rewrite(&mark, |text| next(text, "begun  "));
    assert_eq!(place.day("a.db", 3).await.accepted, 1);
    rewrite(&mark, |text| next(text, "certain"));
    assert_eq!(place.day("a.db", 4).await.accepted, 0);
    assert!(place.pass("a.db", 4).await.expect("held back").contains("older than"));
}

#[tokio::test]
async fn tables_read_back_from_a_dump_hold_their_mail_until_the_operator_resumes() {
    let Some(db) = TestDb::postgres().await else { return };
    let post = Server::start(Tls::None);
    let service = Setup::new(&db, &post).at("2026-03-02T05:00:00Z").await;
    service.add("ada@example.org", &["diffusion models"]).await;
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.accepted, 1);
    // What pg_restore does: the same rows in a table made anew.
    db.execute("CREATE TABLE again AS TABLE origin; DROP TABLE origin; ALTER TABLE again RENAME TO origin").await;
    assert_eq!(service.pass_at("2026-03-03T07:00:00Z").await.accepted, 0);
    let status = service.app.sending().await.expect("read");
    assert!(status.paused && status.reason.contains("read back from a dump"), "{status:?}");
    service.app.resume_sending().await.expect("resumed");
    assert_eq!(service.pass().await.accepted, 1);
    service.app.close().await;
    db.remove().await;
}
