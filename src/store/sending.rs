//! Whether mail may leave at all, and who is signed in to say so.

use super::db::{Read, Tx, on_conn};
use super::error::StoreError;
use crate::model::{Timestamp, from_micros, micros};

/// The switch that stops all mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Whether mail is held back.
    pub paused: bool,
    /// Why, in the operator's or the program's words.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

impl Read {
    /// How the switch stands.
    pub async fn sending(&mut self) -> Result<Sending, StoreError> {
        const SQL: &str = "SELECT paused, reason, since FROM sending WHERE id = 1";
        let (paused, reason, since): (i64, String, i64) =
            on_conn!(self, conn => sqlx::query_as(SQL).fetch_one(conn).await)?;
        Ok(Sending { paused: paused != 0, reason, since: from_micros(since) })
    }

    /// Whether an operator's session is known and not over.
    pub async fn admin_session(&mut self, token_sha256: &str, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) FROM admin_sessions WHERE token_sha256 = $1 AND expires_at > $2";
        let (count,): (i64,) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(token_sha256).bind(micros(now)).fetch_one(conn).await)?;
        Ok(count == 1)
    }
}

impl Tx {
    /// Sets the switch.
    pub async fn set_sending(&mut self, paused: bool, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE sending SET paused = $1, reason = $2, since = $3 WHERE id = 1";
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(paused)).bind(reason).bind(micros(now)).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Remembers a signed-in operator until `expires_at`, and forgets those whose time is over.
    pub async fn insert_admin_session(
        &mut self,
        token_sha256: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        const OLD: &str = "DELETE FROM admin_sessions WHERE expires_at <= $1";
        const NEW: &str = "INSERT INTO admin_sessions (token_sha256, created_at, expires_at) VALUES ($1, $2, $3)";
        on_conn!(self, conn => sqlx::query(OLD).bind(micros(now)).execute(conn).await.map(|_| ()))?;
        on_conn!(self, conn => sqlx::query(NEW)
            .bind(token_sha256).bind(micros(now)).bind(micros(expires_at)).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Signs an operator out.
    pub async fn delete_admin_session(&mut self, token_sha256: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM admin_sessions WHERE token_sha256 = $1";
        on_conn!(self, conn => sqlx::query(SQL).bind(token_sha256).execute(conn).await.map(|_| ()))?;
        Ok(())
    }
}
