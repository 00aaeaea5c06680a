//! Papers from files, in every format, good lines and bad.

use broadsheet::app::{App, AppError, ImportReport, PaperImport, PersonChange};
use broadsheet::model::Section;

use crate::support::announcements::{feed, list, told};
use crate::support::apps::{Plan, at};
use crate::support::{TestDb, both_databases};

const NOW: &str = "2026-03-03T08:00:00Z";

const LINES: &str = r#"{"id":"arxiv:2603.00001","title":"Kites in Strong Wind","abstract":"We fly kites.","authors":["Mira Lindqvist"],"categories":["cs.RO"],"published_at":"2026-03-02T09:00:00Z","upvotes":12,"comments":3,"github_url":"https://github.com/example/kites","github_stars":40}
{"id":"2603.00002v2","title":"An Id Without a Scheme","summary":"Read as the abstract."}

{"title":"No Name","abstract":"Neither id nor url."}
{"id":"2603.00003","abstract":"No title."}
{"id":"2603.00004","title":"Cut off in the
{"url":"https://blog.example.org/post","title":"Only a Page","abstract":"Known by its address."}
{"id":"2603.00005","title":"No Abstract"}
"#;

/// Two papers as a browser saves the page, among the page's own words.
const PAGE: &str = "Daily Papers\n\nTrending\n\nA Study of Lanterns That Light Themselves\n\nLanterns have been lit \
by hand for as long as there were lanterns. We show that they can light themselves when asked politely, and that most \
of them prefer it. In a trial with four hundred lanterns every second one was lit before its keeper arrived.\n\n12\n\n\
Bells Without Clappers Ring in the Mind\n\nA bell without a clapper makes no sound, and yet people turn their heads. \
We measure how far, and how often, and give a theory that explains two thirds of what we saw in the field.\n\nSign up\n";

async fn import(app: &App, bytes: &[u8], format: Option<&str>, date: Option<&str>) -> Result<ImportReport, AppError> {
    let date = date.map(|date| date.parse().expect("a date"));
    app.import_papers(&PaperImport { bytes, format, date }).await
}

fn counts(report: &ImportReport) -> (usize, u32, u32, u32, usize) {
    (report.read, report.new, report.updated, report.known, report.bad)
}

both_databases! {
    async fn bad_lines_are_named_and_the_good_ones_go_in_once(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        let report = import(&service.app, LINES.as_bytes(), None, None).await.expect("imports");
        assert_eq!(counts(&report), (3, 3, 0, 0, 4));
        let problems = report.problems.join("\n");
        for (line, reason) in [(4, "neither id nor url"), (5, "no title"), (6, ""), (8, "no abstract")] {
            let named = report.problems.iter().any(|told| told.starts_with(&format!("line {line}: ")) && told.contains(reason));
            assert!(named, "line {line} is not named: {problems}");
        }
        let paper = service.paper("2603.00001").await;
        assert_eq!((paper.signals.upvotes, paper.signals.comments, paper.signals.github_stars), (Some(12), Some(3), Some(40)));
        assert_eq!(paper.code_url.as_deref(), Some("https://github.com/example/kites"));
        assert_eq!(service.paper("arxiv:2603.00002").await.abstract_text, "Read as the abstract.");

        let again = import(&service.app, LINES.as_bytes(), Some("jsonl"), None).await.expect("imports");
        assert_eq!(counts(&again), (3, 0, 0, 3, 4));
        assert_eq!(service.papers().await, 3);
    }

    async fn every_format_is_read_and_recognised(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        let listed = list("2026-03-03", &[told("2603.00010", "From a List"), told("2603.00011", "Also From a List")]);
        let fed = feed("2026-03-03", &[told("2603.00012", "From a Feed")]).into_bytes();
        for (bytes, format, new) in [
            (listed.as_slice(), "hugging-face", 2),
            (&fed, "feed", 1),
            (PAGE.as_bytes(), "text", 2),
            (LINES.as_bytes(), "jsonl", 3),
        ] {
            let found = import(&service.app, bytes, None, None).await.expect(format);
            assert_eq!(found.new, new, "{format}: {found:?}");
            let again = import(&service.app, bytes, Some(format), None).await.expect(format);
            assert_eq!((again.read, again.new), (found.read, 0), "{format}");
        }
        assert_eq!(service.paper("2603.00010").await.signals.upvotes, Some(3));
        assert_eq!(import(&service.app, &listed, Some("hugging_face"), None).await.expect("imports").new, 0);
    }

    async fn a_file_that_is_no_such_file_changes_nothing(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        for (bytes, format) in [
            (&b"<html><body>Not found</body></html>"[..], None),
            (b"", Some("text")),
            (b"{\"id\": 1}", Some("feed")),
            (b"<rss/>", Some("hugging-face")),
            (b"[{\"paper\": {\"id\": \"2603.1\"", Some("hugging-face")),
            (b"\xff\xfe\x00", Some("text")),
        ] {
            let error = import(&service.app, bytes, format, None).await.expect_err("refused");
            assert_eq!(error.exit_code(), 1, "{error}");
            assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'), "{error}");
        }
        let error = import(&service.app, b"{}", Some("docx"), None).await.expect_err("refused");
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("jsonl, text, hugging-face or feed"), "{error}");
        assert_eq!(service.papers().await, 0);
    }

    async fn days_long_past_can_be_replayed_with_an_earlier_clock(db: &TestDb) {
        let now = Plan::new(db, NOW).build().await;
        let old = br#"{"id":"2508.00950","title":"Kites of Last August","abstract":"Old.","published_at":"2025-08-01T09:00:00Z"}"#;
        import(&now.app, old, None, None).await.expect("imports");
        assert_eq!(now.paper("2508.00950").await.available_at, at("2025-08-01T09:00:00Z"));
        now.subscribe("late@example.org", &["kites"], PersonChange::default()).await;
        now.set_clock("2026-03-04T07:00:00Z");
        assert_eq!(now.plan("late@example.org").await[0].figures.looked_at, 0, "old papers reach no window of today");

        let then = Plan::new(db, "2025-08-01T18:00:00Z").build().await;
        then.subscribe("early@example.org", &["kites"], PersonChange::default()).await;
        then.set_clock("2025-08-02T07:00:00Z");
        let edition = then.plan("early@example.org").await.remove(0);
        assert_eq!(then.titles(&edition, Section::ForYou).await, ["Kites of Last August"]);
    }

    async fn papers_without_a_date_get_the_one_given_or_today(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        import(&service.app, PAGE.as_bytes(), None, Some("2025-11-20")).await.expect("imports");
        let line = r#"{"id":"2603.00020","title":"Undated","abstract":"It says no date."}"#;
        import(&service.app, line.as_bytes(), None, None).await.expect("imports");
        let papers = service.app.list_papers(365, 10).await.expect("lists");
        let dates: Vec<&str> = papers.iter().map(|paper| paper.available_at.as_str()).collect();
        assert_eq!(dates, [NOW, "2025-11-20T00:00:00Z", "2025-11-20T00:00:00Z"]);
    }

    async fn dates_of_the_future_are_held_at_now(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        let line = r#"{"id":"2603.00030","title":"From Next Year","abstract":"Early.","published_at":"2027-01-01T00:00:00Z"}"#;
        import(&service.app, line.as_bytes(), None, None).await.expect("imports");
        import(&service.app, PAGE.as_bytes(), None, Some("9999-12-31")).await.expect("imports");
        for paper in service.app.list_papers(1, 10).await.expect("lists") {
            assert_eq!(paper.available_at, NOW);
        }
        assert_eq!(service.app.list_papers(1, 10).await.expect("lists").len(), 3);
    }

    async fn a_paper_known_by_its_title_joins_the_one_with_an_id(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        import(&service.app, PAGE.as_bytes(), None, None).await.expect("imports");
        let keyed = r#"{"id":"2603.00040","title":"A study of lanterns that light themselves","abstract":"Shorter.","upvotes":9}"#;
        let report = import(&service.app, keyed.as_bytes(), None, None).await.expect("imports");
        assert_eq!((report.new, report.updated, service.papers().await), (0, 1, 2));
        let paper = service.paper("2603.00040").await;
        assert_eq!((paper.key.as_str(), paper.signals.upvotes), ("arxiv:2603.00040", Some(9)));
        assert_eq!(import(&service.app, PAGE.as_bytes(), None, None).await.expect("imports").new, 0);
    }

    async fn what_a_file_says_is_told_short_and_plain(db: &TestDb) {
        let service = Plan::new(db, NOW).build().await;
        let id = format!("\u{1b}]0;owned\u{7}{}", "x".repeat(300_000));
        let line = serde_json::json!([{"paper": {"id": id}}]).to_string();
        let report = import(&service.app, line.as_bytes(), None, None).await.expect("imports");
        assert_eq!(report.bad, 1);
        for problem in &report.problems {
            assert!(problem.chars().count() < 1000 && !problem.chars().any(char::is_control), "{problem:.300}");
        }
    }
}
