//! Whether the database can be written, as far as this program has found out.
//!
//! Nobody is told by the database that its disk is full or that it became read-only: it has to be tried.
//! What the last trial said is kept here for everybody who asks: the pages, the metrics, the reconcilers.
//! The log has one line when it begins and one when it is over, however long it takes.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use tokio::sync::watch;

use super::db::{Db, Pools, Read, Tx, on_conn};
use super::error::StoreError;
use crate::model::{Timestamp, from_micros};

/// What has to fit: more than the marks of all sessions need until the next trial.
const ROOM: usize = 16 * 1024;
/// As many pages as SQLite can count.
const UNBOUNDED: &str = "4294967294";

/// A time in which nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Since when, as far as this program knows.
    pub since: Timestamp,
    /// Why, in words for anybody.
    pub cause: &'static str,
}

/// What is known; all clones know the same.
#[derive(Clone)]
pub(super) struct Knowledge(Arc<watch::Sender<Option<Outage>>>);

impl Default for Knowledge {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Knowledge {
    /// Learns how a trial went, and tells the log when that is news.
    pub(super) fn learn(&self, failure: Option<&StoreError>, now: Timestamp) {
        self.0.send_if_modified(|known| match (failure, known.is_some()) {
            (None, true) => {
                tracing::info!("the database can be written again; work goes on");
                *known = None;
                true
            }
            (Some(error), false) => {
                let cause = error.cause();
                tracing::error!(cause, %error, "the database cannot be written: no mail leaves until it can");
                *known = Some(Outage { since: now, cause });
                true
            }
            _ => false,
        });
    }
}

impl Db {
    /// The outage that lasts, if there is one.
    pub fn outage(&self) -> Option<Outage> {
        self.knowledge.0.borrow().clone()
    }

    /// Tries whether the database can be written and has room, and remembers the answer.
    ///
    /// # Errors
    ///
    /// What keeps it from being written.
    pub async fn prove_writable(&self, now: Timestamp) -> Result<(), StoreError> {
        let tried = async {
            let mut tx = self.begin().await?;
            tx.try_room().await?;
            tx.commit().await
        };
        let tried = tried.await;
        self.knowledge.learn(tried.as_ref().err(), now);
        tried
    }
}

/// What a test does to the writing connection of a SQLite database, as the system would do to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strain {
    /// The file cannot grow by a page.
    Full,
    /// Nothing can be written.
    ReadOnly,
    /// As usual.
    None,
}

impl Db {
    /// Puts a SQLite database under strain, or takes it away. PostgreSQL is its own master: nothing happens.
    #[doc(hidden)]
    pub async fn strain(&self, strain: Strain) -> Result<(), StoreError> {
        let Pools::Sqlite { write, .. } = &self.pools else { return Ok(()) };
        let (pages, query_only) = match strain {
            // A database never shrinks below its present size, so one page means: not one more.
            Strain::Full => ("1", "OFF"),
            Strain::ReadOnly => (UNBOUNDED, "ON"),
            Strain::None => (UNBOUNDED, "OFF"),
        };
        // A connection that replaces this one is under the same strain.
        let options = (*write.connect_options()).clone();
        write.set_connect_options(options.pragma("max_page_count", pages).pragma("query_only", query_only));
        let mut connection = write.acquire().await?;
        if strain == Strain::Full {
            // Pages that are free already would do for a while.
            sqlx::query("VACUUM").execute(&mut *connection).await?;
        }
        for (name, value) in [("max_page_count", pages), ("query_only", query_only)] {
            let sql = AssertSqlSafe(format!("PRAGMA {name} = {value}"));
            sqlx::query(sql).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

impl Read {
    /// The newest instant at which anything is said to have happened: no clock should show an earlier one.
    pub async fn newest_record(&mut self) -> Result<Option<Timestamp>, StoreError> {
        const SQL: &str = "SELECT MAX(at) FROM (SELECT MAX(first_seen_at) AS at FROM papers \
            UNION ALL SELECT MAX(created_at) FROM deliveries UNION ALL SELECT MAX(started_at) FROM fetch_runs) AS newest";
        let (at,): (Option<i64>,) = on_conn!(self, conn => sqlx::query_as(SQL).fetch_one(conn).await)?;
        Ok(at.map(from_micros))
    }
}

impl Tx {
    /// Writes as much as the next marks may need, and takes it back.
    pub(super) async fn try_room(&mut self) -> Result<(), StoreError> {
        let filler = " ".repeat(ROOM);
        on_conn!(self, conn => sqlx::query("INSERT INTO trials (filler) VALUES ($1)")
            .bind(filler).execute(conn).await.map(|_| ()))?;
        on_conn!(self, conn => sqlx::query("DELETE FROM trials").execute(conn).await.map(|_| ()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::model::from_micros;

    /// What the log was told.
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_log_hears_of_the_beginning_and_of_the_end_and_of_nothing_between() {
        let heard = Heard::default();
        let (writer, knowledge) = (heard.clone(), Knowledge::default());
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(log, || {
            let full = StoreError::File { path: "a.db".to_owned(), error: io::ErrorKind::StorageFull.into() };
            knowledge.learn(None, from_micros(0));
            (1..1000).for_each(|at| knowledge.learn(Some(&full), from_micros(at)));
            (1000..2000).for_each(|at| knowledge.learn(None, from_micros(at)));
        });
        let text = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].contains("its disk is full") && lines[1].contains("can be written again"), "{text}");
    }

    #[test]
    fn an_outage_lasts_since_its_first_failure() {
        let knowledge = Knowledge::default();
        let lost = StoreError::Database(sqlx::Error::PoolTimedOut);
        (7..9).for_each(|at| knowledge.learn(Some(&lost), from_micros(at)));
        assert_eq!(*knowledge.0.borrow(), Some(Outage { since: from_micros(7), cause: "it cannot be reached" }));
    }
}
