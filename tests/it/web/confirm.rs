//! Proving an address.

use axum::http::StatusCode;
use broadsheet::model::SubscriberState;
use broadsheet::store::subscribers::Subscriber;

use super::site::Site;

fn link(site: &Site, person: &Subscriber) -> String {
    site.path(&site.links.confirm(person.id, person.link_generation, site.clock.now()))
}

#[tokio::test]
async fn the_link_shows_a_button_and_the_button_subscribes() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Pending, "pruning").await;
    let link = link(&site, &person);
    insta::assert_snapshot!("confirm", site.get(&link).await.content());
    assert_eq!(site.reload(person.id).await.state, SubscriberState::Pending);

    let page = site.post(&link, "").await;
    insta::assert_snapshot!("confirmed", page.content());
    let person = site.reload(person.id).await;
    assert_eq!((person.state, person.confirmed_at), (SubscriberState::Active, Some(site.clock.now())));
    let due = person.next_due.expect("due");
    assert_eq!(
        (due.local_date.to_string().as_str(), due.at.to_rfc3339().as_str()),
        ("2026-11-24", "2026-11-24T06:00:00+00:00")
    );
    assert!(site.was_rung().await);
}

#[tokio::test]
async fn confirming_twice_says_so_kindly_and_changes_nothing() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let link = link(&site, &person);
    for page in [site.get(&link).await, site.post(&link, "").await] {
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("You are subscribed already"));
    }
    assert_eq!(site.reload(person.id).await, person);
    assert!(!site.was_rung().await);
}

#[tokio::test]
async fn the_page_after_confirming_leads_to_the_preferences() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Pending, "").await;
    let page = site.post(&link(&site, &person), "").await;
    let preferences = page.body.split("href=\"").find(|rest| rest.starts_with("/preferences/")).expect("a link");
    let preferences = preferences.split('"').next().expect("a path");
    assert_eq!(site.get(preferences).await.status, StatusCode::OK);
}

#[tokio::test]
async fn links_that_are_forged_old_or_renewed_say_what_to_do() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Pending, "").await;
    let good = link(&site, &person);
    let preferences = site.preferences(&person).replace("preferences", "confirm");
    for forged in ["/confirm/x".to_owned(), good[..good.len() - 3].to_owned(), preferences] {
        for page in [site.get(&forged).await, site.post(&forged, "").await] {
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{forged}");
            assert!(page.body.contains("This link does not work") && page.body.contains("href=\"/manage\""));
        }
    }
    site.clock.advance(std::time::Duration::from_secs(49 * 3600));
    let page = site.post(&good, "").await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.body.contains("This link has expired"));
    let mut tx = site.db.begin().await.expect("begins");
    tx.renew_links(person.id).await.expect("renews");
    tx.commit().await.expect("commits");
    assert_eq!(site.post(&link(&site, &person), "").await.status, StatusCode::GONE);
    assert_eq!(site.reload(person.id).await.state, SubscriberState::Pending);
}

#[tokio::test]
async fn an_address_that_must_not_be_mailed_is_not_activated() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Pending, "").await;
    let mut tx = site.db.begin().await.expect("begins");
    tx.suppress(person.id.bucket(), &person.address_hash, "complained", "test", site.clock.now())
        .await
        .expect("suppresses");
    tx.commit().await.expect("commits");
    let page = site.post(&link(&site, &person), "").await;
    assert!(page.body.contains("This address cannot be mailed"));
    assert_eq!(site.reload(person.id).await.state, SubscriberState::Pending);
}
