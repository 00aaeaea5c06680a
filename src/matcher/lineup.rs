//! The papers of one window, laid out so that many profiles can be ranked over them quickly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::kernel::{Kernel, ROW, of_key};
use super::rank::{Matcher, Ranking, Scratch, Winner};
use super::row::Row;
use super::segment::{Segment, Window};
use super::shard::Shard;
use crate::model::{PaperId, SubscriberId};

/// A window over all segments of a matcher as one short list of papers, in the order in which ties are
/// broken, with the postings of every interest side by side in one piece of memory.
///
/// It knows the interests that the matcher had noted when it was made; profiles with others, and windows of
/// more than 65,536 papers, are ranked the plain way, with the same result.
pub struct Lineup {
    pub(super) matcher: Arc<Matcher>,
    window: Window,
    /// The papers by place.
    papers: Vec<PaperId>,
    /// Papers with their places, sorted by paper.
    places: Vec<(PaperId, u16)>,
    /// For each interest where its postings begin; one more at the end. Empty if there are too many papers.
    starts: Vec<u32>,
    /// Place in the upper half, impact in the lower.
    postings: Vec<u32>,
}

impl Lineup {
    /// Lays out `window`, which takes about as long as ranking a few thousand profiles.
    /// Interests not evaluated yet are evaluated now.
    pub fn new(matcher: Arc<Matcher>, window: Window) -> Self {
        let mut lineup = Self {
            papers: Vec::new(),
            places: Vec::new(),
            starts: Vec::new(),
            postings: Vec::new(),
            window,
            matcher: Arc::clone(&matcher),
        };
        if matcher.count(&window) <= Segment::MAX_DOCS {
            let order = lineup.line_up(&matcher);
            lineup.take_postings(&matcher, &order);
        }
        lineup
    }

    /// Gives the papers their places. Returns for each segment the places of the documents in the window.
    fn line_up(&mut self, matcher: &Matcher) -> Vec<Vec<u16>> {
        let mut docs: Vec<(u32, PaperId, usize, usize)> = Vec::new();
        let mut order = Vec::new();
        for (number, segment) in matcher.segments.iter().enumerate() {
            let range = segment.range(&self.window);
            order.push(vec![0; range.len()]);
            docs.extend(
                range
                    .clone()
                    .map(|doc| (u32::MAX - segment.trend[doc], segment.papers[doc], number, doc - range.start)),
            );
        }
        docs.sort_unstable();
        for ((_, paper, segment, doc), place) in docs.into_iter().zip(0..=u16::MAX) {
            order[segment][doc] = place;
            self.papers.push(paper);
            self.places.push((paper, place));
        }
        self.places.sort_unstable();
        order
    }

    fn take_postings(&mut self, matcher: &Matcher, order: &[Vec<u16>]) {
        let ranges: Vec<_> = matcher.segments.iter().map(|segment| segment.range(&self.window)).collect();
        self.starts.push(0);
        for interest in matcher.interest_ids() {
            let from = self.postings.len();
            let postings = matcher.postings(interest).into_iter();
            for (number, (range, places)) in
                ranges.iter().zip(order).enumerate().filter(|(_, (range, _))| !range.is_empty())
            {
                for (doc, impact) in
                    postings.clone().flat_map(|found| found.within(ranges.len(), number, range.start, range.end))
                {
                    self.postings.push(u32::from(places[doc - range.start]) << 16 | impact);
                }
            }
            // Counters next to each other are met one after the other.
            self.postings[from..].sort_unstable();
            self.starts.push(u32::try_from(self.postings.len()).unwrap_or(u32::MAX));
        }
    }

    /// How many papers the window holds.
    pub fn len(&self) -> usize {
        self.matcher.count(&self.window)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the layout takes.
    pub fn bytes(&self) -> usize {
        size_of::<PaperId>() * self.papers.capacity()
            + size_of::<(PaperId, u16)>() * self.places.capacity()
            + 4 * (self.starts.capacity() + self.postings.capacity())
    }

    /// Like [`Matcher::rank`] over this window.
    pub fn rank<'a>(&self, scratch: &mut Scratch, row: impl Into<Row<'a>>, shown: &[PaperId], k: usize) -> Ranking {
        let row = row.into();
        if !self.knows(row) {
            return self.matcher.rank_with(scratch, row, &self.window, shown, k);
        }
        let matched = self.rank_known(scratch, row, shown, k);
        Ranking { winners: scratch.winners.clone(), matched }
    }

    /// Ranks every profile of some shards on so many threads. `each` is told of one after the other of a shard,
    /// and what it gathered for each shard comes back in the order of the shards.
    pub fn rank_shards<T: Default + Send>(
        &self,
        shards: &[Shard],
        k: usize,
        threads: usize,
        kernel: Kernel,
        each: impl Fn(&mut T, SubscriberId, &[Winner], u32) + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut scratch = Scratch::with(kernel);
            let mut done = Vec::new();
            while let Some((number, shard)) =
                Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, shards.get(n)?)))
            {
                let mut gathered = T::default();
                for (person, row) in shard.rows() {
                    if self.knows(row) {
                        let matched = self.rank_known(&mut scratch, row, &[], k);
                        each(&mut gathered, person, &scratch.winners, matched);
                    } else {
                        let ranking = self.matcher.rank_with(&mut scratch, row, &self.window, &[], k);
                        each(&mut gathered, person, &ranking.winners, ranking.matched);
                    }
                }
                done.push((number, gathered));
            }
            done
        };
        let mut gathered = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut gathered = work();
            for other in others {
                match other.join() {
                    Ok(more) => gathered.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            gathered
        });
        gathered.sort_unstable_by_key(|(number, _)| *number);
        gathered.into_iter().map(|(_, gathered)| gathered).collect()
    }

    /// Whether every interest of the row was there when this was made.
    fn knows(&self, row: Row<'_>) -> bool {
        row.0.iter().all(|line| (line.id().0 as usize) + 1 < self.starts.len())
    }

    /// Leaves the best `k` in the scratch, best first. Returns how many matched. The row must be known.
    fn rank_known(&self, scratch: &mut Scratch, row: Row<'_>, shown: &[PaperId], k: usize) -> u32 {
        scratch.winners.clear();
        if row.is_empty() {
            return 0;
        }
        self.add_only(scratch, row);
        let counters = &mut scratch.counters[..self.papers.len().next_multiple_of(ROW)];
        for place in shown.iter().filter_map(|paper| self.place(*paper)) {
            counters[place] = 0;
        }
        let picked = scratch.kernel.pick(counters, k, &mut scratch.keys);
        let keys = &mut scratch.keys[..picked.keys];
        keys.sort_unstable();
        scratch.winners.extend(keys.iter().take(k).map(|key| {
            let (place, score) = of_key(*key);
            Winner { paper: self.papers[place], score: u64::from(score) }
        }));
        picked.matched
    }

    /// Adds up the impacts of a known row and clears what it excludes, and chooses nothing: the floor under the cost
    /// of ranking, for measuring alone. The counters stay as they are.
    pub fn add_only(&self, scratch: &mut Scratch, row: Row<'_>) {
        if scratch.counters.len() < Segment::MAX_DOCS {
            scratch.counters.resize(Segment::MAX_DOCS, 0);
        }
        let counters = &mut scratch.counters[..Segment::MAX_DOCS];
        for line in row.0 {
            let id = line.id().0 as usize;
            let postings = &self.postings[self.starts[id] as usize..self.starts[id + 1] as usize];
            if line.is_exclusion() {
                for posting in postings {
                    counters[(posting >> 16) as usize] = 0;
                }
            } else {
                for posting in postings {
                    // The highest sum fits, as a test of the score says.
                    let counter = &mut counters[(posting >> 16) as usize];
                    *counter = counter.wrapping_add((posting & 0xFFFF) * line.tenths());
                }
            }
        }
    }

    fn place(&self, paper: PaperId) -> Option<usize> {
        let at = self.places.binary_search_by_key(&paper, |(known, _)| *known).ok()?;
        Some(usize::from(self.places[at].1))
    }
}
