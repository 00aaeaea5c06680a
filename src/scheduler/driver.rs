//! What wakes the reconcilers: a timer, so that nothing waits for ever, and a bell, so that nobody waits long.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::{PassError, Service, Stop, clearance, fetch, plan, signup, tidy};

/// How often to look whether anybody is due or has signed up.
const LOOK: Duration = Duration::from_secs(15);
/// How often to look whether a source is due.
const FETCH_LOOK: Duration = Duration::from_secs(30);
/// How often to tidy up.
const TIDY: Duration = Duration::from_secs(3600);

/// Runs everything until `stop`, and comes back when the last pass has ended.
pub async fn run(service: Arc<Service>, stop: Stop) {
    if let Err(error) = clearance::look(&service).await {
        tracing::debug!(%error, "the database is asked again before mail is sent");
    }
    let outgoing = Arc::new(Notify::new());
    let people = repeat(&service, "planning", LOOK, Arc::clone(&service.bell), stop.clone(), || {
        let (service, outgoing) = (Arc::clone(&service), Arc::clone(&outgoing));
        async move {
            signup::run(&service).await?;
            plan::run(&service).await?;
            outgoing.notify_one();
            Ok(())
        }
    });
    // Whether the last pass of deliveries came to its end.
    let is_clean = Arc::new(AtomicBool::new(true));
    let mails = repeat(&service, "delivery", LOOK, Arc::clone(&outgoing), stop.clone(), || {
        let (service, stop, is_clean) = (Arc::clone(&service), stop.clone(), Arc::clone(&is_clean));
        async move {
            if !is_clean.swap(false, Ordering::SeqCst) {
                clearance::drop_claims(&service).await?;
            }
            clearance::deliver(&service, &stop).await?;
            is_clean.store(true, Ordering::SeqCst);
            Ok(())
        }
    });
    let papers = repeat(&service, "fetching", FETCH_LOOK, Arc::default(), stop.clone(), || {
        let (service, mut stop) = (Arc::clone(&service), stop.clone());
        async move {
            // A visit broken off loses nothing: each page is stored whole or not at all, and whoever comes
            // next sees that this program is gone and begins again.
            let visits = tokio::select! {
                visits = fetch::run(&service, None) => visits?,
                () = stop.wait() => return Ok(()),
            };
            if visits.iter().any(|visit| visit.counts.new_papers > 0) {
                service.bell.notify_one();
            }
            Ok(())
        }
    });
    let rubbish = repeat(&service, "tidying", TIDY, Arc::default(), stop.clone(), || {
        let service = Arc::clone(&service);
        async move { tidy::run(&service).await.map(drop) }
    });
    tokio::join!(people, mails, papers, rubbish);
}

/// Makes a pass now, after each `pause`, and whenever `bell` rings. A failed pass is logged; the next one
/// starts from what the database says. While the database cannot be written there are no passes.
async fn repeat<F, P>(
    service: &Service,
    what: &'static str,
    pause: Duration,
    bell: Arc<Notify>,
    mut stop: Stop,
    mut pass: F,
) where
    F: FnMut() -> P,
    P: Future<Output = Result<(), PassError>>,
{
    while !stop.is_set() {
        if is_writable(service).await
            && let Err(error) = pass().await
            && !explains(service, &error).await
        {
            tracing::error!(what, %error, "a pass failed and will be repeated");
        }
        tokio::select! {
            () = stop.wait() => return,
            () = bell.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Whether it is worth trying: asks the database only when it failed before.
async fn is_writable(service: &Service) -> bool {
    service.db.outage().is_none() || service.db.prove_writable(service.clock.now()).await.is_ok()
}

/// Whether a pass failed because the database cannot be written, which then stands in the log once.
async fn explains(service: &Service, error: &PassError) -> bool {
    matches!(error, PassError::Store(error) if error.is_temporary())
        && service.db.prove_writable(service.clock.now()).await.is_err()
}
