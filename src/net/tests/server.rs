//! A server of a few lines that answers each request with whatever bytes a test wants.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::net::Request;

/// What to do with a request.
pub(super) enum Act {
    /// Send these bytes and close.
    Reply(Vec<u8>),
    /// Send these bytes and then nothing, keeping the connection.
    Stall(Vec<u8>),
    /// Send the head, then the piece over and over until the client leaves.
    Flood { head: &'static str, piece: Vec<u8> },
    /// A body that comes byte by byte and never ends.
    Drip,
}

impl Act {
    pub(super) fn reply(text: impl Into<String>) -> Self {
        Self::Reply(text.into().into_bytes())
    }
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `act` is given the head of each request.
    pub(super) async fn start(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, act) = (Arc::clone(&heads), Arc::new(act));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, act) = (Arc::clone(&seen), Arc::clone(&act));
                tokio::spawn(async move { serve(stream, &seen, &*act).await });
            }
        });
        Self { address, heads }
    }

    pub(super) fn request(&self, path: &str) -> Request {
        Request { url: format!("http://{}{path}", self.address), ..Request::default() }
    }

    /// The heads of all requests so far.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, act: &(dyn Fn(&str) -> Act + Send + Sync)) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            // A TLS handshake gets a plain answer, as from a port that does not speak TLS.
            Ok(0x16) if head.is_empty() => {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                return;
            }
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    seen.lock().unwrap().push(head.clone());
    // The client leaving early is what many tests are about.
    let _ = match act(&head) {
        Act::Reply(bytes) => stream.write_all(&bytes).await,
        Act::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Act::Flood { head, piece } => flood(&mut stream, head, &piece).await,
        Act::Drip => flood(&mut stream, "HTTP/1.1 200 OK\r\n\r\n", b".").await,
    };
}

async fn flood(stream: &mut TcpStream, head: &str, piece: &[u8]) -> std::io::Result<()> {
    stream.write_all(head.as_bytes()).await?;
    loop {
        stream.write_all(piece).await?;
        tokio::task::yield_now().await;
    }
}
