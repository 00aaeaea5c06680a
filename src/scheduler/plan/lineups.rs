//! The windows that many readers of a pass share, laid out for them once.
//!
//! A reader who gets every edition at the same time as thousands of others has their window. It is laid out when it
//! has been asked for often enough to be worth it, and anew whenever four times as many have asked, because the
//! interests of later readers are not in the first layout. With or without one, a ranking is the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::matcher::{Lineup, Matcher, Window};

/// Laying a window out takes as long as ranking some thousand profiles without.
const WORTH: u32 = 4096;
/// Windows that are counted at most; those of new subscribers are shared with nobody.
const COUNTED: usize = 1024;

/// The layouts of one matcher.
pub(super) struct Lineups {
    matcher: Arc<Matcher>,
    windows: Mutex<HashMap<Window, Shared>>,
}

struct Shared {
    readers: u32,
    /// With so many it is laid out, the next time.
    worth: u32,
    lineup: Option<Arc<Lineup>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { readers: 0, worth: WORTH, lineup: None }
    }
}

impl Lineups {
    pub(super) fn new(matcher: Arc<Matcher>) -> Self {
        Self { matcher, windows: Mutex::default() }
    }

    /// The layout of this window for one more reader, if it has one by now.
    pub(super) fn of(&self, window: Window) -> Option<Arc<Lineup>> {
        let (is_due, lineup) = self.count(window);
        if !is_due {
            return lineup;
        }
        // Others go on with the one before meanwhile.
        let lineup = Arc::new(Lineup::new(Arc::clone(&self.matcher), window));
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.entry(window).or_default().lineup = Some(Arc::clone(&lineup));
        Some(lineup)
    }

    /// Whether it is time to lay the window out, and the layout so far.
    fn count(&self, window: Window) -> (bool, Option<Arc<Lineup>>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= COUNTED && !windows.contains_key(&window) {
            windows.retain(|_, shared| shared.lineup.is_some());
        }
        let shared = windows.entry(window).or_default();
        shared.readers = shared.readers.saturating_add(1);
        let is_due = shared.readers == shared.worth;
        if is_due {
            shared.worth = shared.worth.saturating_mul(4);
        }
        (is_due, shared.lineup.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::{Doc, Scratch, Segment};
    use crate::model::{PaperId, Timestamp, from_micros};

    fn matcher() -> Arc<Matcher> {
        let doc = |id| Doc {
            id: PaperId(id),
            available_at: from_micros(id),
            title: "Robots that learn",
            abstract_text: "Agents.",
            authors: &[],
            categories: &[],
            trend_permille: 1000,
        };
        Arc::new(Matcher::new(vec![Arc::new(Segment::build((1..5).map(doc)))]))
    }

    fn window(until: i64) -> Window {
        Window { after: Timestamp::MIN_UTC, until: from_micros(until) }
    }

    #[test]
    fn a_window_is_laid_out_once_it_is_worth_it_and_ranks_the_same() {
        let matcher = matcher();
        let lineups = Lineups::new(Arc::clone(&matcher));
        let profile = matcher.compile_text("robots\n-survey");
        assert!((1..WORTH).all(|_| lineups.of(window(3)).is_none()));
        let lineup = lineups.of(window(3)).expect("it is worth it now");
        let mut scratch = Scratch::default();
        let by_layout = lineup.choose(&mut scratch, &profile, &[PaperId(2)], 2);
        assert_eq!(by_layout, matcher.choose(&mut scratch, &profile, &window(3), &[PaperId(2)], 2));
        assert_eq!(by_layout.matched, 2);
        assert!(lineups.of(window(4)).is_none());
    }

    #[test]
    fn a_layout_is_made_anew_when_four_times_as_many_have_asked() {
        let lineups = Lineups::new(matcher());
        let made = (1..=4 * WORTH).filter_map(|_| lineups.of(window(3)));
        let mut different: Vec<Arc<Lineup>> = made.collect();
        different.dedup_by(|one, next| Arc::ptr_eq(one, next));
        assert_eq!(different.len(), 2);
    }

    #[test]
    fn windows_that_nobody_shares_do_not_pile_up() {
        let lineups = Lineups::new(matcher());
        (0..=COUNTED as i64 * 3).for_each(|until| drop(lineups.of(window(until))));
        assert!(lineups.windows.lock().expect("no panic").len() <= COUNTED);
    }
}
