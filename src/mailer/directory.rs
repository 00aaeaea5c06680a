//! The transport that leaves every message as a file, for trials and for programs that pick mail up.
//!
//! The file is named after the Message-ID, written aside, synced and renamed,
//! so a reader never sees half a message and repeating a hand-over changes nothing.

use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use tokio::io::AsyncWriteExt;

use super::read;
use super::refusal::Refusal;
use super::transport::{Acceptance, Envelope};
use super::wire::WireMessage;
use crate::model::Phase;

/// The longest stem of a file name, in octets.
const MAX_STEM: usize = 180;

/// A directory that takes messages; made when missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    path: PathBuf,
}

/// Hands messages over to a [`Directory`].
#[derive(Debug)]
pub struct DirectorySession {
    path: PathBuf,
    offered: bool,
    written: u32,
}

impl Directory {
    /// Messages go into `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where messages go.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the directory when it is missing.
    ///
    /// # Errors
    ///
    /// It cannot be made; counted as the relay's fault.
    pub async fn open(&self) -> Result<DirectorySession, Refusal> {
        tokio::fs::create_dir_all(&self.path)
            .await
            .map_err(|error| Refusal::before_dot(Phase::Connect, at(&self.path, &error)))?;
        Ok(DirectorySession { path: self.path.clone(), offered: false, written: 0 })
    }
}

impl DirectorySession {
    /// Every envelope is welcome.
    pub(super) fn offer(&mut self, _envelope: &Envelope) -> Result<(), Refusal> {
        self.offered = true;
        Ok(())
    }

    pub(super) async fn hand_over(&mut self, message: &WireMessage) -> Result<Acceptance, Refusal> {
        if !std::mem::take(&mut self.offered) {
            return Err(keeping(Refusal::ours(Phase::Fence, "a message was handed over that was never offered")));
        }
        let message = message.as_bytes();
        let id = read::summary(message).message_id;
        if id.is_empty() {
            return Err(keeping(Refusal::ours(Phase::Fence, "the message has no Message-ID to name its file by")));
        }
        let name = file_name(&id);
        write(&self.path, &name, message)
            .await
            .map_err(|error| keeping(Refusal::before_dot(Phase::Fence, at(&self.path.join(&name), &error))))?;
        self.written += 1;
        Ok(Acceptance { code: None, text: format!("written to {name}") })
    }

    pub(super) fn reset(&mut self) {
        self.offered = false;
    }

    pub(super) fn messages_sent(&self) -> u32 {
        self.written
    }
}

fn keeping(refusal: Refusal) -> Refusal {
    Refusal { keep_connection: true, ..refusal }
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

async fn write(directory: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    let aside = directory.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = async {
        let mut file = tokio::fs::File::create(&aside).await?;
        file.write_all(message).await?;
        file.sync_all().await?;
        tokio::fs::rename(&aside, directory.join(name)).await?;
        // The new name is durable once its directory is.
        tokio::fs::File::open(directory).await?.sync_all().await
    };
    let result = written.await;
    if result.is_err() {
        // The first error is the one worth reporting; a leftover file is hidden and harmless.
        let _ = tokio::fs::remove_file(&aside).await;
    }
    result
}

/// A name of letters, digits and `._@+=-` that begins with none of the dots;
/// an id that needed changing gets a piece of its hash, so that two ids never share a file.
fn file_name(message_id: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "._@+=-".contains(letter);
    let mut stem: String = message_id.chars().map(|letter| if safe(letter) { letter } else { '_' }).collect();
    stem.truncate(MAX_STEM);
    if stem.starts_with(['.', '-']) {
        stem.replace_range(..1, "_");
    }
    if stem != message_id {
        let hash = digest(&SHA256, message_id.as_bytes());
        stem.push('.');
        stem.push_str(&HEXLOWER.encode(&hash.as_ref()[..8]));
    }
    format!("{stem}.eml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> WireMessage {
        WireMessage::new(format!("Message-ID: <{id}>\r\n\r\nhello\r\n").into_bytes()).expect("fit to be sent")
    }

    fn envelope() -> Envelope {
        Envelope { from: String::new(), to: crate::model::EmailAddress::parse("ada@example.org").expect("valid") }
    }

    fn files(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .expect("directory")
            .map(|entry| entry.expect("entry").file_name().into_string().expect("utf-8"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn file_names_stay_inside_the_directory_and_apart() {
        assert_eq!(file_name("12.ab@example.org"), "12.ab@example.org.eml");
        for id in ["../../etc/passwd", "..", ".hidden@a", "-rf@a", "a/b@c", "a\\b@c", "é@c", &"x".repeat(500)] {
            let name = file_name(id);
            assert!(!name.contains(['/', '\\']) && !name.starts_with(['.', '-']) && name.len() < 220, "{name}");
        }
        assert_ne!(file_name("a/b@c"), file_name("a_b@c"));
        assert_ne!(file_name("a/b@c"), file_name("a\\b@c"));
    }

    #[tokio::test]
    async fn handing_over_twice_leaves_one_file_and_nothing_aside() {
        let directory = tempfile::tempdir().expect("directory");
        let mail = Directory::new(directory.path().join("deep/mail"));
        let mut session = mail.open().await.expect("open");
        for _ in 0..2 {
            session.offer(&envelope()).expect("offer");
            session.hand_over(&message("7@example.org")).await.expect("accepted");
        }
        assert_eq!(files(mail.path()), ["7@example.org.eml"]);
        assert_eq!(
            std::fs::read(mail.path().join("7@example.org.eml")).expect("file"),
            message("7@example.org").as_bytes()
        );
        assert_eq!(session.messages_sent(), 2);
    }

    #[tokio::test]
    async fn what_was_not_offered_or_has_no_name_is_not_written() {
        let directory = tempfile::tempdir().expect("directory");
        let mut session = Directory::new(directory.path()).open().await.expect("open");
        assert!(session.hand_over(&message("7@example.org")).await.is_err());
        let nameless = WireMessage::new(b"Subject: no id\r\n\r\n".to_vec()).expect("fit to be sent");
        session.offer(&envelope()).expect("offer");
        let refusal = session.hand_over(&nameless).await.expect_err("refused");
        assert_eq!(refusal.outcome, crate::model::Outcome::OurFault);
        session.offer(&envelope()).expect("offer");
        session.reset();
        assert!(session.hand_over(&message("7@example.org")).await.is_err());
        assert!(files(directory.path()).is_empty());
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_used_is_a_reason_to_try_again() {
        let directory = tempfile::tempdir().expect("directory");
        let file = directory.path().join("taken");
        std::fs::write(&file, "").expect("file");
        let refusal = Directory::new(&file).open().await.expect_err("refused");
        assert!(refusal.relay_fault && refusal.outcome == crate::model::Outcome::Retry);

        let gone = directory.path().join("gone");
        let mut session = Directory::new(&gone).open().await.expect("open");
        std::fs::remove_dir(&gone).expect("removed");
        session.offer(&envelope()).expect("offer");
        let refusal = session.hand_over(&message("7@example.org")).await.expect_err("refused");
        assert_eq!(refusal.outcome, crate::model::Outcome::Retry);
    }
}
