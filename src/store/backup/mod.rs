//! Copying the database while it is used, and putting a copy in its place.
//!
//! A copy of a SQLite database is a database of its own; one of PostgreSQL is made and read by that
//! server's own programs. A backup holds mail back wherever it is put in place: a SQLite copy says so in
//! itself, a restored dump is told so before anybody else is let in.

mod place;
mod postgres;
mod sqlite;

use std::path::{Path, PathBuf};

use super::db::{Db, Options, Pools, Tx, on_conn, sqlite_path};
use super::error::StoreError;
use super::sending::Sending;
use crate::model::Timestamp;

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows of the tables that matter most; `None` where only the server could count them.
    pub rows: Option<Rows>,
}

/// Rows of the tables that matter most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Papers.
    pub papers: i64,
    /// Subscribers in any state.
    pub subscribers: i64,
    /// Deliveries in any state.
    pub deliveries: i64,
}

/// What was put in place.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What it holds.
    pub rows: Rows,
    /// The schema it came with; it now has the one of this program.
    pub schema: i64,
    /// How its switch stood.
    pub was: Sending,
    /// Where the database that was there before is now.
    pub kept: Option<PathBuf>,
    /// Claims of programs that were taken back.
    pub taken_back: u64,
    /// Mails that stood past the fence when the copy was made.
    pub uncertain: u64,
}

/// Why there is no copy, or why it is not put in place.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The name is taken.
    #[error("{} exists; a backup overwrites nothing", .0.display())]
    Exists(PathBuf),
    /// Somebody else writes to it.
    #[error("another backup to {} is running", .0.display())]
    Running(PathBuf),
    /// Not what this program made.
    #[error("{} is not a backup of a Broadsheet database: {why}", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Programs use the database that is to be replaced.
    #[error("{0} program(s) use the database; stop the service on every node, then restore")]
    InUse(usize),
    /// A program of PostgreSQL is not there.
    #[error("{0} is not installed; it comes with PostgreSQL's client programs (Debian: postgresql-client)")]
    NoProgram(&'static str),
    /// A program of PostgreSQL failed.
    #[error("{0} failed: {1}")]
    Program(&'static str, String),
    /// The database, or a file.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Db {
    /// Copies the database to `target` as it is at one moment, while others read and write. The name appears
    /// only when the copy is complete, checked and on the disk. A copy of SQLite is paused for `reason`.
    ///
    /// # Errors
    ///
    /// A name that is taken, a copy that is damaged, a missing program; `target` is then not there.
    pub async fn backup(
        &self,
        options: &Options,
        target: &Path,
        reason: &str,
        now: Timestamp,
    ) -> Result<Copied, BackupError> {
        match &self.pools {
            Pools::Sqlite { path, .. } => sqlite::backup(path, target, reason, now).await,
            Pools::Postgres(_) => postgres::backup(&options.url, target).await,
        }
    }

    /// The rows of the tables that matter most.
    async fn rows(&self) -> Result<Rows, StoreError> {
        const SQL: &str = "SELECT (SELECT COUNT(*) FROM papers), (SELECT COUNT(*) FROM subscribers), \
            (SELECT COUNT(*) FROM deliveries)";
        let mut read = self.read().await?;
        let (papers, subscribers, deliveries): (i64, i64, i64) =
            on_conn!(read, conn => sqlx::query_as(SQL).fetch_one(conn).await)?;
        Ok(Rows { papers, subscribers, deliveries })
    }
}

/// Puts a copy in the place of the database, brought up to date, with mail held back for `reason`.
///
/// # Errors
///
/// Programs that use the database, a file that is no backup or newer than this program; the database is then
/// as it was.
pub async fn restore(options: &Options, file: &Path, reason: &str, now: Timestamp) -> Result<Restored, BackupError> {
    std::fs::metadata(file).map_err(super::disk::about(file))?;
    match sqlite_path(&options.url) {
        Some(path) => sqlite::restore(path, file, reason, now).await,
        None => postgres::restore(options, file, reason, now).await,
    }
}

/// Holds mail back in a database that was put in place, and ends the claims of programs that are gone.
async fn settle_in(db: &Db, reason: &str, now: Timestamp) -> Result<(Sending, u64, u64), StoreError> {
    let mut tx = db.begin().await?;
    let was = tx.sending().await?;
    let copied = was.reason.split(". ").next().filter(|_| was.paused).unwrap_or_default();
    let reason = if copied.is_empty() { reason.to_owned() } else { format!("{copied}. {reason}") };
    tx.set_sending(true, &reason, now).await?;
    let (taken_back, uncertain) = end_claims(&mut tx, now).await?;
    tx.commit().await?;
    Ok((was, taken_back, uncertain))
}

async fn end_claims(tx: &mut Tx, now: Timestamp) -> Result<(u64, u64), StoreError> {
    let mut ended = (0, 0);
    for owner in tx.lease_owners().await? {
        let (ready, uncertain) = tx.break_leases(&owner, true, now).await?;
        ended = (ended.0 + ready, ended.1 + uncertain);
    }
    Ok(ended)
}
