//! Acronyms that the stored papers define, from the shelf to the digest and the command line.

use broadsheet::app::PersonChange;
use broadsheet::model::Field;
use broadsheet::shelf::{DAYS, Shelf};
use chrono::TimeDelta;

use super::planning::take_in;
use crate::support::apps::{Plan, at};
use crate::support::papers::{arxiv, hours, ingest, noon, seen};
use crate::support::{TestDb, both_databases};

const SIX: &str = "2026-03-03T06:00:00Z";
const SEVEN: &str = "2026-03-03T07:00:00Z";

const DEFINED: [(&str, &str, &str); 3] = [
    ("2603.00001", "Kites", "Kites ask large language models (LLMs)."),
    ("2603.00002", "Gulls", "Gulls ask a large language model (LLM)."),
    ("2603.00003", "Terns", "Terns ask Large Language Models (LLMs)."),
];

both_databases! {
    async fn an_acronym_brings_papers_with_its_long_form_and_marks_it(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        service.subscribe("ada@example.org", &["LLM"], PersonChange::default()).await;
        service.subscribe("bob@example.org", &["=LLM"], PersonChange::default()).await;
        take_in(&service, &DEFINED).await;
        take_in(&service, &[("2603.00004", "Cranes as Large Language Models", "Cranes.")]).await;
        service.set_clock(SEVEN);
        let edition = service.plan("ada@example.org").await.remove(0);
        assert_eq!(edition.figures.matched, 4);
        let title = "Cranes as Large Language Models";
        let marked = edition.items.iter().flat_map(|item| &item.reasons).any(|reason| {
            assert_eq!(reason.interest, "llm", "what is shown is what was written");
            let spans = reason.hits.iter().filter(|(field, _)| *field == Field::Title);
            spans.map(|(_, span)| span).any(|span| title.get(span.start as usize..span.end as usize) == Some("Large Language Models"))
        });
        assert!(marked, "{:?}", edition.items);
        let exact = service.plan("bob@example.org").await.remove(0);
        assert_eq!(exact.figures.matched, 1, "only one writes LLM and not LLMs");
    }

    async fn trying_an_interest_shows_what_else_it_finds(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        take_in(&service, &DEFINED).await;
        let report = service.app.try_query("LLM", 30, 10).await.expect("tries");
        assert_eq!((report.query.as_str(), report.matched, report.also.as_slice()), ("llm", 3, &["large language model".to_owned()][..]));
        assert_eq!((report.days, report.per_day), (1, 3.0));
        let silent = service.app.try_query("albatross", 30, 10).await.expect("tries");
        assert_eq!(silent.warnings, ["interest `albatross` hits no paper of the last day"]);
    }

    async fn the_shelf_holds_the_newest_days_that_fit(db: &TestDb) {
        for day in 0..40 {
            let paper = arxiv(&format!("2603.{day:05}"), &format!("Kite number {day}"));
            ingest(db, &paper, &seen(&paper, hours(-24 * day))).await;
        }
        let whole = Shelf::new(1).contents(db, noon()).await.expect("reads");
        assert_eq!((whole.days, whole.segments.len()), (30, 31), "30 days touch 31 dates");
        assert!(whole.bytes() > 0 && whole.window.after == noon() - TimeDelta::days(DAYS));
        let none = Shelf::new(0).contents(db, noon()).await.expect("reads");
        assert_eq!((none.segments.len(), none.days), (0, 1), "no room, no days");
        let early = Shelf::new(1).contents(db, hours(-24 * 38)).await.expect("reads");
        assert_eq!(early.segments.len(), 2, "papers to come are not there yet");
    }

    async fn days_that_did_not_change_are_not_read_again(db: &TestDb) {
        let shelf = Shelf::new(1);
        let paper = |id: &str, title: &str| arxiv(id, title);
        for (id, back) in [("2603.00001", 1), ("2603.00002", 25)] {
            let paper = paper(id, "A Kite");
            ingest(db, &paper, &seen(&paper, hours(-back))).await;
        }
        let first = shelf.contents(db, noon()).await.expect("reads");
        let again = shelf.contents(db, noon()).await.expect("reads");
        let same = |place: usize, other: &broadsheet::shelf::Contents| std::sync::Arc::ptr_eq(&first.segments[place], &other.segments[place]);
        assert!(same(0, &again) && same(1, &again));
        let changed = paper("2603.00001", "A Gull");
        ingest(db, &changed, &seen(&changed, noon())).await;
        let later = shelf.contents(db, noon()).await.expect("reads");
        assert!(same(0, &later) && !same(1, &later), "only the day that changed");
        assert!(at(SIX) > noon(), "the days of this file are apart");
    }
}
