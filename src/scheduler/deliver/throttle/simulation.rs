//! What one group in distress costs the others, played through in virtual time.
//!
//! Half of all mail is for one large group, the rest for nine others, and there is always more to claim. A healthy
//! dialogue takes a second. Counted are the mails of the nine that were served in half an hour.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;
use crate::model::from_micros;

const LARGE: &str = "large";
const OTHERS: usize = 9;
const HORIZON: TimeDelta = TimeDelta::minutes(30);
const HEALTHY: TimeDelta = TimeDelta::seconds(1);
/// As a delivery pass would: claims are made in batches, and few mails are held beyond those under way.
const BATCH: usize = 32;

/// What the large group does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Large {
    Absent,
    Healthy,
    Rejects,
    Greylists,
    /// Says nothing for five minutes, then cuts the connection.
    Stalls,
    /// Takes five minutes for each mail, and takes it.
    Drags,
    /// Takes two at a time, answers 421 to the others.
    Limits,
}

#[derive(Debug, Default)]
struct Outcome {
    others: u32,
    large: u32,
    /// The most dialogues with the large group at a time, after the first minute.
    held: usize,
}

struct World {
    large: Large,
    sessions: usize,
    throttle: Throttle,
    queue: Queue<usize>,
    ends: BinaryHeap<Reverse<(Timestamp, usize)>>,
    open: Vec<Option<(Ticket, usize, Signal)>>,
    claimed: usize,
    now: Timestamp,
}

fn name(group: usize) -> String {
    if group == 0 { LARGE.to_owned() } else { format!("group{group}.example") }
}

impl World {
    /// The next mails to be claimed, in the order of their due: every second one is for the large group.
    fn claim(&mut self) {
        let mut rooms = self.queue.rooms(&self.throttle, self.now);
        let mut left = BATCH;
        // Mails of full groups are passed over; a round of all groups without one to take ends the claim.
        let mut idle = 0;
        while left > 0 && idle <= 2 * OTHERS {
            self.claimed += 1;
            let large = self.claimed.is_multiple_of(2) && self.large != Large::Absent;
            let group = if large { 0 } else { 1 + (self.claimed / 2) % OTHERS };
            let room = rooms.known.entry(name(group)).or_insert(rooms.others);
            if *room <= 0 {
                idle += 1;
                continue;
            }
            *room -= 1;
            (left, idle) = (left - 1, 0);
            self.queue.push(&name(group), 2, group);
        }
    }

    /// How long a dialogue that begins now takes, and how it ends.
    fn dialogue(&self, group: usize) -> (TimeDelta, Signal) {
        let stall = TimeDelta::minutes(5);
        let under_way = self.throttle.open(LARGE);
        match (group, self.large) {
            (0, Large::Rejects) => (HEALTHY, Signal::Refused57),
            (0, Large::Greylists) => (HEALTHY, Signal::Neutral),
            (0, Large::Stalls) => (stall, Signal::Pushed),
            (0, Large::Drags) => (stall, Signal::Served),
            (0, Large::Limits) if under_way > 2 => (HEALTHY, Signal::Pushed),
            _ => (HEALTHY, Signal::Served),
        }
    }

    fn fill_sessions(&mut self) {
        drop(self.queue.withdraw(&self.throttle, self.now));
        while self.ends.len() < self.sessions + self.throttle.set_aside(self.now) {
            if self.queue.len() < 2 * BATCH {
                self.claim();
            }
            let Some((ticket, group)) = self.queue.pop(&mut self.throttle, self.now) else { return };
            let (takes, signal) = self.dialogue(group);
            self.ends.push(Reverse((self.now + takes, self.open.len())));
            self.open.push(Some((ticket, group, signal)));
        }
    }

    fn run(mut self) -> Outcome {
        let start = self.now;
        let mut outcome = Outcome::default();
        while self.now < start + HORIZON {
            self.fill_sessions();
            if self.now >= start + TimeDelta::minutes(1) {
                outcome.held = outcome.held.max(self.throttle.open(LARGE));
            }
            let next_end = self.ends.peek().map(|Reverse((at, _))| *at);
            let next = [next_end, self.throttle.next_change(self.now)].into_iter().flatten().min();
            self.now = next.expect("something is always under way or about to be");
            while let Some(Reverse((at, number))) = self.ends.peek().copied().filter(|Reverse((at, _))| *at <= self.now)
            {
                self.ends.pop();
                let (ticket, group, signal) = self.open[number].take().expect("ends once");
                self.throttle.ended(ticket, signal, at);
                match (group, signal) {
                    (0, Signal::Served) => outcome.large += 1,
                    (0, _) | (_, Signal::Neutral | Signal::Pushed | Signal::Refused57) => {}
                    (_, Signal::Served) => outcome.others += 1,
                }
            }
        }
        outcome
    }
}

fn play(large: Large, sessions: usize) -> Outcome {
    let world = World {
        large,
        sessions,
        throttle: Throttle::new(sessions),
        queue: Queue::default(),
        ends: BinaryHeap::new(),
        open: Vec::new(),
        claimed: 0,
        now: from_micros(1_800_000_000_000_000),
    };
    world.run()
}

/// 95 % of `whole`.
fn nearly(whole: u32) -> u32 {
    whole / 100 * 95
}

#[test]
fn a_group_in_distress_leaves_the_others_at_95_percent_of_their_rate() {
    for sessions in [2, 4, 10] {
        let (alone, beside) = (play(Large::Absent, sessions), play(Large::Healthy, sessions));
        assert!(beside.large > 0 && beside.others > 0);
        // Answers at once: it costs what it costs when it is healthy.
        for large in [Large::Rejects, Large::Greylists] {
            let others = play(large, sessions).others;
            assert!(others >= nearly(beside.others), "{large:?}, {sessions}: {others} of {}", beside.others);
        }
        // Holds sessions or wants to be left alone: the others have all the sessions, as if it were not there,
        // and it is left with a few dialogues.
        for large in [Large::Stalls, Large::Drags] {
            let Outcome { others, held, .. } = play(large, sessions);
            assert!(others >= nearly(alone.others), "{large:?}, {sessions}: {others} of {}", alone.others);
            assert!(held <= 4, "{large:?}, {sessions}: {held}");
        }
        let limits = play(Large::Limits, sessions);
        assert!(limits.others >= nearly(beside.others), "{sessions}: {} of {}", limits.others, beside.others);
        assert!(limits.large >= 60 && limits.held <= 5, "{sessions}: {limits:?}, healthy: {beside:?}");
    }
}
