//! Papers and sources on the command line.

use crate::support::announcements::{feed, told};
use crate::support::command::Desk;
use crate::support::sources::{Answer, Sources};

const LINES: &str = r#"{"id":"2603.00001","title":"Kites in Strong Wind","abstract":"We fly kites.","authors":["Mira Lindqvist"],"published_at":"2026-03-02T09:00:00Z","upvotes":12}
{"id":"2603.00002","title":"Lighthouses","abstract":"We watch the sea, and a kite.","published_at":"2026-03-01T09:00:00Z"}
{"id":"2603.00003","abstract":"No title."}
"#;

const NOW: [&str; 2] = ["--now", "2026-03-03T08:00:00Z"];
const LATER: [&str; 2] = ["--now", "2026-03-03T09:00:00Z"];

fn stocked() -> Desk {
    let desk = Desk::new();
    let file = desk.file("papers.jsonl", LINES);
    let ran = desk.run(&[&["papers", "import", &file, "--json"], &NOW[..]].concat());
    assert_eq!(ran.code, 1, "some were bad: {ran:?}");
    let report = ran.object();
    assert_eq!((&report["new"], &report["bad"]), (&2.into(), &1.into()));
    assert!(ran.err.contains("line 3: it has no title"), "{ran:?}");
    desk
}

#[test]
fn good_lines_go_in_bad_ones_are_named_and_again_adds_none() {
    let desk = stocked();
    let file = desk.path("papers.jsonl").display().to_string();
    let again = desk.run(&[&["papers", "import", &file], &NOW[..]].concat());
    assert_eq!(
        (again.code, again.out.as_str()),
        (1, "2 papers read: 0 new, 0 updated, 2 known already; 1 could not be read\n")
    );
    let good = desk.file("good.jsonl", LINES.lines().next().expect("a line"));
    assert_eq!(desk.good(&[&["papers", "import", &good, "--json"], &NOW[..]].concat()).object()["known"], 1);
}

#[test]
fn what_cannot_be_imported_says_why() {
    let desk = Desk::new();
    assert!(desk.bad(1, &["papers", "import", "nowhere.jsonl"]).contains("nowhere.jsonl"));
    let page = desk.file("page.html", "<html><body>Not found</body></html>");
    assert!(
        desk.bad(1, &["papers", "import", &page]).contains("HTML"),
        "{}",
        desk.bad(1, &["papers", "import", &page])
    );
    assert!(desk.bad(2, &["papers", "import", &page, "--format", "docx"]).contains("hugging-face"));
    assert!(desk.bad(2, &["papers", "import", &page, "--date", "soon"]).contains("soon"));
    let empty = desk.file("empty.jsonl", "");
    assert_eq!(desk.good(&["papers", "import", &empty, "--format", "jsonl", "--json"]).object()["read"], 0);
}

#[test]
fn papers_are_listed_newest_first_and_shown_by_any_of_their_names() {
    let desk = stocked();
    let listed = desk.good(&[&["papers", "list", "--json"], &LATER[..]].concat()).objects();
    let keys: Vec<&str> = listed.iter().filter_map(|paper| paper["key"].as_str()).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(desk.good(&[&["papers", "list", "--limit", "1", "--json"], &LATER[..]].concat()).objects().len(), 1);
    assert_eq!(desk.good(&["papers", "list", "--json", "--now", "2026-06-01T00:00:00Z"]).out, "");
    for name in ["2603.00001", "arxiv:2603.00001", "arXiv:2603.00001v3"] {
        let paper = desk.good(&["papers", "show", name, "--json"]).object();
        assert_eq!((&paper["title"], &paper["signals"]["upvotes"]), (&"Kites in Strong Wind".into(), &12.into()));
    }
    assert!(desk.good(&["papers", "show", "2603.00001"]).out.contains("Kites in Strong Wind"));
    assert!(desk.bad(1, &["papers", "show", "2603.09999"]).contains("2603.09999"));
}

#[test]
fn an_interest_is_tried_with_its_reasons_and_a_bad_one_with_its_place() {
    let desk = stocked();
    let tried = desk.good(&[&["match", "kite", "--json"], &LATER[..]].concat()).object();
    assert_eq!((&tried["query"], &tried["papers"], &tried["matched"]), (&"kite".into(), &2.into(), &2.into()));
    let best = &tried["hits"][0];
    assert_eq!(best["key"], "arxiv:2603.00001");
    assert!(best["why"].to_string().contains("[\"title\",\"Kites\"]"), "{best}");
    let told = desk.good(&[&["match", "kite -sea"], &LATER[..]].concat()).out;
    assert!(told.contains("(1 of 2 papers)") && told.contains("title: Kites"), "{told}");
    assert!(told.contains("about 1.0 a day over the last day"), "{told}");
    for (query, place) in
        [("kite AND (sea", "column 10"), ("kite AND sea OR wind", "column"), ("\"\"", "column 1"), ("-kite", "column")]
    {
        let error = desk.bad(2, &["match", "--", query]);
        assert!(error.contains(place), "{query}: {error}");
    }
}

#[test]
fn nothing_from_outside_steers_the_terminal() {
    let desk = Desk::new();
    let id = "lab\u{1b}]0;owned\u{7}\r\n42";
    let entries = serde_json::json!([{"paper": {"id": id, "title": "A \u{9b}31mTitle", "summary": "\u{1b}[2J Text."}}]);
    let file = desk.file("list.json", &entries.to_string());
    desk.good(&[&["papers", "import", &file], &NOW[..]].concat());
    let listed = desk.good(&[&["papers", "list"], &LATER[..]].concat()).out;
    let shown = desk.good(&["papers", "show", &format!("source:hugging-face:{id}")]).out;
    let matched = desk.good(&[&["match", "title"], &LATER[..]].concat()).out;
    let failed = desk.bad(1, &["papers", "show", "no\u{1b}[31m"]);
    for text in [&listed, &shown, &matched, &failed] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
    assert!(listed.contains("lab") && listed.lines().count() == 2, "{listed:?}");
}

#[test]
fn sources_never_visited_are_listed_all_the_same() {
    let desk = Desk::new().with("BROADSHEET__SOURCES__ARXIV__ENABLED", "true");
    let line = desk.good(&["sources", "list", "--json"]).object();
    assert_eq!((&line["source"], &line["last_outcome"]), (&"arxiv".into(), &serde_json::Value::Null));
    let error = desk.bad(2, &["fetch", "hugging-face"]);
    assert!(error.contains("\"hugging-face\"") && error.contains("arxiv"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_by_hand_tells_what_came_of_it() {
    let sources = Sources::start().await;
    sources.on_feeds(Answer::ok(feed("2026-03-03", &[told("2603.00001", "Announced")])));
    sources.on_lists(Answer::status(404, "gone"));
    let desk = Desk::new()
        .with("BROADSHEET__SOURCES__ARXIV__ENABLED", "true")
        .with("BROADSHEET__SOURCES__ARXIV__URL", &sources.url)
        .with("BROADSHEET__SOURCES__ARXIV__CATEGORIES", "cs.CL")
        .with("BROADSHEET__SOURCES__HUGGING_FACE__ENABLED", "true")
        .with("BROADSHEET__SOURCES__HUGGING_FACE__URL", &sources.url)
        .with("BROADSHEET__SITE__CONTACT", "ops@example.org");
    let visit = desk.good(&[&["fetch", "arxiv", "--json"], &NOW[..]].concat()).object();
    assert_eq!((&visit["outcome"], &visit["new_papers"]), (&"complete".into(), &1.into()));
    let asked = sources.asked("/rss/cs.CL").remove(0);
    assert!(asked.header("user-agent").is_some_and(|name| name.contains("ops@example.org")), "{asked:?}");

    let ran = desk.run(&[&["fetch", "hugging_face", "--json"], &NOW[..]].concat());
    assert_eq!((ran.code, &ran.object()["outcome"]), (69, &"failed".into()));
    let listed = desk.good(&[&["sources", "list", "--json"], &NOW[..]].concat()).objects();
    let failed = listed.iter().find(|line| line["source"] == "hugging-face").expect("is listed");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("404")), "{failed}");
    let told = desk.good(&[&["sources", "list"], &NOW[..]].concat()).out;
    assert!(told.starts_with("SOURCE") && told.contains("complete") && told.contains("failed"), "{told}");

    let ran = desk.run(&["run", "--fetch", "--json", "--now", "2026-03-03T08:00:30Z"]);
    assert_eq!((ran.code, &ran.object()["sources_failed"]), (0, &1.into()), "a source that fails holds no mail back");
}
