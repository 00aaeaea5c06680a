//! Daily Papers.

use super::{now, read_first};
use crate::model::Signals;
use crate::sources::{HuggingFace, Page, Source, SourceError};

const DAILY: &str = include_str!("fixtures/daily.json");

fn source() -> HuggingFace {
    HuggingFace::new("http://127.0.0.1:8080/").unwrap()
}

fn daily() -> Page {
    read_first(&source(), DAILY).unwrap()
}

#[test]
fn seven_days_are_asked_for_from_today_backwards() {
    let requests = source().first_requests(now());
    let urls: Vec<&str> = requests.iter().map(|request| request.url.as_str()).collect();
    assert_eq!(urls.len(), 7);
    assert_eq!(urls[0], "http://127.0.0.1:8080/api/daily_papers?date=2026-11-20&limit=100&p=0");
    assert_eq!(urls[6], "http://127.0.0.1:8080/api/daily_papers?date=2026-11-14&limit=100&p=0");
    assert!(requests.iter().all(|request| request.conditional && request.page == 0));
}

#[test]
fn an_entry_is_read_with_its_signals() {
    let paper = &daily().papers[0];
    assert_eq!(paper.keys[0].as_str(), "arxiv:2611.04001");
    assert_eq!(paper.title, "Teaching Small Models to Count Sheep");
    assert_eq!(paper.authors, ["Mira Lindqvist", "Søren Østby"]);
    assert_eq!(paper.signals, Signals { upvotes: Some(57), comments: Some(4), github_stars: Some(12) });
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-20");
    // The inner instant, not the envelope's shifted one.
    assert_eq!(paper.published_at.unwrap().to_rfc3339(), "2026-11-18T16:20:00+00:00");
    assert_eq!(paper.code_url.as_deref(), Some("https://github.com/example/sheep"));
    assert_eq!(paper.url.as_deref(), Some("https://arxiv.org/abs/2611.04001"));
    assert!(!paper.withdrawn);
}

#[test]
fn null_is_missing_and_fields_may_stand_on_the_envelope() {
    let paper = &daily().papers[1];
    assert_eq!(paper.signals, Signals { upvotes: None, comments: Some(7), github_stars: None });
    assert_eq!(paper.code_url.as_deref(), Some("https://github.com/example/moved-to-the-envelope"));
    assert!(paper.withdrawn);
    // The day asked for stands in for the day not told.
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-20");
}

#[test]
fn a_paper_that_is_not_on_arxiv_keeps_the_id_of_its_source() {
    let paper = &daily().papers[2];
    assert_eq!(paper.keys[0].as_str(), "source:hugging-face:lab-report-7");
    assert_eq!(paper.url.as_deref(), Some("https://huggingface.co/papers/lab-report-7"));
    assert_eq!((paper.signals.upvotes, paper.project_url.as_deref()), (None, None));
}

#[test]
fn a_bad_entry_is_rejected_with_its_place_and_the_page_is_kept() {
    let page = daily();
    assert_eq!((page.papers.len(), page.total_items), (3, 6));
    let told: Vec<String> = page.rejected.iter().map(|bad| format!("{}: {}", bad.place, bad.reason)).collect();
    assert_eq!(told, ["item 3: 2611.04003 has no title", "item 4: it has no id", "item 5: it is not an object"]);
}

#[test]
fn pages_are_asked_for_until_one_is_empty_and_never_without_end() {
    let source = source();
    let mut request = source.first_requests(now()).remove(3);
    let mut asked = 1;
    let page = |number: u32| format!(r#"[{{"paper":{{"id":"2611.{number:05}","title":"T"}}}}]"#);
    while let Some(next) = source.read(&request, page(asked).as_bytes(), now()).unwrap().next {
        assert_eq!(next.url, format!("http://127.0.0.1:8080/api/daily_papers?date=2026-11-17&limit=100&p={asked}"));
        assert!(!next.conditional);
        request = next;
        asked += 1;
    }
    assert_eq!(asked, 20);
    let empty = read_first(&source, "[]").unwrap();
    assert_eq!(empty, Page::default());
}

#[test]
fn a_server_that_repeats_its_page_is_asked_once_more_only() {
    let second = daily().next.unwrap();
    assert_eq!(second.page, 1);
    let again = source().read(&second, DAILY.as_bytes(), now()).unwrap();
    assert_eq!((again.papers.len(), again.next), (3, None));
}

#[test]
fn what_is_no_list_of_papers_is_named() {
    let told = |body: &[u8]| read_first(&source(), body).unwrap_err().to_string();
    assert_eq!(told(b""), "expected a JSON list of papers, but an empty body came");
    assert_eq!(
        told(b"<!doctype html><html><title>502 Bad Gateway</title>"),
        "expected a JSON list of papers, but an HTML page titled \"502 Bad Gateway\" came"
    );
    assert_eq!(told(br#"{"error":"Invalid date"}"#), "the source refused: Invalid date");
    assert_eq!(told(b"[{\"paper\":{\"title\":\"\xff\"}}]"), "the text is not UTF-8: byte 20 does not fit");
    let cut = &DAILY.as_bytes()[..DAILY.len() / 2];
    assert!(matches!(read_first(&source(), cut), Err(SourceError::Malformed { what: "JSON", .. })));
}

#[test]
fn nesting_without_end_is_an_error_and_not_a_crash() {
    let deep = format!("[{}", "[".repeat(1_000_000));
    assert!(matches!(read_first(&source(), deep), Err(SourceError::Malformed { what: "JSON", .. })));
    let hidden = format!("[{{\"unknown\":{}}}]", "[".repeat(100_000));
    assert!(matches!(read_first(&source(), hidden), Err(SourceError::Malformed { what: "JSON", .. })));
}

#[test]
fn a_record_of_countless_values_is_rejected_and_its_neighbour_kept() {
    let names = vec!["\"n\""; 200_000].join(",");
    let body = format!(
        r#"[{{"paper":{{"id":"1","title":"Big","authors":[{names}]}}}},{{"paper":{{"id":"2","title":"Small"}}}}]"#
    );
    let page = read_first(&source(), body).unwrap();
    assert_eq!((page.papers.len(), page.rejected.len()), (1, 1));
    assert_eq!(page.rejected[0].reason, "it holds more than 50000 values");
}

#[test]
fn a_page_of_countless_records_is_an_error() {
    let body = format!("[{}0]", "0,".repeat(20_000));
    let error = read_first(&source(), body).unwrap_err().to_string();
    assert!(error.contains("too many records"), "{error}");
}

#[test]
fn five_thousand_authors_are_kept_up_to_two_hundred() {
    let names: Vec<String> = (0..5_000).map(|n| format!(r#"{{"name":"Author {n}","hidden":false}}"#)).collect();
    let body = format!(r#"[{{"paper":{{"id":"2611.00001","title":"Big","authors":[{}]}}}}]"#, names.join(","));
    let page = read_first(&source(), body).unwrap();
    assert_eq!(page.papers[0].authors.len(), 200);
    assert_eq!(page.warnings.len(), 1);
}

#[test]
fn a_base_that_is_no_address_is_refused() {
    for base in ["", "huggingface.co", "ftp://huggingface.co", "https://user:pass@huggingface.co"] {
        assert!(HuggingFace::new(base).is_err(), "{base}");
    }
}
