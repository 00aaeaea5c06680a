//! The life of a delivery as a property: whatever two programs, a person and an operator do in whatever order.

use broadsheet::model::{DeliveryId, DeliveryState, Outcome, Phase, SubscriberState, Timestamp};
use broadsheet::store::deliveries::{Claimed, UncertainPolicy};
use broadsheet::store::subscribers::Subscriber;
use broadsheet::store::{Db, Tx};
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::databases::for_all;
use crate::support::outbox::{claim, digest, ended, fence, record, state, subscribe};
use crate::support::papers::noon;
use crate::support::{TestDb, both_databases};

const OWNERS: [&str; 2] = ["one", "two"];

#[derive(Debug, Clone, Copy)]
enum Event {
    Claim(usize),
    Fence(usize),
    Outcome(usize, Outcome),
    Release(usize),
    BreakLeases(usize, bool),
    Wait(i64),
    Expire,
    Leave,
    Suppress,
    PauseSending(bool),
    Settle(UncertainPolicy),
    SettleAccepted,
    SendAgain(bool),
}

fn event() -> impl Strategy<Value = Event> {
    let owner = 0..OWNERS.len();
    let outcome = select(vec![
        Outcome::Accepted,
        Outcome::Retry,
        Outcome::AddressDead,
        Outcome::SoftBounce,
        Outcome::OurFault,
        Outcome::Uncertain,
    ]);
    prop_oneof![
        6 => owner.clone().prop_map(Event::Claim),
        6 => owner.clone().prop_map(Event::Fence),
        6 => (owner.clone(), outcome).prop_map(|(owner, outcome)| Event::Outcome(owner, outcome)),
        1 => owner.clone().prop_map(Event::Release),
        3 => (owner, any::<bool>()).prop_map(|(owner, dead)| Event::BreakLeases(owner, dead)),
        3 => select(vec![1, 16, 45, 800]).prop_map(Event::Wait),
        1 => Just(Event::Expire),
        1 => Just(Event::Leave),
        1 => Just(Event::Suppress),
        1 => any::<bool>().prop_map(Event::PauseSending),
        4 => select(vec![UncertainPolicy::Hold, UncertainPolicy::Resend]).prop_map(Event::Settle),
        1 => Just(Event::SettleAccepted),
        2 => any::<bool>().prop_map(Event::SendAgain),
    ]
}

/// Any events, behind a beginning that leads near the fence more often than chance would.
fn life() -> impl Strategy<Value = Vec<Event>> {
    let crash = [Event::Claim(0), Event::Fence(0), Event::Wait(16), Event::BreakLeases(0, false), Event::Wait(45)];
    (0..=crash.len(), proptest::collection::vec(event(), 1..30))
        .prop_map(move |(length, events)| crash[..length].iter().copied().chain(events).collect())
}

/// One delivery, and what the two programs believe about it.
struct World<'a> {
    db: &'a Db,
    person: Subscriber,
    id: DeliveryId,
    now: Timestamp,
    held: [Option<Claimed>; 2],
    /// Whose fence was passed and whose reply is still to come.
    handing: [bool; 2],
    epochs_passed: Vec<i64>,
    accepted: usize,
    is_unwanted: bool,
    is_paused: bool,
}

impl World<'_> {
    async fn tx(&self) -> Tx {
        self.db.begin().await.expect("begins")
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::Claim(who) => {
                let mine = claim(self.db, OWNERS[who], self.now, 1000).await.into_iter().find(|one| one.id == self.id);
                // A program that claims anew has forgotten what it held.
                (self.held[who], self.handing[who]) = (mine, false);
            }
            Event::Fence(who) => {
                if let (Some(claimed), false) = (&self.held[who], self.handing[who])
                    && fence(self.db, claimed, self.now).await
                {
                    assert!(!self.is_unwanted && !self.is_paused, "passed the fence though nobody wants it");
                    assert!(!self.epochs_passed.contains(&claimed.epoch), "two fences of one epoch");
                    self.epochs_passed.push(claimed.epoch);
                    self.handing[who] = true;
                }
            }
            Event::Outcome(who, outcome) => self.end(who, outcome).await,
            Event::Release(who) => {
                if let (Some(claimed), false) = (&self.held[who], self.handing[who]) {
                    let mut tx = self.tx().await;
                    tx.release_delivery(claimed, self.now, self.now).await.expect("releases");
                    tx.commit().await.expect("commits");
                    self.held[who] = None;
                }
            }
            Event::Wait(minutes) => self.now += TimeDelta::minutes(minutes),
            other => self.decide(other).await,
        }
    }

    /// A worker that passed the fence hears a reply or silence; one that did not was refused before.
    async fn end(&mut self, who: usize, outcome: Outcome) {
        let Some(claimed) = self.held[who].take() else { return };
        let after = std::mem::take(&mut self.handing[who]);
        let outcome = match (after, outcome) {
            (false, Outcome::Accepted | Outcome::Uncertain) => Outcome::Fenced,
            (_, outcome) => outcome,
        };
        let phase = if after { Phase::Dot } else { Phase::Rcpt };
        let counted = record(self.db, &ended(&claimed, outcome, phase, self.now)).await;
        self.accepted += usize::from(counted && outcome == Outcome::Accepted);
    }

    /// What the person, the operator and the reconciler do.
    async fn decide(&mut self, event: Event) {
        let (now, id, person) = (self.now, self.id, self.person.id);
        let mut tx = self.tx().await;
        match event {
            Event::BreakLeases(who, dead) => {
                tx.break_leases(OWNERS[who], dead, now).await.expect("breaks");
            }
            Event::Expire => {
                tx.expire_deliveries(now, 1000).await.expect("expires");
            }
            Event::Leave => {
                self.is_unwanted = true;
                tx.set_subscriber_state(person, SubscriberState::Unsubscribed, None, None, now).await.expect("leaves");
                tx.suppress_deliveries(person, now).await.expect("stops");
            }
            Event::Suppress => {
                self.is_unwanted = true;
                let hash = self.person.address_hash.clone();
                tx.suppress(person.bucket(), &hash, "operator", "test", now).await.expect("suppresses");
            }
            Event::PauseSending(paused) => {
                self.is_paused = paused;
                tx.set_sending(paused, "test", now).await.expect("sets");
            }
            Event::Settle(policy) => {
                let since = now - TimeDelta::minutes(30);
                tx.settle_uncertain(false, policy, since, now).await.expect("settles");
            }
            Event::SettleAccepted => {
                self.accepted += usize::from(tx.settle_accepted(id, now).await.expect("settles"));
            }
            Event::SendAgain(uncertain) => {
                tx.send_again(id, uncertain, now + TimeDelta::hours(12), now).await.expect("sends again");
            }
            Event::Claim(_) | Event::Fence(_) | Event::Outcome(..) | Event::Release(_) | Event::Wait(_) => {}
        }
        tx.commit().await.expect("commits");
    }

    async fn state(&self) -> DeliveryState {
        DeliveryState::from_stored(&state(self.db, self.id).await).expect("a known state")
    }

    /// What happens by itself once everybody is gone and days have passed.
    async fn come_to_an_end(&mut self) {
        for _ in 0..2 {
            self.now += TimeDelta::days(3);
            for event in [Event::BreakLeases(0, true), Event::BreakLeases(1, true), Event::Expire] {
                self.decide(event).await;
            }
            self.decide(Event::Settle(UncertainPolicy::Hold)).await;
        }
    }
}

/// Whether a delivery may go from one state to the other by this event.
fn may_follow(before: DeliveryState, after: DeliveryState, event: Event) -> bool {
    use DeliveryState::{Accepted, Expired, Ready, Rejected, RetryWait, Unknown};
    before == after
        || match before {
            Accepted | DeliveryState::Suppressed => false,
            Rejected | Expired => matches!(event, Event::SendAgain(false)) && after == Ready,
            Unknown => match event {
                Event::SettleAccepted => after == Accepted,
                Event::SendAgain(true) => after == Ready,
                // A reply that comes at last.
                Event::Outcome(..) => matches!(after, Accepted | Rejected | RetryWait | Expired),
                _ => false,
            },
            _ => true,
        }
}

both_databases! {
    async fn whatever_happens_nothing_doubles_and_everything_ends(db: &TestDb) {
        let count = std::cell::Cell::new(0);
        for_all(60, life(), |events| {
            count.set(count.get() + 1);
            let email = format!("reader{}@example.org", count.get());
            async move {
                let person = subscribe(db, &email).await;
                let id = digest(db, &person, 0).await.id;
                let mut world = World {
                    db,
                    person,
                    id,
                    now: noon(),
                    held: [None, None],
                    handing: [false; 2],
                    epochs_passed: Vec::new(),
                    accepted: 0,
                    is_unwanted: false,
                    is_paused: false,
                };
                world.decide(Event::PauseSending(false)).await;
                let mut after = world.state().await;
                for event in events {
                    let before = after;
                    world.happen(event).await;
                    after = world.state().await;
                    prop_assert!(may_follow(before, after, event), "{event:?}: {before} -> {after}");
                    prop_assert!(world.accepted <= 1, "accepted twice");
                    prop_assert_eq!(after == DeliveryState::Accepted, world.accepted == 1);
                }
                world.come_to_an_end().await;
                prop_assert!(world.state().await.is_final(), "no exit from {}", world.state().await);
                Ok(())
            }
        });
    }
}
