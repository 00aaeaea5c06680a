//! The few texts that differ between the two databases. Everything else is written once.

use super::db::{Conn, Read};

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
