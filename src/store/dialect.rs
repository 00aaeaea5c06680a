//! The few texts that differ between the two databases. Everything else is written once.

use std::borrow::Cow;

use serde::Serialize;

use super::db::{Conn, Read, Tx};
use super::error::StoreError;

/// One query in both spellings.
pub(super) struct Texts {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Read {
    /// The spelling for the database behind this transaction.
    pub(super) fn text(&self, texts: &Texts) -> &'static str {
        match self.conn {
            Conn::Sqlite(_) => texts.sqlite,
            Conn::Postgres(_) => texts.postgres,
        }
    }
}

/// Builds both spellings of a query over the ids bound as a JSON array to `$1`.
macro_rules! over_ids {
    ($head:expr, $tail:literal) => {
        $crate::store::dialect::Texts {
            sqlite: concat!($head, "(SELECT value FROM json_each($1))", $tail),
            postgres: concat!(
                $head,
                "(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)))",
                $tail
            ),
        }
    };
}
pub(super) use over_ids;

/// Builds both spellings of a statement over rows that are bound as a JSON array of objects to `$1` and read
/// as `asked`. With `skip locked`, rows of `held` that another node holds are left out on PostgreSQL.
///
/// A value that is itself JSON arrives as its text. `json_to_recordset` takes each object apart once, which
/// `->>` would do for every column; and `json_each` writes an object down anew for each column that is read
/// from it, unless it is kept. Long texts do not go through JSON at all: they come `with` the rows as one
/// [`Slices`], bound to `$2`.
macro_rules! over_rows {
    (
        $head:expr, [$first:ident $kind:ident $(, $column:ident $kinds:ident)*], with [$($text:ident),*],
        $middle:expr, $lock:literal, $tail:literal
    ) => {
        $crate::store::dialect::Texts {
            sqlite: concat!(
                $head, "(WITH given AS MATERIALIZED (SELECT value FROM json_each($1)) \
                SELECT value->>'", stringify!($first), "' AS ", stringify!($first),
                $(", value->>'", stringify!($column), "' AS ", stringify!($column),)*
                $(", CAST(substr($2, value->>'", stringify!($text), "_at', value->>'", stringify!($text), "_size') \
                    AS TEXT) AS ", stringify!($text),)*
                " FROM given) AS asked", $middle, $tail
            ),
            postgres: concat!(
                $head, "(SELECT given.*",
                $(", convert_from(substr($2, ", stringify!($text), "_at, ", stringify!($text), "_size), 'UTF8') AS ",
                    stringify!($text),)*
                " FROM json_to_recordset(CAST($1 AS JSON)) AS given (", stringify!($first), " ", stringify!($kind),
                $(", ", stringify!($column), " ", stringify!($kinds),)*
                $(", ", stringify!($text), "_at INT, ", stringify!($text), "_size INT",)*
                ")) AS asked", $middle, $lock, $tail
            ),
        }
    };
    ($head:expr, $rows:tt, with $texts:tt, $tail:expr) => {
        $crate::store::dialect::over_rows!($head, $rows, with $texts, $tail, "", "")
    };
    ($head:literal, $rows:tt, $condition:literal, skip locked, $tail:literal) => {
        $crate::store::dialect::over_rows!($head, $rows, with [], $condition, " FOR UPDATE OF held SKIP LOCKED", $tail)
    };
    ($head:expr, $rows:tt, $tail:expr) => {
        $crate::store::dialect::over_rows!($head, $rows, with [], $tail, "", "")
    };
}
pub(super) use over_rows;

/// Long texts of many rows behind one another, for `over_rows!`: to copy them costs less than to take JSON apart.
#[derive(Default)]
pub(super) struct Slices {
    pub(super) bytes: Vec<u8>,
}

/// Where a text stands in [`Slices`], counted in bytes from 1, as SQL counts.
#[derive(Clone, Copy)]
pub(super) struct Slice {
    pub(super) at: usize,
    pub(super) size: usize,
}

impl Slices {
    /// Adds a value as JSON.
    pub(super) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Slice {
        let before = self.bytes.len();
        // Only a value that cannot be written as JSON at all fails, as `to_json` says.
        if serde_json::to_writer(&mut self.bytes, value).is_err() {
            self.bytes.truncate(before);
            self.bytes.extend_from_slice(b"null");
        }
        Slice { at: before + 1, size: self.bytes.len() - before }
    }
}

/// A turn, and plans for it that do not depend on how full the tables were when they were made:
/// on a fresh database PostgreSQL would keep reading whole tables long after they have grown.
const TAKE_TURN: &str = "SELECT pg_advisory_xact_lock(7, $1), set_config('enable_seqscan', 'off', true), \
                         set_config('plan_cache_mode', 'force_generic_plan', true)";

impl Tx {
    /// Lets one transaction at a time go on past this point for each `subject`, until it ends.
    /// From here on it looks rows up by their indexes.
    ///
    /// SQLite has one writer anyway. The pair of numbers is a key space of its own on PostgreSQL, apart
    /// from the single numbers that stand for running programs.
    pub(super) async fn take_turn(&mut self, subject: i32) -> Result<(), StoreError> {
        if let Conn::Postgres(tx) = &mut self.conn {
            sqlx::query(TAKE_TURN).bind(subject).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

/// A text that both databases keep as it is: PostgreSQL refuses NUL characters.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}
