//! From one due time of a person to the next.

use chrono::TimeDelta;

use crate::digest::schedule::{self, Due, LastEdition};
use crate::model::Timestamp;
use crate::store::subscribers::{DueAt, Subscriber};

/// After a longer absence of the service, days before this are not recorded one by one.
const RECORDED_MISSES: TimeDelta = TimeDelta::days(14);

/// The next due of somebody whose settings or state changed at `now`.
pub fn due_after_change(person: &Subscriber, now: Timestamp) -> DueAt {
    let last = person.last_due.map(|last| LastEdition { local_date: last.local_date, due: last.at });
    let current = person.next_due.map(|due| Due { local_date: due.local_date, at: due.at });
    let due = schedule::after_change(&person.preferences, last, current, now);
    DueAt { local_date: due.local_date, at: due.at }
}

/// The due that an edition made at `now` would be for: the stored one, or the first that is not missed.
pub fn current_due(person: &Subscriber, now: Timestamp) -> Option<DueAt> {
    person.next_due.map(|due| catch_up(person, due, now).1)
}

/// The dues from `due` on that it is too late to serve, and the first after them, which may be in the future.
pub(super) fn catch_up(person: &Subscriber, due: DueAt, now: Timestamp) -> (Vec<DueAt>, DueAt) {
    let mut missed = Vec::new();
    let mut current = due;
    while schedule::missed(current.at, now) {
        missed.push(current);
        current = next_after(person, current, current.at.max(now - RECORDED_MISSES));
    }
    (missed, current)
}

/// The first due later than `after` that may follow `this`.
pub(super) fn next_after(person: &Subscriber, this: DueAt, after: Timestamp) -> DueAt {
    let last = LastEdition { local_date: this.local_date, due: this.at };
    let next = schedule::next_due(&person.preferences, Some(last), after);
    DueAt { local_date: next.local_date, at: next.at }
}
