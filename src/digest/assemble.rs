//! From ranked papers to the sections of an edition, and what to do on a day without matches.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::model::{Item, PaperId, Preferences, QuietDay, Reason, Section};

/// The most papers under *Rising*.
pub const MAX_RISING: usize = 3;
/// The most papers under *Trending*, unless there are no interests and the digest is nothing else.
pub const MAX_TRENDING: usize = 3;

/// What of a reader's preferences decides about sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The most papers under *For you*; taken as 1 to [`Preferences::MAX_LIMIT`].
    pub limit: u16,
    /// What comes on a day without matches.
    pub quiet_day: QuietDay,
    /// Whether *Trending* stands under the matches of an ordinary day.
    pub trending: bool,
    /// Whether the profile has any interest; without, the digest is the day's trending papers.
    pub has_interests: bool,
}

impl Choice {
    /// The choice of somebody with these preferences, whose profile has interests or not.
    pub fn of(prefs: &Preferences, has_interests: bool) -> Self {
        Self { limit: prefs.limit, quiet_day: prefs.quiet_day, trending: prefs.trending, has_interests }
    }
}

/// A ranked paper that may become an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The paper.
    pub paper: PaperId,
    /// The revision of its texts that the reasons refer to.
    pub revision: i64,
    /// Rank score.
    pub score: u64,
    /// The interests that hit, strongest first.
    pub reasons: Vec<Reason>,
    /// Upvotes, when measured.
    pub upvotes: Option<u32>,
    /// Upvotes won in the last day, when both ends were measured.
    pub gained: Option<u32>,
}

/// What kind of edition comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditionKind {
    /// It has matches, or is all trending because there are no interests.
    Normal,
    /// Nothing matched: one line says so.
    QuietNote,
    /// Nothing matched: the trending papers alone.
    QuietTrending,
    /// Nothing is sent.
    Silent,
}

/// The contents of an edition.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembled {
    /// In the order they are shown: sections in theirs, best first in each.
    pub items: Vec<Item>,
    /// How many of the candidates for *For you* were left out by the limit.
    pub more_for_you: u32,
    /// What is to be sent.
    pub kind: EditionKind,
}

/// Puts ranked candidates (each list best first) into sections.
///
/// No paper stands twice; the first section that has it keeps it, a paper beyond the limit of *For you* included.
/// With nothing to show at all, the edition is a note unless the reader wants no mail on such a day.
pub fn assemble(
    choice: &Choice,
    for_you: Vec<Candidate>,
    rising: Vec<Candidate>,
    trending: Vec<Candidate>,
) -> Assembled {
    let limit = usize::from(choice.limit.clamp(1, Preferences::MAX_LIMIT));
    let mut page = Page::default();
    if !choice.has_interests {
        page.add(Section::Trending, trending, limit);
        let kind = if page.items.is_empty() { without_papers(choice.quiet_day) } else { EditionKind::Normal };
        return Assembled { items: page.items, more_for_you: 0, kind };
    }
    let more_for_you = page.add(Section::ForYou, for_you, limit);
    page.add(Section::Rising, rising, MAX_RISING);
    let quiet = page.items.is_empty();
    let wanted = if quiet { choice.quiet_day == QuietDay::Trending } else { choice.trending };
    if wanted {
        page.add(Section::Trending, trending, MAX_TRENDING);
    }
    let kind = match (quiet, page.items.is_empty()) {
        (false, _) => EditionKind::Normal,
        (true, false) => EditionKind::QuietTrending,
        (true, true) => without_papers(choice.quiet_day),
    };
    Assembled { items: page.items, more_for_you, kind }
}

/// With no paper at all to show, the note says why; only who wants nothing gets nothing.
fn without_papers(quiet_day: QuietDay) -> EditionKind {
    match quiet_day {
        QuietDay::Note | QuietDay::Trending => EditionKind::QuietNote,
        QuietDay::Nothing => EditionKind::Silent,
    }
}

#[derive(Default)]
struct Page {
    items: Vec<Item>,
    taken: HashSet<PaperId>,
}

impl Page {
    /// Adds a section of at most `limit` papers; returns how many it could not hold.
    fn add(&mut self, section: Section, candidates: Vec<Candidate>, limit: usize) -> u32 {
        let mut shown = 0;
        let mut left_out = 0;
        for candidate in candidates {
            if !self.taken.insert(candidate.paper) {
                continue;
            }
            if shown == limit {
                left_out += 1;
                continue;
            }
            shown += 1;
            self.items.push(item(section, candidate));
        }
        left_out
    }
}

fn item(section: Section, candidate: Candidate) -> Item {
    Item {
        paper: candidate.paper,
        revision: candidate.revision,
        section,
        score: candidate.score,
        reasons: candidate.reasons,
        upvotes: candidate.upvotes,
        upvotes_gained: candidate.gained,
    }
}
