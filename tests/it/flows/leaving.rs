//! People who use the mail program's own button at random moments of a run.
//!
//! The mail server itself holds a dialogue up, at a random step, until the answer to the button's POST is there.
//! So the order is known without a clock: a mail whose dialogue had not seen its 354 when the page answered has
//! a fence that comes later than the commit, and must not be in the sink.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use broadsheet::model::EmailAddress;
use tokio::runtime::Handle;

use crate::support::campaigns::{Dice, email, with_readers};
use crate::support::oracle::{Ledger, Promise};
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const READERS: usize = 300;
const CONNECTIONS: usize = 4;
/// Two in three readers leave: one in its own dialogue, one while others are served.
const LEAVING: usize = READERS / 3;
/// The steps of its own dialogue at which somebody leaves. The 354 is written after the server acts on DATA.
const MOMENTS: [Step; 4] = [Step::Rcpt, Step::Data, Step::Body, Step::Dot];
/// After so many steps of all dialogues one of the others leaves.
const PACE: usize = 9;

/// What the server's watcher knows.
struct Watch {
    service: Service,
    handle: Handle,
    /// Who leaves at which step of the own dialogue.
    at_step: HashMap<String, Step>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    steps: usize,
    bystanders: Vec<String>,
    /// Whose DATA was answered, so that the fence may have been asked.
    asked: HashSet<String>,
    /// Who left, and whether the fence may have been asked before the page answered.
    left: Vec<(String, bool)>,
}

impl Watch {
    fn see(&self, step: Step, recipients: &[String]) {
        if let Some(address) = recipients.last() {
            if self.at_step.get(address) == Some(&step) {
                self.leave(address);
            }
            if step == Step::Data {
                self.seen().asked.insert(address.clone());
            }
        }
        let bystander = {
            let mut seen = self.seen();
            seen.steps += 1;
            if seen.steps % PACE == 0 { seen.bystanders.pop() } else { None }
        };
        if let Some(address) = bystander {
            self.leave(&address);
        }
    }

    /// Presses the button and waits for the page.
    fn leave(&self, address: &str) {
        let status = self.handle.block_on(async {
            let mut read = self.service.app.service.db.read().await.expect("reads");
            let parsed = EmailAddress::parse(address).expect("an address");
            let person = read.subscriber_by_address(&parsed).await.expect("reads").expect("a reader");
            drop(read);
            let link = self.service.app.service.links.unsubscribe(person.id);
            self.service.post(&link, "List-Unsubscribe=One-Click").await.0
        });
        assert_eq!(status, 200, "{address}");
        let mut seen = self.seen();
        let asked = seen.asked.contains(address);
        seen.left.push((address.to_owned(), asked));
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no panic")
    }
}

both_databases! {
    async fn nothing_whose_fence_comes_later_than_the_button_reaches_anybody(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("mail.connections", &CONNECTIONS.to_string());
        let service = with_readers(&setup, READERS).await;
        let mut dice = Dice(14);
        let at_step = (0..LEAVING).map(|n| (email(n * 3), MOMENTS[dice.below(MOMENTS.len())])).collect();
        let seen = Seen { bystanders: (0..LEAVING).map(|n| email(n * 3 + 1)).collect(), ..Seen::default() };
        let pages = setup.under(service.clock.clone()).await;
        let watch = Arc::new(Watch { service: pages, handle: Handle::current(), at_step, seen: Mutex::new(seen) });
        let watcher = Arc::clone(&watch);
        post.watch(move |step, recipients| watcher.see(step, recipients));

        let report = service.pass().await;
        let ledger = Ledger::read(db, &post).await;
        ledger.assert_kept(&Promise { deliveries: READERS, resends: 0, open: 0, now: service.clock.now() });
        let taken: HashSet<String> = post.journal().into_iter().flat_map(|copy| copy.to).collect();
        let seen = watch.seen();
        assert!(seen.left.len() > LEAVING, "{} left", seen.left.len());
        for (address, asked) in &seen.left {
            let state = &ledger.rows.iter().find(|row| row.address == *address).expect("a delivery").state;
            let arrived = taken.contains(address);
            assert!(*asked || !arrived, "{address} had left before the fence was asked, and got a mail ({state})");
            assert_eq!(state, if arrived { "accepted" } else { "suppressed" }, "{address}");
        }
        // Those who left after RCPT or on DATA had a dialogue that must have been stopped at the fence.
        let late = |step: Option<&Step>| step.is_some_and(|step| [Step::Rcpt, Step::Data].contains(step));
        let stopped = seen.left.iter().filter(|(address, _)| late(watch.at_step.get(address))).count();
        assert!(stopped > 20 && report.fenced as usize >= stopped, "{stopped}: {report:?}");
        drop(seen);
        service.app.close().await;
    }
}
