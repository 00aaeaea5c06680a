//! What one reader gets on a day: sections, quiet days, figures, and never the same paper twice.

use broadsheet::app::{PaperImport, PersonChange};
use broadsheet::model::{Section, SourceState};
use broadsheet::store::editions::{Edition, EditionKind};

use crate::support::announcements::{Told, feed, list, told};
use crate::support::apps::{Plan, TestApp, at};
use crate::support::sources::{Answer, Sources};
use crate::support::{TestDb, both_databases};

const ADA: &str = "ada@example.org";
/// A Tuesday morning, an hour before the mails of 07:00.
const SIX: &str = "2026-03-03T06:00:00Z";
const SEVEN: &str = "2026-03-03T07:00:00Z";

fn nothing_special() -> PersonChange {
    PersonChange::default()
}

/// Takes in papers of the present moment: id, title, abstract.
pub(super) async fn take_in(service: &TestApp, papers: &[(&str, &str, &str)]) {
    let published = service.clock.now().to_rfc3339();
    let line = |(id, title, text): &(&str, &str, &str)| {
        serde_json::json!({"id": id, "title": title, "abstract": text, "published_at": published}).to_string()
    };
    let lines: Vec<String> = papers.iter().map(line).collect();
    let file = lines.join("\n");
    let import = PaperImport { bytes: file.as_bytes(), format: None, date: None };
    assert_eq!(service.app.import_papers(&import).await.expect("imports").bad, 0);
}

fn source(edition: &Edition, name: &str) -> (SourceState, u32, Option<broadsheet::model::Timestamp>) {
    let found = edition.figures.sources.iter().find(|figures| figures.source.as_str() == name);
    let figures = found.unwrap_or_else(|| panic!("{name} is not in {:?}", edition.figures.sources));
    (figures.state, figures.papers, figures.since)
}

both_databases! {
    async fn a_quiet_day_is_what_the_reader_chose(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, SIX).hugging_face(&sources).build().await;
        for (name, choice) in [("a@example.org", "nothing"), ("b@example.org", "note"), ("c@example.org", "trending")] {
            let quiet_day = Some(choice.to_owned());
            service.subscribe(name, &["zeppelins"], PersonChange { quiet_day, ..nothing_special() }).await;
        }
        sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &[told("2603.00001", "What Everybody Reads")])));
        service.app.fetch(&[]).await.expect("fetches");
        service.set_clock(SEVEN);
        for (name, kind, papers) in [
            ("a@example.org", EditionKind::Silent, 0),
            ("b@example.org", EditionKind::Note, 0),
            ("c@example.org", EditionKind::Trending, 1),
        ] {
            let edition = service.plan(name).await.remove(0);
            assert_eq!((edition.kind, edition.items.len()), (kind, papers), "{name}");
            assert_eq!((edition.figures.looked_at, edition.figures.matched), (1, 0));
        }
        let mails = service.app.list_deliveries(None, None, 10).await.expect("lists");
        assert_eq!(mails.len(), 2, "silence is no mail");
    }

    async fn without_any_paper_everyone_gets_the_note_but_who_wants_nothing(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        for (name, choice) in [("a@example.org", "nothing"), ("b@example.org", "note"), ("c@example.org", "trending")] {
            let quiet_day = Some(choice.to_owned());
            service.subscribe(name, &["zeppelins"], PersonChange { quiet_day, ..nothing_special() }).await;
        }
        service.set_clock(SEVEN);
        assert_eq!(service.plan("a@example.org").await[0].kind, EditionKind::Silent);
        assert_eq!(service.plan("b@example.org").await[0].kind, EditionKind::Note);
        assert_eq!(service.plan("c@example.org").await[0].kind, EditionKind::Note);
    }

    async fn trending_stands_below_the_matches_unless_it_is_turned_off(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, SIX).hugging_face(&sources).build().await;
        service.subscribe(ADA, &["zeppelins"], nothing_special()).await;
        service.subscribe("off@example.org", &["zeppelins"], PersonChange { trending: Some(false), ..nothing_special() }).await;
        service.subscribe("all@example.org", &[], nothing_special()).await;
        let papers = [
            Told { upvotes: Some(90), ..told("2603.00001", "What Everybody Reads") },
            Told { upvotes: Some(50), ..told("2603.00002", "What Many Read") },
            Told { upvotes: Some(1), ..told("2603.00003", "Zeppelins") },
        ];
        sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &papers)));
        service.app.fetch(&[]).await.expect("fetches");
        service.set_clock(SEVEN);
        let everything = ["What Everybody Reads", "What Many Read", "Zeppelins"];
        for (name, for_you, trending) in [
            (ADA, &everything[2..], &everything[..2]),
            ("off@example.org", &everything[2..], &[]),
            ("all@example.org", &[], &everything[..]),
        ] {
            let edition = service.plan(name).await.remove(0);
            assert_eq!(edition.kind, EditionKind::Normal);
            assert_eq!(service.titles(&edition, Section::ForYou).await, for_you, "{name}");
            assert_eq!(service.titles(&edition, Section::Trending).await, trending, "{name}");
        }
    }

    async fn a_paper_that_took_off_since_comes_as_rising(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, "2026-03-02T05:00:00Z").hugging_face(&sources).build().await;
        let silent = PersonChange { quiet_day: Some("nothing".to_owned()), ..nothing_special() };
        service.subscribe(ADA, &["zeppelins"], silent).await;
        let steady: Vec<Told> = ["2602.00011", "2602.00012", "2602.00013"].map(|id| Told { upvotes: Some(2), ..told(id, id) }).into();
        let ids = ["03-02", "03-03", "03-04", "03-05", "03-06"];
        for (day, upvotes) in ids.into_iter().zip([2, 2, 2, 5, 80]) {
            service.set_clock(&format!("2026-{day}T05:00:00Z"));
            let late = Told { upvotes: Some(upvotes), ..told("2602.00010", "Slow Zeppelins Overtake the World") };
            let known: Vec<Told> = steady.iter().cloned().chain([late]).collect();
            sources.on_list("2026-03-02", Answer::ok(list("2026-03-02", &known)));
            service.app.fetch(&[]).await.expect("fetches");
            if day == "03-02" {
                // At first it says nothing of interest to Ada: she gets it only once its new version does.
                service.app.set_person(ADA, &interests(&["balloons"])).await.expect("sets");
            }
            service.set_clock(&format!("2026-{day}T07:00:00Z"));
            let edition = service.plan(ADA).await.remove(0);
            let rising = service.titles(&edition, Section::Rising).await;
            match day {
                "03-02" => { service.app.set_person(ADA, &interests(&["zeppelins"])).await.expect("sets"); }
                "03-06" => {
                    assert_eq!(rising, ["Slow Zeppelins Overtake the World"]);
                    let item = &edition.items[0];
                    assert_eq!((item.upvotes, item.upvotes_gained), (Some(80), Some(75)));
                    assert_eq!(item.reasons[0].interest, "zeppelins");
                    assert_eq!(edition.kind, EditionKind::Normal);
                }
                _ => assert!(rising.is_empty(), "{day}: {rising:?}"),
            }
        }
        service.set_clock("2026-03-07T07:00:00Z");
        let edition = service.plan(ADA).await.remove(0);
        assert!(edition.items.is_empty(), "it was shown");
    }

    async fn exclusions_hold_in_every_section(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, SIX).hugging_face(&sources).build().await;
        service.subscribe(ADA, &["zeppelins", "-helium"], nothing_special()).await;
        let papers = [
            told("2603.00001", "Zeppelins and Hot Air"),
            Told { text: "We fill it with helium.", ..told("2603.00002", "Zeppelins Once More") },
            Told { upvotes: Some(99), ..told("2603.00003", "Helium for Everyone") },
        ];
        sources.on_list("2026-03-03", Answer::ok(list("2026-03-03", &papers)));
        service.app.fetch(&[]).await.expect("fetches");
        service.set_clock(SEVEN);
        let edition = service.plan(ADA).await.remove(0);
        assert_eq!(service.titles(&edition, Section::ForYou).await, ["Zeppelins and Hot Air"]);
        assert_eq!((edition.items.len(), edition.figures.matched), (1, 1));
    }

    async fn what_the_limit_leaves_out_is_counted_and_every_interest_is_heard(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        service.subscribe(ADA, &["zeppelins^10", "lighthouses"], PersonChange { limit: Some(5), ..nothing_special() }).await;
        let loud: Vec<String> = (0..9).map(|n| format!("Zeppelins, Part {n}")).collect();
        let ids: Vec<String> = (0..9).map(|n| format!("2603.0001{n}")).collect();
        let mut papers: Vec<(&str, &str, &str)> =
            loud.iter().zip(&ids).map(|(title, id)| (id.as_str(), title.as_str(), "Zeppelins, zeppelins.")).collect();
        papers.push(("2603.00099", "A Plain Title", "Somewhere in it, lighthouses are mentioned."));
        take_in(&service, &papers).await;
        service.set_clock(SEVEN);
        let edition = service.plan(ADA).await.remove(0);
        let titles = service.titles(&edition, Section::ForYou).await;
        assert_eq!(titles.len(), 5);
        assert!(titles.contains(&"A Plain Title".to_owned()), "{titles:?}");
        assert_eq!((edition.figures.matched, edition.more_for_you), (10, 5));
    }

    async fn an_edit_of_the_interests_counts_from_the_next_run(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        service.subscribe(ADA, &["zeppelins"], nothing_special()).await;
        take_in(&service, &[("2603.00001", "Zeppelins", "Air."), ("2603.00002", "Lighthouses", "Sea.")]).await;
        service.app.set_person(ADA, &interests(&["lighthouses"])).await.expect("sets");
        service.set_clock(SEVEN);
        let edition = service.plan(ADA).await.remove(0);
        assert_eq!(service.titles(&edition, Section::ForYou).await, ["Lighthouses"]);
        assert_eq!(edition.items[0].reasons[0].interest, "lighthouses");
        // The window moves on: what was not asked for then is not made up for.
        service.app.set_person(ADA, &interests(&["zeppelins"])).await.expect("sets");
        service.set_clock("2026-03-04T07:00:00Z");
        let edition = service.plan(ADA).await.remove(0);
        assert!(service.titles(&edition, Section::ForYou).await.is_empty());
        assert!(edition.window_after > at(SIX), "the paper lies before the window");
    }

    async fn a_paper_merged_later_is_not_shown_twice(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        service.subscribe(ADA, &["zeppelins"], nothing_special()).await;
        let page = "Zeppelins Without Any Known Number at All\n\nWe describe zeppelins that nobody has numbered yet, at a \
                    length that makes this paragraph an abstract and not a title, and we end it like a sentence.\n";
        let import = PaperImport { bytes: page.as_bytes(), format: Some("text"), date: None };
        assert_eq!(service.app.import_papers(&import).await.expect("imports").new, 1);
        service.set_clock(SEVEN);
        assert_eq!(service.plan(ADA).await[0].items.len(), 1);
        // Two more records, one of which shows by its title that it is the same, and then one with both names.
        service.set_clock("2026-03-03T20:00:00Z");
        take_in(&service, &[("10.1000/zeppelin", "Another Title Altogether", "Zeppelins.")]).await;
        take_in(&service, &[("2603.00001", "Zeppelins without any known number at all", "Zeppelins.")]).await;
        let both = r#"{"id":"2603.00001","doi":"10.1000/zeppelin","title":"Zeppelins Without Any Known Number at All","abstract":"Zeppelins."}"#;
        let import = PaperImport { bytes: both.as_bytes(), format: None, date: None };
        assert_eq!(service.app.import_papers(&import).await.expect("imports").updated, 1);
        assert_eq!(service.papers().await, 1);
        service.set_clock("2026-03-04T07:00:00Z");
        let edition = service.plan(ADA).await.remove(0);
        assert_eq!((edition.local_date.to_string().as_str(), edition.items.len()), ("2026-03-04", 0));
    }

    async fn days_without_the_service_are_recorded_and_today_is_planned_all_the_same(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        service.subscribe(ADA, &["zeppelins"], nothing_special()).await;
        take_in(&service, &[("2603.00001", "Zeppelins", "Air.")]).await;
        service.set_clock("2026-03-05T08:00:00Z");
        let report = broadsheet::scheduler::plan::run(&service.app.service).await.expect("plans");
        assert_eq!((report.planned, report.missed), (1, 2));
        let editions = service.plan(ADA).await;
        let kinds: Vec<(String, EditionKind)> =
            editions.iter().map(|edition| (edition.local_date.to_string(), edition.kind)).collect();
        let day = |day: &str, kind| (format!("2026-03-{day}"), kind);
        let (normal, missed) = (EditionKind::Normal, EditionKind::Missed);
        assert_eq!(kinds, [day("05", normal), day("04", missed), day("03", missed)]);
        assert_eq!(service.titles(&editions[0], Section::ForYou).await, ["Zeppelins"], "what was missed joins the next");
    }

    async fn the_figures_say_how_each_source_stood(db: &TestDb) {
        let sources = Sources::start().await;
        let service = Plan::new(db, "2026-03-06T05:30:00Z").hugging_face(&sources).arxiv(&sources).build().await;
        service.subscribe(ADA, &["zeppelins"], nothing_special()).await;
        let friday = [told("2603.00001", "Zeppelins on a Friday"), told("2603.00002", "Something Else")];
        sources.on_feeds(Answer::ok(feed("2026-03-06", &friday)).header("etag", "\"friday\""));
        sources.on_list("2026-03-06", Answer::ok(list("2026-03-06", &friday[..1])));
        let visit = async |now: &str| {
            service.set_clock(now);
            service.app.fetch(&[]).await.expect("fetches");
        };
        let plan = async |now: &str| {
            service.set_clock(now);
            service.plan(ADA).await.remove(0)
        };
        visit("2026-03-06T05:30:00Z").await;
        let edition = plan("2026-03-06T07:00:00Z").await;
        assert_eq!((edition.figures.looked_at, edition.figures.matched), (2, 1));
        assert_eq!(source(&edition, "arxiv"), (SourceState::Fresh, 2, None));
        assert_eq!(source(&edition, "hugging-face"), (SourceState::Fresh, 1, None));

        // Saturday and Sunday bring nothing, and nobody expects anything.
        for day in ["2026-03-07", "2026-03-08"] {
            visit(&format!("{day}T05:30:00Z")).await;
            let edition = plan(&format!("{day}T07:00:00Z")).await;
            assert_eq!(source(&edition, "arxiv").0, SourceState::Weekend, "{day}");
            assert_eq!(source(&edition, "hugging-face").0, SourceState::Weekend, "{day}");
        }

        // On Monday arXiv still shows Friday's feed, and Hugging Face cannot be reached.
        sources.on_list("2026-03-06", Answer::status(500, ""));
        sources.on("/api/", Answer::status(500, ""));
        visit("2026-03-09T05:30:00Z").await;
        let edition = plan("2026-03-09T07:00:00Z").await;
        assert_eq!(source(&edition, "arxiv").0, SourceState::Late);
        assert_eq!(source(&edition, "hugging-face"), (SourceState::Unreachable, 0, Some(at("2026-03-09T05:30:00Z"))));
        visit("2026-03-10T05:30:00Z").await;
        let edition = plan("2026-03-10T07:00:00Z").await;
        assert_eq!(source(&edition, "hugging-face").2, Some(at("2026-03-09T05:30:00Z")), "since the first failure");
    }

    async fn a_holiday_of_arxiv_is_told_as_one(db: &TestDb) {
        // Thanksgiving 2026: no announcement on the evening of Wednesday and Thursday.
        let sources = Sources::start().await;
        let service = Plan::new(db, "2026-11-26T05:30:00Z").arxiv(&sources).build().await;
        service.subscribe(ADA, &["zeppelins"], nothing_special()).await;
        sources.on_feeds(Answer::ok(feed("2026-11-26", &[])));
        let mut states = Vec::new();
        for day in ["2026-11-26", "2026-11-27", "2026-11-28"] {
            service.set_clock(&format!("{day}T05:30:00Z"));
            service.app.fetch(&[]).await.expect("fetches");
            service.set_clock(&format!("{day}T07:00:00Z"));
            states.push(source(&service.plan(ADA).await[0], "arxiv").0);
        }
        assert!(states.contains(&SourceState::Holiday), "{states:?}");
        assert_eq!(states[2], SourceState::Weekend);
    }
}

fn interests(lines: &[&str]) -> PersonChange {
    PersonChange { interests: Some(lines.iter().map(|line| (*line).to_owned()).collect()), ..nothing_special() }
}
