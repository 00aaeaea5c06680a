//! Commands that look after a service, as an operator types them.

use std::process::Command;

use crate::support::TestDb;
use crate::support::command::Desk;

#[test]
fn a_backup_is_taken_restored_and_resumed() {
    let desk = Desk::new();
    desk.good(&["subscribers", "add", "ada@example.org"]);
    let copy = desk.path("a.backup").display().to_string();
    let said = desk.good(&["backup", &copy, "--json"]).object();
    assert_eq!((said["subscribers"].as_i64(), said["file"].as_str()), (Some(1), Some(copy.as_str())));
    assert!(desk.bad(1, &["backup", &copy]).contains("overwrites nothing"));
    desk.good(&["subscribers", "erase", "ada@example.org"]);

    let restored = desk.good(&["restore", &copy]);
    assert!(restored.out.contains("1 subscribers") && restored.out.contains(".before-restore-"), "{restored:?}");
    assert!(restored.err.contains("sending resume"), "{restored:?}");
    assert_eq!(desk.good(&["subscribers", "list", "--json"]).objects().len(), 1);
    let status = desk.good(&["sending", "status", "--json"]).object();
    assert!(status["paused"] == true && status["reason"].as_str().is_some_and(|why| why.contains("Backup of")));
    assert_eq!(desk.run(&["doctor"]).code, 1, "mail that is held back is not healthy");
    assert!(desk.good(&["sending", "resume"]).out.starts_with("mail goes out again"));
    let checks = desk.good(&["doctor", "--json"]).objects();
    assert!(checks.iter().any(|check| check["check"] == "database" && check["state"] == "good"), "{checks:?}");
}

#[test]
fn a_file_that_cannot_grow_is_a_temporary_failure_that_says_so() {
    let folder = tempfile::TempDir::new().expect("a folder");
    // Files of this process may have 50 kilobytes and no more, as on a disk that is full.
    let script = "trap '' XFSZ; ulimit -f 50; exec \"$0\" migrate";
    let done = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_broadsheet")])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(75), "{said}");
    assert!(said.contains("disk"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_program_that_starts_on_a_read_only_server_reads_and_says_why_it_cannot_write() {
    let Some(db) = TestDb::postgres().await else { return };
    let empty = db.empty().await.url;
    let name = |url: &str| url.split('?').next().and_then(|url| url.rsplit('/').next()).expect("a name").to_owned();
    for url in [&empty, &db.options().url] {
        db.execute(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", name(url))).await;
    }
    tokio::task::block_in_place(|| {
        let desk = Desk::new().with("BROADSHEET__DATABASE__URL", &empty);
        assert!(desk.bad(75, &["migrate"]).contains("read-only"), "a schema cannot be made");
        let desk = Desk::new().with("BROADSHEET__DATABASE__URL", &db.options().url);
        assert!(desk.good(&["subscribers", "list"]).out.starts_with("EMAIL"), "what is there can be read");
        assert!(desk.bad(75, &["run"]).contains("read-only"));
    });
    db.execute(&format!(
        "BEGIN READ WRITE; ALTER DATABASE {} SET default_transaction_read_only = off; COMMIT",
        name(&db.options().url)
    ))
    .await;
    db.remove().await;
}
