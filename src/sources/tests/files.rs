//! Files given to `papers import`.

use super::now;
use crate::model::{LocalDate, Signals};
use crate::sources::SourceError;
use crate::sources::file::{FileReport, Format, read};

const PAGE: &str = include_str!("fixtures/page.txt");
const DAILY: &str = include_str!("fixtures/daily.json");
const RSS: &str = include_str!("fixtures/arxiv.rss.xml");

fn lines(text: &str) -> FileReport {
    read(Format::JsonLines, text.as_bytes(), None, now()).unwrap()
}

fn day(text: &str) -> Option<LocalDate> {
    Some(text.parse().unwrap())
}

#[test]
fn a_line_of_the_documented_format_is_read() {
    let report = lines(
        r#"{"id":"arxiv:2508.00950","title":"A  Title","abstract":"Text.","authors":["A B"],"categories":["cs.GR"],"published_at":"2025-08-01T09:00:00Z","url":"https://example.org/p","upvotes":12,"comments":3,"github_url":"https://github.com/a/b","github_stars":40,"nobody":{"knows":[1]}}"#,
    );
    let paper = &report.papers[0];
    assert_eq!((paper.keys[0].as_str(), paper.title.as_str()), ("arxiv:2508.00950", "A Title"));
    assert_eq!(paper.signals, Signals { upvotes: Some(12), comments: Some(3), github_stars: Some(40) });
    assert_eq!(paper.url.as_deref(), Some("https://example.org/p"));
    assert_eq!(paper.published_at.unwrap().to_rfc3339(), "2025-08-01T09:00:00+00:00");
    // A publication date is a date of its own.
    assert_eq!(paper.announced_on, None);
}

#[test]
fn a_line_of_an_arxiv_dump_is_read() {
    let line = r#"{"id": "2508.00950", "categories": ["cs.GR"], "pdf": "https://arxiv.org/pdf/2508.00950", "abs": "https://arxiv.org/abs/2508.00950", "authors": ["A B"], "title": "T", "comment": null, "summary": "Over\ntwo lines."}"#;
    let report = read(Format::JsonLines, line.as_bytes(), day("2025-08-05"), now()).unwrap();
    let paper = &report.papers[0];
    assert_eq!(paper.keys.len(), 1);
    assert_eq!(paper.keys[0].as_str(), "arxiv:2508.00950");
    assert_eq!(paper.abstract_text, "Over two lines.");
    assert_eq!(paper.announced_on, day("2025-08-05"));
    assert_eq!(paper.url.as_deref(), Some("https://arxiv.org/abs/2508.00950"));
}

#[test]
fn ids_of_every_kind_are_keys() {
    let report = lines(concat!(
        r#"{"id":"doi:10.1000/X.1","title":"T","abstract":"A"}"#,
        "\n",
        r#"{"url":"https://arxiv.org/abs/math/0309136v2","title":"T","abstract":"A"}"#,
        "\n",
        r#"{"id":"own-7","title":"T","abstract":"A"}"#,
        "\r\n\n",
        r#"{"url":"https://example.org/x","title":"T","abstract":"A"}"#,
        "\n",
    ));
    let keys: Vec<&str> = report.papers.iter().map(|paper| paper.keys[0].as_str()).collect();
    assert_eq!(
        keys,
        ["doi:10.1000/x.1", "arxiv:math/0309136", "source:import:own-7", "source:import:https://example.org/x"]
    );
    assert_eq!(report.papers[0].url.as_deref(), Some("https://doi.org/10.1000/x.1"));
    assert!(report.bad.is_empty());
}

#[test]
fn bad_lines_are_told_by_number_and_reason_and_the_good_ones_go_in() {
    let text = b"\xef\xbb\xbf{\"id\":\"1\",\"title\":\"T\",\"abstract\":\"A\"}\n\nnot json\n[1]\n{\"title\":\"T\",\"abstract\":\"A\"}\n{\"id\":\"2\",\"abstract\":\"A\"}\n{\"id\":\"3\",\"title\":\"T\"}\n{\"id\":\"\xff\"}\n{\"id\":\"4\",\"title\":\"T\",\"summary\":\"A\"}";
    let report = read(Format::JsonLines, text, None, now()).unwrap();
    assert_eq!(report.papers.len(), 2);
    let told: Vec<(usize, &str)> = report.bad.iter().map(|bad| (bad.line, bad.reason.as_str())).collect();
    assert_eq!(told[0].0, 3);
    assert!(told[0].1.starts_with("it is not JSON"), "{}", told[0].1);
    assert_eq!(
        told[1..],
        [
            (4, "it is not a JSON object"),
            (5, "it has neither id nor url"),
            (6, "it has no title"),
            (7, "it has no abstract"),
            (8, "it is not UTF-8"),
        ]
    );
    assert_eq!((report.bad_count, report.unit), (6, "line"));
}

#[test]
fn bad_lines_without_end_are_counted_and_not_kept() {
    let report = lines(&"x\n".repeat(5_000));
    assert_eq!((report.bad.len(), report.bad_count), (1_000, 5_000));
}

#[test]
fn a_saved_page_gives_its_papers_without_its_own_words() {
    let report = read(Format::Text, PAGE.as_bytes(), day("2026-11-19"), now()).unwrap();
    let titles: Vec<&str> = report.papers.iter().map(|paper| paper.title.as_str()).collect();
    assert_eq!(titles.len(), 3);
    assert_eq!((titles[0], titles[2]), ("Counting Sheep at Scale", "Fences"));
    assert!(titles[1].starts_with("A Title So Long"), "{}", titles[1]);
    assert!(report.papers[1].abstract_text.ends_with("which was wrapped by the editor."));
    assert!(report.papers.iter().all(|paper| paper.keys.is_empty() && paper.announced_on == day("2026-11-19")));
    assert!(report.bad.is_empty());
}

#[test]
fn a_saved_page_without_blank_lines_is_read_line_by_line() {
    let unwrapped = PAGE.replace("line\nwhich", "line which");
    let text: Vec<&str> = unwrapped.lines().filter(|line| !line.is_empty()).collect();
    let report = read(Format::Text, text.join("\r\n").as_bytes(), None, now()).unwrap();
    assert_eq!(report.papers.len(), 3);
    assert_eq!(report.papers[0].announced_on, day("2026-11-20"));
}

#[test]
fn running_text_without_a_title_is_told() {
    let text =
        format!("{}\n\nA Title for the Second\n\n{}\n", "Words and words. ".repeat(50), "More words. ".repeat(50));
    let report = read(Format::Text, text.as_bytes(), None, now()).unwrap();
    assert_eq!(report.papers.len(), 1);
    assert_eq!(report.bad[0].line, 1);
}

#[test]
fn several_answers_in_one_file_are_read_one_after_the_other() {
    let text = format!("{DAILY}\n[]{DAILY}");
    let report = read(Format::HuggingFace, text.as_bytes(), day("2025-01-31"), now()).unwrap();
    assert_eq!((report.papers.len(), report.bad_count), (6, 6));
    assert_eq!(report.bad[5].line, 11);
    // Its own day is kept; the paper that names none is dated by the caller.
    assert_eq!(report.papers[0].announced_on, day("2026-11-20"));
    assert_eq!(report.papers[2].announced_on, day("2025-01-31"));
    assert_eq!(report.papers[0].source.as_str(), "hugging-face");
}

#[test]
fn a_list_of_import_objects_is_read_like_their_lines() {
    let text =
        r#"[{"id":"own-1","title":"T","abstract":"A","published_at":"2026-11-01 10:00:00"},{"id":"x","abstract":"A"}]"#;
    let report = read(Format::detect(text.as_bytes()), text.as_bytes(), None, now()).unwrap();
    let paper = &report.papers[0];
    assert_eq!((paper.keys[0].as_str(), paper.abstract_text.as_str()), ("source:import:own-1", "A"));
    assert_eq!(paper.published_at.unwrap().to_rfc3339(), "2026-11-01T10:00:00+00:00");
    assert_eq!((report.bad[0].line, report.bad[0].reason.as_str()), (2, "it has no title"));
}

#[test]
fn a_feed_file_is_read() {
    let report = read(Format::Feed, RSS.as_bytes(), day("2026-11-01"), now()).unwrap();
    assert_eq!((report.papers.len(), report.bad[0].line), (3, 4));
    assert_eq!(report.papers[0].announced_on, day("2026-11-20"));
    assert_eq!(report.papers[0].keys[0].as_str(), "arxiv:2611.10001");
}

#[test]
fn a_format_is_recognised_by_its_content() {
    assert_eq!(Format::detect(RSS.as_bytes()), Format::Feed);
    assert_eq!(Format::detect(DAILY.as_bytes()), Format::HuggingFace);
    assert_eq!(Format::detect(PAGE.as_bytes()), Format::Text);
    assert_eq!(Format::detect(b"\xef\xbb\xbf\n{\"id\":\"1\",\"title\":\"T\",\"abstract\":\"A\"}\n"), Format::JsonLines);
    assert_eq!(Format::detect(br#"{"paper":{"id":"1","title":"T"}}"#), Format::HuggingFace);
    for format in [Format::JsonLines, Format::Text, Format::HuggingFace, Format::Feed] {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert_eq!("hugging_face".parse(), Ok(Format::HuggingFace));
    assert!("csv".parse::<Format>().is_err());
}

#[test]
fn a_file_of_another_kind_is_an_error() {
    for (format, bytes) in [
        (Format::Text, "<html><body>"),
        (Format::Text, ""),
        (Format::HuggingFace, "text"),
        (Format::HuggingFace, "[{]"),
        (Format::Feed, "[]"),
    ] {
        assert!(read(format, bytes.as_bytes(), None, now()).is_err(), "{format} {bytes}");
    }
    assert!(matches!(read(Format::Text, b"\xff", None, now()), Err(SourceError::NotUtf8 { offset: 0 })));
}
