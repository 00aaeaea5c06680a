//! What a profile would have found in the papers of the last days, before anybody saves it.

use std::sync::Arc;

use super::acronyms::Acronyms;
use super::profile::Profile;
use super::rank::{Matcher, Winner};
use super::segment::{Segment, Window};

/// An interest that hits more than one in so many papers says little.
const BROAD: u32 = 5;
/// Fewer papers say nothing about how broad an interest is.
const FEWEST: u32 = 20;

/// What a profile would have found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Days looked at, at least 1.
    pub days: u32,
    /// Papers of those days.
    pub papers: u32,
    /// Papers found, without those that are excluded.
    pub found: u32,
    /// Interests and exclusions, in the order they are understood: interests first.
    pub lines: Vec<LineForecast>,
    /// The best papers.
    pub first: Vec<Winner>,
}

/// What one line of a profile does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineForecast {
    /// Its canonical text without boost; an exclusion has its minus.
    pub canonical: String,
    /// Whether it excludes.
    pub excludes: bool,
    /// Papers it hits by itself.
    pub hits: u32,
    /// Papers it brings to the digest, those also found by others included; those it takes out, if it excludes.
    pub brings: u32,
    /// What its writer should know.
    pub warning: Option<Warning>,
    /// What it also finds, because papers call it so.
    pub also: Vec<String>,
}

/// What the writer of a line should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// It hits more than a fifth of the papers.
    Broad,
    /// It hits no paper.
    Silent,
}

impl Forecast {
    /// Streams a profile past the papers of `window`, which spans `days`, and names the best `first` of them.
    pub fn of(
        segments: &[Arc<Segment>],
        acronyms: &Arc<Acronyms>,
        profile: &Profile,
        window: &Window,
        days: u32,
        first: usize,
    ) -> Self {
        let matcher = Matcher::new(segments.to_vec()).with_acronyms(Arc::clone(acronyms));
        let papers = u32::try_from(matcher.count(window)).unwrap_or(u32::MAX);
        let found = |profile: &Profile, k| {
            let compiled = matcher.compile(profile);
            matcher.rank(&compiled, window, &[], k)
        };
        let all = found(profile, first);
        let mut lines = Vec::with_capacity(profile.len());
        for one in &profile.interests {
            let alone = Profile { interests: vec![one.clone()], exclusions: Vec::new() };
            let kept = Profile { exclusions: profile.exclusions.clone(), ..alone.clone() };
            let (hits, brings) = (found(&alone, 0).matched, found(&kept, 0).matched);
            lines.push(LineForecast {
                canonical: one.canonical.clone(),
                excludes: false,
                hits,
                brings,
                warning: warning(hits, papers),
                also: acronyms.also(&one.query),
            });
        }
        let everything = Profile { interests: profile.interests.clone(), exclusions: Vec::new() };
        let before = found(&everything, 0).matched;
        for one in &profile.exclusions {
            let alone = Profile { interests: vec![one.clone()], exclusions: Vec::new() };
            let left = found(&Profile { exclusions: vec![one.clone()], ..everything.clone() }, 0).matched;
            lines.push(LineForecast {
                canonical: format!("-{}", one.canonical),
                excludes: true,
                hits: found(&alone, 0).matched,
                brings: before.saturating_sub(left),
                warning: None,
                also: acronyms.also(&one.query),
            });
        }
        Self { days: days.max(1), papers, found: all.matched, lines, first: all.winners }
    }

    /// How many of so many papers that is a day, in tenths, rounded.
    pub fn tenths_a_day(&self, papers: u32) -> u32 {
        let days = u64::from(self.days.max(1));
        u32::try_from((u64::from(papers) * 20 + days) / (2 * days)).unwrap_or(u32::MAX)
    }

    /// The share of the papers found, in hundredths, rounded.
    pub fn percent(&self, papers: u32) -> u32 {
        let found = u64::from(self.found.max(1));
        u32::try_from((u64::from(papers) * 200 + found) / (2 * found)).unwrap_or(u32::MAX)
    }
}

fn warning(hits: u32, papers: u32) -> Option<Warning> {
    match hits {
        0 if papers > 0 => Some(Warning::Silent),
        _ if papers >= FEWEST && hits > papers / BROAD => Some(Warning::Broad),
        _ => None,
    }
}
