//! Where composed mails wait for a session.
//!
//! It holds a bounded number of mails, however many are due, hands out those whose group of destinations bears
//! another dialogue, and knows when nothing more can come. It neither reads the database nor speaks to a server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::super::{Service, Stop};
use super::compose::Composed;
use super::throttle::{self, Signal, Tally, Throttle, Ticket};
use crate::model::DeliveryId;
use crate::store::deliveries::{Claimed, Rooms};

/// Mails in the pipeline beyond two for each session.
const SPARE: usize = 64;
/// How often somebody who waits looks again, whatever happens.
const LOOK: Duration = Duration::from_secs(1);

/// A mail that is ready for the wire.
pub(super) struct Parcel {
    pub(super) delivery: Claimed,
    pub(super) composed: Composed,
}

/// A mail in the hands of a session, with the dialogue that began.
pub(super) struct Taken {
    pub(super) parcel: Parcel,
    pub(super) ticket: Ticket,
}

/// Why no more mails are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing is left to claim.
    Drained,
    /// Somebody said stop, or sending was paused.
    Stopped,
    /// The relay cannot be used now.
    RelayDown,
    /// The database cannot be used now.
    Failed,
}

#[derive(Default)]
struct State {
    waiting: throttle::Queue<Parcel>,
    coming: Coming,
    /// With a session.
    speaking: usize,
    /// Sessions that are open, or being opened.
    sessions: usize,
    end: Option<End>,
}

/// Mails that are claimed and not composed yet, each with its group; `None`, when that was closed meanwhile.
#[derive(Default)]
struct Coming(HashMap<DeliveryId, Option<String>>);

impl Coming {
    fn expect(&mut self, mails: impl Iterator<Item = (DeliveryId, String)>) {
        self.0.extend(mails.map(|(id, group)| (id, Some(group))));
    }

    fn turn_back(&mut self, closed: &str) {
        for group in self.0.values_mut() {
            group.take_if(|group| group == closed);
        }
    }

    /// Whether there is a place for a mail that is composed now.
    fn arrives(&mut self, mail: DeliveryId) -> bool {
        self.0.remove(&mail).is_some_and(|group| group.is_some())
    }
}

impl State {
    fn push(&mut self, parcel: Parcel) {
        let group = parcel.delivery.dest_group.clone();
        self.waiting.push(&group, parcel.delivery.kind.priority(), parcel);
    }
}

/// The meeting point of those who compose and those who send.
pub(super) struct Queue {
    state: Mutex<State>,
    /// For workers: a mail may be there.
    mails: Notify,
    /// For the feeder: there may be room, or nothing under way.
    space: Notify,
    /// For those who wait for the end.
    ended: Notify,
    capacity: usize,
    service: Arc<Service>,
    stop: Stop,
}

impl Queue {
    pub(super) fn new(service: Arc<Service>, stop: Stop) -> Self {
        let sessions = service.settings.connections;
        Self {
            state: Mutex::default(),
            mails: Notify::new(),
            space: Notify::new(),
            ended: Notify::new(),
            capacity: 2 * sessions + SPARE,
            service,
            stop,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.service.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more mails may be claimed, once a third of its places is free: a claim, and the reading after it,
    /// cost little more for many mails than for one.
    pub(super) fn ample_room(&self) -> Option<usize> {
        let state = self.state();
        let room = self.capacity.saturating_sub(state.waiting.len() + state.coming.0.len());
        (room >= self.capacity / 3).then_some(room)
    }

    /// How many more of each group should be claimed.
    pub(super) fn rooms(&self) -> Rooms {
        self.state().waiting.rooms(&self.throttle(), self.service.clock.now())
    }

    /// Takes out what waits for groups that are left alone, so that it does not fill the place of others.
    pub(super) fn withdraw(&self) -> Vec<Parcel> {
        self.state().waiting.withdraw(&self.throttle(), self.service.clock.now())
    }

    /// Takes out what waits for a group that was closed; what is being composed for it will not wait here either.
    pub(super) fn withdraw_group(&self, group: &str) -> Vec<Parcel> {
        let mut state = self.state();
        state.coming.turn_back(group);
        state.waiting.take_group(group)
    }

    /// Sessions that may be open at a time: a slow dialogue has another open in its place.
    pub(super) fn sessions(&self) -> usize {
        self.service.settings.connections + self.throttle().set_aside(self.service.clock.now())
    }

    /// Waits until a mail has gone on, or a second.
    pub(super) async fn space(&self) {
        tokio::time::timeout(LOOK, self.space.notified()).await.ok();
    }

    /// These were claimed and will be composed.
    pub(super) fn expect(&self, mails: &[Claimed]) {
        self.state().coming.expect(mails.iter().map(|mail| (mail.id, mail.dest_group.clone())));
    }

    /// Some of them are composed. Those come back whose group was closed meanwhile.
    pub(super) fn arrive(&self, parcels: Vec<Parcel>) -> Vec<Parcel> {
        let mut back = Vec::new();
        let mut state = self.state();
        for parcel in parcels {
            if state.coming.arrives(parcel.delivery.id) {
                state.push(parcel);
            } else {
                back.push(parcel);
            }
        }
        drop(state);
        // Whoever takes the first of them wakes the next session.
        self.mails.notify_one();
        if !back.is_empty() {
            self.space.notify_one();
        }
        back
    }

    /// One of them could not be composed.
    pub(super) fn miss(&self, delivery: DeliveryId) {
        self.state().coming.arrives(delivery);
        self.space.notify_one();
    }

    /// Whether no mail is anywhere between claim and result.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.waiting.is_empty() && state.coming.0.is_empty() && state.speaking == 0
    }

    /// Whether a mail waits for a session.
    pub(super) fn has_waiting(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    /// Hands out no more mails. The first reason counts.
    pub(super) fn close(&self, end: End) {
        self.state().end.get_or_insert(end);
        self.mails.notify_waiters();
        self.ended.notify_waiters();
        self.space.notify_one();
    }

    /// Why it is closed, if it is.
    pub(super) fn end(&self) -> Option<End> {
        self.state().end
    }

    /// Comes back when no more mails are handed out.
    pub(super) async fn closed(&self) {
        loop {
            let ended = self.ended.notified();
            if self.end().is_some() {
                return;
            }
            ended.await;
        }
    }

    /// The next mail for a session; `None` when there will be none.
    ///
    /// A spare session is needed only while others are held by slow dialogues.
    pub(super) async fn take(&self, spare: bool) -> Option<Taken> {
        loop {
            // Made before the look, so that nothing that happens after it is missed.
            let notified = self.mails.notified();
            {
                let mut state = self.state();
                if state.end.is_some() || self.stop.is_set() || (spare && state.sessions > self.sessions()) {
                    return None;
                }
                let next = state.waiting.pop(&mut self.throttle(), self.service.clock.now());
                if let Some((ticket, parcel)) = next {
                    state.speaking += 1;
                    let more = !state.waiting.is_empty();
                    drop(state);
                    self.space.notify_one();
                    if more {
                        self.mails.notify_one();
                    }
                    return Some(Taken { parcel, ticket });
                }
            }
            tokio::time::timeout(LOOK, notified).await.ok();
        }
    }

    /// A dialogue has ended. Returns what is to be counted over all nodes.
    pub(super) fn ended(&self, ticket: Ticket, signal: Signal) -> Option<Tally> {
        let tally = self.throttle().ended(ticket, signal, self.service.clock.now());
        // There may be room in its group for one that waits.
        self.mails.notify_one();
        tally
    }

    /// A mail that was taken has its result, and nothing is left to be recorded.
    pub(super) fn finish(&self) {
        self.state().speaking -= 1;
        self.space.notify_one();
    }

    /// A mail that was taken is to be offered again: nothing was learnt of its group.
    pub(super) fn put_back(&self, Taken { parcel, ticket }: Taken) {
        let mut state = self.state();
        state.speaking -= 1;
        state.push(parcel);
        drop(state);
        drop(self.throttle().ended(ticket, Signal::Neutral, self.service.clock.now()));
        self.mails.notify_one();
    }

    /// A session is about to be opened.
    pub(super) fn session_opens(&self) {
        self.state().sessions += 1;
    }

    /// A session ended, or could not be opened. Returns how many others there are.
    pub(super) fn session_ends(&self) -> usize {
        let mut state = self.state();
        state.sessions -= 1;
        state.sessions
    }

    /// What is left when it is closed.
    pub(super) fn leftovers(&self) -> Vec<Parcel> {
        self.state().waiting.drain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_composed_for_a_group_that_was_closed_has_no_place() {
        let mut coming = Coming::default();
        let mail = |id, group: &str| (DeliveryId(id), group.to_owned());
        coming.expect([mail(1, "google"), mail(2, "example.org")].into_iter());
        coming.turn_back("google");
        // Claimed after that: it tries the group.
        coming.expect([mail(3, "google")].into_iter());
        assert!(!coming.arrives(DeliveryId(1)));
        assert!(coming.arrives(DeliveryId(2)) && coming.arrives(DeliveryId(3)));
        assert!(coming.0.is_empty());
    }
}
