//! Connections and transactions on either database.
//!
//! SQLite has one writing connection and several reading ones. Whoever wants to write waits at a gate,
//! except the delivery marks: those go past it, so that a mail server never waits for a bulk job
//! longer than the one transaction that is open.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Postgres, Sqlite, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::error::StoreError;
use super::outage::Knowledge;
use super::{migrate, origin};

/// How long a writer waits for another process that is writing to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How PostgreSQL treats our connections. Plans made while tables were empty would scan them whole for as long as a
/// connection lives, and cannot use an index on some states when the state is a parameter. A program that is stopped
/// in the middle of a transaction would keep its rows from everybody for as long as it sleeps. And a plan that is
/// dear on paper, as one is that may not scan a table, would be compiled for longer than it runs.
const MANNERS: [(&str, &str); 3] =
    [("plan_cache_mode", "force_custom_plan"), ("idle_in_transaction_session_timeout", "10s"), ("jit", "off")];
/// How PostgreSQL treats a transaction that names its rows: each is looked up by its key, with a plan that is kept
/// and not made anew for each of a thousand small statements. In a table that was empty or small any index looks as
/// good as the key, so at times the kept plans are thrown away.
macro_rules! by_key {
    ($begin:literal) => {
        by_key!($begin, "")
    };
    ($begin:literal, $first:literal) => {
        concat!(
            $begin,
            $first,
            "; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; \
             SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
        )
    };
}
/// After so many such transactions one throws the plans of its connection away. A prime number: connections are used
/// in turns, and each should have its turn at this.
const PLANS_ANEW: u64 = 127;
/// How long to wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the database is and how many connections to keep.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://...`.
    pub url: String,
    /// Reading connections on SQLite, all connections on PostgreSQL.
    pub connections: u32,
}

/// A database that is open and up to date. Clones share the connections.
#[derive(Clone)]
pub struct Db {
    pub(super) pools: Pools,
    pub(super) knowledge: Knowledge,
    gate: Arc<Mutex<()>>,
    commits: Arc<AtomicU64>,
    /// Transactions that looked rows up by their keys.
    lookups: Arc<AtomicU64>,
}

#[derive(Clone)]
pub(super) enum Pools {
    Sqlite { read: SqlitePool, write: SqlitePool, path: PathBuf },
    Postgres(PgPool),
}

/// A transaction that only reads, from one moment's view of the database.
pub struct Read {
    pub(super) conn: Conn,
}

/// A transaction that may write. Nothing is kept until [`Tx::commit`]; dropping it undoes everything.
pub struct Tx {
    read: Read,
    commits: Arc<AtomicU64>,
    _turn: Option<OwnedMutexGuard<()>>,
}

pub(super) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one body against whichever database is behind `$read`, with `$conn` as its connection.
macro_rules! on_conn {
    ($read:expr, $conn:ident => $body:expr) => {
        match &mut $read.conn {
            $crate::store::db::Conn::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::store::db::Conn::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}
pub(super) use on_conn;

/// What a transaction that writes asks of the database.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// A commit is on the disk when it returns.
    Durable,
    /// The same, and rows are looked up by their keys.
    DurableByKey,
    /// A commit is on the disk when the next durable one returns, or a moment later by itself.
    WithTheNext,
}

impl Db {
    /// Opens the database, creating a SQLite file if there is none, and applies what migrations are missing.
    ///
    /// # Errors
    ///
    /// A URL of another kind, an unreachable server, a schema newer than this program.
    pub async fn open(options: &Options) -> Result<Self, StoreError> {
        let file = sqlite_path(&options.url);
        // Neither a file that is made, nor its first journal, nor a migration bears another program beside it.
        let _alone = match file {
            Some(path) => Some(migrate::close_the_door(path).await?),
            None => None,
        };
        let is_new = file.is_some_and(|path| std::fs::metadata(path).map_or(true, |found| found.len() == 0));
        let db = Self {
            pools: connect(options).await?,
            knowledge: Knowledge::default(),
            gate: Arc::default(),
            commits: Arc::default(),
            lookups: Arc::default(),
        };
        migrate::run(&db).await?;
        keep_statements_in_memory(&db.pools).await?;
        if let Some(path) = file.filter(|_| is_new) {
            origin::begin_anew(&db, path).await?;
        }
        Ok(db)
    }

    /// Begins a transaction that may write.
    ///
    /// On SQLite it takes the write lock at once, so that reading first and writing later cannot fail.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let turn = self.turn().await;
        self.tx(turn, Manner::Durable).await
    }

    /// Like [`Db::begin`], for work that is simply done again when a power failure takes it back.
    ///
    /// Its commit does not wait for the disk. Both databases write one log in order, so whatever is committed
    /// durably afterwards makes it durable too: nothing that rests on it can outlive it.
    pub async fn begin_replayable(&self) -> Result<Tx, StoreError> {
        let turn = self.turn().await;
        self.tx(turn, Manner::WithTheNext).await
    }

    /// Like [`Db::begin`], but ahead of everyone who waits at the gate. For delivery marks alone.
    pub(super) async fn begin_first(&self) -> Result<Tx, StoreError> {
        self.tx(None, Manner::DurableByKey).await
    }

    /// Like [`Db::begin`], for a transaction that looks its rows up by their keys, or takes the first of an index.
    pub async fn begin_by_key(&self) -> Result<Tx, StoreError> {
        let turn = self.turn().await;
        self.tx(turn, Manner::DurableByKey).await
    }

    /// SQLite has one writer.
    async fn turn(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.pools {
            Pools::Sqlite { .. } => Some(Arc::clone(&self.gate).lock_owned().await),
            Pools::Postgres(_) => None,
        }
    }

    async fn tx(&self, turn: Option<OwnedMutexGuard<()>>, manner: Manner) -> Result<Tx, StoreError> {
        let read = Read { conn: self.begin_writing(manner).await? };
        Ok(Tx { read, commits: Arc::clone(&self.commits), _turn: turn })
    }

    /// Transactions that were made durable through this value and its clones.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Each transaction on SQLite says for itself what it wants of the one connection that writes.
    async fn begin_writing(&self, manner: Manner) -> Result<Conn, StoreError> {
        let (sqlite, postgres) = match manner {
            Manner::Durable => ("PRAGMA synchronous = FULL; BEGIN IMMEDIATE", "BEGIN"),
            Manner::DurableByKey => (
                "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
                self.by_key(by_key!("BEGIN"), by_key!("BEGIN", "; DISCARD PLANS")),
            ),
            Manner::WithTheNext => {
                ("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", "BEGIN; SET LOCAL synchronous_commit = off")
            }
        };
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => Conn::Sqlite(write.begin_with(sqlite).await?),
            Pools::Postgres(pool) => Conn::Postgres(pool.begin_with(postgres).await?),
        })
    }

    /// Begins a transaction that cannot write.
    pub async fn read(&self) -> Result<Read, StoreError> {
        self.reading("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// Like [`Db::read`], for a transaction that looks its rows up by their keys.
    pub async fn read_by_key(&self) -> Result<Read, StoreError> {
        const KEPT: &str = by_key!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        const ANEW: &str = by_key!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "; DISCARD PLANS");
        self.reading(self.by_key(KEPT, ANEW)).await
    }

    /// One of these: with the plans that are kept, or now and then with new ones.
    fn by_key(&self, kept: &'static str, anew: &'static str) -> &'static str {
        let turn = self.lookups.fetch_add(1, Ordering::Relaxed);
        if turn.is_multiple_of(PLANS_ANEW) { anew } else { kept }
    }

    async fn reading(&self, postgres: &'static str) -> Result<Read, StoreError> {
        Ok(Read {
            conn: match &self.pools {
                Pools::Sqlite { read, .. } => Conn::Sqlite(read.begin().await?),
                Pools::Postgres(pool) => Conn::Postgres(pool.begin_with(postgres).await?),
            },
        })
    }

    /// Which database this is, for messages: `SQLite` or `PostgreSQL`.
    pub fn kind(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres(_) => "PostgreSQL",
        }
    }

    /// Refreshes the planner's statistics; worth it after a bulk fill.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let _turn = self.gate.lock().await;
                sqlx::query("ANALYZE").execute(write).await?;
            }
            Pools::Postgres(pool) => {
                sqlx::query("ANALYZE").execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Closes every connection; on SQLite this folds the write-ahead log into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

async fn connect(options: &Options) -> Result<Pools, StoreError> {
    let connections = options.connections.max(2);
    if let Some(path) = sqlite_path(&options.url) {
        return open_sqlite(path, connections).await;
    }
    if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://") {
        let server: PgConnectOptions = options.url.parse()?;
        // A pool would try for as long as its callers wait, and then not say why: ask once, plainly.
        server.connect().await?.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(server.application_name("broadsheet").options(MANNERS))
            .await?;
        return Ok(Pools::Postgres(pool));
    }
    Err(StoreError::Url(options.url.clone()))
}

/// The file that `sqlite:PATH` names.
pub(super) fn sqlite_path(url: &str) -> Option<&Path> {
    url.strip_prefix("sqlite:").map(|path| Path::new(path.trim_start_matches("//")))
}

async fn open_sqlite(path: &Path, connections: u32) -> Result<Pools, StoreError> {
    let file = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true);
    let write = sqlite_pool(1).connect_with(file.clone()).await?;
    let read = sqlite_pool(connections).connect_with(file.pragma("query_only", "ON")).await?;
    Ok(Pools::Sqlite { read, write, path: path.to_owned() })
}

/// What SQLite keeps to undo one statement would go through a file of its own, made and deleted each time, as soon
/// as the statement changes more than a few pages. Migrations are over by now: those may sort whole tables.
async fn keep_statements_in_memory(pools: &Pools) -> Result<(), StoreError> {
    let Pools::Sqlite { write, .. } = pools else { return Ok(()) };
    // For the connection that is open, and for one that replaces it.
    sqlx::query("PRAGMA temp_store = MEMORY").execute(write).await?;
    write.set_connect_options((*write.connect_options()).clone().pragma("temp_store", "MEMORY"));
    Ok(())
}

/// After a full disk or a failed write SQLite ends the transaction by itself, and the driver goes on believing
/// in it: such a connection would refuse every further one for ever, so it is replaced.
fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

impl Tx {
    /// Whether a commit waits for the disk.
    #[doc(hidden)]
    pub async fn is_durable(&mut self) -> Result<bool, StoreError> {
        Ok(match &mut self.read.conn {
            Conn::Sqlite(tx) => {
                let (level,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&mut **tx).await?;
                level >= 2
            }
            Conn::Postgres(tx) => {
                let (level,): (String,) = sqlx::query_as("SHOW synchronous_commit").fetch_one(&mut **tx).await?;
                level == "on"
            }
        })
    }

    /// Makes everything done in this transaction durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.read.conn {
            Conn::Sqlite(tx) => tx.commit().await?,
            Conn::Postgres(tx) => tx.commit().await?,
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Tx {
    /// Takes everything back, and returns when no row is held any more. A transaction that is dropped is taken
    /// back as well, some time later.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        match self.read.conn {
            Conn::Sqlite(tx) => tx.rollback().await?,
            Conn::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.read
    }
}
