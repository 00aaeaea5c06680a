//! `doctor`: what mail depends on, tried one by one. It opens a session to the relay and sends nothing.

use std::path::Path;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use serde::Serialize;

use super::App;
use super::rows::instant;
use crate::config::Mode;
use crate::mailer::{Relay, Security, Transport};
use crate::store::StoreError;

/// Programs on other machines may be ahead by this much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);
/// Less room than this is soon none.
const LEAST_ROOM: u64 = 200 << 20;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and somebody should know.
    Note,
    /// Mail cannot leave, or should not.
    Bad,
}

impl Health {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "bad",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it is.
    pub state: Health,
    /// What was found, and what to do.
    pub found: String,
}

fn finding(check: &'static str, state: Health, found: impl Into<String>) -> Finding {
    Finding { check, state, found: found.into() }
}

impl App {
    /// Looks at everything mail depends on. Reads, tries, and changes nothing.
    pub async fn examine(&self) -> Vec<Finding> {
        let mut findings = vec![self.database().await];
        findings.push(self.switch().await.unwrap_or_else(|error| finding("sending", Health::Bad, error.to_string())));
        findings.push(self.time().await.unwrap_or_else(|error| finding("clock", Health::Bad, error.to_string())));
        findings.extend(self.room().await);
        findings.push(self.relay().await);
        findings.push(self.signature());
        findings.push(self.address());
        findings.push(self.key());
        let templates = format!("compiled, hash {}", self.service.renderer.template_hash());
        findings.push(finding("templates", Health::Good, templates));
        findings
    }

    async fn database(&self) -> Finding {
        let db = &self.service.db;
        match db.prove_writable(self.service.clock.now()).await {
            Ok(()) => finding("database", Health::Good, format!("{} can be written", db.kind())),
            Err(error) => {
                let found = format!("{} cannot be written: {} ({error})", db.kind(), error.cause());
                finding("database", Health::Bad, found)
            }
        }
    }

    async fn switch(&self) -> Result<Finding, StoreError> {
        let mut read = self.service.db.read().await?;
        let switch = read.sending().await?;
        if switch.paused {
            let found = format!("paused since {}: {}", instant(switch.since), switch.reason);
            return Ok(finding("sending", Health::Bad, found));
        }
        Ok(match read.oldest_uncertain().await? {
            None => finding("sending", Health::Good, "mail may leave, and the fate of every mail is known"),
            Some(since) => {
                let found =
                    format!("since {} there are uncertain mails: `deliveries list --state uncertain`", instant(since));
                finding("sending", Health::Note, found)
            }
        })
    }

    async fn time(&self) -> Result<Finding, StoreError> {
        let now = self.service.clock.now();
        let newest = self.service.db.read().await?.newest_record().await?;
        Ok(match newest {
            Some(newest) if newest > now + CLOCKS_DIFFER => {
                let found = format!(
                    "it is {} here, and the database knows of {}: set this machine's clock",
                    instant(now),
                    instant(newest)
                );
                finding("clock", Health::Bad, found)
            }
            _ => finding("clock", Health::Good, format!("it is {}", instant(now))),
        })
    }

    /// Room on the disk of a SQLite file.
    async fn room(&self) -> Option<Finding> {
        let path = self.config.database.url.strip_prefix("sqlite:")?.trim_start_matches("//").to_owned();
        let size = std::fs::metadata(&path).map_or(0, |found| found.len());
        let free = tokio::task::spawn_blocking(move || free_bytes(Path::new(&path))).await.ok().flatten();
        let Some(free) = free else {
            return Some(finding("disk", Health::Note, "`df` does not say how much room there is beside the database"));
        };
        let found = format!("{} MB free beside a database of {} MB", free >> 20, size >> 20);
        Some(match () {
            () if free < LEAST_ROOM => finding("disk", Health::Bad, format!("{found}: make room")),
            () if free < size.saturating_mul(2) => {
                finding("disk", Health::Note, format!("{found}: a backup and a restore need twice its size"))
            }
            () => finding("disk", Health::Good, found),
        })
    }

    async fn relay(&self) -> Finding {
        let is_production = self.config.mode == Mode::Production;
        let relay = match &self.service.transport {
            Transport::Directory(_) => {
                let found = format!("none: mails are kept in {}", self.config.mail.directory.display());
                return finding("relay", if is_production { Health::Bad } else { Health::Note }, found);
            }
            Transport::Smtp(relay) => relay,
        };
        match self.service.transport.open().await {
            Ok(session) => {
                session.quit().await;
                let (safety, state) = protection(relay);
                finding("relay", state, format!("{} answers{safety}; nothing was sent", relay.settings.address()))
            }
            Err(refusal) => finding("relay", Health::Bad, format!("{}: {refusal}", relay.settings.address())),
        }
    }

    fn signature(&self) -> Finding {
        match &self.service.signer {
            Some(signer) => {
                let found = format!("publish at {} as TXT: {}", signer.dns_name(), signer.dns_record());
                finding("dkim", Health::Good, found)
            }
            None => finding("dkim", Health::Note, "mails are not signed here; right only if the relay signs them"),
        }
    }

    fn address(&self) -> Finding {
        let url = self.config.public_url();
        match (url.starts_with("https://"), self.config.mode) {
            (true, _) => finding("public url", Health::Good, url),
            (false, Mode::Production) => finding("public url", Health::Bad, format!("{url} is not https")),
            (false, Mode::Development) => {
                finding("public url", Health::Note, format!("{url}: one-click unsubscribe needs https"))
            }
        }
    }

    fn key(&self) -> Finding {
        match (self.config.security.secret_key.is_empty(), self.config.security.previous_secret_keys.len()) {
            (true, _) => {
                finding("secret key", Health::Note, "made here and kept beside the database; back it up with it")
            }
            (false, 0) => finding("secret key", Health::Good, "configured"),
            (false, former) => finding("secret key", Health::Good, format!("configured, with {former} former")),
        }
    }
}

fn protection(relay: &Relay) -> (&'static str, Health) {
    match relay.settings.security() {
        Security::Implicit | Security::Required => (" over TLS", Health::Good),
        Security::Opportunistic => (", over TLS if it offers that", Health::Note),
        Security::None => (" without TLS, as for a relay on this machine", Health::Note),
    }
}

/// What `df` says is free for us (POSIX format: the fourth column, in kilobytes).
fn free_bytes(path: &Path) -> Option<u64> {
    let said = Command::new("df").arg("-Pk").arg(path).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
