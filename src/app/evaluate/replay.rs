//! One morning after another as the planner would see it, with the votes that were there by then.

use std::ops::Range;
use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};

use super::chance::Chance;
use super::gain::DEPTH;
use super::people::Person;
use super::sample::{Sample, SamplePaper};
use crate::digest::window::LONGEST_WINDOW;
use crate::matcher::trend::{History, NEUTRAL_FACTOR, TrendModel};
use crate::matcher::{Acronyms, Definitions, Doc, Matcher, Profile, Scratch, Segment, Window};
use crate::model::{LocalDate, PaperId, SignalPoint, Signals, Timestamp};
use crate::shelf;

/// Of a hundred votes so many were there when the mail was sent.
const SEEN_PERCENT: usize = 30;
/// The trend is measured against papers of so many days, as in planning.
const MODEL_DAYS: TimeDelta = TimeDelta::days(14);
/// Acronyms are learned from the papers that would be on the shelf.
const ON_THE_SHELF: TimeDelta = TimeDelta::days(shelf::DAYS);
/// The mail of a day goes at seven the next morning, when most readers get theirs.
const SENT: TimeDelta = TimeDelta::hours(31);

/// The votes of one paper, split: what the rank may know, and what it is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    /// Seen when the mail went.
    pub seen: u32,
    /// Still to come.
    pub to_come: u32,
}

/// Splits the votes of every paper, each vote by chance and for itself.
pub(super) fn split(sample: &Sample, seed: u64) -> Vec<Split> {
    let split = |paper: &SamplePaper| {
        let seen = Chance::of(seed, paper.name()).thin(paper.votes, SEEN_PERCENT);
        Split { seen, to_come: paper.votes - seen }
    };
    sample.papers.iter().map(split).collect()
}

/// What the program sees on the morning after a day.
pub(super) struct Morning {
    matcher: Matcher,
    window: Window,
    /// Where the papers of the day stand in the sample.
    pub day: Range<usize>,
    /// And those of the last days, by which it is known what is rare.
    pub known: Range<usize>,
}

impl Morning {
    /// Indexes the last days' papers as the planner does; `with_trend` false leaves every trend neutral.
    pub(super) fn of(sample: &Sample, splits: &[Split], day: LocalDate, with_trend: bool) -> Self {
        let now = sent(day);
        let until = sample.papers.partition_point(|paper| paper.available_at() <= now);
        let from = |back| sample.papers.partition_point(|paper| paper.available_at() <= now - back);
        let histories: Vec<History> = (from(MODEL_DAYS)..until).map(|index| history(sample, splits, index)).collect();
        let model = TrendModel::fit(&histories);
        let trend =
            |index| if with_trend { model.factor(&history(sample, splits, index), now) } else { NEUTRAL_FACTOR };
        let known = from(LONGEST_WINDOW)..until;
        let recent: Vec<usize> = known.clone().collect();
        let days = recent.chunk_by(|one, next| sample.papers[*one].day == sample.papers[*next].day);
        let segments =
            days.flat_map(|day| Segment::build_many(day.iter().map(|index| doc(sample, *index, trend(*index)))));
        let texts = sample.papers[from(ON_THE_SHELF)..until].iter().map(|paper| &paper.paper);
        let defined = Definitions::of(texts.map(|paper| (paper.title.as_str(), paper.abstract_text.as_str())));
        let acronyms = Arc::new(Acronyms::learn([&defined]));
        let matcher = Matcher::new(segments.map(Arc::new).collect()).with_acronyms(acronyms);
        let day = from(TimeDelta::days(1))..until;
        Self { matcher, window: Window { after: now - TimeDelta::days(1), until: now }, day, known }
    }

    /// The papers of the day that each reader is mailed, the best first, as places among the day's papers.
    pub(super) fn mails(&mut self, people: &[Person]) -> Vec<Vec<usize>> {
        let profiles: Vec<_> =
            people.iter().map(|person| self.matcher.compile(&Profile::from_text(&person.profile()))).collect();
        self.matcher.evaluate_all();
        let mut scratch = Scratch::default();
        let mut mail = |profile| {
            let chosen = self.matcher.choose(&mut scratch, profile, &self.window, &[], DEPTH).winners;
            let place = |paper: PaperId| usize::try_from(paper.0).ok()?.checked_sub(self.day.start);
            chosen.into_iter().take(DEPTH).filter_map(|winner| place(winner.paper)).collect()
        };
        profiles.iter().map(&mut mail).collect()
    }
}

fn sent(day: LocalDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc() + SENT
}

/// Papers are numbered by their place in the sample.
pub(super) fn id(index: usize) -> PaperId {
    PaperId(i64::try_from(index).unwrap_or(i64::MAX))
}

/// One reading, on the morning on which the paper is mailed.
fn history(sample: &Sample, splits: &[Split], index: usize) -> History {
    let paper = &sample.papers[index];
    let signals = Signals { upvotes: Some(splits[index].seen), ..Signals::default() };
    let points = vec![SignalPoint { at: sent(paper.day), signals }];
    History { paper: id(index), available_at: paper.available_at(), points }
}

pub(super) fn doc(sample: &Sample, index: usize, trend_permille: u32) -> Doc<'_> {
    let sampled = &sample.papers[index];
    Doc {
        id: id(index),
        available_at: sampled.available_at(),
        title: &sampled.paper.title,
        abstract_text: &sampled.paper.abstract_text,
        authors: &sampled.paper.authors,
        categories: &sampled.paper.categories,
        trend_permille,
    }
}
