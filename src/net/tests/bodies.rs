//! Sizes and encodings.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::server::{Act, Server};
use super::{client, fetched, get, settings};
use crate::net::{NetError, Settings, Stage};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn encoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn answered(answer: Vec<u8>) -> Server {
    Server::start(move |_| Act::Reply(answer.clone())).await
}

#[tokio::test]
async fn gzip_is_asked_for_and_decoded() {
    let server = answered(encoded("gzip", &gzip(b"[1, 2, 3]"))).await;
    assert_eq!(fetched(get(&server).await).body, b"[1, 2, 3]");
    assert!(server.heads()[0].contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn a_gzip_bomb_stops_at_the_limit() {
    let bomb = gzip(&vec![0; 100 << 20]);
    assert!(bomb.len() < 1 << 20);
    let server = answered(encoded("gzip", &bomb)).await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::TooLarge { limit: 2_097_152, stage: Stage::Decoded }), "{error}");
    assert_eq!(error.to_string(), "the answer is larger than 2097152 bytes after decompression");
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn damaged_and_unasked_encodings_are_errors() {
    let whole = gzip(b"some text that is long enough to be cut somewhere");
    let mut flipped = whole.clone();
    flipped[20] ^= 0xff;
    let cases = [
        encoded("gzip", &whole[..whole.len() / 2]),
        encoded("gzip", &whole[..whole.len() - 3]),
        encoded("gzip", &flipped),
        encoded("gzip", b""),
        encoded("gzip", b"not gzip at all"),
        encoded("br", &whole),
        encoded("gzip\r\nContent-Encoding: gzip", &whole),
    ];
    for answer in cases {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let error = get(&answered(answer).await).await.unwrap_err();
        assert!(matches!(error, NetError::Decode(_)), "{shown}: {error:?}");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_announced_are_not_even_read() {
    let server = Server::start(|_| Act::Flood {
        head: "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n",
        piece: vec![b' '; 1 << 16],
    })
    .await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::TooLarge { limit: 1_048_576, stage: Stage::Received }), "{error}");
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_while_it_comes() {
    let server = Server::start(|_| Act::Flood { head: "HTTP/1.1 200 OK\r\n\r\n", piece: vec![b' '; 1 << 16] }).await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::TooLarge { stage: Stage::Received, .. }), "{error}");
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_passes() {
    let server = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678".to_vec()).await;
    let exact = Settings { max_body: 8, max_decoded: 8, ..settings(&server) };
    assert_eq!(fetched(client(&exact).get(&server.request("/")).await).body.len(), 8);
    let below = Settings { max_body: 8, max_decoded: 7, ..settings(&server) };
    let error = client(&below).get(&server.request("/")).await.unwrap_err();
    assert!(matches!(error, NetError::TooLarge { limit: 7, stage: Stage::Decoded }), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_body_is_no_short_body() {
    let server = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"paper\":".to_vec()).await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::Broken(_)), "{error:?}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn endless_headers_are_an_error() {
    let server = Server::start(|_| Act::Flood {
        head: "HTTP/1.1 200 OK\r\n",
        piece: format!("X-Long: {}\r\n", "y".repeat(4000)).into_bytes(),
    })
    .await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::Broken(_)), "{error:?}");
}
