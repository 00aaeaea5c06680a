//! Telling a node that died from one that is busy.
//!
//! A lease ends by itself, but after a crash nobody wants to wait for that. So each running program
//! holds a lock that dies with it: on SQLite a lock on a file beside the database, on PostgreSQL a
//! session's advisory lock. Whoever can take another's lock knows that it is gone.
//! Being wrong is harmless: the lease's epoch stops a node that was thought dead at the fence.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgPool};
use tokio::task::JoinHandle;

use super::db::{Db, Pools};
use super::error::StoreError;

/// How often to look whether the session that holds the lock is still there.
const LOOK: Duration = Duration::from_secs(1);

/// This program's life sign. Dropping it, or dying, ends it.
pub struct Instance {
    id: String,
    sign: Sign,
}

enum Sign {
    File { _locked: File, path: PathBuf },
    Session { keeper: JoinHandle<()> },
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
                let connection = locked(pool, id).await?;
                Sign::Session { keeper: tokio::spawn(keep(pool.clone(), id.to_owned(), connection)) }
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
}

impl Drop for Instance {
    fn drop(&mut self) {
        match &self.sign {
            Sign::File { path, .. } => drop(std::fs::remove_file(path)),
            Sign::Session { keeper } => keeper.abort(),
        }
    }
}

/// A session of its own that holds the lock of `id`.
async fn locked(pool: &PgPool, id: &str) -> Result<PgConnection, StoreError> {
    let mut connection = pool.acquire().await?.detach();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(lock_key(id)).execute(&mut connection).await?;
    Ok(connection)
}

/// Holds the lock for as long as the program lives: a server that restarts forgets it, and a program that is
/// taken for dead for ever would have its mails taken away in mid-dialogue.
async fn keep(pool: PgPool, id: String, mut connection: PgConnection) {
    loop {
        tokio::time::sleep(LOOK).await;
        if connection.ping().await.is_err()
            && let Ok(fresh) = locked(&pool, &id).await
        {
            connection = fresh;
        }
    }
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
