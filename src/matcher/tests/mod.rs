//! Matching as a whole: what readers expect of interests, ranking, and reasons.

mod agreement;
mod forecast;
mod kept_inputs;
mod naive;
mod paths;
mod ranking;
mod reasons;
mod replay;
mod table;
mod table_more;

use super::*;
use crate::model::{PaperId, Timestamp, from_micros};

/// A paper that owns its texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Paper {
    pub title: String,
    pub text: String,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub trend: u32,
    pub id: i64,
    /// Hours after the beginning of time in these tests.
    pub hour: i64,
}

impl Paper {
    pub(super) fn titled(title: &str) -> Self {
        Self { title: title.to_owned(), trend: 1000, id: 1, hour: 1, ..Self::default() }
    }

    pub(super) fn doc(&self) -> Doc<'_> {
        Doc {
            id: PaperId(self.id),
            available_at: hour(self.hour),
            title: &self.title,
            abstract_text: &self.text,
            authors: &self.authors,
            categories: &self.categories,
            trend_permille: self.trend,
        }
    }
}

pub(super) fn hour(hours: i64) -> Timestamp {
    from_micros(1_764_000_000_000_000 + hours * 3_600_000_000)
}

pub(super) const ALWAYS: Window =
    Window { after: chrono::DateTime::<chrono::Utc>::MIN_UTC, until: chrono::DateTime::<chrono::Utc>::MAX_UTC };

/// Ranks one profile over all papers in one segment.
pub(super) fn rank(profile: &str, papers: &[Paper]) -> Ranking {
    let segment = Segment::build(papers.iter().map(Paper::doc));
    let matcher = Matcher::new(vec![segment.into()]);
    let compiled = matcher.compile(&Profile::from_text(profile));
    matcher.rank(&compiled, &ALWAYS, &[], 50)
}

/// The ids of the winners, best first.
pub(super) fn winners(profile: &str, papers: &[Paper]) -> Vec<i64> {
    rank(profile, papers).winners.iter().map(|winner| winner.paper.0).collect()
}
