//! The few texts that differ between the two databases. Everything else is written once.

use std::borrow::Cow;

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

/// Builds both spellings of a claim: PostgreSQL skips rows that another node holds.
macro_rules! claim {
    ($head:literal, $tail:literal) => {
        $crate::store::dialect::Texts {
            sqlite: concat!($head, $tail),
            postgres: concat!($head, " FOR UPDATE SKIP LOCKED", $tail),
        }
    };
}
pub(super) use claim;

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
/// `->>` would do for every column.
macro_rules! over_rows {
    ($head:expr, $rows:tt, $tail:expr) => {
        $crate::store::dialect::over_rows!($head, $rows, $tail, "", "")
    };
    ($head:literal, $rows:tt, $condition:literal, skip locked, $tail:literal) => {
        $crate::store::dialect::over_rows!($head, $rows, $condition, " FOR UPDATE OF held SKIP LOCKED", $tail)
    };
    ($head:expr, [$first:ident $kind:ident $(, $column:ident $kinds:ident)*], $middle:expr, $lock:literal, $tail:literal) => {
        $crate::store::dialect::Texts {
            sqlite: concat!(
                $head, "(SELECT value->>'", stringify!($first), "' AS ", stringify!($first),
                $(", value->>'", stringify!($column), "' AS ", stringify!($column),)*
                " FROM json_each($1)) AS asked", $middle, $tail
            ),
            postgres: concat!(
                $head, "json_to_recordset(CAST($1 AS JSON)) AS asked (", stringify!($first), " ", stringify!($kind),
                $(", ", stringify!($column), " ", stringify!($kinds),)*
                ")", $middle, $lock, $tail
            ),
        }
    };
}
pub(super) use over_rows;

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
