//! How many dialogues each group of destinations bears at a time, learnt from how the dialogues end.
//!
//! Postfix's rule (its SCHEDULER_README): a success widens the window of a group by one N-th, `N` being the window,
//! so that a round of them adds one, if at least half of the window was used; a sign of distress narrows it by one at
//! once, and once more for each further round. A group whose rounds fail is left alone for a while, and then tried by
//! one mail alone. Before the first distress nothing is known of a group; until then a round of successes doubles the
//! window, and the first distress halves it, as TCP begins (RFC 5681, 3.1).
//! Nothing here does I/O or reads a clock; what must hold over all nodes stands in [`crate::store::throttle`].

mod group;
mod queue;
mod signal;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::model::Timestamp;
use group::Group;
pub use queue::Queue;
pub use signal::Signal;

/// A dialogue that is open for longer holds no place against the others.
const SLOW: TimeDelta = TimeDelta::seconds(10);
/// Mails that are worth holding for each dialogue of a group that bears fewer than there are sessions.
const HELD: i64 = 4;
/// Groups that are remembered. Of the idle ones the oldest quarter is forgotten when there are more.
const REMEMBERED: usize = 4096;

/// What is known of the groups. One for each relay and program.
#[derive(Debug)]
pub struct Throttle {
    sessions: u32,
    groups: HashMap<String, Group>,
    next_ticket: u64,
}

/// A dialogue that was begun; has to be brought back to [`Throttle::ended`].
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    group: String,
    number: u64,
}

/// What was seen of a group since the last such report, to be counted over all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The group.
    pub group: String,
    /// Refusals by policy.
    pub refused: u32,
    /// Mails that were answered, the refusals among them.
    pub results: u32,
}

impl Throttle {
    /// A throttle for that many sessions to the relay, at least one.
    pub fn new(sessions: usize) -> Self {
        let sessions = u32::try_from(sessions).unwrap_or(u32::MAX).max(1);
        Self { sessions, groups: HashMap::new(), next_ticket: 0 }
    }

    /// Whether a dialogue may be begun with this group now.
    pub fn admits(&self, group: &str, now: Timestamp) -> bool {
        self.groups.get(group).is_none_or(|group| group.admits(now))
    }

    /// Groups with which no dialogue may be begun now, sorted.
    pub fn full_groups(&self, now: Timestamp) -> Vec<&str> {
        let full = self.groups.iter().filter(|(_, group)| !group.admits(now));
        let mut names: Vec<&str> = full.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// A dialogue with this group begins.
    pub fn started(&mut self, group: &str, now: Timestamp) -> Ticket {
        if !self.groups.contains_key(group) && self.groups.len() >= REMEMBERED {
            self.forget(now);
        }
        let sessions = self.sessions;
        self.next_ticket += 1;
        let number = self.next_ticket;
        self.groups.entry(group.to_owned()).or_insert_with(|| Group::new(sessions)).start(number, now);
        Ticket { group: group.to_owned(), number }
    }

    /// A dialogue has ended. `Some` when refusals by policy are worth being counted over all nodes.
    pub fn ended(&mut self, ticket: Ticket, signal: Signal, now: Timestamp) -> Option<Tally> {
        let sessions = self.sessions;
        let group = self.groups.get_mut(&ticket.group)?;
        group.end(ticket.number, signal, sessions, now);
        let (refused, results) = group.count(signal, now)?;
        Some(Tally { group: ticket.group, refused, results })
    }

    /// How many of the open dialogues are slow: in their place as many further sessions may be open,
    /// at most as many as there are.
    pub fn set_aside(&self, now: Timestamp) -> usize {
        let slow: usize = self.groups.values().map(|group| group.slow(now)).sum();
        slow.min(usize::try_from(self.sessions).unwrap_or(usize::MAX))
    }

    /// When the first of the groups that are left alone may be tried again, or the next dialogue becomes slow.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.groups.values().filter_map(|group| group.next_change(now)).min()
    }

    /// How many mails are worth holding for each known group, where that is not what it is for an unknown one.
    fn unusual_rooms(&self, now: Timestamp) -> impl Iterator<Item = (&str, i64)> {
        let usual = self.room_at_first();
        let rooms = self.groups.iter().map(move |(name, group)| (name.as_str(), group.room(self.sessions, now)));
        rooms.filter(move |(_, room)| *room != usual)
    }

    /// The same for one group.
    fn room(&self, group: &str, now: Timestamp) -> i64 {
        self.groups.get(group).map_or_else(|| self.room_at_first(), |known| known.room(self.sessions, now))
    }

    /// The same for a group nothing is known of.
    fn room_at_first(&self) -> i64 {
        Group::new(self.sessions).room(self.sessions, Timestamp::MIN_UTC)
    }

    /// Open dialogues with a group.
    fn open(&self, group: &str) -> usize {
        self.groups.get(group).map_or(0, Group::open)
    }

    /// Drops a quarter of the idle groups: those that are not left alone first, then those longest unused.
    fn forget(&mut self, now: Timestamp) {
        let idle = self.groups.iter().filter(|(_, group)| group.open() == 0);
        let mut idle: Vec<_> = idle.map(|(name, group)| (group.worth(now), name.clone())).collect();
        idle.sort_unstable();
        idle.truncate((REMEMBERED / 4).max(self.groups.len().saturating_sub(REMEMBERED)));
        for (_, name) in idle {
            self.groups.remove(&name);
        }
    }
}
