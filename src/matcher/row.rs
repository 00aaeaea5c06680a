//! A compiled profile: the lines of a profile as numbers, four bytes each.

use super::interests::{InterestId, Interests};

/// Bits of the boost.
const BOOST_BITS: u32 = 7;
/// The most distinct interests that can be told apart.
pub(super) const MAX_DISTINCT: u32 = 1 << (32 - BOOST_BITS);

/// A line: an interest with its boost in tenths (1 to 100), or an exclusion, whose boost is written 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line(u32);

impl Line {
    /// `tenths` is at least 1 and fits, as [`super::query::Boost`] sees to.
    pub(super) fn interest(id: InterestId, tenths: u32) -> Self {
        Self(id.0 << BOOST_BITS | tenths.clamp(1, (1 << BOOST_BITS) - 1))
    }

    pub(super) fn exclusion(id: InterestId) -> Self {
        Self(id.0 << BOOST_BITS)
    }

    pub(super) fn id(self) -> InterestId {
        InterestId(self.0 >> BOOST_BITS)
    }

    /// 0 for an exclusion.
    pub(super) fn tenths(self) -> u32 {
        self.0 & ((1 << BOOST_BITS) - 1)
    }

    pub(super) fn is_exclusion(self) -> bool {
        self.tenths() == 0
    }
}

/// A profile as ids of interests: what ranking reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompiledProfile {
    lines: Box<[Line]>,
}

impl CompiledProfile {
    /// Whether it has no interests: it ranks nothing, and its digest is the day's trending papers.
    pub fn is_empty(&self) -> bool {
        self.row().is_empty()
    }

    /// How many interests it has.
    pub(super) fn interests(&self) -> usize {
        self.row().split().0.len()
    }

    /// The same exclusions with one of the interests, by its place.
    pub(super) fn only(&self, place: usize) -> Self {
        let (interests, exclusions) = self.row().split();
        Self { lines: interests.get(place).into_iter().chain(exclusions).copied().collect() }
    }

    /// Its lines, to be ranked or put into a [`super::Shard`].
    pub fn row(&self) -> Row<'_> {
        Row(&self.lines)
    }
}

/// The lines of one compiled profile, wherever they are kept: interests in the order written, then exclusions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a>(pub(super) &'a [Line]);

impl<'a> From<&'a CompiledProfile> for Row<'a> {
    fn from(profile: &'a CompiledProfile) -> Self {
        profile.row()
    }
}

impl<'a> Row<'a> {
    /// Whether there are no interests.
    pub fn is_empty(&self) -> bool {
        self.0.first().is_none_or(|line| line.is_exclusion())
    }

    /// The canonical texts of its lines, exclusions with their minus, without boosts.
    pub fn texts(self, interests: &Interests) -> impl Iterator<Item = String> {
        self.0.iter().map(|line| {
            let text = interests.text(line.id()).unwrap_or_default();
            if line.is_exclusion() { format!("-{text}") } else { text }
        })
    }

    /// Interests, and the exclusions behind them.
    pub(super) fn split(self) -> (&'a [Line], &'a [Line]) {
        let exclusions = self.0.iter().rev().take_while(|line| line.is_exclusion()).count();
        self.0.split_at(self.0.len() - exclusions)
    }
}

/// Puts lines together: of equal interests the strongest stays, at the first one's place.
#[derive(Debug, Default)]
pub(super) struct RowBuilder {
    interests: Vec<Line>,
    exclusions: Vec<Line>,
}

impl RowBuilder {
    pub(super) fn push(&mut self, line: Line) {
        if line.is_exclusion() {
            if !self.exclusions.contains(&line) {
                self.exclusions.push(line);
            }
            return;
        }
        match self.interests.iter_mut().find(|other| other.id() == line.id()) {
            Some(known) if known.tenths() < line.tenths() => *known = line,
            Some(_) => {}
            None => self.interests.push(line),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.interests.len() + self.exclusions.len()
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Line> {
        self.interests.iter().chain(&self.exclusions).copied()
    }

    pub(super) fn clear(&mut self) {
        self.interests.clear();
        self.exclusions.clear();
    }

    pub(super) fn finish(self) -> CompiledProfile {
        CompiledProfile { lines: self.lines().collect() }
    }
}
