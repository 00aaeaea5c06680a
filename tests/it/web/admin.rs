//! The operator's pages.

use axum::http::{Method, StatusCode};
use broadsheet::model::{DeliveryId, DeliveryKind, RunOutcome, SourceName, SubscriberState};
use broadsheet::store::deliveries::NewDelivery;
use broadsheet::store::runs::{RunCounts, Visit};

use super::site::{Answer, Site};

const TOKEN: &str = "a-token-for-the-operator-of-this-test";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn site() -> Site {
    Site::with(|settings| settings.admin_token = Some(TOKEN.to_owned())).await
}

async fn sign_in(site: &Site) -> String {
    let answer = site.post("/admin/login", &format!("token={TOKEN}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("set-cookie").split(';').next().expect("a cookie").to_owned()
}

async fn get(site: &Site, cookie: &str, path: &str) -> Answer {
    site.send(Method::GET, path, &[("cookie", cookie)], "").await
}

async fn post(site: &Site, cookie: &str, path: &str, form: &str) -> Answer {
    site.send(Method::POST, path, &[("cookie", cookie), FORM], form).await
}

fn form_token(page: &Answer) -> String {
    let rest = page.body.split_once("name=\"form\" value=\"").expect("a form").1;
    rest.split('"').next().expect("a value").to_owned()
}

async fn a_mail(site: &Site) -> DeliveryId {
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let now = site.clock.now();
    let id = DeliveryId(person.id.0 + 256);
    let new = NewDelivery {
        id,
        kind: DeliveryKind::Digest,
        idempotency_key: "digest:1".to_owned(),
        subscriber: Some(person.id),
        edition: None,
        address: person.address.to_string(),
        address_hash: person.address_hash,
        dest_group: "example.org".to_owned(),
        payload: "{}".to_owned(),
        message_id: "1@papers.example".to_owned(),
        due_at: now,
        expires_at: now + chrono::TimeDelta::hours(12),
        created_at: now,
    };
    let mut tx = site.db.begin().await.expect("begins");
    assert!(tx.insert_delivery(&new).await.expect("inserts"));
    tx.commit().await.expect("commits");
    id
}

#[tokio::test]
async fn without_a_token_there_are_no_such_pages() {
    let site = Site::new().await;
    for path in ["/admin", "/admin/deliveries", "/admin/deliveries/1"] {
        assert_eq!(site.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/admin/login", "/admin/sending"] {
        assert_eq!(site.post(path, "token=").await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn strangers_see_nothing_but_the_form_to_sign_in() {
    let site = site().await;
    let id = a_mail(&site).await;
    for path in ["/admin".to_owned(), "/admin/deliveries".to_owned(), format!("/admin/deliveries/{id}")] {
        for cookie in ["", "broadsheet=", "broadsheet=0707", "broadsheet"] {
            let page = get(&site, cookie, &path).await;
            assert!(page.body.contains("name=\"token\"") && !page.body.contains("example.org</td>"), "{path}");
        }
    }
    for path in ["/admin/sending".to_owned(), format!("/admin/deliveries/{id}")] {
        let answer = post(&site, "broadsheet=07", &path, "action=pause").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/admin"));
    }
    assert!(!site.db.read().await.expect("reads").sending().await.expect("reads").paused);
}

#[tokio::test]
async fn the_token_opens_a_session_that_is_stored_as_its_hash() {
    let site = site().await;
    let answer = site.post("/admin/login", &format!("token={TOKEN}")).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    let secret = cookie.split_once('=').and_then(|(_, rest)| rest.split(';').next()).expect("a value");
    assert_eq!(secret.len(), 64);
    let now = site.clock.now();
    assert!(!site.db.read().await.expect("reads").admin_session(secret, now).await.expect("reads"));
    let session = cookie.split(';').next().expect("a cookie");
    assert!(get(&site, session, "/admin").await.body.contains("Mail goes out"));
}

#[tokio::test]
async fn everything_is_seen_at_a_glance() {
    let site = site().await;
    let cookie = sign_in(&site).await;
    site.papers().await;
    a_mail(&site).await;
    let now = site.clock.now();
    let mut tx = site.db.begin().await.expect("begins");
    for (name, success) in [("hugging-face", true), ("arxiv", false)] {
        let source = SourceName::new(name);
        let next_due_at = now + chrono::TimeDelta::hours(2);
        assert!(tx.claim_source(&source, now, "node", next_due_at, true).await.expect("claims"));
        let run = tx.start_run(&source, now).await.expect("starts");
        let (outcome, error) =
            if success { (RunOutcome::Complete, None) } else { (RunOutcome::Failed, Some("503 <b>busy</b>")) };
        let counts = RunCounts { requests: 1, items: 40, new_papers: 3, updated: 0, rejected: 1 };
        tx.finish_run(run, outcome, error, &counts, &[], now).await.expect("finishes");
        tx.finish_source(&source, "node", Visit { success, had_new: success, next_due_at }, now)
            .await
            .expect("finishes");
    }
    tx.commit().await.expect("commits");
    insta::assert_snapshot!("admin", get(&site, &cookie, "/admin").await.content());
}

#[tokio::test]
async fn by_tls_the_cookie_is_bound_to_the_host() {
    let site = Site::at("https://papers.example", |settings| settings.admin_token = Some(TOKEN.to_owned())).await;
    let answer = site.post("/admin/login", &format!("token={TOKEN}")).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-broadsheet=") && cookie.ends_with("; Secure") && cookie.contains("Path=/;"));
    assert!(!cookie.contains("Domain"));
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_soon_not_even_tried() {
    let site = site().await;
    for _ in 0..10 {
        let answer = site.post("/admin/login", "token=guess").await;
        assert_eq!((answer.status, answer.header("set-cookie")), (StatusCode::FORBIDDEN, ""));
    }
    assert_eq!(site.post("/admin/login", &format!("token={TOKEN}")).await.status, StatusCode::TOO_MANY_REQUESTS);
    let elsewhere = std::net::Ipv4Addr::new(192, 0, 2, 1).into();
    let form = format!("token={TOKEN}");
    let answer = site.send_from(elsewhere, Method::POST, "/admin/login", &[FORM], &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    site.clock.advance(std::time::Duration::from_secs(16 * 60));
    sign_in(&site).await;
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_the_button() {
    let site = site().await;
    let cookie = sign_in(&site).await;
    let form = form_token(&get(&site, &cookie, "/admin").await);
    site.clock.advance(std::time::Duration::from_secs(13 * 3600));
    assert!(get(&site, &cookie, "/admin").await.body.contains("name=\"token\""));
    assert_eq!(post(&site, &cookie, "/admin/logout", &format!("form={form}")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn switches_need_a_form_of_this_very_session() {
    let site = site().await;
    let cookie = sign_in(&site).await;
    for form in ["action=pause", "action=pause&form=", "action=pause&form=forged"] {
        assert_eq!(post(&site, &cookie, "/admin/sending", form).await.status, StatusCode::FORBIDDEN, "{form}");
    }
    let sending = async || site.db.read().await.expect("reads").sending().await.expect("reads");
    assert!(!sending().await.paused);
    let form = form_token(&get(&site, &cookie, "/admin").await);
    let answer = post(&site, &cookie, "/admin/sending", &format!("action=pause&reason=relay+down&form={form}")).await;
    assert_eq!(answer.header("location"), "/admin?done=paused");
    assert_eq!((sending().await.paused, sending().await.reason.as_str()), (true, "relay down"));
    assert!(get(&site, &cookie, "/admin?done=paused").await.body.contains("relay down"));
    post(&site, &cookie, "/admin/sending", &format!("action=resume&form={form}")).await;
    assert!(!sending().await.paused && site.was_rung().await);
}

#[tokio::test]
async fn a_mail_that_ended_can_be_sent_again() {
    let site = site().await;
    let id = a_mail(&site).await;
    let cookie = sign_in(&site).await;
    let path = format!("/admin/deliveries/{id}");
    let page = get(&site, &cookie, &path).await;
    assert!(page.body.contains("a…@example.org") && !page.body.contains("ada@example.org"));
    assert!(!page.body.contains("value=\"retry\""), "it has not ended yet");
    let form = form_token(&get(&site, &cookie, "/admin").await);
    let refused = post(&site, &cookie, &path, &format!("action=retry&form={form}")).await;
    assert_eq!(refused.header("location"), format!("{path}?done=refused"));
    site.clock.advance(std::time::Duration::from_secs(12 * 3600 - 60));
    let mut tx = site.db.begin().await.expect("begins");
    tx.expire_deliveries(site.clock.now() + chrono::TimeDelta::minutes(2), 10).await.expect("expires");
    tx.commit().await.expect("commits");
    let list = get(&site, &cookie, "/admin/deliveries?state=expired").await;
    assert!(list.body.contains(&format!("href=\"{path}\"")));
    let page = get(&site, &cookie, &path).await;
    let again = post(&site, &cookie, &path, &format!("action=retry&form={}", form_token(&page))).await;
    assert_eq!(again.header("location"), format!("{path}?done=again"));
    assert!(get(&site, &cookie, "/admin/deliveries?state=ready").await.body.contains(&path));
    assert_eq!(get(&site, &cookie, "/admin/deliveries?state=lost").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&site, &cookie, "/admin/deliveries/1").await.status, StatusCode::NOT_FOUND);
}
