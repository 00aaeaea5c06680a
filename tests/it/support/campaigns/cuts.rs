//! A server that takes mails and hangs up before it says so, again and again.

use broadsheet::model::DeliveryState;

use super::{count_in, with_readers};
use crate::support::TestDb;
use crate::support::oracle::{Ledger, Promise};
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Act, Server, Step, Tls};

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Cuts {
    pub deliveries: usize,
    pub connections: usize,
    /// Under `resend`; else under `hold`.
    pub resend: bool,
}

/// Lets every mail be taken and every connection cut, waits for the policy, and counts copies.
pub async fn campaign(db: &TestDb, plan: &Cuts) {
    let post = Server::start(Tls::None);
    post.keep_names_only();
    post.always(Step::Dot, Act::AcceptThenCut);
    let policy = if plan.resend { "resend" } else { "hold" };
    let setup = Setup::new(db, &post)
        .with("mail.connections", &plan.connections.to_string())
        .with("mail.uncertain.digest", policy);
    let service = with_readers(&setup, plan.deliveries).await;
    pass_until(&service, DeliveryState::Uncertain, plan.deliveries).await;
    assert_eq!(post.taken(), plan.deliveries, "each was taken once");

    post.always(Step::Dot, Act::Usual);
    if plan.resend {
        service.pass_after(31).await;
        pass_until(&service, DeliveryState::Accepted, plan.deliveries).await;
    }
    for minutes in [30, 300, 24 * 60] {
        service.pass_after(minutes).await;
    }
    let end = if plan.resend { DeliveryState::Accepted } else { DeliveryState::Unknown };
    let ledger = Ledger::read(db, &post).await;
    let open = if plan.resend { 0 } else { plan.deliveries };
    let resends = i64::from(plan.resend);
    ledger.assert_kept(&Promise { deliveries: plan.deliveries, resends, open, now: service.clock.now() });
    assert_eq!(ledger.count(end), plan.deliveries);
    let copies = if plan.resend { 2 } else { 1 };
    assert_eq!(post.taken(), copies * plan.deliveries);
    assert!(ledger.arrivals().values().all(|&count| count == copies), "{copies} of each, under one name");
    service.app.close().await;
}

/// Makes passes while they get on. A relay that hangs up so often may be left alone for a minute now and then.
async fn pass_until(service: &Service, state: DeliveryState, count: usize) {
    let (mut before, mut idle) = (0, 0);
    while idle < 20 {
        let report = service.pass().await;
        assert_eq!(report.rejected, 0);
        let there = count_in(&service.app.service.db, &[state.as_str()]).await;
        if there == count {
            return;
        }
        if there == before {
            idle += 1;
            service.clock.advance(std::time::Duration::from_secs(61));
        }
        before = there;
    }
    panic!("{before} of {count} mails are {state}");
}
