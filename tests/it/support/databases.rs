//! Databases that live as long as one test.

use std::future::Future;
use std::ops::Deref;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use broadsheet::store::{Db, Options};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use super::postgres::Server;

/// The database every PostgreSQL test gets a copy of.
const TEMPLATE: &str = "broadsheet_template";

/// Nothing of a test has to outlive the machine, and every test brings connections of its own.
const SERVER_OPTIONS: &str = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off \
                              -c max_connections=300 -c autovacuum=off";

/// The same for a server that is killed, and has to keep what it committed; only a loss of power would lose it.
const CRASHING_OPTIONS: &str = "-c fsync=off -c full_page_writes=off -c max_connections=300 -c autovacuum=off";

static SERVER: OnceCell<Option<Server>> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A fresh database with the schema in place, of either kind.
pub struct TestDb {
    db: Db,
    options: Options,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Server { server: &'static Server, databases: Mutex<Vec<String>> },
}

impl TestDb {
    /// A SQLite file in a folder of its own.
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let options = sqlite_options(&folder, "test.db");
        let db = Db::open(&options).await.expect("opens");
        Self { db, options, home: Home::Folder(folder) }
    }

    /// A database on the throw-away server, or `None`, said aloud, where PostgreSQL is not installed.
    pub async fn postgres() -> Option<Self> {
        Some(Self::copied(SERVER.get_or_init(start_with_template).await.as_ref()?, TEMPLATE).await)
    }

    /// The same on a server of its own, which keeps what was committed and can be made to crash.
    pub async fn postgres_alone() -> Option<Self> {
        // It is needed until the process ends, and then the watchdog sees to it.
        let server = Box::leak(Box::new(Server::start(CRASHING_OPTIONS)?));
        Some(Self::copied(server, "template0").await)
    }

    async fn copied(server: &'static Server, template: &str) -> Self {
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        on_server(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let options = Options { url: server.url(&name), connections: 4 };
        let db = Db::open(&options).await.expect("opens");
        Self { db, options, home: Home::Server { server, databases: Mutex::new(vec![name]) } }
    }

    /// Kills the server and starts it anew. Only for a database [`TestDb::postgres_alone`].
    pub fn crash(&self) {
        match &self.home {
            Home::Server { server, .. } => server.crash(),
            Home::Folder(_) => panic!("SQLite has no server"),
        }
    }

    /// How to open this database once more.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// An empty database of the same kind, without any schema.
    pub async fn empty(&self) -> Options {
        let name = format!("empty_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        match &self.home {
            Home::Folder(folder) => sqlite_options(folder, &name),
            Home::Server { server, databases } => {
                on_server(server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
                databases.lock().expect("not poisoned").push(name.clone());
                Options { url: server.url(&name), connections: 4 }
            }
        }
    }

    /// Runs one statement past the store, as a stranger at the same database would.
    pub async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.home {
            Home::Folder(_) => {
                let mut connection = SqliteConnection::connect(&self.options.url).await.expect("connects");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
            }
            Home::Server { .. } => {
                let mut connection = PgConnection::connect(&self.options.url).await.expect("connects");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
            }
        }
    }

    /// The one number that a query gives.
    pub async fn count(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let (count,): (i64,) = match &self.home {
            Home::Folder(_) => {
                let mut connection = SqliteConnection::connect(&self.options.url).await.expect("connects");
                sqlx::query_as(sql).fetch_one(&mut connection).await.expect("counts")
            }
            Home::Server { .. } => {
                let mut connection = PgConnection::connect(&self.options.url).await.expect("connects");
                sqlx::query_as(sql).fetch_one(&mut connection).await.expect("counts")
            }
        };
        count
    }

    /// Every row of every table as text, behind the name of its table.
    pub async fn dump(&self) -> Vec<String> {
        let mut rows = Vec::new();
        match &self.home {
            Home::Folder(_) => {
                let mut connection = SqliteConnection::connect(&self.options.url).await.expect("connects");
                let tables: Vec<(String,)> =
                    sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlx%'")
                        .fetch_all(&mut connection)
                        .await
                        .expect("lists");
                for (table,) in tables {
                    let columns: Vec<(String,)> = sqlx::query_as("SELECT name FROM pragma_table_info($1)")
                        .bind(&table)
                        .fetch_all(&mut connection)
                        .await
                        .expect("lists");
                    let columns: Vec<String> =
                        columns.iter().map(|(name,)| format!("COALESCE(CAST({name} AS TEXT), '')")).collect();
                    let sql = format!("SELECT '{table}: ' || {} FROM {table}", columns.join(" || ' ' || "));
                    let found: Vec<(String,)> =
                        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("reads");
                    rows.extend(found.into_iter().map(|(row,)| row));
                }
            }
            Home::Server { .. } => {
                let mut connection = PgConnection::connect(&self.options.url).await.expect("connects");
                let tables: Vec<(String,)> = sqlx::query_as(
                    "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%sqlx%'",
                )
                .fetch_all(&mut connection)
                .await
                .expect("lists");
                for (table,) in tables {
                    let sql = format!("SELECT '{table}: ' || t::TEXT FROM {table} t");
                    let found: Vec<(String,)> =
                        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut connection).await.expect("reads");
                    rows.extend(found.into_iter().map(|(row,)| row));
                }
            }
        }
        rows
    }

    /// Closes and deletes the database. One that is forgotten goes with the server, at the end of the process.
    pub async fn remove(self) {
        self.db.close().await;
        if let Home::Server { server, databases } = self.home {
            for name in databases.into_inner().expect("not poisoned") {
                on_server(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            }
        }
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

/// Tries `property` on `cases` values, and on a failure looks for the smallest value that fails.
///
/// Needs the runtime that `both_databases!` makes: the property waits on this very thread.
pub fn for_all<S, F>(cases: u32, strategy: S, property: impl Fn(S::Value) -> F)
where
    S: Strategy,
    F: Future<Output = Result<(), TestCaseError>>,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&strategy, |value| Handle::current().block_on(property(value)))
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn sqlite_options(folder: &TempDir, name: &str) -> Options {
    Options { url: format!("sqlite:{}", folder.path().join(name).display()), connections: 2 }
}

async fn start_with_template() -> Option<Server> {
    let server = Server::start(SERVER_OPTIONS)?;
    on_server(&server, &format!("CREATE DATABASE {TEMPLATE} TEMPLATE template0")).await;
    let db = Db::open(&Options { url: server.url(TEMPLATE), connections: 2 }).await.expect("the template opens");
    db.close().await;
    Some(server)
}

async fn on_server(server: &Server, sql: &str) {
    let mut connection = PgConnection::connect(&server.url("postgres")).await.expect("the server answers");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("the server obeys");
    connection.close().await.expect("the server says goodbye");
}
