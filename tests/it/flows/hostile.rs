//! Sources that answer badly, by accident or on purpose: each is a named failure that costs nothing stored.

use std::time::Duration;

use broadsheet::model::RunOutcome;
use broadsheet::net;

use crate::support::TestDb;
use crate::support::announcements::{feed, list, told};
use crate::support::apps::{Plan, TestApp};
use crate::support::sources::{Answer, Sources};

const LISTS: &str = "hugging-face";
const FEEDS: &str = "arxiv";

/// Waits that a healthy loopback never comes near, and that a test can sit out.
fn impatient() -> net::Settings {
    net::Settings {
        first_byte_timeout: Duration::from_millis(400),
        total_timeout: Duration::from_secs(20),
        ..net::Settings::default()
    }
}

/// A service that has read both sources once, a paper from each.
async fn well_read(db: &TestDb, sources: &Sources) -> TestApp {
    sources.on_list(
        "2026-03-03",
        Answer::ok(list("2026-03-03", &[told("2603.00001", "A Listed Paper of the First Day")])),
    );
    sources.on_feeds(Answer::ok(feed("2026-03-03", &[told("2603.00002", "An Announced Paper of the First Day")])));
    let plan = Plan::new(db, "2026-03-03T08:00:00Z").hugging_face(sources).arxiv(sources).limits(impatient());
    let service = plan.build().await;
    let visits = service.app.fetch(&[]).await.expect("fetches");
    assert!(visits.iter().all(|visit| visit.outcome == RunOutcome::Complete), "{visits:?}");
    assert_eq!(service.papers().await, 2);
    service
}

/// Lets `victim` answer like this for one visit, and checks what the other source and the store make of it.
async fn fails(answer: Answer, victim: &str, expected: &str) {
    let db = TestDb::sqlite().await;
    let sources = Sources::start().await;
    let service = well_read(&db, &sources).await;
    service.set_clock("2026-03-04T08:00:00Z");
    let new = told("2603.00003", "A Paper That Comes All the Same");
    if victim == LISTS {
        sources.on("/api/", answer.clone());
        for day in ["2026-03-03", "2026-03-04"] {
            sources.on_list(day, answer.clone());
        }
        sources.on_feeds(Answer::ok(feed("2026-03-04", &[new])));
    } else {
        sources.on_feeds(answer);
        sources.on_list("2026-03-04", Answer::ok(list("2026-03-04", &[new])));
    }
    for visit in service.app.fetch(&[]).await.expect("a bad source is no failure of the pass") {
        if visit.source.as_str() != victim {
            assert_eq!((visit.outcome, visit.counts.new_papers), (RunOutcome::Complete, 1), "{victim}: {visit:?}");
        }
    }
    let run = service.runs(victim).await.remove(0);
    assert_eq!(run.outcome, Some(RunOutcome::Failed), "{expected}: {run:?}");
    let error = run.error.as_deref().unwrap_or_default();
    assert!(error.contains(expected), "{victim}: {error:?} does not say {expected:?}");
    assert!(error.chars().count() <= 500 && !error.chars().any(char::is_control), "{error:?}");
    assert!(service.source(victim).await.failing_since.is_some());
    assert_eq!(service.papers().await, 3, "{expected}");
    db.remove().await;
}

async fn both_fail(answer: Answer, expected: &str) {
    fails(answer.clone(), LISTS, expected).await;
    fails(answer, FEEDS, expected).await;
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_left_at_the_limit() {
    both_fail(Answer::Flood { bytes: 100 << 20 }, "larger than 33554432 bytes as received").await;
}

#[tokio::test]
async fn a_gzip_bomb_is_left_at_the_limit() {
    both_fail(Answer::gzip_bomb(64), "larger than 33554432 bytes after decompression").await;
}

#[tokio::test]
async fn entities_that_unfold_without_end_are_not_unfolded() {
    fails(Answer::billion_laughs(), FEEDS, "it declares a document type, which is not accepted").await;
}

#[tokio::test]
async fn an_error_page_that_claims_success_is_named() {
    let page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>try later</body></html>";
    both_fail(Answer::ok(page).header("content-type", "text/html"), "Bad Gateway").await;
}

#[tokio::test]
async fn a_login_page_in_place_of_a_list_is_named() {
    both_fail(Answer::ok("please log in"), "expected").await;
    both_fail(Answer::ok(""), "expected").await;
}

#[tokio::test]
async fn a_document_that_ends_in_the_middle_is_damaged() {
    let mut half = list("2026-03-04", &[told("2603.00009", "A Paper Nobody Reads to Its End")]);
    half.truncate(half.len() / 2);
    fails(Answer::ok(half), LISTS, "damaged or cut off").await;
    let half = feed("2026-03-04", &[told("2603.00009", "A Paper Nobody Reads to Its End")]);
    fails(Answer::ok(&half.as_bytes()[..half.len() / 2]), FEEDS, "damaged or cut off").await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_named() {
    both_fail(Answer::ok(b"[{\"paper\": {\"id\": \"\xff\xfe\"}}]".to_vec()), "UTF-8").await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    both_fail(Answer::Stall, "timed out while waiting for the answer to begin").await;
}

#[tokio::test]
async fn a_body_that_stops_coming_is_left() {
    both_fail(Answer::StallInBody(b"[                    ]".to_vec()), "timed out because the body stopped coming")
        .await;
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_body_is_named() {
    both_fail(Answer::Cut(b"[                    ]".to_vec()), "the connection broke").await;
}

#[tokio::test]
async fn a_redirect_into_the_own_network_is_refused() {
    for target in ["http://127.0.0.2:9/", "http://169.254.169.254/latest/meta-data/", "http://[::1]:9/"] {
        both_fail(Answer::status(302, "").header("location", target), "private address").await;
    }
    both_fail(Answer::status(302, "").header("location", "file:///etc/passwd"), "a redirect was refused").await;
}

#[tokio::test]
async fn a_refusal_is_told_with_its_reason_on_one_line() {
    both_fail(Answer::status(403, "your\r\nnetwork \u{1b}[31mis blocked"), "answered 403: your").await;
    both_fail(Answer::status(500, vec![0xff; 5000]), "answered 500").await;
    fails(Answer::ok("{\"error\": \"Invalid date\"}"), LISTS, "the source refused: Invalid date").await;
}
