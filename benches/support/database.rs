//! A database for one benchmark, gone with it; as durable as one for real.

use std::path::Path;

use broadsheet::app::{App, Overrides};
use broadsheet::clock::Clock;
use broadsheet::config::Layers;
use broadsheet::model::Timestamp;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::gauge;
use super::postgres::Server;

/// PostgreSQL as a small server would run it: durable, with room for its pages.
const SERVER_OPTIONS: &str = "-c shared_buffers=512MB -c max_wal_size=4GB -c max_connections=100";

/// Where a benchmark keeps its rows and its mail.
pub struct Scratch {
    /// As `database.url`.
    pub url: String,
    folder: TempDir,
    _server: Option<Server>,
}

impl Scratch {
    /// An empty database of this kind: `sqlite` or `postgres`.
    ///
    /// # Panics
    ///
    /// Any other kind, or a PostgreSQL that is not installed.
    pub fn new(kind: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        match kind {
            "sqlite" => {
                Self { url: format!("sqlite:{}", folder.path().join("bench.db").display()), folder, _server: None }
            }
            "postgres" => {
                let server = Server::start(SERVER_OPTIONS).expect("PostgreSQL is installed");
                Self { url: server.url("postgres"), folder, _server: Some(server) }
            }
            other => panic!("--database is sqlite or postgres, not {other:?}"),
        }
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The numbers a query gives.
    pub async fn numbers(&self, sql: &'static str) -> Vec<i64> {
        let rows: Vec<(i64,)> = if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.expect("connects");
            sqlx::query_as(sql).fetch_all(&mut connection).await.expect("reads")
        } else {
            let mut connection = PgConnection::connect(&self.url).await.expect("connects");
            sqlx::query_as(sql).fetch_all(&mut connection).await.expect("reads")
        };
        rows.into_iter().map(|(number,)| number).collect()
    }

    /// Processor time of the database server so far, in seconds; 0 where there is none.
    pub async fn server_seconds(&self) -> f64 {
        const SQL: &str = "SELECT CAST(split_part(pg_read_file('postmaster.pid'), chr(10), 1) AS BIGINT)";
        if self.url.starts_with("sqlite:") {
            return 0.0;
        }
        gauge::cpu_seconds_with_children(self.numbers(SQL).await.pop().expect("its first process"))
    }

    /// The service on it, with no source, at an instant that stands still. Settings as in the configuration file.
    pub async fn app(&self, now: Timestamp, settings: &[(&str, &str)]) -> App {
        self.app_at(Clock::mock(now), settings).await
    }

    /// The same with a clock that starts at `now` and runs on.
    pub async fn running_app(&self, now: Timestamp, settings: &[(&str, &str)]) -> App {
        self.app_at(Clock::starting_at(now), settings).await
    }

    async fn app_at(&self, clock: Clock, settings: &[(&str, &str)]) -> App {
        let mail = self.folder.path().join("mail").display().to_string();
        let mut all = vec![
            ("database.url", self.url.clone()),
            ("mail.directory", mail),
            ("sources.hugging_face.enabled", "false".to_owned()),
            ("sources.arxiv.enabled", "false".to_owned()),
            ("security.secret_key", "a secret for benchmarks, of forty letters".to_owned()),
        ];
        all.extend(settings.iter().map(|(key, value)| (*key, (*value).to_owned())));
        let config = Layers::defaults_with(&all).and_then(|layers| layers.config()).expect("valid settings");
        App::build(config, clock, Overrides::default()).await.expect("builds")
    }
}
