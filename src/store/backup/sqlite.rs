//! Copies of a SQLite database: made by the database itself, checked, and put in place by renaming.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::place::Aside;
use super::{BackupError, Copied, Restored, Rows, settle_in};
use crate::model::{Timestamp, micros};
use crate::store::db::{Db, Options};
use crate::store::disk::{about, beside, on_thread, sync_folder};
use crate::store::error::StoreError;
use crate::store::{instance, migrate};

/// How long to wait for a program that is writing.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn backup(path: &Path, target: &Path, reason: &str, now: Timestamp) -> Result<Copied, BackupError> {
    let aside = Aside::new(target)?;
    let mut source = open(path, true).await?;
    // One view of the database for as long as it takes; others write on meanwhile.
    let name = aside.path().display().to_string();
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut source).await?;
    source.close().await?;
    let mut copy = open(aside.path(), false).await?;
    check(&mut copy, aside.path()).await?;
    sqlx::query("UPDATE sending SET paused = 1, reason = $1, since = $2 WHERE id = 1")
        .bind(reason)
        .bind(micros(now))
        .execute(&mut copy)
        .await?;
    const ROWS: &str = "SELECT (SELECT COUNT(*) FROM papers), (SELECT COUNT(*) FROM subscribers), \
        (SELECT COUNT(*) FROM deliveries)";
    let (papers, subscribers, deliveries) = sqlx::query_as(ROWS).fetch_one(&mut copy).await?;
    copy.close().await?;
    let bytes = on_thread(move || aside.publish()).await??;
    Ok(Copied { bytes, rows: Some(Rows { papers, subscribers, deliveries }) })
}

async fn open(path: &Path, read_only: bool) -> Result<SqliteConnection, StoreError> {
    let file = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).read_only(read_only);
    Ok(file.connect().await?)
}

/// Whether the file is whole and ours; the schema it has.
async fn check(copy: &mut SqliteConnection, path: &Path) -> Result<i64, BackupError> {
    const OURS: &str = "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('_sqlx_migrations', 'deliveries', 'sending')";
    let not_ours = |why: &str| BackupError::NotOurs { file: path.to_owned(), why: why.to_owned() };
    let said: Result<Vec<(String,)>, _> = sqlx::query_as("PRAGMA quick_check(5)").fetch_all(&mut *copy).await;
    match said {
        Ok(said) if said.len() == 1 && said[0].0 == "ok" => {}
        Ok(said) => {
            let said: Vec<String> = said.into_iter().map(|(line,)| line).collect();
            return Err(not_ours(&format!("it is damaged: {}", said.join("; "))));
        }
        Err(sqlx::Error::Database(error)) => return Err(not_ours(error.message())),
        Err(error) => return Err(error.into()),
    }
    let (tables,): (i64,) = sqlx::query_as(OURS).fetch_one(&mut *copy).await?;
    if tables != 3 {
        return Err(not_ours("its tables are others"));
    }
    let (found,): (i64,) =
        sqlx::query_as("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success").fetch_one(copy).await?;
    let known = migrate::newest();
    if found > known { Err(StoreError::Newer { found, known }.into()) } else { Ok(found) }
}

pub(super) async fn restore(path: &Path, file: &Path, reason: &str, now: Timestamp) -> Result<Restored, BackupError> {
    // Held to the end: no program opens the database meanwhile.
    let _closed = migrate::close_the_door(path).await?;
    let living = instance::living_beside(path)?;
    if living > 0 {
        return Err(BackupError::InUse(living));
    }
    let (fresh, from) = (Fresh(beside(path, ".restoring")), file.to_owned());
    fresh.clear();
    let to = fresh.0.clone();
    on_thread(move || copy_with_log(&from, &to)).await??;
    let mut copy = open(&fresh.0, false).await?;
    let schema = check(&mut copy, file).await.map_err(|error| named(error, file))?;
    copy.close().await?;
    let db = Db::open(&Options { url: format!("sqlite:{}", fresh.0.display()), connections: 2 }).await?;
    let (was, taken_back, uncertain) = settle_in(&db, reason, now).await?;
    let rows = db.rows().await?;
    db.close().await;
    let kept = put_in_place(path, &fresh.0, now).await?;
    Ok(Restored { rows, schema, was, kept, taken_back, uncertain })
}

fn named(error: BackupError, file: &Path) -> BackupError {
    match error {
        BackupError::NotOurs { why, .. } => BackupError::NotOurs { file: file.to_owned(), why },
        other => other,
    }
}

/// The copy on its way into place, and what SQLite puts beside it.
struct Fresh(PathBuf);

impl Fresh {
    fn clear(&self) {
        for leftover in ["", "-wal", "-shm", "-journal"] {
            std::fs::remove_file(beside(&self.0, leftover)).ok();
        }
        std::fs::remove_file(migrate::door(&self.0)).ok();
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A database copied by hand may have its last pages in the log beside it.
fn copy_with_log(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::copy(from, to).map_err(about(from))?;
    let log = beside(from, "-wal");
    if log.exists() {
        std::fs::copy(&log, beside(to, "-wal")).map_err(about(&log))?;
    }
    Ok(())
}

/// Renames, so that at every moment one of the two is there, whole.
async fn put_in_place(path: &Path, fresh: &Path, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let kept = beside(path, &format!(".before-restore-{}", now.format("%Y%m%dT%H%M%SZ")));
    let exists = path.exists();
    if exists {
        fold_log(path).await;
    }
    let (path, fresh, kept_there) = (path.to_owned(), fresh.to_owned(), kept.clone());
    let moved = move || {
        std::fs::File::open(&fresh).and_then(|file| file.sync_all()).map_err(about(&fresh))?;
        if exists {
            keep(&path, &kept_there)?;
        }
        std::fs::rename(&fresh, &path).map_err(about(&path))?;
        sync_folder(&path).map_err(about(&path))
    };
    on_thread(moved).await??;
    Ok(exists.then_some(kept))
}

/// Brings what stands in the log into the file. A database too damaged for that is kept together with its log.
async fn fold_log(path: &Path) {
    let Ok(mut old) = open(path, false).await else { return };
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut old).await.ok();
    old.close().await.ok();
}

/// Gives the old database a second name. Its log goes with it, or the new one would be read with it.
fn keep(path: &Path, kept: &Path) -> Result<(), StoreError> {
    if kept.exists() {
        return Err(about(kept)(std::io::ErrorKind::AlreadyExists.into()));
    }
    for ending in ["-wal", "-shm"] {
        let beside_it = beside(path, ending);
        if beside_it.exists() {
            std::fs::rename(&beside_it, beside(kept, ending)).map_err(about(&beside_it))?;
        }
    }
    // Where files cannot have two names there is a moment without the database; a copy would take long.
    std::fs::hard_link(path, kept).or_else(|_| std::fs::rename(path, kept)).map_err(about(path))
}
