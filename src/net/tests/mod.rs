//! The client against servers on the loopback interface that behave as badly as they like.

mod bodies;
mod redirects;
mod server;

use std::time::Duration;

use chrono::{DateTime, Utc};
use server::{Act, Server};

use super::{Client, Fetched, NetError, Phase, Request, Response, Settings};
use crate::clock::Clock;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-23T06:00:00Z").unwrap().to_utc()
}

/// Small limits, and deadlines so long that no test meets them by accident.
fn settings(server: &Server) -> Settings {
    Settings {
        connect_timeout: Duration::from_secs(30),
        first_byte_timeout: Duration::from_secs(30),
        total_timeout: Duration::from_secs(60),
        max_body: 1 << 20,
        max_decoded: 2 << 20,
        trusted_hosts: vec![server.address.to_string()],
        ..Settings::default()
    }
}

fn client(settings: &Settings) -> Client {
    Client::new(settings, Clock::mock(now())).unwrap()
}

async fn get(server: &Server) -> Result<Response, NetError> {
    client(&settings(server)).get(&server.request("/")).await
}

fn fetched(answer: Result<Response, NetError>) -> Fetched {
    match answer {
        Ok(Response::Fetched(fetched)) => fetched,
        other => panic!("expected a body, got {other:?}"),
    }
}

#[tokio::test]
async fn validators_go_back_byte_for_byte_and_not_modified_is_told() {
    let etag = "W/\"odd one\"; unquoted";
    let server = Server::start(move |head| {
        Act::reply(if head.to_ascii_lowercase().contains("if-none-match") {
            "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()
        } else {
            format!(
                "HTTP/1.1 200 OK\r\nETag: {etag}\r\nLast-Modified: whenever\r\nContent-Type: text/x\r\nContent-Length: 2\r\n\r\nhi"
            )
        })
    })
    .await;
    let client = client(&settings(&server));
    let first = fetched(client.get(&server.request("/list?p=0")).await);
    assert_eq!(first.body, b"hi");
    assert_eq!((first.etag.as_deref(), first.content_type.as_deref()), (Some(etag), Some("text/x")));
    let again = Request {
        accept: "application/json".to_owned(),
        etag: first.etag,
        last_modified: first.last_modified,
        ..server.request("/list?p=0")
    };
    assert_eq!(client.get(&again).await.unwrap(), Response::NotModified);
    let heads = server.heads();
    assert!(heads[0].starts_with("GET /list?p=0 HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("broadsheet/"), "{}", heads[0]);
    for line in [format!("if-none-match: {etag}"), "if-modified-since: whenever".to_owned()] {
        assert!(heads[1].contains(&line), "{line} in {}", heads[1]);
        assert!(!heads[0].contains(&line), "{line} in {}", heads[0]);
    }
    assert!(heads[1].contains("accept: application/json\r\n"), "{}", heads[1]);
}

#[tokio::test]
async fn not_modified_without_having_asked_is_no_answer() {
    let server = Server::start(|_| Act::reply("HTTP/1.1 304 Not Modified\r\n\r\n")).await;
    assert!(matches!(get(&server).await, Err(NetError::Status { status: 304, .. })));
}

#[tokio::test]
async fn a_validator_with_a_line_break_never_reaches_the_wire() {
    let server = Server::start(|_| Act::reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).await;
    let request = Request { etag: Some("x\r\nEvil: 1".to_owned()), ..server.request("/") };
    assert!(matches!(client(&settings(&server)).get(&request).await, Err(NetError::Setup(_))));
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn both_forms_of_retry_after_are_understood() {
    for (wish, seconds) in [("120", 120), ("Mon, 23 Nov 2026 06:05:00 GMT", 300), ("864000", 3600)] {
        let server = Server::start(move |_| {
            Act::reply(format!("HTTP/1.1 429 Too Many Requests\r\nRetry-After: {wish}\r\nContent-Length: 0\r\n\r\n"))
        })
        .await;
        let error = get(&server).await.unwrap_err();
        assert!(matches!(error, NetError::TooManyRequests { .. }), "{error}");
        assert!(error.is_retryable());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        assert_eq!(error.to_string(), format!("the server answered 429: too many requests; try again in {seconds} s"));
    }
}

#[tokio::test]
async fn an_unavailable_server_may_say_when_it_is_back() {
    let server = Server::start(|_| {
        Act::reply("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 300\r\nContent-Length: 0\r\n\r\n")
    })
    .await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::Unavailable503 { retry_after: Some(wait) } if wait.as_secs() == 300), "{error}");
}

#[tokio::test]
async fn an_error_answer_tells_its_reason() {
    let server = Server::start(|_| {
        Act::reply("HTTP/1.1 400 Bad Request\r\nContent-Length: 21\r\n\r\nBad  archive\x07\n'foo'. \n")
    })
    .await;
    let error = get(&server).await.unwrap_err();
    assert_eq!(error.to_string(), "the server answered 400: Bad archive 'foo'.");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_silent_server_is_left_at_the_deadline() {
    let server = Server::start(|_| Act::Stall(Vec::new())).await;
    let short = Settings { first_byte_timeout: Duration::from_millis(50), ..settings(&server) };
    let error = client(&short).get(&server.request("/")).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout(Phase::FirstByte)), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_body_that_stops_coming_is_left_at_the_deadline() {
    let server = Server::start(|_| Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec())).await;
    let short = Settings { first_byte_timeout: Duration::from_millis(200), ..settings(&server) };
    let error = client(&short).get(&server.request("/")).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout(Phase::Body)), "{error}");
}

#[tokio::test]
async fn a_drip_without_end_is_left_at_the_total_deadline() {
    let server = Server::start(|_| Act::Drip).await;
    let short = Settings { total_timeout: Duration::from_millis(200), max_body: u64::MAX, ..settings(&server) };
    let error = client(&short).get(&server.request("/")).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout(Phase::Total)), "{error}");
}

#[tokio::test]
async fn failures_to_connect_are_told_apart() {
    let server = Server::start(|_| Act::reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).await;
    let trusting = Settings { trusted_hosts: vec!["127.0.0.1".to_owned()], ..settings(&server) };
    let client = client(&trusting);
    let ask = |url: String| Request { url, ..Request::default() };
    let tls = client.get(&ask(format!("https://{}/", server.address))).await.unwrap_err();
    assert!(matches!(tls, NetError::Tls(_)), "{tls:?}");
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let refused = client.get(&ask(format!("http://{closed}/"))).await.unwrap_err();
    assert!(matches!(refused, NetError::Connect(_)), "{refused:?}");
    for nonsense in ["", "not an address", "ftp://example.org/", "file:///etc/hosts"] {
        let error = client.get(&ask(nonsense.to_owned())).await.unwrap_err();
        assert!(matches!(error, NetError::Setup(_)), "{nonsense}: {error:?}");
    }
}
