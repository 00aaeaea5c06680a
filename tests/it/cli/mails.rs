//! Mails on the command line: looked at beforehand, sent, held back, looked up afterwards.

use std::path::Path;

use crate::support::command::Desk;

const SEVEN: [&str; 2] = ["--now", "2026-03-03T07:00:30Z"];

/// A reader of kites who is due at 07:00, and a paper for her.
fn due() -> Desk {
    let desk = Desk::new();
    let six = ["--now", "2026-03-03T06:00:00Z"];
    let paper = r#"{"id":"2603.00001","title":"Kites in Strong Wind","abstract":"We fly kites.","published_at":"2026-03-02T09:00:00Z"}"#;
    let file = desk.file("papers.jsonl", paper);
    desk.good(&[&["papers", "import", &file], &six[..]].concat());
    desk.good(&[&["subscribers", "add", "ada@example.org", "--interest", "kites"], &six[..]].concat());
    desk
}

fn mails(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("reads").path());
    let finished = paths.filter(|path| path.extension().is_some_and(|end| end == "eml"));
    finished.map(|path| std::fs::read_to_string(path).expect("reads")).collect()
}

#[test]
fn a_preview_is_the_mail_and_leaves_no_trace() {
    let desk = due();
    let before = std::fs::read(desk.path("broadsheet.db")).expect("reads");
    let show =
        |format: &str| desk.good(&[&["preview", "ada@example.org", "--format", format], &SEVEN[..]].concat()).out;
    let text = show("text");
    assert!(text.starts_with("Subject: 1 paper for you: Kites in Strong Wind\n"), "{text}");
    assert!(text.contains("Kites in Strong Wind") && text.contains("2603.00001"), "{text}");
    let html = show("html");
    assert!(html.trim_start().starts_with("<!doctype html>") || html.trim_start().starts_with("<!DOCTYPE html>"));
    assert!(html.contains("ites</strong>") && html.contains("in Strong Wind"), "matched words are marked: {html}");
    let message = show("eml");
    for header in ["From: ", "To: ", "Subject: ", "Date: Tue, 3 Mar 2026 07:0", "List-Unsubscribe: ", "Message-ID: "] {
        let named = header.split(' ').next().unwrap_or_default();
        let count = message.lines().take_while(|line| !line.is_empty()).filter(|line| line.starts_with(named)).count();
        assert_eq!(count, 1, "{header}: {message}");
    }
    assert!(message.contains("multipart/alternative"));
    assert_eq!(text, desk.good(&[&["preview", "ada@example.org"], &SEVEN[..]].concat()).out, "text is the default");

    assert!(mails(&desk.path("mail")).is_empty());
    assert_eq!(std::fs::read(desk.path("broadsheet.db")).expect("reads"), before, "not one byte is recorded");
    assert!(desk.bad(1, &["preview", "eve@example.org"]).contains("not a subscriber"));
    desk.bad(2, &["preview", "ada@example.org", "--format", "pdf"]);
}

#[test]
fn one_pass_sends_what_is_due_once() {
    let desk = due();
    let early = desk.good(&["run", "--json", "--now", "2026-03-03T06:59:00Z"]).object();
    assert_eq!((&early["planned"], &early["accepted"]), (&0.into(), &0.into()));
    let report = desk.good(&[&["run", "--json"], &SEVEN[..]].concat()).object();
    assert_eq!((&report["planned"], &report["accepted"], &report["waiting"]), (&1.into(), &1.into(), &0.into()));
    let again = desk.good(&[&["run", "--json"], &SEVEN[..]].concat()).object();
    assert_eq!((&again["planned"], &again["accepted"]), (&0.into(), &0.into()));
    let sent = mails(&desk.path("mail"));
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("Subject: 1 paper for you: Kites in Strong Wind"), "{}", sent[0]);
    assert!(desk.good(&[&["run"], &SEVEN[..]].concat()).out.starts_with("0 planned, 0 accepted"));

    let line = desk.good(&["deliveries", "list", "--json"]).object();
    assert_eq!((&line["kind"], &line["state"]), (&"digest".into(), &"accepted".into()));
    let id = line["id"].to_string();
    let shown = desk.good(&["deliveries", "show", &id, "--json"]).object();
    assert_eq!(shown["attempts"].as_array().map(Vec::len), Some(1), "{shown}");
    assert!(desk.good(&["deliveries", "show", &id]).out.contains("message_id"));
    let count = |filter: &[&str]| desk.good(&[&["deliveries", "list", "--json"], filter].concat()).objects().len();
    assert_eq!(
        (count(&["--state", "accepted"]), count(&["--state", "ready"]), count(&["--state", "retry-wait"])),
        (1, 0, 0)
    );
    assert_eq!((count(&["--edition", "2026-03-03"]), count(&["--edition", "2026-03-04"])), (1, 0));
    assert!(desk.bad(2, &["deliveries", "list", "--state", "lost"]).contains("uncertain"));
    desk.bad(1, &["deliveries", "show", "7"]);
    assert!(desk.bad(1, &["deliveries", "retry", &id]).contains("is not rejected"));
    assert!(desk.bad(1, &["deliveries", "settle", &id, "accepted"]).contains("is not uncertain"));
    desk.bad(2, &["deliveries", "settle", &id, "perhaps"]);
    let export = desk.good(&["subscribers", "export", "ada@example.org"]).object();
    assert_eq!(
        (export["editions"].as_array().map(Vec::len), export["deliveries"].as_array().map(Vec::len)),
        (Some(1), Some(1))
    );
}

#[test]
fn a_pause_holds_every_mail_and_says_so() {
    let desk = due();
    desk.good(&["sending", "pause", "--reason", "the relay moves house"]);
    let status = desk.good(&["sending", "status", "--json"]).object();
    assert_eq!((&status["paused"], &status["reason"]), (&true.into(), &"the relay moves house".into()));
    let ran = desk.run(&[&["run", "--json"], &SEVEN[..]].concat());
    assert_eq!((ran.code, &ran.object()["planned"], &ran.object()["waiting"]), (75, &1.into(), &1.into()));
    let ran = desk.run(&[&["run"], &SEVEN[..]].concat());
    assert!(ran.code == 75 && ran.err.contains("1 deliveries wait"), "{ran:?}");
    assert!(mails(&desk.path("mail")).is_empty());
    assert_eq!(desk.good(&["deliveries", "list", "--state", "ready", "--json"]).objects().len(), 1);

    desk.good(&["sending", "resume"]);
    let status = desk.good(&["sending", "status"]).out;
    assert!(status.lines().any(|line| line.split_whitespace().eq(["paused", "false"])), "{status}");
    assert_eq!(desk.good(&[&["run", "--json"], &SEVEN[..]].concat()).object()["accepted"], 1);
    assert_eq!(mails(&desk.path("mail")).len(), 1);
}

#[test]
fn who_is_added_as_pending_is_asked_first() {
    let desk = Desk::new();
    let person =
        desk.good(&[&["subscribers", "add", "ada@example.org", "--pending", "--json"], &SEVEN[..]].concat()).object();
    assert_eq!((&person["state"], &person["next_due_at"]), (&"pending".into(), &serde_json::Value::Null));
    assert_eq!(desk.good(&["run", "--json", "--now", "2026-03-03T07:02:00Z"]).object()["accepted"], 1);
    let sent = mails(&desk.path("mail"));
    assert!(sent.len() == 1 && sent[0].contains("/confirm/") && !sent[0].contains("List-Unsubscribe"), "{sent:?}");
}
