//! What can go wrong with the database, sorted by what to do about it.

use std::io;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database this program speaks.
    #[error("database.url {0:?} is neither sqlite:PATH nor postgres://...")]
    Url(String),
    /// The database holds migrations this program does not know: it was made by a newer one.
    #[error(
        "the database has schema {found}, which is newer than this program (it knows up to {known}); use the newer program"
    )]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration of this program.
        known: i64,
    },
    /// A migration could not be applied.
    #[error("the database could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A file beside a SQLite database could not be used.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// A stored value cannot be read back: written by something else, or damaged.
    #[error("{table}: stored value {value:?} is not a {what}")]
    Value {
        /// Where it stands.
        table: &'static str,
        /// What should have been there.
        what: &'static str,
        /// What was.
        value: String,
    },
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// Whether the same call may succeed later: lost connections, busy files, a full disk.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Database(
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed,
            ) => true,
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // SQLite: busy, locked, read-only, I/O error, full. PostgreSQL: connection, resources, shutdown, conflict.
                matches!(&*code, "5" | "6" | "8" | "10" | "13" | "261" | "517")
                    || ["08", "53", "57", "40"].iter().any(|class| code.len() == 5 && code.starts_with(class))
            }),
            _ => false,
        }
    }

    /// Whether a row was refused because another has its key.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether the database cannot be reached at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_)))
    }
}
