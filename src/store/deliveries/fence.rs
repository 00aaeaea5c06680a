//! The fence: the durable mark between the server's 354 and the final dot.
//!
//! Many sessions come to it at once, so the marks of all of them are one statement.

use std::collections::HashSet;

use serde_json::json;

use super::super::db::{Tx, on_conn};
use super::super::dialect::{Texts, over_rows};
use super::super::error::StoreError;
use super::super::json::to_json;
use super::outcome::{Ended, OutcomeMark};
use crate::model::{DeliveryId, Timestamp, micros};

/// The durable mark between the server's 354 and the final dot.
#[derive(Debug, Clone)]
pub struct FenceMark {
    /// Which delivery.
    pub id: DeliveryId,
    /// The claim that asks.
    pub epoch: i64,
    /// SHA-256, in hex, by which to know the bytes about to leave: of the headers when a signature in them covers the
    /// body, else of all.
    pub body_sha256: String,
    /// Hash of the templates that made them.
    pub template_hash: String,
    /// Until when the reply is awaited.
    pub lease_until: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// Whether anybody still wants the mail: a digest goes to active subscribers alone, nothing to suppressed addresses.
macro_rules! is_wanted {
    () => {
        "(kind <> 'digest' OR EXISTS (SELECT 1 FROM subscribers p WHERE p.bucket = deliveries.bucket \
            AND p.id = deliveries.subscriber_id AND p.state = 'active')) \
         AND NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.bucket = deliveries.bucket \
            AND s.address_hash = deliveries.address_hash)"
    };
}

/// Each mark has its own time: it decides whether the mail is too late.
const PASS: Texts = over_rows!(
    "UPDATE deliveries SET state = 'handing_off', state_at = asked.at, fenced_at = asked.at, \
     body_sha256 = asked.sha, template_hash = asked.templates, lease_until = asked.until FROM ",
    [id BIGINT, epoch BIGINT, at BIGINT, until BIGINT, sha TEXT, templates TEXT],
    concat!(
        " WHERE deliveries.bucket = (asked.id & 255) AND deliveries.id = asked.id AND deliveries.epoch = asked.epoch \
         AND state = 'leased' AND expires_at > asked.at AND NOT EXISTS (SELECT 1 FROM sending WHERE paused = 1) AND ",
        is_wanted!(),
        " RETURNING deliveries.id"
    )
);

impl Tx {
    /// Passes the fence: `leased -> handing_off`, each mail whose claim still holds and that is still wanted.
    ///
    /// The answers stand in the order of the marks.
    pub async fn pass_fences(&mut self, marks: &[&FenceMark]) -> Result<Vec<bool>, StoreError> {
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<_> = marks
            .iter()
            .map(|mark| {
                json!({
                    "id": mark.id.0, "epoch": mark.epoch, "at": micros(mark.now),
                    "until": micros(mark.lease_until), "sha": mark.body_sha256, "templates": mark.template_hash,
                })
            })
            .collect();
        let sql = self.text(&PASS);
        let rows = to_json(&rows);
        let passed: Vec<(i64,)> = on_conn!(self, conn => sqlx::query_as(sql).bind(rows).fetch_all(conn).await)?;
        let mut passed: HashSet<DeliveryId> = passed.into_iter().map(|(id,)| DeliveryId(id)).collect();
        // Who asks twice for one claim is let through once.
        Ok(marks.iter().map(|mark| passed.remove(&mark.id)).collect())
    }

    /// A mail stopped at the fence ends when nobody wants it any more; otherwise it is given back,
    /// as when sending was paused meanwhile. A claim that was lost is not touched.
    ///
    /// The row may say that the fence was passed, when the answer to that commit never came. The worker
    /// has closed its connection, so nothing left.
    pub(super) async fn end_or_give_back(&mut self, mark: &OutcomeMark) -> Result<bool, StoreError> {
        const SQL: &str = concat!(
            "UPDATE deliveries SET state_at = $4, lease_owner = NULL, lease_until = NULL, \
             state = CASE WHEN expires_at > $4 AND ",
            is_wanted!(),
            " THEN 'ready' WHEN resends > 0 THEN 'unknown' WHEN expires_at <= $4 THEN 'expired' ELSE 'suppressed' END \
             WHERE bucket = $1 AND id = $2 AND epoch = $3 AND state IN ('leased', 'handing_off') \
             RETURNING edition_id, state, resends"
        );
        let id = mark.delivery.id;
        let row: Option<Ended> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(mark.delivery.epoch).bind(micros(mark.now))
            .fetch_optional(conn).await)?;
        let Some(ended) = row else { return Ok(false) };
        self.void_if_unsent(&ended).await?;
        Ok(true)
    }
}
