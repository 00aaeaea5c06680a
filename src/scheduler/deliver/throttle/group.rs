//! One group: its window, what is under way, and how long it is left alone.

use chrono::TimeDelta;

use super::{HELD, SLOW, Signal};
use crate::model::Timestamp;

/// The window of a group nothing is known of.
const FIRST_WINDOW: u32 = 5;
/// Rounds that fail, without a success in between, before a group is left alone.
const FAILED_ROUNDS: u32 = 2;
/// A round in the unit in which parts of rounds are added up.
const ROUND: u32 = 1000;
/// How long a group is left alone the first time, the second, and so on.
const RESTS_MINUTES: [i64; 5] = [1, 2, 5, 10, 30];
/// Refusals by policy are reported at once when there are so many, otherwise once in a while.
const REFUSALS: u32 = 5;
/// How long refusals may wait to be reported.
const REPORT_EVERY: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug)]
struct Dialogue {
    number: u64,
    since: Timestamp,
}

#[derive(Debug)]
pub(super) struct Group {
    /// Dialogues at a time, at least 1.
    window: u32,
    /// Whether it never showed distress: then nobody knows yet how much it bears.
    unhurt: bool,
    open: Vec<Dialogue>,
    /// Successes since the window last changed.
    good: u32,
    /// The most dialogues at a time since then: a window that is not used says nothing about a wider one.
    most: usize,
    /// Signs of distress in this round; the first of a round narrows the window.
    bad: u32,
    /// Rounds that failed since the last success, in thousandths.
    failed: u32,
    rests: u32,
    rest_until: Option<Timestamp>,
    used_at: Option<Timestamp>,
    refused: u32,
    results: u32,
    reported_at: Option<Timestamp>,
}

impl Group {
    pub(super) fn new(sessions: u32) -> Self {
        Self {
            window: FIRST_WINDOW.min(sessions),
            unhurt: true,
            open: Vec::new(),
            good: 0,
            most: 0,
            bad: 0,
            failed: 0,
            rests: 0,
            rest_until: None,
            used_at: None,
            refused: 0,
            results: 0,
            reported_at: None,
        }
    }

    /// While a dialogue is slow, one other at a time finds out whether the group has become quick again.
    pub(super) fn admits(&self, now: Timestamp) -> bool {
        let slow = self.slow(now);
        !self.rests(now) && self.open.len() < self.window as usize && (slow == 0 || slow == self.open.len())
    }

    /// How many of its dialogues are slow.
    pub(super) fn slow(&self, now: Timestamp) -> usize {
        self.open.iter().filter(|dialogue| now - dialogue.since > SLOW).count()
    }

    /// How many mails are worth holding for it: as many as there are, if it bears all sessions; none, while no
    /// dialogue can be begun before something changes.
    pub(super) fn room(&self, sessions: u32, now: Timestamp) -> i64 {
        let bears = match self.slow(now) {
            _ if self.rests(now) => 0,
            0 if self.window == sessions => return i64::MAX,
            0 => self.window,
            _ => u32::from(self.admits(now)),
        };
        HELD * i64::from(bears)
    }

    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Until when it is left alone; a rest that ends too far in the future was set before the clock was put back.
    fn rest(&self, now: Timestamp) -> Option<Timestamp> {
        let longest = TimeDelta::minutes(RESTS_MINUTES[RESTS_MINUTES.len() - 1]);
        self.rest_until.filter(|until| now < *until && *until - now <= longest)
    }

    fn rests(&self, now: Timestamp) -> bool {
        self.rest(now).is_some()
    }

    /// The larger, the later the group is forgotten.
    pub(super) fn worth(&self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.rest(now), self.used_at)
    }

    pub(super) fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let turns_slow = |dialogue: &Dialogue| dialogue.since + SLOW + TimeDelta::microseconds(1);
        let slow = self.open.iter().map(turns_slow).filter(|at| now < *at).min();
        [self.rest(now), slow].into_iter().flatten().min()
    }

    pub(super) fn start(&mut self, number: u64, now: Timestamp) {
        self.open.push(Dialogue { number, since: now });
        self.most = self.most.max(self.open.len());
        self.used_at = Some(now);
    }

    pub(super) fn end(&mut self, number: u64, signal: Signal, sessions: u32, now: Timestamp) {
        let Some(at) = self.open.iter().position(|dialogue| dialogue.number == number) else { return };
        let was_slow = now - self.open.swap_remove(at).since > SLOW;
        self.used_at = Some(now);
        match signal {
            Signal::Pushed => self.fail(now),
            Signal::Neutral => {}
            // It serves, but not as many at a time as it was given.
            Signal::Served | Signal::Refused57 if was_slow => {
                self.alive();
                self.narrow();
            }
            Signal::Served | Signal::Refused57 => self.succeed(sessions),
        }
    }

    fn alive(&mut self) {
        self.failed = 0;
        self.rest_until = None;
    }

    fn succeed(&mut self, sessions: u32) {
        self.alive();
        self.good += 1;
        let used = 2 * self.most;
        if self.unhurt && used > self.window as usize {
            self.window = (self.window + 1).min(sessions);
        } else if self.good >= self.window && used >= self.window as usize {
            (self.good, self.bad, self.most) = (0, 0, self.open.len());
            self.window = (self.window + 1).min(sessions);
        }
        if self.window >= FIRST_WINDOW.min(sessions) {
            self.rests = 0;
        }
    }

    fn narrow(&mut self) {
        (self.good, self.most) = (0, self.open.len());
        if std::mem::take(&mut self.unhurt) && self.window > FIRST_WINDOW {
            self.window = (self.window / 2).max(FIRST_WINDOW);
        } else if self.bad == 0 {
            self.window = (self.window - 1).max(1);
        }
        self.bad = (self.bad + 1) % self.window;
    }

    fn fail(&mut self, now: Timestamp) {
        if self.rests(now) {
            // What was under way when the group was left alone says nothing new.
            return;
        }
        self.failed += ROUND / self.window;
        self.narrow();
        if self.failed >= FAILED_ROUNDS * ROUND {
            let step = (self.rests as usize).min(RESTS_MINUTES.len() - 1);
            self.rest_until = Some(now + TimeDelta::minutes(RESTS_MINUTES[step]));
            self.rests = self.rests.saturating_add(1);
            // Afterwards one mail goes alone, and its failure is enough for the next rest.
            (self.window, self.bad, self.failed) = (1, 0, (FAILED_ROUNDS - 1) * ROUND);
        }
    }

    /// Counts an answer; gives back `(refused, results)` when it is time to report them.
    pub(super) fn count(&mut self, signal: Signal, now: Timestamp) -> Option<(u32, u32)> {
        if signal == Signal::Refused57 {
            self.refused += 1;
        }
        if matches!(signal, Signal::Served | Signal::Refused57) {
            self.results = self.results.saturating_add(1);
        }
        let waited = self.reported_at.is_none_or(|at| now - at >= REPORT_EVERY || at > now);
        if self.refused == 0 || (self.refused < REFUSALS && !waited) {
            return None;
        }
        self.reported_at = Some(now);
        Some((std::mem::take(&mut self.refused), std::mem::take(&mut self.results)))
    }
}
