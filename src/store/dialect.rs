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

/// Builds both spellings of a claim of the deliveries whose ids are bound as a JSON array to `$1`:
/// PostgreSQL skips rows that another node holds.
macro_rules! claim {
    ($head:literal, $tail:literal) => {
        $crate::store::dialect::Texts {
            sqlite: concat!($head, "(SELECT value & 255, value FROM json_each($1))", $tail),
            postgres: concat!(
                $head,
                "(SELECT CAST(value AS BIGINT) & 255, CAST(value AS BIGINT) \
                  FROM json_array_elements_text(CAST($1 AS JSON))) FOR UPDATE SKIP LOCKED",
                $tail
            ),
        }
    };
}
pub(super) use claim;

/// Builds both spellings of a query that asks for the same few rows of each of the texts bound as a JSON array
/// to `$1`: `$rows` selects `bucket, id` of one of them, which it calls `wanted.value`.
macro_rules! for_each_text {
    ($rows:literal) => {
        $crate::store::dialect::Texts {
            sqlite: concat!(
                "SELECT d.bucket, d.id FROM json_each($1) wanted CROSS JOIN deliveries d ON (d.bucket, d.id) IN (",
                $rows,
                ")"
            ),
            postgres: concat!(
                "SELECT d.bucket, d.id FROM json_array_elements_text(CAST($1 AS JSON)) wanted CROSS JOIN LATERAL (",
                $rows,
                ") d"
            ),
        }
    };
}
pub(super) use for_each_text;

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
