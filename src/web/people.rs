//! Who a link belongs to, and when their next edition is due.

use crate::digest::schedule::{self, Due, LastEdition};
use crate::links::{Purpose, Verified};
use crate::model::{SubscriberId, SubscriberState, Timestamp};
use crate::store::Read;
use crate::store::subscribers::{DueAt, Subscriber};

use super::failure::Failure;
use super::state::Desk;

impl Desk {
    /// What a good token says.
    ///
    /// # Errors
    ///
    /// [`Failure::BadLink`] or [`Failure::OldLink`].
    pub fn verify(&self, purpose: Purpose, token: &str) -> Result<Verified, Failure> {
        Ok(self.links.keys().verify(purpose, token, self.now())?)
    }

    /// The path of a fresh link to somebody's preferences.
    pub fn preferences_path(&self, person: &Subscriber) -> String {
        self.path(&self.links.preferences(person.id, person.link_generation, self.now()))
    }
}

/// The person a token was made for, if their links were not renewed since.
///
/// # Errors
///
/// [`Failure::OldLink`] when the person or the link's generation is gone.
pub(super) async fn owner(read: &mut Read, token: Verified) -> Result<Subscriber, Failure> {
    let person = read.subscriber(SubscriberId(token.id)).await?.ok_or(Failure::OldLink)?;
    if person.link_generation == token.generation { Ok(person) } else { Err(Failure::OldLink) }
}

/// Whether somebody may change their preferences: they get digests, or paused them.
pub(super) fn is_subscribed(person: &Subscriber) -> bool {
    matches!(person.state, SubscriberState::Active | SubscriberState::Paused)
}

/// When somebody who begins, or begins again, gets the next edition.
pub(super) fn first_due(person: &Subscriber, now: Timestamp) -> DueAt {
    stored(schedule::after_change(&person.preferences, last_edition(person), None, now))
}

/// When somebody gets the next edition after their preferences became what they are now.
pub(super) fn changed_due(person: &Subscriber, now: Timestamp) -> Option<DueAt> {
    let current = person.next_due.map(|due| Due { local_date: due.local_date, at: due.at });
    (person.state == SubscriberState::Active)
        .then(|| stored(schedule::after_change(&person.preferences, last_edition(person), current, now)))
}

fn last_edition(person: &Subscriber) -> Option<LastEdition> {
    person.last_due.map(|last| LastEdition { local_date: last.local_date, due: last.at })
}

fn stored(due: Due) -> DueAt {
    DueAt { local_date: due.local_date, at: due.at }
}
