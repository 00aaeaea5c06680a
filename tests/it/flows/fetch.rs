//! Visits to the sources: what is stored, what is recorded, and when to come again.

use std::time::Duration;

use broadsheet::app::PersonChange;
use broadsheet::model::{RunOutcome, Section};
use broadsheet::scheduler::fetch::{self, Patience};
use broadsheet::store::runs::RunCounts;

use crate::support::announcements::{Told, feed, list, told};
use crate::support::apps::{Plan, at};
use crate::support::sources::{Answer, Sources};
use crate::support::{TestDb, both_databases};

const LISTS: &str = "hugging-face";
const FEEDS: &str = "arxiv";
const MORNING: &str = "2026-03-03T08:00:00Z";

both_databases! {
    async fn a_visit_is_recorded_with_what_it_came_to(db: &TestDb) {
        let sources = Sources::start().await;
        let good = list("2026-03-03", &[told("2603.00001", "One"), told("2603.00002", "Two")]);
        let mut entries: Vec<serde_json::Value> = serde_json::from_slice(&good).expect("a list");
        for bad in ["null", r#"{"paper": null}"#, r#"{"paper": {"id": null, "title": "No Id"}}"#, "7"] {
            entries.push(bad.parse().expect("JSON"));
        }
        sources.on_list("2026-03-03", Answer::ok(serde_json::to_vec(&entries).expect("serialises")));
        sources.on_list("2026-02-27", Answer::ok(list("2026-02-27", &[told("2602.00001", "Last Week's")])));
        let service = Plan::new(db, MORNING).hugging_face(&sources).build().await;
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        // Seven days, and after each list that was not empty the page that says it is over.
        let counts = RunCounts { requests: 9, items: 7, new_papers: 3, updated: 0, rejected: 4 };
        assert_eq!((visit.outcome, &visit.counts, visit.error), (RunOutcome::Partial, &counts, None));
        let run = service.runs(LISTS).await.remove(0);
        assert_eq!((run.outcome, &run.counts, run.error), (Some(RunOutcome::Partial), &counts, None));
        assert_eq!((run.started_at, run.finished_at), (at(MORNING), Some(at(MORNING))));
        assert!(run.notes.contains(&"item 5: it has no id".to_owned()), "{:?}", run.notes);

        service.set_clock("2026-03-03T10:00:00Z");
        sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &[told("2603.00001", "One, Improved")])));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        let counts = RunCounts { requests: 9, items: 2, new_papers: 0, updated: 1, rejected: 0 };
        assert_eq!((visit.outcome, visit.counts), (RunOutcome::Complete, counts));
        let line = service.app.list_sources().await.expect("lists").remove(0);
        assert_eq!((line.last_outcome.as_deref(), line.items, line.new_papers), (Some("complete"), 2, 0));
        assert_eq!(service.source(LISTS).await.last_new_at, Some(at(MORNING)));
    }

    async fn votes_read_again_for_seven_days_become_a_history(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).hugging_face(&sources).build().await;
        let paper = told("2603.00001", "A Paper That Gathers Votes");
        for (day, upvotes) in [("2026-03-03", Some(3)), ("2026-03-04", None), ("2026-03-05", Some(12)), ("2026-03-09", Some(30))] {
            service.set_clock(&format!("{day}T08:00:00Z"));
            sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &[Told { upvotes, ..paper.clone() }])));
            service.app.fetch(&[]).await.expect("fetches");
        }
        service.set_clock("2026-03-10T08:00:00Z");
        sources.forget();
        service.app.fetch(&[]).await.expect("fetches");
        assert!(sources.asked("/api/daily_papers?date=2026-03-03").is_empty(), "the eighth day is over");
        assert_eq!(sources.asked("/api/daily_papers").len(), 7);

        let mut read = service.app.service.db.read().await.expect("reads");
        let history = read.signal_history(at("2026-03-01T00:00:00Z"), at("2026-03-11T00:00:00Z")).await.expect("reads");
        let votes: Vec<_> = history[0].1.iter().filter_map(|point| Some((point.at, point.signals.upvotes?))).collect();
        let told = |day: u32, votes: u32| (at(&format!("2026-03-{day:02}T08:00:00Z")), votes);
        assert_eq!(votes, [told(3, 3), told(5, 12), told(9, 30)], "what was not measured is not zero");
    }

    async fn validators_go_back_byte_for_byte_and_change_only_with_papers_stored(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).build().await;
        let (etag, date) = ("W/\"odd  tag, é; 'x'\"", "Tue, 3 Mar 2026  05:00:00 GMT");
        let page = |papers: &[Told]| Answer::ok(feed("2026-03-03", papers)).header("last-modified", date);
        sources.on_feeds(page(&[told("2603.00001", "The First Announced")]).header("etag", etag));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        assert_eq!(visit.outcome, RunOutcome::Complete);
        let first = sources.asked("/rss/cs.CL+cs.LG").remove(0);
        assert_eq!((first.header("if-none-match"), first.header("if-modified-since")), (None, None));
        assert!(first.header("user-agent").is_some_and(|name| name.starts_with("broadsheet/")));

        for (hour, answer, outcome) in [
            ("09", None, RunOutcome::NotModified),
            ("10", Some(Answer::ok("<rss><channel>").header("etag", "\"of a damaged page\"")), RunOutcome::Failed),
            ("11", Some(Answer::status(500, "").header("etag", "\"of an error\"")), RunOutcome::Failed),
        ] {
            if let Some(answer) = answer {
                sources.on_feeds(answer);
            }
            sources.forget();
            service.set_clock(&format!("2026-03-03T{hour}:00:00Z"));
            assert_eq!(service.app.fetch(&[]).await.expect("fetches")[0].outcome, outcome);
            let again = sources.asked("/rss/").remove(0);
            assert_eq!((again.header("if-none-match"), again.header("if-modified-since")), (Some(etag), Some(date)));
        }
        assert_eq!(service.source(FEEDS).await.last_success_at, Some(at("2026-03-03T09:00:00Z")));
        assert_eq!(service.papers().await, 1);
    }

    async fn a_server_that_asks_for_time_is_left_alone_for_it(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).hugging_face(&sources).build().await;
        for (now, status, wish, due) in [
            ("2026-03-03T08:00:00Z", 429, "2400", "2026-03-03T08:40:00Z"),
            ("2026-03-03T08:40:00Z", 503, "Tue, 03 Mar 2026 09:15:30 GMT", "2026-03-03T09:15:30Z"),
            ("2026-03-03T09:15:30Z", 429, "999999", "2026-03-03T10:15:30Z"),
        ] {
            service.set_clock(now);
            sources.forget();
            sources.on_lists(Answer::status(status, "slow down").header("retry-after", wish));
            let visit = fetch::run(&service.app.service, None).await.expect("fetches").remove(0);
            assert_eq!((visit.outcome, visit.counts.requests), (RunOutcome::Failed, 1), "{wish}");
            assert!(visit.error.as_deref().is_some_and(|error| error.contains(&status.to_string())), "{visit:?}");
            assert_eq!(service.source(LISTS).await.next_due_at, Some(at(due)), "{wish}");
            service.clock.set(at(due) - chrono::Duration::seconds(1));
            assert!(fetch::run(&service.app.service, None).await.expect("fetches").is_empty(), "not before {due}");
        }
    }

    async fn a_wish_for_time_in_the_middle_of_a_visit_counts_too(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).hugging_face(&sources).build().await;
        sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &[told("2603.00001", "Read Before the Limit")])));
        sources.on_list("2026-03-02", Answer::status(429, "").header("retry-after", "3000"));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        assert_eq!((visit.outcome, visit.counts.requests, visit.counts.new_papers), (RunOutcome::Partial, 3, 1));
        assert_eq!(service.source(LISTS).await.next_due_at, Some(at("2026-03-03T08:50:00Z")));
    }

    async fn a_page_is_asked_for_again_when_the_wait_is_bearable(db: &TestDb) {
        let sources = Sources::start().await;
        let patience = Patience { retries: 2, longest_wait: Duration::from_secs(1) };
        let service = Plan::new(db, MORNING).hugging_face(&sources).patience(patience).build().await;
        sources.on_lists(Answer::status(429, "").header("retry-after", "0"));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        assert_eq!((visit.outcome, visit.counts.requests), (RunOutcome::Failed, 3));
        sources.forget();
        sources.on_lists(Answer::status(404, ""));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        assert_eq!((visit.outcome, visit.counts.requests), (RunOutcome::Failed, 2), "404 will not change by asking");
    }

    async fn a_source_is_visited_when_its_schedule_says_and_sooner_after_a_failure(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).build().await;
        for (now, answer, due) in [
            ("2026-03-03T08:00:00Z", Answer::ok(feed("2026-03-03", &[])), "2026-03-03T10:20:00Z"),
            ("2026-03-05T07:30:00Z", Answer::status(500, ""), "2026-03-05T07:45:00Z"),
            ("2026-03-06T10:20:00Z", Answer::ok(feed("2026-03-06", &[])), "2026-03-09T05:20:00Z"),
            ("2026-03-10T05:15:00Z", Answer::status(500, ""), "2026-03-10T05:20:00Z"),
        ] {
            sources.on_feeds(answer);
            service.set_clock(now);
            service.app.fetch(&[]).await.expect("fetches");
            assert_eq!(service.source(FEEDS).await.next_due_at, Some(at(due)), "{now}");
            service.clock.set(at(due) - chrono::Duration::seconds(1));
            assert!(fetch::run(&service.app.service, None).await.expect("fetches").is_empty(), "not before {due}");
            service.set_clock(due);
            assert_eq!(fetch::run(&service.app.service, None).await.expect("fetches").len(), 1, "due at {due}");
        }
        assert!(service.runs(FEEDS).await.len() == 8);
    }

    async fn one_bad_day_costs_that_day_alone(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).hugging_face(&sources).build().await;
        sources.on_list("2026-03-02", Answer::ok("<html>oops</html>"));
        sources.on_list("2026-03-01", Answer::ok(list("2026-03-01", &[told("2603.00001", "Behind the Bad Day")])));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        assert_eq!((visit.outcome, visit.counts.new_papers), (RunOutcome::Partial, 1));
        assert!(visit.error.as_deref().is_some_and(|error| error.starts_with("2026-03-02, page 1: ")), "{visit:?}");
        let state = service.source(LISTS).await;
        assert_eq!((state.failing_since, state.last_success_at), (None, Some(at(MORNING))));
    }

    async fn pages_are_read_to_the_empty_one_and_a_server_without_pages_is_noticed(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).hugging_face(&sources).build().await;
        let page = |ids: [&'static str; 2]| Answer::ok(list("2026-03-03", &ids.map(|id| told(id, id))));
        let day = "/api/daily_papers?date=2026-03-03&limit=100&p=";
        sources.on(&format!("{day}0"), page(["2603.00001", "2603.00002"]));
        sources.on(&format!("{day}1"), page(["2603.00003", "2603.00004"]));
        service.app.fetch(&[]).await.expect("fetches");
        let asked: Vec<String> = sources.asked(day).iter().map(|asked| asked.target.clone()).collect();
        assert_eq!(asked, [0, 1, 2].map(|page| format!("{day}{page}")));
        assert_eq!(service.papers().await, 4);

        sources.on(day, page(["2603.00001", "2603.00002"]));
        sources.on(&format!("{day}1"), page(["2603.00001", "2603.00002"]));
        sources.forget();
        service.app.fetch(&[]).await.expect("fetches");
        assert_eq!(sources.asked(day).len(), 2, "the second page begins like the first");
    }

    async fn new_versions_of_unknown_papers_are_kept_and_never_mailed(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).build().await;
        service.subscribe("ada@example.org", &["title:kites"], PersonChange::default()).await;
        let kinds = [("2603.00001", "new"), ("2603.00002", "cross"), ("2601.00003", "replace"), ("2601.00004", "replace-cross")];
        let papers = kinds.map(|(id, kind)| Told { kind, ..told(id, "Kites") });
        sources.on_feeds(Answer::ok(feed("2026-03-03", &papers)));
        service.app.fetch(&[]).await.expect("fetches");
        assert_eq!(service.papers().await, 4);
        service.set_clock("2026-03-04T07:00:00Z");
        let edition = service.plan("ada@example.org").await.remove(0);
        assert_eq!((edition.items.len(), edition.figures.looked_at), (2, 2));

        // A new version of a known paper is a revision of it, not news.
        sources.on_feeds(Answer::ok(feed("2026-03-04", &[Told { kind: "replace", ..told("2603.00001", "Kites, Revised") }])));
        service.app.fetch(&[]).await.expect("fetches");
        let paper = service.paper("2603.00001").await;
        assert_eq!((paper.revision, paper.title.as_str(), paper.available_at), (2, "Kites, Revised", at(MORNING)));
        service.set_clock("2026-03-05T07:00:00Z");
        assert!(service.titles(&service.plan("ada@example.org").await[0], Section::ForYou).await.is_empty());
    }

    async fn a_list_may_still_announce_a_paper_known_by_its_new_version(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).hugging_face(&sources).build().await;
        service.subscribe("ada@example.org", &["title:kites"], PersonChange::default()).await;
        sources.on_feeds(Answer::ok(feed("2026-03-03", &[Told { kind: "replace", ..told("2602.00003", "Kites") }])));
        service.app.fetch(&[]).await.expect("fetches");
        assert!(service.paper("2602.00003").await.backfill);
        service.set_clock("2026-03-04T06:00:00Z");
        sources.on_list("2026-03-04", Answer::ok(list("2026-03-04", &[told("2602.00003", "Kites")])));
        service.app.fetch(&[]).await.expect("fetches");
        service.set_clock("2026-03-04T07:00:00Z");
        let edition = service.plan("ada@example.org").await.remove(0);
        assert_eq!(service.titles(&edition, Section::ForYou).await, ["Kites"]);
    }

    async fn cross_listed_papers_are_one(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).build().await;
        let paper = told("2603.00001", "At Home in One Category, Listed in Another");
        let twice = [Told { kind: "cross", category: "cs.LG", ..paper.clone() }, paper];
        sources.on_feeds(Answer::ok(feed("2026-03-03", &twice)));
        let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
        assert_eq!((visit.counts.items, visit.counts.new_papers, visit.counts.updated), (2, 1, 1));
        let mut categories = service.paper("arxiv:2603.00001").await.categories;
        categories.sort();
        assert_eq!(categories, ["cs.CL", "cs.LG"]);
    }

    async fn two_sources_make_one_paper_with_the_text_of_one_and_the_votes_of_the_other(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, MORNING).arxiv(&sources).hugging_face(&sources).build().await;
        let ids = ["2603.00001", "2603.00002"];
        let listed = ids.map(|id| Told { upvotes: Some(41), text: "As the list tells it.", ..told(id, "The List's Title") });
        let announced = ids.map(|id| Told { text: "As the authors tell it.", ..told(id, "The Authors' Own Title") });
        for (list_first, id) in [(true, 0), (false, 1)] {
            sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &listed[id..=id])));
            sources.on_feeds(Answer::ok(feed("2026-03-03", &announced[id..=id])));
            let order = if list_first { [LISTS, FEEDS] } else { [FEEDS, LISTS] };
            for source in order {
                service.clock.advance(Duration::from_secs(60));
                service.app.fetch(&[source.to_owned()]).await.expect("fetches");
            }
            let paper = service.paper(ids[id]).await;
            assert_eq!(paper.title, "The Authors' Own Title", "{order:?}");
            assert_eq!(paper.abstract_text, "As the authors tell it.", "{order:?}");
            assert_eq!((paper.signals.upvotes, paper.signals.comments), (Some(41), Some(1)), "{order:?}");
            assert_eq!(paper.sources.len(), 2);
        }
        assert_eq!(service.papers().await, 2);
    }
}

#[tokio::test]
async fn what_a_source_says_is_kept_short_and_plain() {
    let db = TestDb::sqlite().await;
    let sources = Sources::start().await;
    let service = Plan::new(&db, MORNING).hugging_face(&sources).build().await;
    let long = format!("\u{1b}[31m{}", "x".repeat(1 << 17));
    let entries = vec![serde_json::json!({"paper": {"id": long}}); 50];
    sources.on_list("2026-03-03", Answer::ok(serde_json::to_vec(&entries).expect("serialises")));
    let visit = service.app.fetch(&[]).await.expect("fetches").remove(0);
    assert_eq!(visit.counts.rejected, 50);
    let run = service.runs(LISTS).await.remove(0);
    assert!(!run.notes.is_empty() && run.notes.len() <= 20);
    let plain = |note: &String| note.chars().count() <= 500 && !note.chars().any(char::is_control);
    assert!(run.notes.iter().all(plain), "{:.300}", run.notes[0]);
    db.remove().await;
}
