//! What becomes of a delivery: the result of a try, and the ends that come by themselves.

use super::super::db::{Tx, on_conn};
use super::super::error::StoreError;
use super::claim::Claimed;
use crate::model::{
    DeliveryId, DeliveryState, EditionId, End, Outcome, Phase, SubscriberId, SubscriberState, Timestamp, micros,
};

/// Soft bounces in a row after which an address is suppressed.
const SOFT_BOUNCE_LIMIT: i64 = 3;

/// What one try came to, ready to be recorded.
#[derive(Debug, Clone)]
pub struct OutcomeMark {
    /// The claim this is about.
    pub delivery: Claimed,
    /// How it ended.
    pub outcome: Outcome,
    /// How far the dialogue came.
    pub phase: Phase,
    /// The server's reply code, when there was one.
    pub code: Option<u16>,
    /// The enhanced status code (RFC 3463), such as `5.1.1`.
    pub enhanced: Option<String>,
    /// The reply's text, already short and printable.
    pub reply: String,
    /// For a temporary failure: when to try again.
    pub retry_at: Timestamp,
    /// Whether this counts as an attempt; our own failures do not.
    pub counts: bool,
    /// Now.
    pub now: Timestamp,
}

/// Records a result in the rows that `$which` allows. An erased person's mail keeps no reply: it may quote the address.
macro_rules! set_outcome {
    ($which:literal) => {
        concat!(
            "UPDATE deliveries SET state = ",
            truthful!("$4"),
            ", state_at = $5, attempts = attempts + $6, not_before = $7, \
             last_phase = $8, last_code = $9, last_enhanced = $10, \
             last_reply = CASE WHEN address = '' THEN NULL ELSE $11 END, lease_owner = NULL, lease_until = NULL \
             WHERE bucket = $1 AND id = $2 AND ",
            $which,
            " RETURNING edition_id, state, resends"
        )
    };
}

/// The state to end in. "It did not leave" cannot be said when an earlier copy may have arrived.
macro_rules! truthful {
    ($state:literal) => {
        concat!(
            "CASE WHEN resends > 0 AND ",
            $state,
            " IN ('expired', 'suppressed') THEN 'unknown' ELSE ",
            $state,
            " END"
        )
    };
}

/// Where an update left a row: the edition it carries, its state, its resends.
pub(super) type Ended = (Option<i64>, String, i64);

/// What to do with a mail whose fate a crash left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UncertainPolicy {
    /// Never send again; after a day it is `unknown`.
    Hold,
    /// Send once more, with the same Message-ID.
    Resend,
}

impl Tx {
    /// Records what a try came to, with everything that follows from it. `false`: the claim no longer holds.
    ///
    /// A reply that arrives after the lease was lost is evidence all the same: it settles an uncertain mail.
    /// The subscriber's row is taken before the delivery's, as whoever unsubscribes takes them.
    pub async fn record_outcome(&mut self, mark: &OutcomeMark) -> Result<bool, StoreError> {
        let too_late = mark.retry_at >= mark.delivery.expires_at;
        let end = End { outcome: mark.outcome, counts: mark.counts, too_late };
        let state = match end.state() {
            Some(DeliveryState::Accepted) => return Ok(self.record_acceptances(&[mark]).await? == [true]),
            Some(state) => state,
            None => {
                self.log_attempt(mark).await?;
                return self.end_or_give_back(mark).await;
            }
        };
        let bounces = match (mark.outcome, mark.delivery.subscriber) {
            (Outcome::SoftBounce | Outcome::AddressDead, Some(subscriber)) => self.soft_bounces(subscriber).await?,
            _ => 0,
        };
        self.log_attempt(mark).await?;
        let Some(ended) = self.set_outcome(mark, state).await? else { return Ok(false) };
        self.void_if_unsent(&ended).await?;
        match mark.outcome {
            Outcome::AddressDead => self.bury(mark, mark.delivery.subscriber).await?,
            Outcome::SoftBounce if bounces + 1 >= SOFT_BOUNCE_LIMIT => {
                self.bury(mark, mark.delivery.subscriber).await?
            }
            Outcome::SoftBounce => self.count_soft_bounce(mark).await?,
            _ => {}
        }
        Ok(true)
    }

    /// The edition of a mail that ended and certainly did not arrive counts as not shown.
    pub(super) async fn void_if_unsent(&mut self, (edition, state, resends): &Ended) -> Result<(), StoreError> {
        let unsent = *resends == 0 && ["rejected", "expired", "suppressed"].contains(&state.as_str());
        match edition {
            Some(edition) if unsent => self.void_edition(EditionId(*edition)).await,
            _ => Ok(()),
        }
    }

    async fn set_outcome(&mut self, mark: &OutcomeMark, state: DeliveryState) -> Result<Option<Ended>, StoreError> {
        // Before the fence only the holder of the lease may speak.
        const BEFORE: &str = set_outcome!("epoch = $3 AND state = 'leased'");
        // That nobody answered is news only while an answer is awaited.
        const SILENCE: &str = set_outcome!("epoch = $3 AND state = 'handing_off'");
        // Any answer to this epoch counts, however late.
        const ANSWER: &str = set_outcome!("epoch = $3 AND state IN ('handing_off', 'uncertain', 'unknown')");
        let sql = match mark.outcome {
            _ if mark.phase != Phase::Dot => BEFORE,
            Outcome::Uncertain => SILENCE,
            _ => ANSWER,
        };
        let id = mark.delivery.id;
        Ok(on_conn!(self, conn => sqlx::query_as(sql)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(mark.delivery.epoch).bind(state.as_str())
            .bind(micros(mark.now)).bind(i64::from(mark.counts)).bind(micros(mark.retry_at))
            .bind(mark.phase.as_str()).bind(mark.code.map(i64::from)).bind(&mark.enhanced).bind(&mark.reply)
            .fetch_optional(conn).await)?)
    }

    pub(super) async fn log_attempt(&mut self, mark: &OutcomeMark) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO attempts (bucket, delivery_id, epoch, at, phase, outcome, code, enhanced, reply) \
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN address = '' THEN '' ELSE $9 END \
            FROM deliveries WHERE bucket = $1 AND id = $2 ON CONFLICT DO NOTHING";
        let id = mark.delivery.id;
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(mark.delivery.epoch).bind(micros(mark.now))
            .bind(mark.phase.as_str()).bind(mark.outcome.as_str()).bind(mark.code.map(i64::from))
            .bind(&mark.enhanced).bind(&mark.reply).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// The address does not exist: suppress it, and close what else is on its way there.
    async fn bury(&mut self, mark: &OutcomeMark, subscriber: Option<SubscriberId>) -> Result<(), StoreError> {
        let bucket = mark.delivery.id.bucket();
        self.suppress(bucket, &mark.delivery.address_hash, "bounced", "smtp", mark.now).await?;
        if let Some(subscriber) = subscriber {
            self.set_subscriber_state(subscriber, SubscriberState::Bounced, None, None, mark.now).await?;
            self.suppress_deliveries(subscriber, mark.now).await?;
        }
        Ok(())
    }

    /// Soft bounces in a row so far, with the subscriber's row locked.
    async fn soft_bounces(&mut self, subscriber: SubscriberId) -> Result<i64, StoreError> {
        const SQL: &str = "UPDATE subscribers SET soft_bounces = soft_bounces \
            WHERE bucket = $1 AND id = $2 RETURNING soft_bounces";
        let row: Option<(i64,)> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(subscriber.bucket().0)).bind(subscriber.0).fetch_optional(conn).await)?;
        Ok(row.map_or(0, |(count,)| count))
    }

    async fn count_soft_bounce(&mut self, mark: &OutcomeMark) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE subscribers SET soft_bounces = soft_bounces + 1 WHERE bucket = $1 AND id = $2";
        let Some(subscriber) = mark.delivery.subscriber else { return Ok(()) };
        on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(subscriber.bucket().0)).bind(subscriber.0).execute(conn).await.map(|_| ()))?;
        Ok(())
    }

    /// Stops every mail to a subscriber that is not past the fence. Their editions are void.
    ///
    /// What is past it may still arrive, but is not tried again.
    pub async fn suppress_deliveries(&mut self, subscriber: SubscriberId, now: Timestamp) -> Result<u64, StoreError> {
        const STOP: &str = concat!(
            "UPDATE deliveries SET state = ",
            truthful!("'suppressed'"),
            ", state_at = $3, lease_owner = NULL, lease_until = NULL \
             WHERE bucket = $1 AND subscriber_id = $2 AND state IN ('ready', 'leased', 'retry_wait')"
        );
        const LAST: &str = "UPDATE deliveries SET expires_at = $3 WHERE bucket = $1 AND subscriber_id = $2 \
            AND state IN ('handing_off', 'uncertain') AND expires_at > $3";
        self.suppress_by([STOP, LAST], subscriber, now).await
    }

    /// Stops the digests of a subscriber that are not past the fence; other mails may go. For a pause.
    pub async fn suppress_digests(&mut self, subscriber: SubscriberId, now: Timestamp) -> Result<u64, StoreError> {
        const STOP: &str = concat!(
            "UPDATE deliveries SET state = ",
            truthful!("'suppressed'"),
            ", state_at = $3, lease_owner = NULL, lease_until = NULL WHERE bucket = $1 AND subscriber_id = $2 \
             AND kind = 'digest' AND state IN ('ready', 'leased', 'retry_wait')"
        );
        const LAST: &str = "UPDATE deliveries SET expires_at = $3 WHERE bucket = $1 AND subscriber_id = $2 \
            AND kind = 'digest' AND state IN ('handing_off', 'uncertain') AND expires_at > $3";
        self.suppress_by([STOP, LAST], subscriber, now).await
    }

    async fn suppress_by(
        &mut self,
        [stop, last]: [&'static str; 2],
        subscriber: SubscriberId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        const VOID: &str = "UPDATE editions SET void = 1 WHERE bucket = $1 AND subscriber_id = $2 AND void = 0 \
            AND id IN (SELECT edition_id FROM deliveries WHERE bucket = $1 AND subscriber_id = $2 \
                AND state = 'suppressed' AND state_at = $3)";
        let (bucket, id, now) = (i64::from(subscriber.bucket().0), subscriber.0, micros(now));
        on_conn!(self, conn => sqlx::query(last).bind(bucket).bind(id).bind(now).execute(conn).await.map(|_| ()))?;
        let stopped = on_conn!(self, conn => sqlx::query(stop)
            .bind(bucket).bind(id).bind(now).execute(conn).await.map(|done| done.rows_affected()))?;
        if stopped > 0 {
            on_conn!(self, conn => sqlx::query(VOID).bind(bucket).bind(id).bind(now).execute(conn).await.map(|_| ()))?;
        }
        Ok(stopped)
    }

    /// Ends deliveries whose time is over, at most `limit`; their editions are void.
    pub async fn expire_deliveries(&mut self, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
        const SQL: &str = concat!(
            "UPDATE deliveries SET state = ",
            truthful!("'expired'"),
            ", state_at = $1, lease_owner = NULL, lease_until = NULL \
             WHERE (bucket, id) IN (SELECT bucket, id FROM deliveries \
                WHERE stage IN (1, 2) AND state IN ('ready', 'leased', 'retry_wait') AND expires_at <= $1 LIMIT $2) \
             AND state IN ('ready', 'leased', 'retry_wait') RETURNING edition_id, state, resends"
        );
        let rows: Vec<Ended> =
            on_conn!(self, conn => sqlx::query_as(SQL).bind(micros(now)).bind(limit).fetch_all(conn).await)?;
        for ended in &rows {
            self.void_if_unsent(ended).await?;
        }
        Ok(rows.len() as u64)
    }

    /// Settles mails of the given kinds (`transactional` or digests) that are uncertain since before `since`.
    ///
    /// Under `Resend` a mail that was not resent yet is ready again until `expires_at` passes; under `Hold`,
    /// or when it was resent before, it becomes unknown. Returns how many moved.
    pub async fn settle_uncertain(
        &mut self,
        transactional: bool,
        policy: UncertainPolicy,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        const RESEND: &str = "UPDATE deliveries SET state = 'ready', state_at = $3, not_before = $3, \
            resends = resends + 1, lease_owner = NULL WHERE stage = 2 AND state = 'uncertain' AND state_at <= $2 \
            AND resends = 0 AND expires_at > $3 AND (CASE WHEN kind = 'digest' THEN 0 ELSE 1 END) = $1";
        const UNKNOWN: &str = "UPDATE deliveries SET state = 'unknown', state_at = $3, lease_owner = NULL \
            WHERE stage = 2 AND state = 'uncertain' AND state_at <= $2 \
            AND (CASE WHEN kind = 'digest' THEN 0 ELSE 1 END) = $1";
        let sql = match policy {
            UncertainPolicy::Hold => UNKNOWN,
            UncertainPolicy::Resend => RESEND,
        };
        Ok(on_conn!(self, conn => sqlx::query(sql)
            .bind(i64::from(transactional)).bind(micros(since)).bind(micros(now))
            .execute(conn).await.map(|done| done.rows_affected()))?)
    }

    /// The operator says that an uncertain or unknown mail arrived. `false` when it is neither.
    pub async fn settle_accepted(&mut self, id: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE deliveries SET state = 'accepted', state_at = $3, lease_owner = NULL \
            WHERE bucket = $1 AND id = $2 AND state IN ('uncertain', 'unknown')";
        let done = on_conn!(self, conn => sqlx::query(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(micros(now))
            .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// The operator wants a mail sent (again) until `expires_at`. `false` when its state forbids it.
    ///
    /// `from_uncertain` chooses between uncertain or unknown mails and those that ended without leaving.
    pub async fn send_again(
        &mut self,
        id: DeliveryId,
        from_uncertain: bool,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE deliveries SET state = 'ready', state_at = $3, not_before = $3, expires_at = $4, \
            resends = resends + $5, lease_owner = NULL WHERE bucket = $1 AND id = $2 AND address <> '' AND \
            (($5 = 1 AND state IN ('uncertain', 'unknown')) \
                OR ($5 = 0 AND state IN ('rejected', 'expired', 'retry_wait'))) \
            RETURNING edition_id";
        let row: Option<(Option<i64>,)> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(id.bucket().0)).bind(id.0).bind(micros(now)).bind(micros(expires_at))
            .bind(i64::from(from_uncertain)).fetch_optional(conn).await)?;
        if let Some((Some(edition),)) = row {
            self.revive_edition(EditionId(edition)).await?;
        }
        Ok(row.is_some())
    }
}
