//! Streams profiles past the papers of a few days.
//!
//! Every distinct interest is evaluated once against every segment. A compiled profile is a row of
//! (interest, boost), and ranking adds the impacts of its interests into one counter for each
//! document. Nothing is ever kept as (profile, paper) pairs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::acronyms::Acronyms;
use super::evaluate::{Match, matches};
use super::interests::{InterestId, Interests};
use super::kernel::Kernel;
use super::postings::Postings;
use super::profile::Profile;
use super::query::Query;
use super::row::{CompiledProfile, Line, Row};
use super::score::{impact, rarity};
use super::segment::{Segment, Window};
use super::slots::Slots;
use super::stem::Stems;
use super::walk::{self, Candidate};
use crate::model::PaperId;

/// Interests a thread takes at a time to evaluate them.
const SHARE: usize = 256;

/// A ranked paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Winner {
    /// The paper.
    pub paper: PaperId,
    /// Comparable within one ranking only; at least 1.
    pub score: u64,
}

/// The best papers of a window for one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Best first; equal scores by trend, then by id.
    pub winners: Vec<Winner>,
    /// How many papers of the window matched and were neither excluded nor shown before.
    pub matched: u32,
}

/// Buffers of one thread, used again from profile to profile.
#[derive(Debug, Default)]
pub struct Scratch {
    /// All zero between rankings.
    pub(super) counters: Vec<u32>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) keys: Vec<u64>,
    pub(super) winners: Vec<Winner>,
    pub(super) kernel: Kernel,
}

impl Scratch {
    /// Buffers for one kernel; [`Scratch::default`] takes the fastest that this machine has.
    pub fn with(kernel: Kernel) -> Self {
        Self { kernel, ..Self::default() }
    }
}

/// Some segments, and what interests add to their papers.
///
/// Everything takes `&self`: any number of threads may compile and rank at once, and the result does not depend
/// on their order or number. Ranking takes no lock. A paper must be in one segment only.
pub struct Matcher {
    pub(super) segments: Vec<Arc<Segment>>,
    papers: u64,
    /// Beside the words of every interest.
    acronyms: Arc<Acronyms>,
    interests: Arc<Interests>,
    /// What each interest adds, once that was worked out.
    evaluated: Slots<Postings>,
}

impl Matcher {
    /// A matcher for these segments.
    pub fn new(segments: Vec<Arc<Segment>>) -> Self {
        Self::with_interests(segments, Arc::default())
    }

    /// A matcher for profiles that are compiled by `interests`, which other matchers may share.
    pub fn with_interests(segments: Vec<Arc<Segment>>, interests: Arc<Interests>) -> Self {
        let papers = segments.iter().map(|segment| segment.len() as u64).sum();
        Self { segments, papers, acronyms: Arc::default(), interests, evaluated: Slots::default() }
    }

    /// The same with acronyms. Nothing may have been evaluated yet.
    #[must_use]
    pub fn with_acronyms(self, acronyms: Arc<Acronyms>) -> Self {
        Self { acronyms, ..self }
    }

    /// Where its profiles are compiled.
    pub fn interests(&self) -> &Interests {
        &self.interests
    }

    /// Notes the interests of a profile, so that it can be ranked by this matcher.
    pub fn compile(&self, profile: &Profile) -> CompiledProfile {
        self.interests.compile(profile)
    }

    /// [`Profile::from_text`] and [`Matcher::compile`] in one. Lines written before are not read again,
    /// which is most lines when many profiles stream by.
    pub fn compile_text(&self, text: &str) -> CompiledProfile {
        self.interests.compile_text(text)
    }

    /// How many distinct interests were noted.
    pub fn distinct_interests(&self) -> usize {
        self.interests.len()
    }

    /// Evaluates every interest noted so far. Ranking would do so when it meets them;
    /// doing it first keeps threads from waiting for each other.
    pub fn evaluate_all(&self) {
        self.evaluate_on(1);
    }

    /// [`Matcher::evaluate_all`] on so many threads.
    pub fn evaluate_on(&self, threads: usize) {
        let (next, count) = (AtomicUsize::new(0), self.interests.len());
        let work = || {
            let stems = Stems::new();
            loop {
                let from = next.fetch_add(SHARE, Ordering::Relaxed);
                if from >= count {
                    return;
                }
                for number in from..count.min(from + SHARE) {
                    self.evaluated.get_or_init(number, || self.evaluate(number, &stems));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
    }

    pub(super) fn interest_ids(&self) -> impl Iterator<Item = InterestId> + use<> {
        (0..u32::try_from(self.interests.len()).unwrap_or(u32::MAX)).map(InterestId)
    }

    pub(super) fn postings(&self, interest: InterestId) -> Option<&Postings> {
        let number = interest.0 as usize;
        match self.evaluated.get(number) {
            Some(postings) => Some(postings),
            None => self.evaluated.get_or_init(number, || self.evaluate(number, &Stems::new())),
        }
    }

    /// The interest is read again from its canonical text: to keep all trees would take more memory than all profiles.
    fn evaluate(&self, number: usize, stems: &Stems) -> Postings {
        let text = u32::try_from(number).ok().and_then(|number| self.interests.text(InterestId(number)));
        let Some(query) = text.and_then(|text| Query::parse(&text).ok()) else { return Postings::default() };
        let root = self.acronyms.expand(query.root());
        let found: Vec<_> = self.segments.iter().map(|segment| matches(&segment.index, stems, &root)).collect();
        let matched: usize = found.iter().map(Vec::len).sum();
        let rarity = rarity(self.papers, matched as u64);
        let with_impacts = self.segments.iter().zip(found).map(|(segment, found)| {
            let impact = |one: &Match| impact(one.quality, rarity, segment.trend[usize::from(one.doc)]);
            found.iter().map(|one| (one.doc, impact(one))).collect()
        });
        Postings::new(&with_impacts.collect::<Vec<_>>())
    }

    /// Bytes that the postings take.
    pub fn bytes(&self) -> usize {
        let postings = self.interest_ids().filter_map(|interest| self.evaluated.get(interest.0 as usize));
        postings.map(Postings::bytes).sum::<usize>() + self.evaluated.bytes()
    }

    /// How many papers a window takes in.
    pub fn count(&self, window: &Window) -> usize {
        self.segments.iter().map(|segment| segment.count(window)).sum()
    }

    /// The best `k` papers of `window` for a profile compiled by this matcher, without those it
    /// excludes and those in `shown`, which must be sorted. An empty profile has no winners.
    pub fn rank(&self, profile: &CompiledProfile, window: &Window, shown: &[PaperId], k: usize) -> Ranking {
        self.rank_with(&mut Scratch::default(), profile, window, shown, k)
    }

    /// [`Matcher::rank`] with buffers that are used again: allocates nothing but the winners.
    pub fn rank_with<'a>(
        &self,
        scratch: &mut Scratch,
        row: impl Into<Row<'a>>,
        window: &Window,
        shown: &[PaperId],
        k: usize,
    ) -> Ranking {
        walk::rank(self, scratch, row.into(), window, shown, k)
    }

    /// Which interests of a profile hit a paper, as places in the order they were written.
    pub fn interests_hit(&self, profile: &CompiledProfile, paper: PaperId) -> Vec<usize> {
        let Some((segment, doc)) = self.find(paper) else { return Vec::new() };
        let hit = |(index, line): (usize, &Line)| self.hits(line.id(), segment, doc).then_some(index);
        profile.row().split().0.iter().enumerate().filter_map(hit).collect()
    }

    /// Whether an exclusion of a profile hits a paper, for sections that are not ranked by interests.
    pub fn excludes(&self, profile: &CompiledProfile, paper: PaperId) -> bool {
        let (_, exclusions) = profile.row().split();
        self.find(paper).is_some_and(|(segment, doc)| exclusions.iter().any(|one| self.hits(one.id(), segment, doc)))
    }

    fn hits(&self, interest: InterestId, segment: usize, doc: u16) -> bool {
        self.postings(interest).is_some_and(|postings| postings.hit(self.segments.len(), segment, usize::from(doc)))
    }

    fn find(&self, paper: PaperId) -> Option<(usize, u16)> {
        let found = |(index, segment): (usize, &Arc<Segment>)| segment.doc_of(paper).map(|doc| (index, doc));
        self.segments.iter().enumerate().find_map(found)
    }
}
