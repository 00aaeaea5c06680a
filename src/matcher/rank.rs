//! Streams profiles past the papers of a few days.
//!
//! Every distinct interest is evaluated once against every segment. A compiled profile is a row of
//! (interest, boost), and ranking adds the impacts of its interests into one counter for each
//! document. Nothing is ever kept as (profile, paper) pairs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::evaluate::{Match, matches};
use super::postings::Postings;
use super::profile::{self, Interest, MAX_INTERESTS, Profile};
use super::query::Node;
use super::score::{impact, rarity};
use super::segment::{Segment, Window};
use super::stem::Stems;
use super::top::{Best, Candidate};
use crate::model::PaperId;

/// Counters looked at together.
const BLOCK: usize = 16;
/// A line of a profile, as an id of an interest.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Interest(u32, u8),
    Exclusion(u32),
    Nothing,
}

/// A profile as ids of interests: what ranking reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompiledProfile {
    interests: Box<[(u32, u8)]>,
    exclusions: Box<[u32]>,
}

impl CompiledProfile {
    /// Whether it has no interests: it ranks nothing, and its digest is the day's trending papers.
    pub fn is_empty(&self) -> bool {
        self.interests.is_empty()
    }

    /// How many interests it has.
    pub(super) fn interests(&self) -> usize {
        self.interests.len()
    }

    /// The same exclusions with one of the interests, by its place.
    pub(super) fn only(&self, place: usize) -> Self {
        let interests = self.interests.get(place).copied().into_iter().collect();
        Self { interests, exclusions: self.exclusions.clone() }
    }
}

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
    counters: Vec<u32>,
    candidates: Vec<Candidate>,
}

/// Some segments, and the interests that were looked for in them.
///
/// Compile profiles first, then rank from as many threads as wanted: ranking takes `&self`, and
/// the result does not depend on order or number of threads. A paper must be in one segment only.
pub struct Matcher {
    segments: Vec<Arc<Segment>>,
    papers: u64,
    ids: HashMap<Box<str>, u32>,
    /// What lines of profiles mean, as they were written.
    lines: HashMap<Box<str>, Meaning>,
    /// The distinct interests.
    roots: Vec<Node>,
    /// What each of them adds, once that was worked out.
    evaluated: Vec<OnceLock<Postings>>,
}

impl Matcher {
    /// A matcher for these segments.
    pub fn new(segments: Vec<Arc<Segment>>) -> Self {
        let papers = segments.iter().map(|segment| segment.len() as u64).sum();
        Self { segments, papers, ids: HashMap::new(), lines: HashMap::new(), roots: Vec::new(), evaluated: Vec::new() }
    }

    /// Notes the interests of a profile, so that it can be ranked by this matcher.
    pub fn compile(&mut self, profile: &Profile) -> CompiledProfile {
        let interests = profile.interests.iter().map(|interest| {
            let boost = u8::try_from(interest.boost.tenths()).unwrap_or(u8::MAX);
            (self.intern(interest), boost)
        });
        let interests = interests.collect();
        CompiledProfile { interests, exclusions: profile.exclusions.iter().map(|one| self.intern(one)).collect() }
    }

    /// [`Profile::from_text`] and [`Matcher::compile`] in one. Lines written before are not read again,
    /// which is most lines when many profiles stream by.
    pub fn compile_text(&mut self, text: &str) -> CompiledProfile {
        let mut interests: Vec<(u32, u8)> = Vec::new();
        let mut exclusions: Vec<u32> = Vec::new();
        for line in profile::lines(text).map(|(_, line)| line) {
            if interests.len() + exclusions.len() == MAX_INTERESTS {
                break;
            }
            let known = self.lines.get(line).copied();
            match known.unwrap_or_else(|| self.learn(line)) {
                Meaning::Interest(id, boost) => match interests.iter_mut().find(|(other, _)| *other == id) {
                    Some((_, strongest)) => *strongest = boost.max(*strongest),
                    None => interests.push((id, boost)),
                },
                Meaning::Exclusion(id) if !exclusions.contains(&id) => exclusions.push(id),
                Meaning::Exclusion(_) | Meaning::Nothing => {}
            }
        }
        CompiledProfile { interests: interests.into(), exclusions: exclusions.into() }
    }

    fn learn(&mut self, line: &str) -> Meaning {
        let one = self.compile(&Profile::from_text(line));
        let meaning = match (one.interests.first(), one.exclusions.first()) {
            (Some(&(id, boost)), _) => Meaning::Interest(id, boost),
            (None, Some(&id)) => Meaning::Exclusion(id),
            (None, None) => Meaning::Nothing,
        };
        self.lines.insert(line.into(), meaning);
        meaning
    }

    fn intern(&mut self, interest: &Interest) -> u32 {
        if let Some(&id) = self.ids.get(interest.canonical.as_str()) {
            return id;
        }
        let id = u32::try_from(self.roots.len()).unwrap_or(u32::MAX);
        self.ids.insert(interest.canonical.as_str().into(), id);
        self.roots.push(interest.query.root().clone());
        self.evaluated.push(OnceLock::new());
        id
    }

    /// How many distinct interests were noted.
    pub fn distinct_interests(&self) -> usize {
        self.roots.len()
    }

    /// Evaluates every interest noted so far. Ranking would do so when it meets them;
    /// doing it first keeps threads from waiting for each other.
    pub fn evaluate_all(&self) {
        let stems = Stems::new();
        for (root, postings) in self.roots.iter().zip(&self.evaluated) {
            postings.get_or_init(|| self.evaluate(root, &stems));
        }
    }

    fn postings(&self, interest: u32) -> Option<&Postings> {
        let postings = self.evaluated.get(interest as usize)?;
        match postings.get() {
            Some(postings) => Some(postings),
            None => Some(postings.get_or_init(|| self.evaluate(&self.roots[interest as usize], &Stems::new()))),
        }
    }

    fn evaluate(&self, root: &Node, stems: &Stems) -> Postings {
        let found: Vec<_> = self.segments.iter().map(|segment| matches(&segment.index, stems, root)).collect();
        let matched: usize = found.iter().map(Vec::len).sum();
        let rarity = rarity(self.papers, matched as u64);
        let with_impacts = self.segments.iter().zip(found).map(|(segment, found)| {
            let impact = |one: &Match| impact(one.quality, rarity, segment.trend[usize::from(one.doc)]);
            found.iter().map(|one| (one.doc, impact(one))).collect()
        });
        Postings::new(&with_impacts.collect::<Vec<_>>())
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
    pub fn rank_with(
        &self,
        scratch: &mut Scratch,
        profile: &CompiledProfile,
        window: &Window,
        shown: &[PaperId],
        k: usize,
    ) -> Ranking {
        let mut matched = 0;
        let mut best = Best::new(k);
        scratch.candidates.clear();
        if profile.is_empty() {
            return Ranking::default();
        }
        for (number, segment) in self.segments.iter().enumerate() {
            let range = segment.range(window);
            if range.is_empty() {
                continue;
            }
            scratch.counters.clear();
            scratch.counters.resize(range.len(), 0);
            self.add(&mut scratch.counters, profile, number, range.start);
            clear_shown(&mut scratch.counters, segment, range.start, shown);
            matched += scratch.counters.iter().map(|score| u32::from(*score > 0)).sum::<u32>();
            best.raise(&scratch.counters);
            for (block, scores) in scratch.counters.chunks(BLOCK).enumerate() {
                // Nearly every block has nothing to offer: one look at its maximum spares the others.
                if scores.iter().fold(0, |most, score| most.max(*score)) <= best.bound {
                    continue;
                }
                for (offset, &score) in scores.iter().enumerate().filter(|(_, score)| **score > best.bound) {
                    let doc = range.start + block * BLOCK + offset;
                    scratch.candidates.push(Candidate {
                        missing_score: u32::MAX - score,
                        missing_trend: u32::MAX - segment.trend[doc],
                        paper: segment.papers[doc],
                    });
                }
                best.trim(&mut scratch.candidates);
            }
        }
        scratch.candidates.sort_unstable();
        scratch.candidates.truncate(k);
        let winner = |one: &Candidate| Winner { paper: one.paper, score: u64::from(u32::MAX - one.missing_score) };
        Ranking { winners: scratch.candidates.iter().map(winner).collect(), matched }
    }

    /// Adds up the impacts of the interests, then clears what the exclusions hit.
    fn add(&self, counters: &mut [u32], profile: &CompiledProfile, segment: usize, from: usize) {
        let to = from + counters.len();
        for &(interest, boost) in &profile.interests {
            let Some(postings) = self.postings(interest) else { continue };
            for (doc, impact) in postings.within(self.segments.len(), segment, from, to) {
                counters[doc - from] += impact * u32::from(boost);
            }
        }
        for &exclusion in &profile.exclusions {
            let Some(postings) = self.postings(exclusion) else { continue };
            for (doc, _) in postings.within(self.segments.len(), segment, from, to) {
                counters[doc - from] = 0;
            }
        }
    }

    /// Which interests of a profile hit a paper, as places in the order they were written.
    pub fn interests_hit(&self, profile: &CompiledProfile, paper: PaperId) -> Vec<usize> {
        let Some((segment, doc)) = self.find(paper) else { return Vec::new() };
        let hit = |(index, (interest, _)): (usize, &(u32, u8))| self.hits(*interest, segment, doc).then_some(index);
        profile.interests.iter().enumerate().filter_map(hit).collect()
    }

    /// Whether an exclusion of a profile hits a paper, for sections that are not ranked by interests.
    pub fn excludes(&self, profile: &CompiledProfile, paper: PaperId) -> bool {
        self.find(paper)
            .is_some_and(|(segment, doc)| profile.exclusions.iter().any(|one| self.hits(*one, segment, doc)))
    }

    fn hits(&self, interest: u32, segment: usize, doc: u16) -> bool {
        let doc = usize::from(doc);
        let count = self.segments.len();
        self.postings(interest).is_some_and(|postings| postings.within(count, segment, doc, doc + 1).next().is_some())
    }

    fn find(&self, paper: PaperId) -> Option<(usize, u16)> {
        let found = |(index, segment): (usize, &Arc<Segment>)| segment.doc_of(paper).map(|doc| (index, doc));
        self.segments.iter().enumerate().find_map(found)
    }
}

fn clear_shown(counters: &mut [u32], segment: &Segment, from: usize, shown: &[PaperId]) {
    let Some((first, last)) = segment.paper_bounds() else { return };
    let begin = shown.partition_point(|paper| *paper < first);
    for paper in shown[begin..].iter().take_while(|paper| **paper <= last) {
        let offset = segment.doc_of(*paper).and_then(|doc| usize::from(doc).checked_sub(from));
        if let Some(counter) = offset.and_then(|offset| counters.get_mut(offset)) {
            *counter = 0;
        }
    }
}
