//! What interests would have found, before and after they are saved.

use axum::http::StatusCode;
use broadsheet::model::SubscriberState;
use chrono::TimeDelta;

use super::super::site::{Site, now};
use crate::support::papers::{arxiv, ingest, seen};

/// Thirty papers of the last three days: every third is about kites, one in ten about lighthouses.
async fn stocked() -> Site {
    let site = Site::new().await;
    for number in 0..30 {
        let title = match number {
            n if n % 10 == 1 => format!("Lighthouse <b>number</b> {n}"),
            n if n % 3 == 0 => format!("Kites and Large Language Models {n}"),
            n => format!("Paper {n} of the Sea"),
        };
        let mut paper = arxiv(&format!("2611.{number:05}"), &title);
        paper.abstract_text = "We ask large language models (LLMs).".to_owned();
        let at = now() - TimeDelta::hours(2 * number + 1);
        ingest(&site.db, &paper, &seen(&paper, at)).await;
    }
    site
}

fn form(action: &str, profile: &str) -> String {
    format!("action={action}&profile={profile}&timezone=Asia/Tokyo&time=06:30&days=mon&limit=25&quiet_day=note")
}

#[tokio::test]
async fn a_preview_says_what_the_interests_would_have_found_and_saves_nothing() {
    let site = stocked().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let path = site.preferences(&person);
    let page = site.post(&path, &form("preview", "kites%0ALighthouse%0Adragons%0ALLM%0A-sea")).await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("preview", page.content().split("<details>").next().unwrap_or_default());
    assert_eq!(site.reload(person.id).await, person);
    assert!(!site.was_rung().await);
}

#[tokio::test]
async fn after_saving_the_page_says_what_was_saved_would_have_found() {
    let site = stocked().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let path = site.preferences(&person);
    let answer = site.post(&path, &form("save", "kites%0Adragons")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = site.get(answer.header("location")).await;
    assert!(page.body.contains("About 3 a day: 9 of the 30 papers of the last 3 days."), "{}", page.content());
    assert!(page.body.contains("No paper of the last 3 days matches this."), "{}", page.content());
    let plain = site.get(&path).await;
    assert!(!plain.body.contains("of what you get"), "a forecast comes after a change");
}

#[tokio::test]
async fn a_preview_of_what_cannot_be_read_shows_the_mistakes() {
    let site = stocked().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let page = site.post(&site.preferences(&person), &form("preview", "titel:x")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("title:") && !page.body.contains("of what you get"), "{}", page.content());
    assert_eq!(site.reload(person.id).await, person);
    for (state, address) in
        [(SubscriberState::Unsubscribed, "b@example.org"), (SubscriberState::Pending, "c@example.org")]
    {
        let gone = site.person(address, state, "").await;
        let page = site.post(&site.preferences(&gone), &form("preview", "kites")).await;
        assert!(page.body.contains("This subscription has ended"), "{state:?}");
    }
}

#[tokio::test]
async fn papers_that_come_or_change_are_in_the_next_forecast() {
    let site = stocked().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let path = site.preferences(&person);
    let kites = async || {
        let page = site.post(&path, &form("preview", "kites OR albatross")).await.body;
        let found = page.split(" papers of the last").next().and_then(|text| text.rsplit("a day: ").next());
        found.unwrap_or_default().to_owned()
    };
    assert_eq!(kites().await, "9 of the 30");
    let at = now() - TimeDelta::hours(1);
    let more = arxiv("2611.10000", "An Albatross");
    ingest(&site.db, &more, &seen(&more, at)).await;
    assert_eq!(kites().await, "10 of the 31");
    let renamed = arxiv("2611.10000", "A Gull");
    ingest(&site.db, &renamed, &seen(&renamed, now())).await;
    assert_eq!(kites().await, "9 of the 31");
    let old = arxiv("2611.10001", "Albatross of Old");
    let context = broadsheet::store::ingest::IngestContext { backfill: true, ..seen(&old, at) };
    ingest(&site.db, &old, &context).await;
    assert_eq!(kites().await, "9 of the 31", "what is never mailed is no forecast");
}

#[tokio::test]
async fn without_papers_nothing_is_foretold() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let page = site.post(&site.preferences(&person), &form("preview", "kites")).await;
    assert!(page.body.contains("There are no papers yet to try this on."), "{}", page.content());
    assert!(!page.body.contains("of what you get") && !page.body.contains("No paper of"), "{}", page.content());
    let empty = site.post(&site.preferences(&person), &form("preview", "")).await;
    assert_eq!(empty.status, StatusCode::OK);
}

#[tokio::test]
async fn offers_of_more_like_this_say_what_they_would_bring() {
    let site = stocked().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let paper = crate::support::papers::stored(&site.db, "arxiv:2611.00000").await;
    let page = site.get(&format!("{}/more/{}", site.preferences(&person), paper.id)).await;
    assert!(page.body.contains("<span class=\"small\">about 3 a day</span>"), "{}", page.content());
}
