//! Subscribing and asking for one's link, by people and by floods.

use axum::http::{Method, StatusCode};
use broadsheet::model::SubscriberState;
use broadsheet::store::signups::{Signup, SignupKind};
use broadsheet::web::SignUp;

use super::site::Site;

const FORM: &str = "application/x-www-form-urlencoded";

async fn requests(site: &Site) -> Vec<Signup> {
    site.db.read().await.expect("reads").open_signups(100).await.expect("reads")
}

#[tokio::test]
async fn a_request_leaves_one_row_and_rings_the_bell() {
    let site = Site::new().await;
    let form = "email=Ada%40Example.ORG&interests=pruning%0D%0A-survey%0D%0A&timezone=Asia%2FKathmandu&website=";
    let page = site.post("/subscribe", form).await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("sign_up_taken", page.content());
    let [row] = &requests(&site).await[..] else { panic!("one row") };
    assert_eq!((row.kind, row.address.as_str(), row.door.as_str()), (SignupKind::Subscribe, "Ada@example.org", "web"));
    assert_eq!((row.interests.as_str(), row.timezone.as_deref()), ("pruning\n-survey", Some("Asia/Kathmandu")));
    assert!(site.was_rung().await);
}

#[tokio::test]
async fn the_answer_does_not_tell_who_is_known() {
    let site = Site::new().await;
    let mut known = Vec::new();
    for state in SubscriberState::ALL {
        let person = site.person(&format!("{state:?}@example.org"), state, "").await;
        known.push(person.address.to_string());
    }
    let suppressed = broadsheet::model::EmailAddress::parse("gone@example.org").expect("an address");
    let mut tx = site.db.begin().await.expect("begins");
    let hash = site.links.keys().address_hash(&suppressed.canonical());
    tx.suppress(suppressed.bucket(), &hash, "bounced", "test", site.clock.now()).await.expect("suppresses");
    tx.commit().await.expect("commits");
    known.extend(["gone@example.org".to_owned(), "new@example.org".to_owned()]);
    for path in ["/subscribe", "/manage"] {
        let mut answers = Vec::new();
        for (number, address) in known.iter().enumerate() {
            let peer = std::net::Ipv4Addr::new(198, 51, u8::try_from(number).expect("small"), 1).into();
            let form = format!("email={address}&timezone=UTC");
            answers.push(site.send_from(peer, Method::POST, path, &[("content-type", FORM)], &form).await);
        }
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!((&answer.body, &answer.headers), (&answers[0].body, &answers[0].headers));
        }
    }
    assert_eq!(requests(&site).await.len(), 2 * known.len());
}

#[tokio::test]
async fn an_address_that_cannot_be_one_comes_back_with_the_reason() {
    let site = Site::new().await;
    let page = site.post("/subscribe", "email=ada%22%3E%3Cb%3E&interests=pruning&timezone=Asia/Tokyo").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    insta::assert_snapshot!("sign_up_refused", page.content());
    assert!(requests(&site).await.is_empty() && !site.was_rung().await);
}

#[tokio::test]
async fn interests_that_cannot_be_understood_come_back_line_by_line() {
    let site = Site::new().await;
    let page = site.post("/subscribe", "email=a@example.org&interests=pruning%0Atitel:x%0Aa AND b OR c").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let content = page.content();
    assert!(content.contains("<li value=\"2\" class=\"bad\">") && content.contains("<li value=\"3\" class=\"bad\">"));
    assert!(!content.contains("<li value=\"1\""), "{content}");
    assert!(requests(&site).await.is_empty());
}

#[tokio::test]
async fn a_program_that_fills_every_field_leaves_nothing() {
    let site = Site::new().await;
    let honest = site.post("/subscribe", "email=a@example.org").await;
    let filled = site.post("/subscribe", "email=b@example.org&website=http://spam.example").await;
    assert_eq!((filled.status, &filled.body), (StatusCode::OK, &honest.body));
    assert_eq!(requests(&site).await.len(), 1);
}

#[tokio::test]
async fn a_network_that_floods_is_told_to_wait_and_others_are_not() {
    let site = Site::with(|settings| settings.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")]).await;
    let post = async |client: &str, address: &str| {
        let headers = [("content-type", FORM), ("x-forwarded-for", client)];
        let proxy = std::net::Ipv4Addr::new(10, 0, 0, 1).into();
        site.send_from(proxy, Method::POST, "/subscribe", &headers, &format!("email={address}")).await
    };
    for number in 0..5 {
        let forged = format!("192.0.2.{number}, 198.51.100.{number}");
        assert_eq!(post(&forged, &format!("a{number}@example.org")).await.status, StatusCode::OK);
    }
    let refused = post("198.51.100.200", "late@example.org").await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3600"));
    assert_eq!(requests(&site).await.len(), 5);
    assert_eq!(post("198.51.101.1", "neighbour@example.org").await.status, StatusCode::OK);
    site.clock.advance(std::time::Duration::from_secs(3601));
    assert_eq!(post("198.51.100.200", "late@example.org").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_browsers_zone_is_offered_until_one_was_chosen() {
    let site = Site::new().await;
    for path in ["/", "/subscribe"] {
        assert!(site.get(path).await.body.contains(" data-guess>"), "{path}");
    }
    let script = site.get("/static/zone.js").await;
    assert_eq!((script.status, script.header("content-type")), (StatusCode::OK, "text/javascript; charset=utf-8"));
    assert!(script.body.contains("select[data-guess]"));
    for (zone, may_guess) in [("Asia/Tokyo", false), ("Mars/Base", true), ("", true)] {
        let refused = site.post("/subscribe", &format!("email=nobody&timezone={zone}")).await;
        assert_eq!(refused.body.contains(" data-guess>"), may_guess, "{zone}");
    }
}

#[tokio::test]
async fn closed_sign_up_shows_no_form_and_takes_no_request() {
    let site = Site::with(|settings| settings.sign_up = SignUp::Closed).await;
    let home = site.get("/").await.body;
    assert!(!home.contains("<form") && !home.contains("<script"));
    assert_eq!(site.post("/subscribe", "email=a@example.org").await.status, StatusCode::FORBIDDEN);
    assert!(requests(&site).await.is_empty());
    assert_eq!(site.post("/manage", "email=a@example.org").await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_the_chosen_domains_may_subscribe() {
    let site = Site::with(|settings| settings.sign_up = SignUp::Domains(vec!["example.org".to_owned()])).await;
    assert_eq!(site.post("/subscribe", "email=a@EXAMPLE.org").await.status, StatusCode::OK);
    let refused = site.post("/subscribe", "email=a@sub.example.org").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Only addresses at example.org can subscribe here"));
}

#[tokio::test]
async fn asking_for_the_link_leaves_the_same_kind_of_row() {
    let site = Site::new().await;
    insta::assert_snapshot!("manage", site.get("/manage").await.content());
    let page = site.post("/manage", "email=ada@example.org").await;
    insta::assert_snapshot!("link_taken", page.content());
    let [row] = &requests(&site).await[..] else { panic!("one row") };
    assert_eq!((row.kind, row.door.as_str()), (SignupKind::Manage, "web"));
    assert_eq!(site.post("/manage", "email=nobody").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
