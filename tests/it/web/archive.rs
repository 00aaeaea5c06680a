//! The page of an edition: what was mailed, and the matches that did not fit.

use axum::http::StatusCode;
use broadsheet::model::PaperId;
use broadsheet::model::SubscriberState;

use crate::support::outbox;

use super::site::{Answer, Site};

/// The page of an edition that shows `shown` and could have shown `beyond`, with `more` matches beyond the limit.
async fn page(site: &Site, shown: PaperId, beyond: Vec<PaperId>, more: u32) -> Answer {
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let mut edition = outbox::edition(&person, 0, &[shown.0]);
    edition.figures.beyond = beyond;
    edition.more_for_you = more;
    let mut tx = site.db.begin().await.expect("begins");
    assert!(tx.insert_edition(&edition).await.expect("inserts"));
    tx.commit().await.expect("commits");
    site.get(&site.links.archive(edition.id, person.link_generation, site.clock.now())).await
}

#[tokio::test]
async fn matches_beyond_the_limit_are_listed_in_their_order_and_the_rest_is_counted() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let page = page(&site, papers[1], vec![papers[2], papers[0]], 9).await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("archive_more", page.content());
}

#[tokio::test]
async fn a_match_that_is_shown_gone_or_named_twice_is_not_listed_again() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let page = page(&site, papers[1], vec![papers[1], PaperId(99), papers[0], papers[0]], 1).await;
    let (_, list) = page.body.split_once("id=\"more\"").expect("the list");
    let listed: Vec<&str> = list.split("<li><a href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(listed, [format!("/papers/{}", papers[0])]);
    assert!(!list.contains("not listed"), "{list}");
}

#[tokio::test]
async fn matches_that_nobody_named_are_still_counted() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let page = page(&site, papers[1], Vec::new(), 3).await;
    assert!(page.body.contains("id=\"more\"") && page.body.contains("3 further matches"), "{}", page.content());
}

#[tokio::test]
async fn an_edition_that_shows_every_match_promises_no_more() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let page = page(&site, papers[1], Vec::new(), 0).await;
    assert!(!page.body.contains("id=\"more\"") && !page.body.contains("More matches"));
}
