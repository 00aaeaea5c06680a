//! Telling a node that died from one that is busy.
//!
//! A lease ends by itself, but after a crash nobody wants to wait for that. So each running program
//! holds a lock that dies with it: on SQLite a lock on a file beside the database, on PostgreSQL a
//! session's advisory lock. Whoever can take another's lock knows that it is gone.
//! Being wrong is harmless: the lease's epoch stops a node that was thought dead at the fence.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPool};

use super::db::{Db, Pools};
use super::error::StoreError;

/// This program's life sign. Dropping it, or dying, ends it.
pub struct Instance {
    id: String,
    sign: Sign,
}

enum Sign {
    File { _locked: File, path: PathBuf },
    Session { connection: tokio::sync::Mutex<PgConnection>, pool: PgPool },
}

/// What is known of another program that holds leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It holds its lock.
    Alive,
    /// Its lock is free.
    Dead,
}

impl Db {
    /// Shows that this program lives, under a fresh random `id` of letters and digits.
    pub async fn register_instance(&self, id: &str) -> Result<Instance, StoreError> {
        let sign = match &self.pools {
            Pools::Sqlite { path, .. } => {
                let path = sign_path(path, id);
                let refused = |error| StoreError::File { path: path.display().to_string(), error };
                let file = File::create(&path).map_err(refused)?;
                file.lock().map_err(refused)?;
                Sign::File { _locked: file, path }
            }
            Pools::Postgres(pool) => {
                let mut connection = pool.acquire().await?.detach();
                sqlx::query("SELECT pg_advisory_lock($1)").bind(lock_key(id)).execute(&mut connection).await?;
                Sign::Session { connection: tokio::sync::Mutex::new(connection), pool: pool.clone() }
            }
        };
        Ok(Instance { id: id.to_owned(), sign })
    }

    /// Whether the program that registered as `id` still runs.
    pub async fn liveness(&self, id: &str) -> Result<Liveness, StoreError> {
        match &self.pools {
            Pools::Sqlite { path, .. } => file_liveness(&sign_path(path, id)),
            Pools::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                let taken: (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock($1)")
                    .bind(lock_key(id))
                    .fetch_one(&mut *connection)
                    .await?;
                if !taken.0 {
                    return Ok(Liveness::Alive);
                }
                sqlx::query("SELECT pg_advisory_unlock($1)").bind(lock_key(id)).execute(&mut *connection).await?;
                Ok(Liveness::Dead)
            }
        }
    }
}

impl Instance {
    /// The id under which leases are taken.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Takes the lock again when a server that was restarted, or a connection that was cut, has lost it.
    ///
    /// # Errors
    ///
    /// The server cannot be reached. While it still holds the lock for the connection that was cut, nothing changes.
    pub async fn renew(&self) -> Result<(), StoreError> {
        let Sign::Session { connection, pool } = &self.sign else { return Ok(()) };
        let mut connection = connection.lock().await;
        if connection.ping().await.is_ok() {
            return Ok(());
        }
        let mut fresh = pool.acquire().await?.detach();
        let (taken,): (bool,) =
            sqlx::query_as("SELECT pg_try_advisory_lock($1)").bind(lock_key(&self.id)).fetch_one(&mut fresh).await?;
        if taken {
            *connection = fresh;
        }
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Sign::File { path, .. } = &self.sign {
            std::fs::remove_file(path).ok();
        }
    }
}

/// How many programs use this SQLite file. Signs of the dead are swept away.
pub(super) fn living_beside(database: &Path) -> Result<usize, StoreError> {
    let sign = sign_path(database, "");
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let refused = |error| StoreError::File { path: folder.display().to_string(), error };
    let mut living = 0;
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let name = entry.map_err(refused)?.file_name();
        let is_sign = name.as_encoded_bytes().starts_with(sign.file_name().unwrap_or_default().as_encoded_bytes());
        if is_sign && file_liveness(&database.with_file_name(name))? == Liveness::Alive {
            living += 1;
        }
    }
    Ok(living)
}

/// How many programs use the PostgreSQL database of this connection: each holds a lock of its own.
pub(super) async fn living_at(connection: &mut PgConnection) -> Result<usize, StoreError> {
    const SQL: &str = "SELECT COUNT(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 \
        AND granted AND pid <> pg_backend_pid() \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let (count,): (i64,) = sqlx::query_as(SQL).fetch_one(connection).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

fn file_liveness(path: &Path) -> Result<Liveness, StoreError> {
    let Ok(file) = File::open(path) else { return Ok(Liveness::Dead) };
    match file.try_lock() {
        Ok(()) => {
            std::fs::remove_file(path).ok();
            Ok(Liveness::Dead)
        }
        Err(TryLockError::WouldBlock) => Ok(Liveness::Alive),
        Err(TryLockError::Error(error)) => Err(StoreError::File { path: path.display().to_string(), error }),
    }
}

fn sign_path(database: &Path, id: &str) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(format!(".node-{id}"));
    database.with_file_name(name)
}

/// Folds an id into the 64 bits of an advisory lock (FNV-1a).
fn lock_key(id: &str) -> i64 {
    let hash = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    i64::from_ne_bytes(hash.to_ne_bytes())
}
