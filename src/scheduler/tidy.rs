//! Keeping the database small: everything kept has an age at which it goes, a batch at a time.

use chrono::TimeDelta;

use super::{PassError, Service};
use crate::store::StoreError;

/// Rows removed in one transaction.
const BATCH: u32 = 500;
/// Sign-ups that were never confirmed: two days longer than the newest confirmation link can live.
const PENDING: TimeDelta = TimeDelta::days(4);
/// Visits to sources.
const RUNS: TimeDelta = TimeDelta::days(90);
/// Validators of pages nobody asks for any more.
const VALIDATORS: TimeDelta = TimeDelta::days(30);
/// What is known of destinations that refused mail.
const DESTINATIONS: TimeDelta = TimeDelta::days(2);
/// What no setting may shorten: editions prove what was shown for this long.
const EDITIONS_AT_LEAST: i64 = 30;

/// What a pass removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Editions.
    pub editions: u64,
    /// Deliveries with their attempts.
    pub deliveries: u64,
    /// Closed requests.
    pub signups: u64,
    /// People who never confirmed.
    pub pending: u64,
    /// Readings of signals.
    pub signals: u64,
}

/// Repeats one bounded removal, each in a transaction of its own, until it finds nothing more.
macro_rules! drain {
    ($db:expr, $tx:ident => $remove:expr) => {{
        let mut removed = 0;
        loop {
            let mut $tx = $db.begin().await?;
            let now_removed: u64 = $remove.await?;
            $tx.commit().await?;
            removed += now_removed;
            if now_removed < u64::from(BATCH) {
                break removed;
            }
        }
    }};
}

/// Removes what is past its age.
pub async fn run(service: &Service) -> Result<Report, PassError> {
    Ok(remove(service).await?)
}

async fn remove(service: &Service) -> Result<Report, StoreError> {
    let (db, now, keep) = (&service.db, service.clock.now(), service.settings.retention);
    let days = |days: i64| now - TimeDelta::days(days);
    let editions = days(keep.editions.max(EDITIONS_AT_LEAST));
    let limit = i64::from(BATCH);
    let report = Report {
        // Deliveries first: an edition is kept for as long as an open delivery needs it.
        deliveries: drain!(db, tx => tx.prune_deliveries(days(keep.attempts.max(EDITIONS_AT_LEAST)), limit)),
        editions: drain!(db, tx => tx.prune_editions(editions, limit)),
        signups: drain!(db, tx => tx.prune_signups(days(keep.signups), limit)),
        pending: drain!(db, tx => tx.prune_pending(now - PENDING, limit)),
        signals: drain!(db, tx => tx.thin_signals(days(keep.signals_daily_after), BATCH)),
    };
    drain!(db, tx => tx.prune_runs(now - RUNS, BATCH));
    let mut tx = db.begin().await?;
    tx.prune_validators(now - VALIDATORS).await?;
    tx.prune_destinations(now - DESTINATIONS).await?;
    tx.commit().await?;
    Ok(report)
}
