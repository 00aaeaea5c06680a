//! Keeping the database small: everything kept has an age at which it goes, a batch at a time.

use chrono::TimeDelta;

use super::{PassError, Service};
use crate::store::StoreError;

/// Rows removed in the first transaction; how long it took decides how many the next one removes.
const FIRST: u32 = 25;
/// Rows removed in one transaction at most.
const MOST: u32 = 500;
/// A transaction that took longer than this is followed by one of half the size: others want to write too.
const LONG: TimeDelta = TimeDelta::milliseconds(10);
/// One that was shorter than this, by one of twice the size.
const SHORT: TimeDelta = TimeDelta::milliseconds(4);
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
    ($service:expr, $tx:ident, $limit:ident => $remove:expr) => {{
        let (mut removed, mut $limit) = (0, FIRST);
        loop {
            let mut $tx = $service.db.begin().await?;
            let began = $service.clock.now();
            let now_removed: u64 = $remove.await?;
            $tx.commit().await?;
            removed += now_removed;
            if now_removed < u64::from($limit) {
                break removed;
            }
            $limit = next_batch($limit, $service.clock.now() - began);
        }
    }};
}

/// Rows of the next batch, from those of the last one and how long others had to wait for it.
fn next_batch(rows: u32, took: TimeDelta) -> u32 {
    match took {
        took if took > LONG => (rows / 2).max(1),
        took if took < SHORT => (rows * 2).min(MOST),
        _ => rows,
    }
}

/// Removes what is past its age.
pub async fn run(service: &Service) -> Result<Report, PassError> {
    Ok(remove(service).await?)
}

async fn remove(service: &Service) -> Result<Report, StoreError> {
    let (now, keep) = (service.clock.now(), service.settings.retention);
    let days = |days: i64| now - TimeDelta::days(days);
    let editions = days(keep.editions.max(EDITIONS_AT_LEAST));
    let deliveries = days(keep.attempts.max(EDITIONS_AT_LEAST));
    let report = Report {
        // Deliveries first: an edition is kept for as long as an open delivery needs it.
        deliveries: drain!(service, tx, limit => tx.prune_deliveries(deliveries, limit.into())),
        editions: drain!(service, tx, limit => tx.prune_editions(editions, limit.into())),
        signups: drain!(service, tx, limit => tx.prune_signups(days(keep.signups), limit.into())),
        pending: drain!(service, tx, limit => tx.prune_pending(now - PENDING, limit.into())),
        signals: drain!(service, tx, limit => tx.thin_signals(days(keep.signals_daily_after), limit)),
    };
    drain!(service, tx, limit => tx.prune_runs(now - RUNS, limit));
    let mut tx = service.db.begin().await?;
    tx.prune_validators(now - VALIDATORS).await?;
    tx.prune_destinations(now - DESTINATIONS).await?;
    tx.commit().await?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_until_others_would_notice_and_shrink_when_they_do() {
        let quick = |rows| next_batch(rows, TimeDelta::milliseconds(1));
        assert_eq!((quick(FIRST), quick(300), quick(MOST)), (50, MOST, MOST));
        let slow = |rows| next_batch(rows, TimeDelta::milliseconds(11));
        assert_eq!((slow(FIRST), slow(1)), (12, 1));
        assert_eq!(next_batch(40, TimeDelta::milliseconds(7)), 40);
        assert!(next_batch(40, TimeDelta::milliseconds(-3_600_000)) > 40, "a clock that was set back stops nothing");
    }
}
