//! Putting right what a crash, a frozen node or time itself left behind.

use chrono::TimeDelta;

use super::super::{PassError, Service};
use crate::store::deliveries::UncertainPolicy;
use crate::store::{Liveness, StoreError};

/// An uncertain transactional mail is sent once more after this.
const RESEND_AFTER: TimeDelta = TimeDelta::minutes(30);
/// An uncertain mail that nothing settled becomes unknown after this.
const UNKNOWN_AFTER: TimeDelta = TimeDelta::hours(24);
/// Deliveries ended in one transaction.
const BATCH: i64 = 200;

/// Takes back leases of the dead, ends what is too late, settles what is uncertain for too long.
pub async fn recover(service: &Service) -> Result<(), PassError> {
    take_back_leases(service).await?;
    while expire(service).await? == u64::try_from(BATCH).unwrap_or(0) {}
    settle(service).await?;
    Ok(())
}

async fn take_back_leases(service: &Service) -> Result<(), StoreError> {
    let owners = service.db.read().await?.lease_owners().await?;
    for owner in owners {
        let dead = owner != service.owner && service.db.liveness(&owner).await? == Liveness::Dead;
        let mut tx = service.db.begin().await?;
        let (ready, uncertain) = tx.break_leases(&owner, dead, service.clock.now()).await?;
        tx.commit().await?;
        if ready + uncertain > 0 {
            tracing::warn!(ready, uncertain, dead, "took back leases of another run");
        }
    }
    Ok(())
}

async fn expire(service: &Service) -> Result<u64, StoreError> {
    let mut tx = service.db.begin().await?;
    let expired = tx.expire_deliveries(service.clock.now(), BATCH).await?;
    tx.commit().await?;
    Ok(expired)
}

/// Applies the operator's policies to mails that have been uncertain for long enough.
pub async fn settle(service: &Service) -> Result<(), StoreError> {
    let now = service.clock.now();
    let settings = &service.settings;
    let mut tx = service.db.begin().await?;
    for (transactional, policy) in [(true, settings.uncertain_transactional), (false, settings.uncertain_digest)] {
        if policy == UncertainPolicy::Resend {
            tx.settle_uncertain(transactional, policy, now - RESEND_AFTER, now).await?;
        }
        tx.settle_uncertain(transactional, UncertainPolicy::Hold, now - UNKNOWN_AFTER, now).await?;
    }
    tx.commit().await
}
