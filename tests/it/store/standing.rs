//! The statements of the store against the rule they implement: every change in every standing, on both databases.

use std::collections::{BTreeMap, VecDeque};

use broadsheet::model::{Change, DeliveryId, DeliveryKind, DeliveryState, End, Outcome, Phase, Standing, Timestamp};
use broadsheet::store::Tx;
use broadsheet::store::deliveries::{Claimed, UncertainPolicy};
use broadsheet::store::subscribers::Subscriber;
use chrono::TimeDelta;

use crate::support::outbox::{at_the_fence, delivery, edition, ended, order, subscribe};
use crate::support::papers::noon;
use crate::support::{TestDb, both_databases};

/// Claims of a mail at most.
const CLAIMS: i64 = 2;

/// Time goes by until the mail is late, or something happens to it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Late,
    Happens(Change),
}

/// Everything that can happen to a mail that stands like this.
fn events(row: Standing) -> Vec<Event> {
    let mut changes = vec![
        Change::Claim,
        Change::BreakLease,
        Change::Expire,
        Change::Stop,
        Change::Resend,
        Change::GiveUp,
        Change::SettleAccepted,
        Change::Retry,
        Change::SendCopy,
    ];
    for epoch in 1..=row.epoch {
        changes.push(Change::Release { epoch });
        // What comes from an older claim than the last is refused whatever it says, except the server's answer.
        let is_last = epoch == row.epoch;
        for wanted in if is_last { &[true, false][..] } else { &[true] } {
            changes.push(Change::Fence { epoch, wanted: *wanted });
            changes.push(Change::Fenced { epoch, wanted: *wanted });
        }
        let put_off = |counts, too_late| End { outcome: Outcome::Retry, counts, too_late };
        let ends = [put_off(true, false), put_off(true, true), put_off(false, false)];
        let refusals = [Outcome::OurFault, Outcome::AddressDead, Outcome::SoftBounce].map(End::of);
        for end in ends.into_iter().chain(refusals) {
            changes.push(Change::Answered { epoch, end });
            changes.extend(is_last.then_some(Change::Refused { epoch, end }));
        }
        for outcome in [Outcome::Accepted, Outcome::Uncertain] {
            changes.push(Change::Answered { epoch, end: End::of(outcome) });
        }
    }
    let bounded = |change: &Change| *change != Change::Claim || row.epoch < CLAIMS;
    let happen = changes.into_iter().filter(bounded).map(Event::Happens);
    happen.chain((!row.late).then_some(Event::Late)).collect()
}

fn after(row: Standing, event: Event) -> Standing {
    match event {
        Event::Late => Standing { late: true, ..row },
        Event::Happens(change) => row.after(change).unwrap_or(row),
    }
}

/// Every standing that can be reached, with the shortest way to it.
fn standings() -> BTreeMap<Standing, Vec<Event>> {
    let mut found = BTreeMap::from([(Standing::NEW, Vec::new())]);
    let mut open = VecDeque::from([Standing::NEW]);
    while let Some(row) = open.pop_front() {
        for event in events(row) {
            let next = after(row, event);
            if next.resends < 2 && !found.contains_key(&next) {
                let mut way = found[&row].clone();
                way.push(event);
                found.insert(next, way);
                open.push_back(next);
            }
        }
    }
    found
}

/// One mail in a transaction that is never committed.
struct Life<'a> {
    tx: Tx,
    person: &'a Subscriber,
    id: DeliveryId,
    now: Timestamp,
    claims: Vec<Claimed>,
}

impl<'a> Life<'a> {
    async fn begin(db: &TestDb, person: &'a Subscriber) -> Self {
        let edition = edition(person, 0, &[1, 2]);
        let mail = delivery(person, DeliveryKind::Digest, Some(edition.id));
        let mut tx = db.begin().await.expect("begins");
        assert!(tx.insert_edition(&edition).await.expect("inserts"));
        assert!(tx.insert_delivery(&mail).await.expect("inserts"));
        Self { tx, person, id: mail.id, now: noon(), claims: Vec::new() }
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::Late => self.now += TimeDelta::hours(13),
            Event::Happens(change) => self.change(change).await,
        }
    }

    async fn change(&mut self, change: Change) {
        let (now, id, tx) = (self.now, self.id, &mut self.tx);
        match change {
            Change::Claim => {
                self.claims.extend(tx.claim_deliveries(&order("one", now, 9)).await.expect("claims").deliveries);
            }
            Change::Release { epoch } => {
                let claimed = self.claims[index(epoch)].clone();
                tx.release_delivery(&claimed, now, now).await.expect("releases");
            }
            Change::Fence { epoch, wanted } => {
                tx.set_sending(!wanted, "test", now).await.expect("sets");
                tx.pass_fences(&[&at_the_fence(&self.claims[index(epoch)], now)]).await.expect("asks");
                tx.set_sending(false, "test", now).await.expect("sets");
            }
            Change::Fenced { epoch, wanted } => {
                let (bucket, hash) = (self.person.id.bucket(), &self.person.address_hash);
                if !wanted {
                    tx.suppress(bucket, hash, "operator", "test", now).await.expect("suppresses");
                }
                self.end(epoch, End::of(Outcome::Fenced), Phase::Fence).await;
                self.tx.unsuppress(bucket, hash).await.expect("lifts");
            }
            Change::Refused { epoch, end } => self.end(epoch, end, Phase::Rcpt).await,
            Change::Answered { epoch, end } => self.end(epoch, end, Phase::Dot).await,
            Change::BreakLease => {
                tx.break_leases("one", true, now).await.expect("breaks");
            }
            Change::Expire => {
                tx.expire_deliveries(now, 9).await.expect("expires");
            }
            Change::Stop => {
                tx.suppress_deliveries(self.person.id, now).await.expect("stops");
            }
            Change::Resend => {
                tx.settle_uncertain(false, UncertainPolicy::Resend, now, now).await.expect("settles");
            }
            Change::GiveUp => {
                tx.settle_uncertain(false, UncertainPolicy::Hold, now, now).await.expect("settles");
            }
            Change::SettleAccepted => {
                tx.settle_accepted(id, now).await.expect("settles");
            }
            Change::Retry | Change::SendCopy => {
                let again = change == Change::SendCopy;
                tx.send_again(id, again, now + TimeDelta::hours(12), now).await.expect("sends again");
            }
        }
    }

    async fn end(&mut self, epoch: i64, end: End, phase: Phase) {
        let claimed = &self.claims[index(epoch)];
        let mut mark = ended(claimed, end.outcome, phase, self.now);
        (mark.counts, mark.retry_at) = (end.counts, if end.too_late { claimed.expires_at } else { claimed.due_at });
        self.tx.record_outcome(&mark).await.expect("records");
    }

    /// How the row stands. Its epoch is that of the claim that was given out last.
    async fn standing(&mut self) -> Standing {
        let row = self.tx.delivery(self.id).await.expect("reads").expect("there");
        Standing {
            state: DeliveryState::from_stored(&row.state).expect("a state"),
            epoch: self.claims.last().map_or(0, |claimed| claimed.epoch),
            fenced: row.body_sha256.is_some(),
            resends: row.resends,
            late: row.expires_at <= broadsheet::model::micros(self.now),
        }
    }

    async fn edition_is_void(&mut self) -> bool {
        let editions = self.tx.editions_of(self.person.id, 9).await.expect("reads");
        editions[0].void
    }
}

fn index(epoch: i64) -> usize {
    usize::try_from(epoch - 1).expect("claims are counted from one")
}

both_databases! {
    async fn the_statements_do_what_the_rule_says_in_every_standing(db: &TestDb) {
        let person = subscribe(db, "ada@example.org").await;
        let (mut count, mut moved) = (0, 0);
        for (row, way) in standings() {
            for event in events(row) {
                let mut life = Life::begin(db, &person).await;
                for &step in &way {
                    life.happen(step).await;
                }
                assert_eq!(life.standing().await, row, "by {way:?}");
                life.happen(event).await;
                let expected = after(row, event);
                assert_eq!(life.standing().await, expected, "{event:?} in {row:?}, which came by {way:?}");
                if expected.resends > 0 || !expected.state.is_final() || expected.state == DeliveryState::Accepted {
                    let sure = matches!(expected.state, DeliveryState::Rejected | DeliveryState::Expired | DeliveryState::Suppressed);
                    assert!(sure || !life.edition_is_void().await, "{event:?} in {row:?}: it may be shown");
                } else if expected.state != DeliveryState::Unknown {
                    assert!(life.edition_is_void().await, "{event:?} in {row:?}: nobody saw it");
                }
                count += 1;
                moved += usize::from(expected != row);
            }
        }
        println!("{count} pairs of standing and change, {moved} of which change something");
        assert!(moved > 300, "{moved} changes are not everything");
    }
}
