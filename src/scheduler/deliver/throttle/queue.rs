//! Claimed mails that wait for a session: the urgent first, then of the group with the fewest open dialogues
//! among those that bear another, so that no group stands in another's way.

use std::collections::{HashMap, VecDeque};

use super::{Throttle, Ticket};
use crate::model::Timestamp;
use crate::store::deliveries::Rooms;

/// What waits, by group. It holds what it is given; whoever fills it asks [`Queue::len`] first.
#[derive(Debug)]
pub struct Queue<T> {
    lanes: HashMap<String, VecDeque<Waiting<T>>>,
    /// The groups in `lanes`, the one whose turn it is in front.
    turns: VecDeque<String>,
    len: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    priority: i64,
    item: T,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { lanes: HashMap::new(), turns: VecDeque::new(), len: 0 }
    }
}

impl<T> Queue<T> {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts one into its group's lane, behind those that are as urgent: a smaller `priority` goes first.
    pub fn push(&mut self, group: &str, priority: i64, item: T) {
        self.len += 1;
        let waiting = Waiting { priority, item };
        if let Some(lane) = self.lanes.get_mut(group) {
            let at = lane.partition_point(|ahead| ahead.priority <= priority);
            lane.insert(at, waiting);
            return;
        }
        self.lanes.insert(group.to_owned(), VecDeque::from([waiting]));
        self.turns.push_back(group.to_owned());
    }

    /// The next one whose group bears a dialogue, with the ticket of the dialogue that begins now.
    pub fn pop(&mut self, throttle: &mut Throttle, now: Timestamp) -> Option<(Ticket, T)> {
        let admitted = self.turns.iter().enumerate().filter(|(_, group)| throttle.admits(group, now));
        let order = |(turn, group): (usize, &String)| {
            let first = self.lanes.get(group).and_then(VecDeque::front)?;
            Some((first.priority, throttle.open(group), turn))
        };
        let (_, _, turn) = admitted.filter_map(order).min()?;
        let group = self.turns.remove(turn)?;
        let lane = self.lanes.get_mut(&group)?;
        let item = lane.pop_front()?.item;
        self.len -= 1;
        let ticket = throttle.started(&group, now);
        if lane.is_empty() {
            self.lanes.remove(&group);
        } else {
            self.turns.push_back(group);
        }
        Some((ticket, item))
    }

    /// How many more of each group should be claimed now: what it bears, less what waits here.
    pub fn rooms(&self, throttle: &Throttle, now: Timestamp) -> Rooms {
        let unusual = throttle.unusual_rooms(now).map(|(group, room)| (group.to_owned(), room));
        let mut known: HashMap<String, i64> = unusual.collect();
        let others = throttle.room_at_first();
        for (group, lane) in &self.lanes {
            let room = known.entry(group.clone()).or_insert(others);
            if *room < i64::MAX {
                *room = room.saturating_sub(i64::try_from(lane.len()).unwrap_or(i64::MAX)).max(0);
            }
        }
        Rooms { known, others }
    }

    /// Takes out what a group does not bear any more, the least urgent first, to be given back: it would only fill
    /// the place of others.
    pub fn withdraw(&mut self, throttle: &Throttle, now: Timestamp) -> Vec<T> {
        let mut taken = Vec::new();
        self.lanes.retain(|group, lane| {
            let room = usize::try_from(throttle.room(group, now)).unwrap_or(usize::MAX);
            if lane.len() > room {
                taken.extend(lane.split_off(room).into_iter().map(|waiting| waiting.item));
            }
            !lane.is_empty()
        });
        self.turns.retain(|group| self.lanes.contains_key(group));
        self.len -= taken.len();
        taken
    }

    /// Takes out everything of one group.
    pub fn take_group(&mut self, group: &str) -> Vec<T> {
        let lane = self.lanes.remove(group).unwrap_or_default();
        self.turns.retain(|name| name != group);
        self.len -= lane.len();
        lane.into_iter().map(|waiting| waiting.item).collect()
    }

    /// Takes out everything.
    pub fn drain(&mut self) -> Vec<T> {
        self.len = 0;
        self.turns.clear();
        self.lanes.drain().flat_map(|(_, lane)| lane).map(|waiting| waiting.item).collect()
    }
}
