//! Dumps of a PostgreSQL database, by that server's own `pg_dump` and `pg_restore`.
//!
//! They know every version of the server and of its catalogue; a dump of our own would have to learn both.
//! The password goes to them by `PGPASSWORD`, never by the command line, which everybody may list.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use url::Url;

use super::place::Aside;
use super::{BackupError, Copied, Restored, settle_in};
use crate::model::Timestamp;
use crate::store::db::{Db, Options};
use crate::store::disk::on_thread;
use crate::store::error::StoreError;
use crate::store::{instance, migrate};

/// Parameters of an address that libpq knows under the same name; others are ours or the driver's.
const LIBPQ: [&str; 9] = ["host", "hostaddr", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"];
/// Lines of a failure that are shown, the last ones.
const SHOWN: usize = 8;

/// How the programs are told where the database is.
#[derive(Clone)]
struct Address {
    url: String,
    password: Option<String>,
}

pub(super) async fn backup(url: &str, target: &Path) -> Result<Copied, BackupError> {
    let (address, aside) = (Address::of(url)?, Aside::new(target)?);
    let work = move || {
        let file = format!("--file={}", aside.path().display());
        let dump = ["--format=custom", "--no-owner", "--no-privileges", &file];
        address.run("pg_dump", &dump, true)?;
        // Reads the table of contents back.
        tables(&address, aside.path())?;
        aside.publish()
    };
    Ok(Copied { bytes: on_thread(work).await??, rows: None })
}

pub(super) async fn restore(
    options: &Options,
    file: &Path,
    reason: &str,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let address = Address::of(&options.url)?;
    let (reader, dump) = (address.clone(), file.to_owned());
    let schema = on_thread(move || schema(&reader, &dump)).await??;
    let known = migrate::newest();
    if schema > known {
        return Err(StoreError::Newer { found: schema, known }.into());
    }
    let server: PgConnectOptions = options.url.parse().map_err(StoreError::Database)?;
    let mut connection = server.connect().await?;
    let living = instance::living_at(&mut connection).await?;
    if living > 0 {
        return Err(BackupError::InUse(living));
    }
    let dump = format!("{}", file.display());
    let work = move || {
        let how = ["--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges", &dump];
        address.run("pg_restore", &how, true).map(drop)
    };
    on_thread(work).await??;
    // Tables that came after the dump are still there and would be in the way of their own migrations.
    for table in migrate::tables_after(schema) {
        let sql = AssertSqlSafe(format!("DROP TABLE IF EXISTS {table} CASCADE"));
        sqlx::raw_sql(sql).execute(&mut connection).await?;
    }
    drop(connection);
    let db = Db::open(options).await?;
    let (was, taken_back, uncertain) = settle_in(&db, reason, now).await?;
    db.analyze().await?;
    let rows = db.rows().await?;
    db.close().await;
    Ok(Restored { rows, schema, was, kept: None, taken_back, uncertain })
}

/// The tables in a dump.
fn tables(address: &Address, dump: &Path) -> Result<Vec<String>, BackupError> {
    let list = address.run("pg_restore", &["--list", &dump.display().to_string()], false);
    let list = list.map_err(|error| match error {
        BackupError::Program(_, said) => BackupError::NotOurs { file: dump.to_owned(), why: said },
        other => other,
    })?;
    // "217; 1259 16390 TABLE public deliveries postgres"
    let entries = list.lines().filter(|line| !line.starts_with(';'));
    let words = entries.map(|line| line.split(' ').skip(3).collect::<Vec<_>>());
    let named: Vec<String> = words
        .filter(|words| words.first() == Some(&"TABLE"))
        .filter_map(|words| Some((*words.get(2)?).to_owned()))
        .collect();
    let ours = ["_sqlx_migrations", "deliveries", "sending"];
    match ours.iter().all(|table| named.iter().any(|name| name == table)) {
        true => Ok(named),
        false => Err(BackupError::NotOurs { file: dump.to_owned(), why: "its tables are others".to_owned() }),
    }
}

/// The newest migration in a dump.
fn schema(address: &Address, dump: &Path) -> Result<i64, BackupError> {
    tables(address, dump)?;
    let rows = ["--data-only", "--table=_sqlx_migrations", "--file=-", &dump.display().to_string()];
    let rows = address.run("pg_restore", &rows, false)?;
    let versions = rows.lines().filter_map(|line| line.split('\t').next()?.parse::<i64>().ok());
    versions.max().ok_or_else(|| BackupError::NotOurs { file: dump.to_owned(), why: "it names no schema".to_owned() })
}

impl Address {
    /// Takes the password out of an address, and leaves of its parameters what libpq knows.
    fn of(url: &str) -> Result<Self, BackupError> {
        // The address is not repeated: it may hold a password.
        let unknown = || StoreError::Url("postgres://...".to_owned());
        let mut url = Url::parse(url).map_err(|_| unknown())?;
        let mut password = url.password().map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
        if password.is_some() {
            url.set_password(None).map_err(|()| unknown())?;
        }
        let mut kept = Vec::new();
        for (name, value) in url.query_pairs() {
            match &*name {
                "password" => password = Some(value.into_owned()),
                "ssl-mode" => kept.push(("sslmode".to_owned(), value.into_owned())),
                "ssl-root-cert" | "ssl-ca" => kept.push(("sslrootcert".to_owned(), value.into_owned())),
                name if LIBPQ.contains(&name) => kept.push((name.to_owned(), value.into_owned())),
                _ => {}
            }
        }
        // libpq reads a plus sign as a plus sign.
        let query: Vec<String> = kept
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
        Ok(Self { url: url.into(), password })
    }

    /// Runs a program to its end and gives what it printed.
    fn run(&self, program: &'static str, arguments: &[&str], connects: bool) -> Result<String, BackupError> {
        let failed = |said: String| BackupError::Program(program, said);
        for place in places(program) {
            let mut command = Command::new(place);
            if connects {
                command.arg("--no-password").arg(format!("--dbname={}", self.url));
            }
            command.args(arguments).stdin(Stdio::null());
            if let Some(password) = &self.password {
                command.env("PGPASSWORD", password);
            }
            match command.output() {
                Ok(done) if done.status.success() => return Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
                Ok(done) => return Err(failed(last_lines(&String::from_utf8_lossy(&done.stderr)))),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error.to_string())),
            }
        }
        Err(BackupError::NoProgram(program))
    }
}

/// Where a program may be: in the path, and where Debian keeps it for each version, the newest first.
fn places(program: &str) -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").map(|found| found.flatten().collect()).unwrap_or_default();
    let mut folders: Vec<PathBuf> = Vec::<std::fs::DirEntry>::into_iter(versions).map(|found| found.path()).collect();
    let number = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    folders.sort_by_key(|folder| std::cmp::Reverse(number(folder)));
    let installed = folders.into_iter().map(|folder| folder.join("bin").join(program));
    std::iter::once(PathBuf::from(program)).chain(installed).collect()
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> (String, Option<String>) {
        let address = Address::of(url).unwrap();
        (address.url, address.password)
    }

    #[test]
    fn no_password_is_ever_on_the_command_line() {
        let (url, password) = of("postgres://me:p%40ss%2Fword@db.example/papers?sslmode=require");
        assert_eq!(
            (url.as_str(), password.as_deref()),
            ("postgres://me@db.example/papers?sslmode=require", Some("p@ss/word"))
        );
        let (url, password) = of("postgresql:///papers?user=me&password=secret&host=/var/run/post+gres");
        assert!(!url.contains("secret"), "{url}");
        assert_eq!(password.as_deref(), Some("secret"));
        assert_eq!(of("postgres://me@db/papers"), ("postgres://me@db/papers".to_owned(), None));
    }

    #[test]
    fn parameters_of_the_driver_are_left_out() {
        let (url, _) = of("postgres://db/papers?ssl-mode=verify-full&statement-cache-capacity=5&host=%2Ftmp%2Fa%20b");
        assert_eq!(url, "postgres://db/papers?sslmode=verify%2Dfull&host=%2Ftmp%2Fa%20b");
    }
}
