//! Mails that a server took: the result that nearly all of them have, so it is recorded for many at once.

use std::collections::HashSet;

use serde_json::json;

use super::super::db::{Tx, on_conn};
use super::super::dialect::{Texts, over_rows, storable};
use super::super::error::StoreError;
use super::super::json::to_json;
use super::outcome::OutcomeMark;
use crate::model::{DeliveryId, micros};

/// What [`Tx::record_acceptances`] binds, as a table.
macro_rules! over_marks {
    ($head:literal, $tail:literal) => {
        over_rows!(
            concat!($head, " FROM "),
            [id BIGINT, epoch BIGINT, person BIGINT, at BIGINT, code BIGINT, counts BIGINT, reply TEXT],
            concat!(" ", $tail)
        )
    };
}

/// The people's rows come first, as whoever unsubscribes takes them.
const FORGIVE: Texts = over_marks!(
    "UPDATE subscribers SET soft_bounces = 0",
    "WHERE subscribers.bucket = (asked.person & 255) AND subscribers.id = asked.person AND soft_bounces > 0"
);

/// An erased person's mail keeps no reply: it may quote the address.
const LOG: Texts = over_marks!(
    "INSERT INTO attempts (bucket, delivery_id, epoch, at, phase, outcome, code, reply) \
     SELECT deliveries.bucket, deliveries.id, asked.epoch, asked.at, 'dot', 'accepted', asked.code, \
        CASE WHEN address = '' THEN '' ELSE asked.reply END",
    "JOIN deliveries ON deliveries.bucket = (asked.id & 255) AND deliveries.id = asked.id WHERE TRUE \
     ON CONFLICT DO NOTHING"
);

/// Any answer to this epoch counts, however late; and a copy that was taken makes every other one needless
/// that is not on the wire.
const ACCEPT: Texts = over_marks!(
    "UPDATE deliveries SET state = 'accepted', state_at = asked.at, attempts = attempts + asked.counts, \
     last_phase = 'dot', last_code = asked.code, last_enhanced = NULL, \
     last_reply = CASE WHEN address = '' THEN NULL ELSE asked.reply END, lease_owner = NULL, lease_until = NULL",
    "WHERE deliveries.bucket = (asked.id & 255) AND deliveries.id = asked.id AND \
     (deliveries.epoch = asked.epoch AND state = 'handing_off' OR deliveries.epoch >= asked.epoch \
        AND fenced_at IS NOT NULL AND state IN ('ready', 'leased', 'retry_wait', 'uncertain', 'unknown')) \
     RETURNING deliveries.id"
);

impl Tx {
    /// Records that a server took these mails. The answers say, in order, whether each claim still held.
    pub(in crate::store) async fn record_acceptances(
        &mut self,
        marks: &[&OutcomeMark],
    ) -> Result<Vec<bool>, StoreError> {
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<_> = marks
            .iter()
            .map(|mark| {
                json!({
                    "id": mark.delivery.id.0, "epoch": mark.delivery.epoch, "at": micros(mark.now),
                    "person": mark.delivery.subscriber.map(|person| person.0), "code": mark.code,
                    "counts": i64::from(mark.counts), "reply": storable(&mark.reply),
                })
            })
            .collect();
        let rows = to_json(&rows);
        for sql in [self.text(&FORGIVE), self.text(&LOG)] {
            on_conn!(self, conn => sqlx::query(sql).bind(&rows).execute(conn).await.map(|_| ()))?;
        }
        let sql = self.text(&ACCEPT);
        let held: Vec<(i64,)> = on_conn!(self, conn => sqlx::query_as(sql).bind(&rows).fetch_all(conn).await)?;
        let held: HashSet<DeliveryId> = held.into_iter().map(|(id,)| DeliveryId(id)).collect();
        Ok(marks.iter().map(|mark| held.contains(&mark.delivery.id)).collect())
    }
}
