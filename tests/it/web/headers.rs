//! What every answer tells browsers.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use broadsheet::model::SubscriberState;

use super::site::Site;

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = Site::at("https://papers.example", |_| {}).await;
    site.papers().await;
    for path in
        ["/", "/papers/1", "/feed.atom", "/livez", "/nothing", "/confirm/x", "/static/style.css", "/favicon.ico"]
    {
        let answer = site.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(answer.header("strict-transport-security").starts_with("max-age=63072000"), "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
}

#[tokio::test]
async fn without_tls_browsers_are_not_told_to_insist_on_it() {
    let site = Site::new().await;
    assert_eq!(site.get("/").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn pages_behind_a_token_are_kept_nowhere() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    for path in [
        site.preferences(&person),
        site.path(&site.links.unsubscribe(person.id)),
        "/confirm/x".to_owned(),
        "/archive/x".to_owned(),
    ] {
        let page = site.get(&path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-robots-tag"), "noindex", "{path}");
        assert!(page.body.contains("name=\"robots\" content=\"noindex\""), "{path}");
    }
}

#[tokio::test]
async fn the_only_script_is_the_file_beside_the_subscribe_form() {
    let site = Site::new().await;
    site.papers().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    for path in [
        "/".to_owned(),
        "/papers".to_owned(),
        "/papers/1".to_owned(),
        "/subscribe".to_owned(),
        site.preferences(&person),
    ] {
        let mut body = site.get(&path).await.body;
        let script = body.find("<script src=\"/static/zone.js?v=");
        assert_eq!(script.is_some(), body.contains("action=\"/subscribe\""), "{path}");
        if let Some(at) = script {
            body.replace_range(at..at + "<script".len(), "");
        }
        for forbidden in ["<script", "style=\"", "<style", "javascript:", " onclick"] {
            assert!(!body.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_work() {
    let site = Site::new().await;
    for (method, path) in [(Method::POST, "/"), (Method::DELETE, "/papers"), (Method::PUT, "/subscribe")] {
        let answer = site.send(method, path, &[], "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.header("allow").contains("GET"), "{path}: {}", answer.header("allow"));
    }
}

#[tokio::test]
async fn what_is_no_form_or_too_large_for_one_is_refused() {
    let site = Site::new().await;
    let json = site.send(Method::POST, "/subscribe", &[("content-type", "application/json")], "{}").await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = site.post("/subscribe", &format!("email=a@example.org&interests={}", "x".repeat(200_000))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.body.contains("That is too long"));
}

/// A log that a test can read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_routes_and_never_tokens_or_addresses() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    // For the whole process: what a thread alone listens to, another one's first event can switch off.
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
    let site = Site::at("http://logged.example", |_| {}).await;
    let person = site.person("private@example.org", SubscriberState::Active, "").await;
    let paths = [site.preferences(&person), site.path(&site.links.unsubscribe(person.id))];
    for path in &paths {
        site.get(&format!("{path}?x=private@example.org")).await;
        site.post(path, "action=pause&email=private@example.org").await;
    }
    site.post("/subscribe", "email=private@example.org").await;
    site.get("/confirm/not-a-token-but-still-private").await;
    let text = String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("text");
    assert!(text.contains("/preferences/{token}") && text.contains("/unsubscribe/{token}"), "{text}");
    for path in &paths {
        assert!(!text.contains(path.rsplit('/').next().expect("a token")), "{text}");
    }
    assert!(!text.contains("private@") && !text.contains("still-private"), "{text}");
}
