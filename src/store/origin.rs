//! Noticing that the database is not the one that knows what was sent: an older copy, or somebody else's.
//!
//! Before mail is sent the number of passes is raised, in the database and in a place that is not copied
//! with it: on SQLite the file of [`mark`] beside the database, on PostgreSQL the server's own names for
//! itself, the database and the table, which change when a dump is read back.
//! The file is written before and after the commit, so a crash in between explains exactly what it leaves,
//! and any other difference means that mails may have been sent of which this database knows nothing.

mod mark;

use std::fmt;
use std::path::{Path, PathBuf};

use mark::{Mark, Standing};

use super::db::{Db, Pools, Tx, on_conn};
use super::error::StoreError;
use crate::model::Timestamp;

/// Why this database may not know what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// The file that should be beside it is not there.
    NoMark(PathBuf),
    /// The file beside it cannot be understood.
    Damaged(PathBuf),
    /// The file beside it belongs to another database.
    Other(PathBuf),
    /// The file beside it has seen later passes.
    Older(PathBuf),
    /// It is on another server, in another database or in tables made anew.
    Moved,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = "this database may not know what was sent";
        match self {
            Self::NoMark(path) => write!(f, "{it}: it has sent before, and {} is missing", path.display()),
            Self::Damaged(path) => write!(f, "{it}: {} cannot be read", path.display()),
            Self::Other(path) => write!(f, "{it}: {} belongs to another one", path.display()),
            Self::Older(path) => write!(f, "{it}: it is older than {} says", path.display()),
            Self::Moved => write!(f, "{it}: it was read back from a dump, copied or moved to another server"),
        }
    }
}

/// The one row of `origin`.
struct Row {
    database_id: String,
    passes: i64,
    home: String,
}

impl Db {
    /// Proves that the database can be written, and that no later state of it has sent mail. To be asked
    /// before each pass that sends; what it answers is remembered for [`Db::outage`].
    ///
    /// # Errors
    ///
    /// What keeps the database, or the file beside it, from being written.
    pub async fn clear_to_send(&self, now: Timestamp) -> Result<Option<Foreign>, StoreError> {
        let tried = self.raise().await;
        self.knowledge.learn(tried.as_ref().err(), now);
        tried
    }

    async fn raise(&self) -> Result<Option<Foreign>, StoreError> {
        match &self.pools {
            Pools::Sqlite { path, .. } => {
                let mark = Mark::lock(path).await?;
                let mut tx = self.begin().await?;
                tx.try_room().await?;
                let row = tx.origin().await?;
                if let Some(foreign) = judge(&mark, &row) {
                    return Ok(Some(foreign));
                }
                let passes = row.passes + 1;
                tx.set_origin(passes, "").await?;
                let mark = mark.write(&row.database_id, passes, Standing::Begun).await?;
                tx.commit().await?;
                mark.write(&row.database_id, passes, Standing::Certain).await?;
                Ok(None)
            }
            Pools::Postgres(_) => {
                let home = self.home().await?;
                let mut tx = self.begin().await?;
                tx.try_room().await?;
                let row = tx.origin().await?;
                if !is_same_home(&row.home, &home) {
                    return Ok(Some(Foreign::Moved));
                }
                tx.set_origin(row.passes + 1, &home).await?;
                tx.commit().await?;
                Ok(None)
            }
        }
    }

    /// Lets mail go again, and takes the database as it is now for the one that knows what was sent.
    pub async fn resume_sending(&self, now: Timestamp) -> Result<(), StoreError> {
        let mark = match &self.pools {
            Pools::Sqlite { path, .. } => Some(Mark::lock(path).await?),
            Pools::Postgres(_) => None,
        };
        let home = self.home().await?;
        let mut tx = self.begin().await?;
        let row = tx.origin().await?;
        let seen = mark.as_ref().and_then(Mark::passes).unwrap_or(0);
        let passes = row.passes.max(seen) + 1;
        tx.set_origin(passes, &home).await?;
        tx.set_sending(false, "", now).await?;
        tx.commit().await?;
        if let Some(mark) = mark {
            // Dying before this line costs a pause that was not needed, never a mail that was.
            mark.write(&row.database_id, passes, Standing::Certain).await?;
        }
        Ok(())
    }

    /// Names of server, database and table that no dump carries along; a dash for what this account may not
    /// read. Empty on SQLite.
    async fn home(&self) -> Result<String, StoreError> {
        const MAY: &str = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')";
        const SYSTEM: &str = "SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()";
        const REST: &str = "SELECT CAST(oid AS TEXT) || '/' || CAST(CAST(CAST('origin' AS REGCLASS) AS OID) AS TEXT) \
            FROM pg_database WHERE datname = current_database()";
        let Pools::Postgres(pool) = &self.pools else { return Ok(String::new()) };
        let mut connection = pool.acquire().await?;
        let (may,): (bool,) = sqlx::query_as(MAY).fetch_one(&mut *connection).await?;
        let system = match may {
            true => sqlx::query_as::<_, (String,)>(SYSTEM).fetch_one(&mut *connection).await?.0,
            false => "-".to_owned(),
        };
        let (rest,): (String,) = sqlx::query_as(REST).fetch_one(&mut *connection).await?;
        Ok(format!("{system}/{rest}"))
    }
}

/// What the file beside the database says of it.
fn judge(mark: &Mark, row: &Row) -> Option<Foreign> {
    let path = || mark.path().to_owned();
    let Some(seen) = mark.seen() else {
        return match (mark.is_empty(), row.passes) {
            (true, 0) => None,
            (true, _) => Some(Foreign::NoMark(path())),
            (false, _) => Some(Foreign::Damaged(path())),
        };
    };
    // A pass that was begun and not committed has sent nothing.
    let certain = seen.passes - i64::from(seen.standing == Standing::Begun);
    if seen.database_id != row.database_id {
        Some(Foreign::Other(path()))
    } else if certain > row.passes {
        Some(Foreign::Older(path()))
    } else {
        None
    }
}

/// Whether two homes agree in everything that both know. One that was never noted agrees with all.
fn is_same_home(noted: &str, found: &str) -> bool {
    noted.is_empty() || noted.split('/').zip(found.split('/')).all(|(a, b)| a == b || a == "-" || b == "-")
}

/// A database that was made just now has sent nothing, whatever a file left from its predecessor says.
pub(super) async fn begin_anew(db: &Db, path: &Path) -> Result<(), StoreError> {
    if !Mark::is_beside(path) {
        return Ok(());
    }
    let mark = Mark::lock(path).await?;
    let mut tx = db.begin().await?;
    let row = tx.origin().await?;
    drop(tx);
    mark.write(&row.database_id, row.passes, Standing::Certain).await.map(drop)
}

impl Tx {
    /// Reads the row and holds it, so that programs that raise the number take turns.
    async fn origin(&mut self) -> Result<Row, StoreError> {
        const SQL: &str = "UPDATE origin SET passes = passes WHERE id = 1 RETURNING database_id, passes, home";
        let (database_id, passes, home): (String, i64, String) =
            on_conn!(self, conn => sqlx::query_as(SQL).fetch_one(conn).await)?;
        Ok(Row { database_id, passes, home })
    }

    async fn set_origin(&mut self, passes: i64, home: &str) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE origin SET passes = $1, home = $2 WHERE id = 1";
        on_conn!(self, conn => sqlx::query(SQL).bind(passes).bind(home).execute(conn).await.map(|_| ()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_home;

    #[test]
    fn homes_are_compared_by_what_both_know() {
        assert!(is_same_home("", "7/16384/16390"));
        assert!(is_same_home("7/16384/16390", "7/16384/16390"));
        assert!(is_same_home("7/16384/16390", "-/16384/16390"));
        assert!(is_same_home("-/16384/16390", "7/16384/16390"));
        for other in ["8/16384/16390", "7/16385/16390", "7/16384/20000", "-/16384/20000"] {
            assert!(!is_same_home("7/16384/16390", other), "{other}");
        }
    }
}
