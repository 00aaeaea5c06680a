//! The quality of the ranking, measured on a folder of answers.

use serde_json::{Value, json};

use crate::support::command::Desk;

/// Papers of two days of a month: each is about two of five subjects, and says so.
fn answers(month: &str) -> String {
    let subjects = ["kite flying", "box kites", "wind tunnels", "tail design", "string tension"];
    let paper = |number: usize| {
        let (one, other) = (subjects[number % 5], subjects[(number / 2 + 1) % 5]);
        let day = format!("2026-{month}-{:02}T00:00:00.000Z", 1 + number / 10);
        json!({ "paper": {
            "id": format!("26{month}.{number:05}"), "title": format!("Notes, part {number}"),
            "summary": format!("On {one}, with {other}."), "authors": [{ "name": "Mira Lindqvist" }],
            "publishedAt": day, "submittedOnDailyAt": day, "upvotes": 7 * (number % 10), "ai_keywords": [one, other],
        } })
    };
    Value::from_iter((0..20).map(paper)).to_string()
}

#[test]
fn the_measure_is_printed_for_people_and_for_programs_and_needs_no_database() {
    let desk = Desk::new();
    desk.file("daily_papers_2026-03.json", &answers("03"));
    desk.file("daily_papers_2026-05.json", &answers("05"));
    let told = desk.good(&["evaluate", ".", "--profiles", "20"]).out;
    for part in ["20 readers made up from 2026-03", "BM25 alone", "2026-05-02", "recall 1.0000"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    let months = ["--profiles-from", "2026-05", "--on", "2026-03", "--seed", "7", "--json"];
    let quality = desk.good(&[&["evaluate", "."], &months[..]].concat()).object();
    assert_eq!((&quality["profiles_from"], &quality["on"]), (&"2026-05".into(), &"2026-03".into()));
    assert_eq!(quality["orders"].as_array().map(Vec::len), Some(5));
    assert!(quality["orders"][1]["ahead"]["low"].is_f64(), "{quality}");
    let left: Vec<_> = std::fs::read_dir(desk.path("")).expect("readable").collect();
    assert_eq!(left.len(), 2, "nothing is written: {left:?}");
}

#[test]
fn a_folder_or_a_month_without_papers_is_named() {
    let desk = Desk::new();
    assert!(desk.bad(1, &["evaluate", "."]).contains("daily_papers_"));
    desk.file("daily_papers_2026-03.json", &answers("03"));
    assert!(desk.bad(2, &["evaluate", ".", "--on", "2026-04"]).contains("2026-03"));
    assert!(desk.bad(2, &["evaluate", ".", "--on", "spring"]).contains("2025-08"));
}
