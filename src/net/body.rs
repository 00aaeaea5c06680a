//! Reading a body without trusting its size: counted as received, and again as it is decompressed.

use std::io::{self, Write};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::error::{NetError, Phase, Stage, from_transport};

/// How much of a body is taken, and how long it may pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) received: u64,
    pub(super) decoded: u64,
    pub(super) pause: Duration,
}

/// Reads and decompresses the whole body within `limits`.
pub(super) async fn read(mut response: Response, limits: Limits) -> Result<Vec<u8>, NetError> {
    let too_large = NetError::TooLarge { limit: limits.received, stage: Stage::Received };
    if response.content_length().is_some_and(|length| length > limits.received) {
        return Err(too_large);
    }
    let mut sink = Sink::for_encoding(&response, limits.decoded)?;
    let mut received: u64 = 0;
    loop {
        let chunk = tokio::time::timeout(limits.pause, response.chunk())
            .await
            .map_err(|_| NetError::Timeout(Phase::Body))?
            .map_err(from_transport)?;
        let Some(chunk) = chunk else { return sink.finish() };
        received = received.saturating_add(chunk.len() as u64);
        if received > limits.received {
            return Err(too_large);
        }
        sink.take(&chunk)?;
    }
}

/// The beginning of an error answer as one printable line; empty when there is none to be had.
pub(super) async fn excerpt(response: Response, pause: Duration) -> String {
    const MOST_CHARS: usize = 1000;
    let limits = Limits { received: 64 * 1024, decoded: 64 * 1024, pause };
    let body = read(response, limits).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 4 * MOST_CHARS {
            break;
        }
    }
    line.chars().take(MOST_CHARS).collect()
}

enum Sink {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

impl Sink {
    fn for_encoding(response: &Response, limit: u64) -> Result<Self, NetError> {
        let mut encodings = response.headers().get_all(CONTENT_ENCODING).iter();
        let encoding = encodings.next().map(|value| value.to_str().unwrap_or("unreadable").trim().to_ascii_lowercase());
        let several = encodings.next().is_some();
        let capped = Capped { bytes: Vec::new(), limit, full: false };
        match encoding.as_deref() {
            _ if several => Err(NetError::Decode("it is encoded more than once".to_owned())),
            None | Some("" | "identity") => Ok(Self::Plain(capped)),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(capped)))),
            Some(other) => Err(NetError::Decode(format!("encoding {other:?} was not asked for"))),
        }
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), NetError> {
        let written = match self {
            Self::Plain(capped) => capped.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
        };
        written.map_err(|error| self.explain(&error))
    }

    fn finish(mut self) -> Result<Vec<u8>, NetError> {
        let finished = match &mut self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
        };
        finished.map_err(|error| self.explain(&error))?;
        Ok(match self {
            Self::Plain(capped) => capped.bytes,
            Self::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        })
    }

    fn explain(&self, error: &io::Error) -> NetError {
        let capped = match self {
            Self::Plain(capped) => capped,
            Self::Gzip(decoder) => decoder.get_ref(),
        };
        if capped.full {
            return NetError::TooLarge { limit: capped.limit, stage: Stage::Decoded };
        }
        NetError::Decode(format!("damaged gzip: {error}"))
    }
}

/// A buffer that refuses to outgrow its limit, so that a bomb stops where it starts to hurt.
struct Capped {
    bytes: Vec<u8>,
    limit: u64,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if self.bytes.len() as u64 + chunk.len() as u64 > self.limit {
            self.full = true;
            return Err(io::Error::other("over the limit"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
