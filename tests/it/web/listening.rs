//! The listener itself: real connections, slow ones, and the end.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::site::Site;

async fn listening(site: &Site) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let router = site.router();
    let task = tokio::spawn(async move {
        let shutdown = async { drop(stopped.await) };
        broadsheet::web::serve(listener, router, shutdown).await.expect("serves");
    });
    (address, stop, task)
}

async fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_browser_is_answered_and_the_end_is_gentle() {
    let site = Site::new().await;
    let (address, stop, task) = listening(&site).await;
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let answer = ask(&mut stream, "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("alive\n"), "{answer}");

    // Kept open and idle: it must not hold the end up.
    let idle = TcpStream::connect(address).await.expect("connects");
    stop.send(()).expect("is listening");
    tokio::time::timeout(Duration::from_secs(9), task).await.expect("ends soon").expect("ends well");
    drop(idle);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn junk_and_endless_headers_end_the_connection_only() {
    let site = Site::new().await;
    let (address, _stop, _task) = listening(&site).await;
    let mut junk = TcpStream::connect(address).await.expect("connects");
    assert!(ask(&mut junk, "\u{0}\u{1}\u{2} nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let mut endless = TcpStream::connect(address).await.expect("connects");
    let headers = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n", "y".repeat(40_000));
    // The server may close before everything is written; either way it does not keep the connection.
    endless.write_all(headers.as_bytes()).await.ok();
    let mut answer = Vec::new();
    endless.read_to_end(&mut answer).await.ok();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    let mut good = TcpStream::connect(address).await.expect("connects");
    let answer = ask(&mut good, "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"));
}
