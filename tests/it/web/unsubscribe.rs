//! Leaving, by people and by mail programs.

use axum::http::{Method, StatusCode};
use broadsheet::model::{DeliveryId, DeliveryKind, SubscriberId, SubscriberState};
use broadsheet::store::deliveries::NewDelivery;
use broadsheet::store::subscribers::Subscriber;

use super::site::Site;

fn link(site: &Site, person: &Subscriber) -> String {
    site.path(&site.links.unsubscribe(person.id))
}

async fn queued(site: &Site, person: &Subscriber) -> DeliveryId {
    let now = site.clock.now();
    let id = DeliveryId(person.id.0 + 256);
    let new = NewDelivery {
        id,
        kind: DeliveryKind::Digest,
        idempotency_key: format!("digest:{id}"),
        subscriber: Some(person.id),
        edition: None,
        address: person.address.to_string(),
        address_hash: person.address_hash.clone(),
        dest_group: "example.org".to_owned(),
        payload: "{}".to_owned(),
        message_id: format!("{id}@papers.example"),
        due_at: now,
        expires_at: now + chrono::TimeDelta::hours(12),
        created_at: now,
    };
    let mut tx = site.db.begin().await.expect("begins");
    assert!(tx.insert_delivery(&new).await.expect("inserts"));
    tx.commit().await.expect("commits");
    id
}

async fn state_of(site: &Site, id: DeliveryId) -> String {
    site.db.read().await.expect("reads").delivery(id).await.expect("reads").expect("is there").state
}

#[tokio::test]
async fn the_button_stops_everything_at_once() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let mail = queued(&site, &person).await;
    let link = link(&site, &person);
    insta::assert_snapshot!("unsubscribe", site.get(&link).await.content());
    let page = site.post(&link, "").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("unsubscribed", page.content());
    let person = site.reload(person.id).await;
    assert_eq!((person.state, person.next_due), (SubscriberState::Unsubscribed, None));
    assert_eq!(state_of(&site, mail).await, "suppressed");
}

#[tokio::test]
async fn mail_programs_leave_with_one_request_of_either_form() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", multipart),
        ("", ""),
    ] {
        let site = Site::new().await;
        let person = site.person("ada@example.org", SubscriberState::Active, "").await;
        let headers = [("content-type", kind), ("origin", "https://mail.example"), ("sec-fetch-site", "cross-site")];
        let answer = site.send(Method::POST, &link(&site, &person), &headers, body).await;
        assert_eq!((answer.status, answer.header("location"), answer.header("set-cookie")), (StatusCode::OK, "", ""));
        assert_eq!(site.reload(person.id).await.state, SubscriberState::Unsubscribed, "{kind}");
    }
}

#[tokio::test]
async fn a_link_of_ours_has_the_same_answer_for_everybody_and_every_time() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let erased = site.person("gone@example.org", SubscriberState::Active, "").await;
    let mut tx = site.db.begin().await.expect("begins");
    tx.erase_subscriber(&erased, site.clock.now()).await.expect("erases");
    tx.commit().await.expect("commits");
    let first = site.post(&link(&site, &person), "").await;
    let unknown = site.path(&site.links.unsubscribe(SubscriberId(person.id.0 + 4096)));
    for path in [link(&site, &person), link(&site, &erased), unknown] {
        let answer = site.post(&path, "List-Unsubscribe=One-Click").await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &first.body), "{path}");
    }
}

#[tokio::test]
async fn a_link_that_is_not_ours_stops_nothing_and_says_so() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let good = link(&site, &person);
    let preferences = site.preferences(&person).replace("preferences", "unsubscribe");
    for path in ["/unsubscribe/forged".to_owned(), good[..good.len() - 3].to_owned(), preferences] {
        let (asked, answer) = (site.get(&path).await, site.post(&path, "List-Unsubscribe=One-Click").await);
        assert_eq!((answer.status, &answer.body), (StatusCode::NOT_FOUND, &asked.body), "{path}");
        assert!(answer.body.contains("This link does not work"), "{path}");
        assert_eq!(site.reload(person.id).await, person);
    }
}

#[tokio::test]
async fn the_link_works_for_ever_and_after_links_were_renewed() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Paused, "").await;
    let link = link(&site, &person);
    site.clock.advance(std::time::Duration::from_secs(20 * 365 * 86_400));
    let mut tx = site.db.begin().await.expect("begins");
    tx.renew_links(person.id).await.expect("renews");
    tx.commit().await.expect("commits");
    assert_eq!(site.get(&link).await.status, StatusCode::OK);
    site.post(&link, "").await;
    assert_eq!(site.reload(person.id).await.state, SubscriberState::Unsubscribed);
}

#[tokio::test]
async fn leaving_keeps_a_better_reason_not_to_mail() {
    for state in [SubscriberState::Bounced, SubscriberState::Complained] {
        let site = Site::new().await;
        let person = site.person("ada@example.org", state, "").await;
        site.post(&link(&site, &person), "").await;
        assert_eq!(site.reload(person.id).await.state, state);
    }
}

#[tokio::test]
async fn the_link_opens_no_other_door() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    for door in ["preferences", "confirm", "archive"] {
        let path = link(&site, &person).replace("unsubscribe", door);
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "{door}");
    }
}
