//! Listening: connections bounded in number and patience, and let go gently at the end.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use super::crowd::{Crowd, Seat};

/// Connections open at a time. After that the longest waiting one makes room.
const MOST_CONNECTIONS: usize = 2_000;
/// How long a client may take to send a request line and its headers, and to begin the next request.
const HEADER_PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of request line and headers.
const HEADER_BYTES: usize = 16 * 1024;
/// How long open requests may take to end when the program ends.
const FAREWELL: Duration = Duration::from_secs(10);
/// Waiting connections that are closed when the system has no more to give, for instance for want of file handles...
const MADE_ROOM: usize = 64;
/// ...and the pause until it is asked again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The other end of a connection, as an extension of its requests.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Serves `router` until `shutdown` is ready, then lets open requests end.
///
/// # Errors
///
/// The listener has no address any more.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_at_most(MOST_CONNECTIONS, listener, router, shutdown).await
}

async fn serve_at_most(
    most: usize,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let graceful = GracefulShutdown::new();
    let crowd = Crowd::new(most);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                crowd.make_room(MADE_ROOM);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let seat = tokio::select! {
            seat = crowd.enter() => seat,
            () = &mut shutdown => break,
        };
        let Some(seat) = seat else { break };
        let connection = graceful.watch(connection(stream, peer, router.clone(), Arc::clone(&seat)));
        tokio::spawn(async move {
            tokio::select! {
                // Clients go away in the middle all the time; that is no event.
                _ = connection => {}
                () = seat.has_to_go() => {}
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    Ok(())
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    seat: Arc<Seat>,
) -> impl GracefulConnection<Error = hyper::Error> {
    // An answer is one write; waiting for more would only delay it.
    stream.set_nodelay(true).ok();
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let seat = Arc::clone(&seat);
        seat.is_served();
        let answer = hyper::service::Service::call(&router, request);
        async move {
            let answer = answer.await;
            seat.waits();
            answer
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn silent_connections_do_not_keep_others_out() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "hello" }));
        let server = tokio::spawn(serve_at_most(3, listener, router, std::future::pending()));
        let mut silent = Vec::new();
        for _ in 0..12 {
            let mut slow = TcpStream::connect(address).await.unwrap();
            slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
            silent.push(slow);
        }
        for _ in 0..5 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("hello"), "{answer}");
        }
        server.abort();
    }
}
