//! The papers of the last days, read once and made ready for matching, whoever asks, on any number of threads.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike, TimeDelta, Weekday};

use super::super::{PassError, Service};
use super::lineups::Lineups;
use crate::digest::assemble::Candidate;
use crate::digest::figures::{Announcing, SourceReport};
use crate::digest::gained::gained;
use crate::digest::window::{LONGEST_WINDOW, Window};
use crate::matcher::trend::{History, TrendModel, hotness, rising};
use crate::matcher::{Acronyms, CompiledProfile, Doc, Interests, Matcher, Reasons, Segment};
use crate::model::{LocalDate, Paper, PaperId, Reason, RunOutcome, SignalPoint, SourceName, Timestamp};
use crate::sources::calendar::{Announcement, arxiv_announces_on};
use crate::store::runs::SourceStatus;

/// *Rising* looks at papers up to this age.
const RISING_DAYS: i64 = 14;

/// Everything a pass needs to know of papers.
pub struct Library {
    papers: HashMap<PaperId, Shelved>,
    /// Ids and availability, oldest first: a window is a range of it.
    by_time: Vec<(Timestamp, PaperId)>,
    /// The same papers, the most read first.
    hot: Vec<(Timestamp, PaperId)>,
    /// A paper that turned out to be another, and which.
    merged: HashMap<PaperId, PaperId>,
    sources: Vec<SourceFacts>,
    interests: Arc<Interests>,
    /// Over the papers of the longest window.
    pub(super) daily: Arc<Matcher>,
    pub(super) lineups: Lineups,
    /// Over the papers that took off since they were new.
    pub(super) rising: Matcher,
    reasons: Reasons,
}

struct Shelved {
    paper: Paper,
    trend: u32,
    upvotes: Option<u32>,
    gained: Option<u32>,
}

struct SourceFacts {
    name: SourceName,
    enabled: bool,
    status: Option<SourceStatus>,
    last_outcome: Option<RunOutcome>,
    /// When its papers became available, in order.
    papers: Vec<Timestamp>,
}

impl Library {
    /// Reads the papers that any edition planned at `now` could hold.
    pub async fn load(service: &Service, now: Timestamp) -> Result<Self, PassError> {
        let since = now - TimeDelta::days(RISING_DAYS);
        let acronyms = service.shelf.acronyms(&service.db, now).await?;
        let mut read = service.db.read().await?;
        let papers = read.papers_between(since, now, false).await?;
        let signals: HashMap<PaperId, Vec<SignalPoint>> = read.signal_history(since, now).await?.into_iter().collect();
        let merged: HashMap<PaperId, PaperId> =
            read.merges_since(now - TimeDelta::days(super::SHOWN_DAYS)).await?.into_iter().collect();
        let mut sources = Vec::new();
        let statuses = read.source_states().await?;
        for name in source_names(service, &papers) {
            let last_run = read.runs(Some(&name), 5).await?.into_iter().find(|run| run.finished_at.is_some());
            sources.push(SourceFacts {
                enabled: service.sources.iter().any(|scheduled| *scheduled.source.name() == name),
                status: statuses.iter().find(|status| status.source == name).cloned(),
                last_outcome: last_run.and_then(|run| run.outcome),
                papers: papers
                    .iter()
                    .filter(|paper| paper.sources.contains(&name))
                    .map(|paper| paper.available_at)
                    .collect(),
                name,
            });
        }
        drop(read);
        let built = tokio::task::spawn_blocking(move || Self::build(papers, signals, merged, sources, acronyms, now));
        Ok(built.await?)
    }

    fn build(
        papers: Vec<Paper>,
        mut signals: HashMap<PaperId, Vec<SignalPoint>>,
        merged: HashMap<PaperId, PaperId>,
        sources: Vec<SourceFacts>,
        acronyms: Arc<Acronyms>,
        now: Timestamp,
    ) -> Self {
        let papers: Vec<Paper> = papers.into_iter().filter(|paper| !paper.withdrawn).collect();
        let histories: Vec<History> = papers
            .iter()
            .map(|paper| {
                let mut points = signals.remove(&paper.id).unwrap_or_default();
                points.retain(|point| point.at <= now);
                History { paper: paper.id, available_at: paper.available_at, points }
            })
            .collect();
        let model = TrendModel::fit(&histories);
        let mut hot: Vec<(u64, PaperId)> =
            histories.iter().map(|history| (hotness(history, now), history.paper)).collect();
        hot.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)));
        let shelved: HashMap<PaperId, Shelved> = papers
            .into_iter()
            .zip(&histories)
            .map(|(paper, history)| {
                let (upvotes, gained) = gained(&history.points, now);
                (paper.id, Shelved { trend: model.factor(history, now), paper, upvotes, gained })
            })
            .collect();
        let mut by_time: Vec<(Timestamp, PaperId)> =
            shelved.values().map(|shelved| (shelved.paper.available_at, shelved.paper.id)).collect();
        by_time.sort_unstable();
        let recent = &by_time[by_time.partition_point(|(at, _)| *at <= now - LONGEST_WINDOW)..];
        let daily = Segment::build_many(recent.iter().map(|(_, id)| doc(&shelved[id])));
        let interests = Arc::<Interests>::default();
        let matcher =
            |segments| Matcher::with_interests(segments, Arc::clone(&interests)).with_acronyms(Arc::clone(&acronyms));
        let daily = Arc::new(matcher(daily.into_iter().map(Arc::new).collect()));
        let risen = Segment::build(rising(&histories, now).iter().map(|id| doc(&shelved[id])));
        Self {
            lineups: Lineups::new(Arc::clone(&daily)),
            daily,
            rising: matcher(vec![Arc::new(risen)]),
            reasons: Reasons::new(Arc::clone(&interests), Arc::clone(&acronyms)),
            interests,
            hot: hot.into_iter().map(|(_, id)| (shelved[&id].paper.available_at, id)).collect(),
            papers: shelved,
            by_time,
            merged,
            sources,
        }
    }

    /// A paper, if it is recent enough to be here.
    pub fn paper(&self, id: PaperId) -> Option<&Paper> {
        self.papers.get(&id).map(|shelved| &shelved.paper)
    }

    /// Reads a profile for matching.
    pub(super) fn compile(&self, text: &str) -> CompiledProfile {
        self.interests.compile_text(text)
    }

    /// Why a paper fits a profile: the interests that hit, and where.
    pub(super) fn reasons(&self, id: PaperId, profile: &CompiledProfile) -> Vec<Reason> {
        let Some(shelved) = self.papers.get(&id) else { return Vec::new() };
        let mut hit = self.daily.interests_hit(profile, id);
        if hit.is_empty() {
            hit = self.rising.interests_hit(profile, id);
        }
        self.reasons.of(id, || doc(shelved), profile, &hit)
    }

    /// A ranked paper as a candidate, without its reasons: those are worked out for the few that are shown.
    pub(super) fn candidate(&self, paper: PaperId, score: u64) -> Option<Candidate> {
        let Shelved { paper: known, upvotes, gained, .. } = self.papers.get(&paper)?;
        let (revision, upvotes, gained) = (known.revision, *upvotes, *gained);
        Some(Candidate { paper, revision, score, reasons: Vec::new(), upvotes, gained })
    }

    /// Papers of a window, the most read first.
    pub(super) fn hottest(&self, window: Window) -> impl Iterator<Item = PaperId> + '_ {
        self.hot.iter().filter(move |(at, _)| window.contains(*at)).map(|(_, id)| *id)
    }

    /// How many papers a window holds.
    pub(super) fn count(&self, window: Window) -> u32 {
        in_window(&self.by_time, |(at, _)| *at, window)
    }

    /// What each source brought to a window, and how it stood.
    pub(super) fn source_reports(&self, window: Window) -> Vec<SourceReport> {
        self.sources
            .iter()
            .map(|facts| SourceReport {
                source: facts.name.clone(),
                // A source nobody has visited yet has not failed anybody.
                enabled: facts.enabled && facts.last_outcome.is_some(),
                papers: in_window(&facts.papers, |at| *at, window),
                last_success: facts.status.as_ref().and_then(|status| status.last_success_at),
                last_outcome: facts.last_outcome,
                failing_since: facts.status.as_ref().and_then(|status| status.failing_since),
                announcing: announcing(&facts.name, window),
            })
            .collect()
    }

    /// What was shown, under the ids papers have today; sorted.
    pub(super) fn today_ids(&self, shown: impl Iterator<Item = PaperId>) -> Vec<PaperId> {
        let mut ids: Vec<PaperId> = shown.map(|id| self.merged.get(&id).copied().unwrap_or(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

fn doc(shelved: &Shelved) -> Doc<'_> {
    Doc::of(&shelved.paper, shelved.trend)
}

/// How many of the ordered entries lie in the window.
fn in_window<T>(ordered: &[T], at: impl Fn(&T) -> Timestamp, window: Window) -> u32 {
    let until = ordered.partition_point(|entry| at(entry) <= window.until);
    let after = ordered.partition_point(|entry| at(entry) <= window.after);
    u32::try_from(until.saturating_sub(after)).unwrap_or(u32::MAX)
}

fn source_names(service: &Service, papers: &[Paper]) -> Vec<SourceName> {
    let mut names: Vec<SourceName> = service.sources.iter().map(|scheduled| scheduled.source.name().clone()).collect();
    for name in papers.iter().flat_map(|paper| &paper.sources) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// Whether the calendar lets us expect papers of a source on any day of the window.
fn announcing(source: &SourceName, window: Window) -> Announcing {
    let mut verdict = Announcing::Weekend;
    let last = window.until.date_naive();
    let mut date = window.after.date_naive();
    // The day on which the window begins belongs to the window before.
    while date < last {
        date = date.succ_opt().unwrap_or(last);
        match day(source, date) {
            Announcing::Expected => return Announcing::Expected,
            Announcing::Holiday => verdict = Announcing::Holiday,
            Announcing::Weekend => {}
        }
    }
    if window.after.date_naive() == last { day(source, last) } else { verdict }
}

fn day(source: &SourceName, date: LocalDate) -> Announcing {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    match source.as_str() {
        SourceName::ARXIV => match arxiv_announces_on(date) {
            Announcement::Regular => Announcing::Expected,
            Announcement::Weekend => Announcing::Weekend,
            Announcement::Holiday(_) => Announcing::Holiday,
        },
        SourceName::HUGGING_FACE if weekend => Announcing::Weekend,
        _ => Announcing::Expected,
    }
}
