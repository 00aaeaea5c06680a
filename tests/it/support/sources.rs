//! A stand-in for Hugging Face and arXiv on loopback, which answers what a test tells it to answer.

use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with a request.
#[derive(Clone)]
pub enum Answer {
    /// Status line, headers and body, all of it.
    Reply { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// Bytes without end or length: the head, then this many of them.
    Flood { bytes: usize },
    /// Takes the request and says nothing, keeping the connection.
    Stall,
    /// The head, the first half of the body, and then nothing, keeping the connection.
    StallInBody(Vec<u8>),
    /// Declares all of the body, sends half of it and hangs up.
    Cut(Vec<u8>),
}

impl Answer {
    /// 200 with this body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Reply { status, headers: Vec::new(), body: body.into() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Reply { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// A few kilobytes that become `megabytes` of spaces.
    pub fn gzip_bomb(megabytes: usize) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let block = vec![b' '; 1 << 20];
        for _ in 0..megabytes {
            encoder.write_all(&block).expect("compresses");
        }
        Self::ok(encoder.finish().expect("compresses")).header("content-encoding", "gzip")
    }

    /// An XML document whose entities would unfold into a billion words.
    pub fn billion_laughs() -> Self {
        let mut document = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE rss [\n<!ENTITY l0 \"ha\">\n");
        for level in 1..=9 {
            let before = format!("&l{};", level - 1).repeat(10);
            document.push_str(&format!("<!ENTITY l{level} \"{before}\">\n"));
        }
        document.push_str("]>\n<rss version=\"2.0\"><channel><title>&l9;</title></channel></rss>");
        Self::ok(document)
    }
}

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query.
    pub target: String,
    headers: Vec<(String, String)>,
}

impl Asked {
    /// The value of a header, byte for byte as it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Script {
    answers: Vec<(String, Answer)>,
    journal: Vec<Asked>,
}

/// The server. It goes with its owner.
pub struct Sources {
    pub url: String,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl Drop for Sources {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sources {
    /// Starts with a quiet day: empty lists and empty feeds.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { serve(stream, &shared).await.ok() });
            }
        });
        Self { url, script, task }
    }

    /// From now on, requests whose path and query begin like this get this answer; the longest beginning counts.
    pub fn on(&self, beginning: &str, answer: Answer) {
        let mut script = self.script.lock().expect("not poisoned");
        script.answers.retain(|(known, _)| known != beginning);
        script.answers.push((beginning.to_owned(), answer));
        script.answers.sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
    }

    /// The first page of Hugging Face's list of that day.
    pub fn on_list(&self, day: &str, answer: Answer) {
        self.on(&format!("/api/daily_papers?date={day}&limit=100&p=0"), answer);
    }

    /// Every list of Hugging Face, whatever the day and page.
    pub fn on_lists(&self, answer: Answer) {
        self.on("/api/daily_papers", answer);
    }

    /// Every feed of arXiv.
    pub fn on_feeds(&self, answer: Answer) {
        self.on("/rss/", answer);
    }

    /// All requests so far whose path begins like this.
    pub fn asked(&self, beginning: &str) -> Vec<Asked> {
        let script = self.script.lock().expect("not poisoned");
        script.journal.iter().filter(|asked| asked.target.starts_with(beginning)).cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.script.lock().expect("not poisoned").journal.clear();
    }
}

async fn serve(mut stream: TcpStream, script: &Mutex<Script>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let asked = read_head(&String::from_utf8_lossy(&head));
    let answer = {
        let mut script = script.lock().expect("not poisoned");
        let told = script.answers.iter().find(|(beginning, _)| asked.target.starts_with(beginning));
        let answer = told.map_or_else(|| by_default(&asked.target), |(_, answer)| answer.clone());
        script.journal.push(asked.clone());
        answer
    };
    let bytes = match answer {
        Answer::Reply { status, headers, body } if is_current(&asked, &headers) && status == 200 => {
            let _ = body;
            message(304, &headers, b"")
        }
        Answer::Reply { status, headers, body } => message(status, &headers, &body),
        Answer::Flood { bytes } => return flood(&mut stream, bytes).await,
        Answer::Stall => return std::future::pending().await,
        Answer::StallInBody(body) => {
            let whole = message(200, &[], &body);
            stream.write_all(&whole[..whole.len() - body.len() / 2]).await?;
            return std::future::pending().await;
        }
        Answer::Cut(body) => {
            let mut whole = message(200, &[], &body);
            whole.truncate(whole.len() - body.len() / 2);
            whole
        }
    };
    stream.write_all(&bytes).await?;
    stream.shutdown().await
}

fn read_head(head: &str) -> Asked {
    let mut lines = head.lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Asked { target, headers }
}

/// Whether the client holds what the answer's validators stand for; compared byte for byte.
fn is_current(asked: &Asked, headers: &[(String, String)]) -> bool {
    let told = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match (told("etag"), told("last-modified")) {
        (Some(etag), _) => asked.header("if-none-match") == Some(etag),
        (None, Some(date)) => asked.header("if-modified-since") == Some(date),
        (None, None) => false,
    }
}

fn message(status: u16, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Told\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if status != 304 {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut whole = head.into_bytes();
    whole.extend_from_slice(body);
    whole
}

async fn flood(stream: &mut TcpStream, bytes: usize) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[").await?;
    let piece = vec![b' '; 1 << 16];
    for _ in 0..bytes / piece.len() {
        stream.write_all(&piece).await?;
    }
    stream.shutdown().await
}

fn by_default(target: &str) -> Answer {
    if target.starts_with("/api/daily_papers") {
        Answer::ok("[]")
    } else if target.starts_with("/rss/") {
        Answer::ok(super::announcements::feed("2026-03-02", &[]))
    } else {
        Answer::status(404, "there is nothing here")
    }
}
