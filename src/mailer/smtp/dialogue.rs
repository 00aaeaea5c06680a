//! Commands out, replies in, each within its time; and whether both sides still agree whose turn it is.

use std::fmt;
use std::time::Duration;

use futures_util::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::connect::Stream;
use super::reply::{Collector, Reply};

/// Why there is no reply.
#[derive(Debug)]
pub(super) struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A connection on which one command at a time is answered by one reply.
pub(super) struct Dialogue {
    stream: Stream,
    /// False while a step is under way and for ever after one that failed or was cancelled.
    in_step: bool,
}

impl Dialogue {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, in_step: true }
    }

    /// Whether no step ever failed, timed out or was cancelled midway.
    pub(super) fn in_step(&self) -> bool {
        self.in_step
    }

    /// Never to be used again.
    pub(super) fn give_up(&mut self) {
        self.in_step = false;
    }

    /// Sends one command line, without its CRLF, and reads the reply, both within `limit`.
    pub(super) async fn ask(&mut self, command: &str, limit: Duration) -> Result<Reply, Broken> {
        self.say(format!("{command}\r\n").as_bytes(), limit).await?;
        self.listen(limit).await
    }

    /// Sends `bytes` in one piece. When it fails, their end was never given to the network.
    pub(super) async fn say(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Broken> {
        self.begin()?;
        let stream = &mut self.stream;
        let sent = timeout(limit, async {
            stream.write_all(bytes).await?;
            stream.flush().await
        });
        finished(sent.await, limit)?;
        self.in_step = true;
        Ok(())
    }

    /// Reads one reply.
    pub(super) async fn listen(&mut self, limit: Duration) -> Result<Reply, Broken> {
        self.begin()?;
        let reply = timeout(limit, next_reply(&mut self.stream)).await;
        let reply = finished(reply.map(Ok), limit)??;
        self.in_step = true;
        Ok(reply)
    }

    /// The stream, for the change to TLS; nothing may be unread on it.
    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }

    fn begin(&mut self) -> Result<(), Broken> {
        if std::mem::replace(&mut self.in_step, false) {
            Ok(())
        } else {
            Err(Broken("the connection is out of step and must not be used".to_owned()))
        }
    }
}

async fn next_reply(stream: &mut Stream) -> Result<Reply, Broken> {
    let mut collector = Collector::default();
    let mut buffer = [0; 2048];
    loop {
        let count =
            stream.read(&mut buffer).await.map_err(|error| Broken(format!("the connection failed: {error}")))?;
        if count == 0 {
            return Err(Broken("the server closed the connection".to_owned()));
        }
        let complete = collector.push(&buffer[..count]).map_err(|error| Broken(error.to_string()))?;
        if let Some(reply) = complete {
            return Ok(reply);
        }
    }
}

fn finished<T>(result: Result<std::io::Result<T>, tokio::time::error::Elapsed>, limit: Duration) -> Result<T, Broken> {
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Broken(format!("the connection failed: {error}"))),
        Err(_) => Err(Broken(format!("no answer within {limit:?}"))),
    }
}

impl fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialogue").field("in_step", &self.in_step).finish_non_exhaustive()
    }
}
