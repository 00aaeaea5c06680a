//! Commands out, replies in, each within its time; and whether both sides still agree whose turn it is.

use std::fmt;
use std::time::Duration;

use futures_util::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::connect::Stream;
use super::reply::{Collector, Reply, ReplyError};

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
    /// What was read behind a reply, while further replies are owed.
    surplus: Vec<u8>,
    /// Replies to commands that were sent ahead, after the next one.
    owed: usize,
    /// False while a step is under way and for ever after one that failed or was cancelled.
    in_step: bool,
}

impl Dialogue {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, surplus: Vec::new(), owed: 0, in_step: true }
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

    /// Sends several command lines at once, to a server that offers PIPELINING (RFC 2920), each with the time that
    /// its reply may take, and reads the replies. A reply that does not come ends the list.
    pub(super) async fn ask_all(&mut self, commands: &[(&str, Duration)]) -> Vec<Result<Reply, Broken>> {
        let lines: String = commands.iter().flat_map(|(command, _)| [command, "\r\n"]).collect();
        let longest = commands.iter().map(|(_, limit)| *limit).max().unwrap_or_default();
        if let Err(broken) = self.say(lines.as_bytes(), longest).await {
            return vec![Err(broken)];
        }
        let mut replies = Vec::with_capacity(commands.len());
        for (answered, (_, limit)) in commands.iter().enumerate() {
            self.owed = commands.len() - answered - 1;
            replies.push(self.listen(*limit).await);
            if !self.in_step {
                break;
            }
        }
        replies
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
        let reply = timeout(limit, self.next_reply()).await;
        let reply = finished(reply.map(Ok), limit)??;
        self.in_step = true;
        Ok(reply)
    }

    /// Bytes behind a reply are an error when no other is owed: nothing was asked that they could answer,
    /// and after STARTTLS they would be somebody else's words.
    async fn next_reply(&mut self) -> Result<Reply, Broken> {
        let mut collector = Collector::default();
        let mut buffer = [0; 2048];
        let mut read = std::mem::take(&mut self.surplus);
        loop {
            match collector.push(&read).map_err(|error| Broken(error.to_string()))? {
                Some((_, rest)) if !rest.is_empty() && self.owed == 0 => {
                    return Err(Broken(ReplyError::OutOfTurn.to_string()));
                }
                Some((reply, rest)) => {
                    self.surplus = rest.to_vec();
                    return Ok(reply);
                }
                None => {}
            }
            let broken = |error| Broken(format!("the connection failed: {error}"));
            let count = self.stream.read(&mut buffer).await.map_err(broken)?;
            if count == 0 {
                return Err(Broken("the server closed the connection".to_owned()));
            }
            read = buffer[..count].to_vec();
        }
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
