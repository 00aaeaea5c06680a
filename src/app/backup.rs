//! `backup` and `restore`: a copy of the database, and a copy in its place.

use std::path::Path;

use serde::Serialize;

use super::rows::instant;
use super::{App, AppError, Clock, build};
use crate::config::Config;
use crate::store::backup::{self, BackupError};

/// What the operator has to do before mail leaves again.
const THEN: &str =
    "What was sent later is not known here. Read \"Restore\" in docs/OPERATING.md, then `broadsheet sending resume`";

/// What a backup holds.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output of `backup --json`")]
pub struct BackupReport {
    pub file: String,
    pub bytes: u64,
    /// `None` on PostgreSQL, whose own program makes the copy.
    pub papers: Option<i64>,
    pub subscribers: Option<i64>,
    pub deliveries: Option<i64>,
    pub taken_at: String,
    pub version: &'static str,
}

/// What was put in place.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names are the documented output of `restore --json`")]
pub struct RestoreReport {
    pub papers: i64,
    pub subscribers: i64,
    pub deliveries: i64,
    /// The schema the backup came with.
    pub schema: i64,
    /// Where the database is that was there before; `None` when there was none, and on PostgreSQL.
    pub kept: Option<String>,
    /// Mails that a program had claimed when the backup was taken; they wait again.
    pub taken_back: u64,
    /// Mails whose fate was open when the backup was taken.
    pub uncertain: u64,
}

impl App {
    /// Copies the database to a file that must not exist, while the service runs.
    ///
    /// # Errors
    ///
    /// A name that is taken, a full disk, a missing `pg_dump`.
    pub async fn backup(&self, file: &Path) -> Result<BackupReport, AppError> {
        let now = self.service.clock.now();
        let (taken_at, version) = (instant(now), env!("CARGO_PKG_VERSION"));
        let reason = format!("Backup of {taken_at} by broadsheet {version}. {THEN}");
        let copied = self.service.db.backup(&build::options(&self.config), file, &reason, now).await?;
        Ok(BackupReport {
            file: file.display().to_string(),
            bytes: copied.bytes,
            papers: copied.rows.map(|rows| rows.papers),
            subscribers: copied.rows.map(|rows| rows.subscribers),
            deliveries: copied.rows.map(|rows| rows.deliveries),
            taken_at,
            version,
        })
    }
}

/// Puts a backup in the place of the configured database, with mail held back.
///
/// # Errors
///
/// Programs that use the database, a file that is no backup of ours or newer than this program.
pub async fn restore(config: &Config, clock: &Clock, file: &Path) -> Result<RestoreReport, AppError> {
    build::check(config)?;
    let now = clock.now();
    let reason = format!("Restored from {} at {}. {THEN}", file.display(), instant(now));
    let done = backup::restore(&build::options(config), file, &reason, now).await?;
    Ok(RestoreReport {
        papers: done.rows.papers,
        subscribers: done.rows.subscribers,
        deliveries: done.rows.deliveries,
        schema: done.schema,
        kept: done.kept.map(|path| path.display().to_string()),
        taken_back: done.taken_back,
        uncertain: done.uncertain,
    })
}

impl From<BackupError> for AppError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(error) => Self::Store(error),
            BackupError::NoProgram(_) => Self::Unavailable(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}
