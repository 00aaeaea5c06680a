//! What must hold before a pass sends anything: the database can be written, and it knows what was sent.
//!
//! A fence that cannot be written is refused, so nothing depends on these looks beforehand but the patience
//! of mail servers, on whom no dialogue is tried in vain. What cannot be noticed later is a database that
//! was put back to an earlier day: its passes would send the same mails again, so it holds itself back.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use super::deliver::{self, Report};
use super::{PassError, Service, Stop};
use crate::store::StoreError;

/// While a pass sends, its going on is noted this often: a copy taken in the middle of it is older then.
const NOTE: Duration = Duration::from_secs(60);

/// A pass of deliveries, if mail may leave.
///
/// # Errors
///
/// Those of the pass, and a database that cannot be written.
pub async fn deliver(service: &Arc<Service>, stop: &Stop) -> Result<Report, PassError> {
    let now = service.clock.now();
    deliver::recover(service).await?;
    let mut read = service.db.read().await?;
    let (is_paused, is_due) = (read.sending().await?.paused, read.is_anything_claimable(now).await?);
    drop(read);
    if is_paused || !is_due {
        service.db.prove_writable(now).await?;
        return Ok(Report { held_back: is_paused, ..Report::default() });
    }
    if !is_known(service).await? {
        return Ok(Report { held_back: true, ..Report::default() });
    }
    tokio::select! {
        report = deliver::run(service, stop) => report,
        never = keep_noting(service) => match never {},
    }
}

/// Looks at the beginning of a program whether it may send at all: an operator who has put a backup in place
/// looks now, and not when the next mail is due.
///
/// # Errors
///
/// A database that cannot be written.
pub async fn look(service: &Service) -> Result<(), StoreError> {
    if !service.db.read().await?.sending().await?.paused {
        is_known(service).await?;
    }
    Ok(())
}

/// Takes back what a pass of this program had claimed when it failed, since no other pass of it runs now.
///
/// # Errors
///
/// A database that cannot be written.
pub async fn drop_claims(service: &Service) -> Result<(), StoreError> {
    let mut tx = service.db.begin().await?;
    tx.release_claims(&service.owner, service.clock.now()).await?;
    tx.commit().await
}

/// Asks whether the database knows what was sent, and holds all mail back when it does not.
async fn is_known(service: &Service) -> Result<bool, StoreError> {
    let now = service.clock.now();
    let Some(foreign) = service.db.clear_to_send(now).await? else { return Ok(true) };
    let reason = format!("{foreign}. Read \"Restore\" in docs/OPERATING.md, then `broadsheet sending resume`");
    tracing::error!("all mail is held back: {reason}");
    let mut tx = service.db.begin().await?;
    tx.set_sending(true, &reason, now).await?;
    tx.commit().await?;
    Ok(false)
}

async fn keep_noting(service: &Service) -> Infallible {
    loop {
        tokio::time::sleep(NOTE).await;
        if let Err(error) = is_known(service).await {
            tracing::debug!(%error, "that mail is being sent cannot be noted");
        }
    }
}
