//! Bringing a database up to the schema of this program, once, whoever starts first.

use sqlx::migrate::{MigrateError, Migrator};

use super::db::{Db, Pools, on_conn};
use super::error::StoreError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Applies what is missing. Two programs that start together take turns: PostgreSQL by an
/// advisory lock, SQLite by a lock on a file beside the database.
pub(super) async fn run(db: &Db) -> Result<(), StoreError> {
    let done = match &db.pools {
        Pools::Sqlite { write, path, .. } => {
            let lock_path = path.with_extension("migrate-lock");
            let locked = tokio::task::spawn_blocking(move || {
                let file = std::fs::File::create(&lock_path)?;
                file.lock().map(|()| file)
            });
            let _lock = locked
                .await
                .map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))?
                .map_err(|error| StoreError::File { path: path.display().to_string(), error })?;
            SQLITE.run(write).await
        }
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
