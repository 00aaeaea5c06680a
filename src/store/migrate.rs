//! Bringing a database up to the schema of this program, once, whoever starts first.

use sqlx::migrate::{MigrateError, Migrator};

use super::db::{Db, Pools};
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
    done.map_err(|error| match error {
        MigrateError::VersionMissing(found) => StoreError::Newer { found, known: newest() },
        other => StoreError::Migrate(other),
    })
}

/// The newest schema this program knows.
fn newest() -> i64 {
    SQLITE.iter().map(|migration| migration.version).max().unwrap_or(0)
}
