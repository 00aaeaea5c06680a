//! What can go wrong with the database, sorted by what to do about it.

use std::io;

use sqlx::migrate::MigrateError;

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
    Migrate(#[from] MigrateError),
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
    /// Whether the same call may succeed later: lost connections, busy files, a full disk, a read-only database.
    pub fn is_temporary(&self) -> bool {
        self.trouble().is_some()
    }

    /// Whether a row was refused because another has its key.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// Whether the database cannot be reached at all.
    pub fn is_unreachable(&self) -> bool {
        self.trouble() == Some(Trouble::Unreachable)
    }

    /// What keeps the database from being used, in words for anybody: nothing of paths, hosts or queries.
    pub fn cause(&self) -> &'static str {
        self.trouble().map_or("it answers with an error", Trouble::words)
    }

    fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::File { error, .. } => of_system(error),
            Self::Database(error) => of_driver(error),
            Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => of_driver(error),
            Self::Url(_) | Self::Newer { .. } | Self::Migrate(_) | Self::Value { .. } => None,
        }
    }
}

/// What passes by itself, or when somebody makes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Unreachable,
    Busy,
    ReadOnly,
    Disk,
    Full,
    Conflict,
}

impl Trouble {
    fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "it cannot be reached",
            Self::Busy => "another program holds it",
            Self::ReadOnly => "it is read-only",
            Self::Disk => "its disk fails",
            Self::Full => "its disk is full",
            Self::Conflict => "too much is written at once",
        }
    }
}

fn of_driver(error: &sqlx::Error) -> Option<Trouble> {
    match error {
        sqlx::Error::Io(error) => of_system(error).or(Some(Trouble::Unreachable)),
        // A server that goes down may stop in the middle of a message.
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_) => Some(Trouble::Unreachable),
        sqlx::Error::Database(error) => of_code(&error.code()?),
        _ => None,
    }
}

fn of_system(error: &io::Error) -> Option<Trouble> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Trouble::Full),
        io::ErrorKind::ReadOnlyFilesystem => Some(Trouble::ReadOnly),
        _ => None,
    }
}

/// Result codes of SQLite (sqlite.org/rescode.html) are numbers whose low byte is the kind; those of
/// PostgreSQL (its appendix A) have five characters, of which the first two are the class.
fn of_code(code: &str) -> Option<Trouble> {
    if code.len() == 5 {
        return match (&code[..2], code) {
            (_, "53100") => Some(Trouble::Full),
            (_, "25006") => Some(Trouble::ReadOnly),
            ("08" | "57", _) | (_, "53300") => Some(Trouble::Unreachable),
            ("53" | "58", _) => Some(Trouble::Disk),
            ("40", _) | (_, "55P03") => Some(Trouble::Conflict),
            _ => None,
        };
    }
    match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some(Trouble::Busy),
        8 => Some(Trouble::ReadOnly),
        10 => Some(Trouble::Disk),
        13 => Some(Trouble::Full),
        14 => Some(Trouble::Unreachable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not() {
        let known = [
            ("13", "its disk is full"),
            ("8", "it is read-only"),
            ("1032", "it is read-only"),
            ("778", "its disk fails"),
            ("517", "another program holds it"),
            ("14", "it cannot be reached"),
            ("53100", "its disk is full"),
            ("25006", "it is read-only"),
            ("58030", "its disk fails"),
            ("57P01", "it cannot be reached"),
            ("53300", "it cannot be reached"),
            ("40001", "too much is written at once"),
        ];
        for (code, cause) in known {
            assert_eq!(of_code(code).map(Trouble::words), Some(cause), "{code}");
        }
        for code in ["1", "11", "19", "2067", "23505", "42P01", "XX001", "", "x"] {
            assert_eq!(of_code(code), None, "{code}");
        }
    }
}
