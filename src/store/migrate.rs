//! Bringing a database up to the schema of this program, once, whoever starts first.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::migrate::{MigrateError, Migrator};

use super::db::{Db, Pools, on_conn};
use super::disk::{about, on_thread};
use super::error::StoreError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Applies what is missing. Two programs that start together take turns: PostgreSQL by an
/// advisory lock, SQLite by the door that whoever opens the database holds.
pub(super) async fn run(db: &Db) -> Result<(), StoreError> {
    let done = match &db.pools {
        Pools::Sqlite { write, .. } => SQLITE.run(write).await,
        Pools::Postgres(pool) => POSTGRES.run(pool).await,
    };
    match done {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::Newer { found, known: newest() }),
        Err(error) => {
            let error = StoreError::Migrate(error);
            // What needs no change need not be writable: its pages can be read until it is again.
            let is_current = error.is_temporary() && db.schema().await.is_ok_and(|found| found == newest());
            if is_current { Ok(()) } else { Err(error) }
        }
    }
}

/// The file whose lock every program takes when it opens this SQLite database.
pub(super) fn door(database: &Path) -> PathBuf {
    database.with_extension("migrate-lock")
}

/// Waits until nobody else is opening the database, and lets nobody open it until the file is dropped. Makes the folder
/// of the database.
pub(super) async fn close_the_door(database: &Path) -> Result<File, StoreError> {
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(about(folder))?;
    }
    let path = door(database);
    let locked = on_thread(move || {
        let file = File::create(&path)?;
        file.lock().map(|()| file)
    });
    locked.await?.map_err(about(&door(database)))
}

/// The tables that came after a schema, as the migrations name them.
pub(super) fn tables_after(schema: i64) -> Vec<String> {
    let later = POSTGRES.iter().filter(|migration| migration.version > schema);
    let words = |sql: &str| sql.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    later
        .flat_map(|migration| {
            let words = words(migration.sql.as_str());
            let made = words.windows(3).filter(|three| three[0] == "CREATE" && three[1] == "TABLE");
            made.map(|three| three[2].clone()).collect::<Vec<_>>()
        })
        .collect()
}

impl Db {
    /// The newest migration in the database.
    async fn schema(&self) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
        let mut read = self.read().await?;
        let (version,): (i64,) = on_conn!(read, conn => sqlx::query_as(SQL).fetch_one(conn).await)?;
        Ok(version)
    }
}

/// The newest schema this program knows.
pub(super) fn newest() -> i64 {
    SQLITE.iter().map(|migration| migration.version).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_known_by_the_migration_that_made_them() {
        assert!(tables_after(0).contains(&"deliveries".to_owned()));
        let since_the_first = tables_after(1);
        assert!(since_the_first.contains(&"origin".to_owned()) && !since_the_first.contains(&"deliveries".to_owned()));
        assert!(tables_after(newest()).is_empty());
    }
}
