//! What the command line does with papers: take them in, list them, try a query on them, visit their sources.

use std::sync::Arc;

use chrono::TimeDelta;

use super::rows::{MatchLine, PaperLine, QueryReport, SourceLine};
use super::{App, AppError};
use crate::matcher::trend::NEUTRAL_FACTOR;
use crate::matcher::{Acronyms, Doc, Explainer, Forecast, Matcher, Profile, Query, Segment, Warning, Window};
use crate::model::{LocalDate, Paper, SourceName, Timestamp};
use crate::scheduler::PassError;
use crate::scheduler::fetch::{self, VisitReport};
use crate::scheduler::ingest::{Route, remark, store_papers};
use crate::shelf::definitions_of;
use crate::sources::file::{self, Format};

/// Problems of a file that are told one by one.
const MOST_LISTED: usize = 1_000;

/// A file to take in.
pub struct PaperImport<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How it is written; `None` looks at its beginning.
    pub format: Option<&'a str>,
    /// The date of papers that carry none.
    pub date: Option<LocalDate>,
}

/// What taking in a file came to.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ImportReport {
    /// Records read.
    pub read: usize,
    /// Papers that were not known.
    pub new: u32,
    /// Papers that changed.
    pub updated: u32,
    /// Papers that brought nothing new.
    pub known: u32,
    /// Records that could not be read.
    pub bad: usize,
    /// Place and reason of each bad record, as far as they are listed.
    pub problems: Vec<String>,
}

impl App {
    /// Takes in the papers of a file. Good records go in whatever the others are.
    pub async fn import_papers(&self, import: &PaperImport<'_>) -> Result<ImportReport, AppError> {
        let now = self.service.clock.started();
        let format = match import.format {
            Some(name) => {
                name.parse().map_err(|error: crate::sources::SourceError| AppError::Usage(error.to_string()))?
            }
            None => Format::detect(import.bytes),
        };
        let file =
            file::read(format, import.bytes, import.date, now).map_err(|error| AppError::Failed(error.to_string()))?;
        let counts = store_papers(&self.service.db, &file.papers, Route::File, now).await?;
        if counts.new > 1000 {
            self.service.db.analyze().await?;
        }
        let problems = file.bad.iter().map(|bad| format!("{} {}: {}", file.unit, bad.line, bad.reason));
        Ok(ImportReport {
            read: file.papers.len(),
            new: counts.new,
            updated: counts.updated,
            known: counts.known,
            bad: file.bad_count,
            problems: problems
                .chain(file.warnings.iter().cloned())
                .take(MOST_LISTED)
                .map(|told| remark(&told))
                .collect(),
        })
    }

    /// Papers that became available in the last `days`, newest first, at most `limit`.
    pub async fn list_papers(&self, days: i64, limit: usize) -> Result<Vec<PaperLine>, AppError> {
        let mut papers = self.papers_of(days).await?;
        papers.reverse();
        papers.truncate(limit);
        Ok(papers.iter().map(PaperLine::of).collect())
    }

    async fn papers_of(&self, days: i64) -> Result<Vec<Paper>, AppError> {
        let now = self.service.clock.now();
        let since =
            now.checked_sub_signed(TimeDelta::try_days(days).unwrap_or(TimeDelta::MAX)).unwrap_or(Timestamp::MIN_UTC);
        Ok(self.service.db.read().await?.papers_between(since, now, true).await?)
    }

    /// The paper known under a name: an arXiv id, a DOI, any of its keys, its row.
    pub async fn show_paper(&self, name: &str) -> Result<Paper, AppError> {
        let mut read = self.service.db.read().await?;
        let paper = read.paper_by_key(name).await?;
        paper.ok_or_else(|| AppError::Failed(format!("no paper is known as {name:?}; `papers list` shows their names")))
    }

    /// Tries one interest against the papers of the last `days`.
    pub async fn try_query(&self, text: &str, days: i64, limit: usize) -> Result<QueryReport, AppError> {
        let query = Query::parse(text).map_err(|error| {
            let hint = error.suggestion.map_or(String::new(), |hint| format!("; try `{hint}`"));
            AppError::Usage(format!("column {}: {}{hint}", error.column, error.message))
        })?;
        let profile = Profile::from_text(text);
        let papers = self.papers_of(days).await?;
        // Old papers that came in late are found, but say nothing about a day to come.
        let (late, fresh): (Vec<&Paper>, Vec<&Paper>) = papers.iter().partition(|paper| paper.backfill);
        let mut segments = segments_of(&fresh);
        let acronyms = Arc::new(Acronyms::learn([&definitions_of(&papers)]));
        let forecast = self.forecast_over(&segments, &acronyms, &profile, &fresh, days);
        segments.append(&mut segments_of(&late));
        let matcher = Matcher::new(segments).with_acronyms(Arc::clone(&acronyms));
        let compiled = matcher.compile(&profile);
        let ever = Window { after: Timestamp::MIN_UTC, until: self.service.clock.now() };
        let ranking = matcher.rank(&compiled, &ever, &[], limit);
        let lines = ranking.winners.iter().filter_map(|winner| {
            let paper = papers.iter().find(|paper| paper.id == winner.paper)?;
            let explainer = Explainer::with_acronyms(&Doc::of(paper, NEUTRAL_FACTOR), Arc::clone(&acronyms));
            Some(MatchLine::of(paper, winner.score, &explainer.explain(&profile)))
        });
        Ok(QueryReport {
            query: query.to_string(),
            also: acronyms.also(&query),
            days: forecast.days,
            per_day: f64::from(forecast.tenths_a_day(forecast.found)) / 10.0,
            warnings: warnings(&forecast),
            papers: papers.len(),
            matched: ranking.matched as usize,
            hits: lines.collect(),
        })
    }

    fn forecast_over(
        &self,
        segments: &[Arc<Segment>],
        acronyms: &Arc<Acronyms>,
        profile: &Profile,
        papers: &[&Paper],
        days: i64,
    ) -> Forecast {
        let until = self.service.clock.now();
        let span = papers.first().map_or(1, |oldest| ((until - oldest.available_at).num_hours() + 23) / 24);
        let days = u32::try_from(span.clamp(1, days.max(1))).unwrap_or(u32::MAX);
        let window = Window { after: Timestamp::MIN_UTC, until };
        Forecast::of(segments, acronyms, profile, &window, days, 0)
    }

    /// What the writer of a profile should know: interests that say too little or find nothing.
    pub async fn interest_warnings(&self, profile: &str) -> Result<Vec<String>, AppError> {
        let profile = Profile::from_text(profile);
        if profile.is_empty() {
            return Ok(Vec::new());
        }
        let contents = self.service.shelf.contents(&self.service.db, self.service.clock.now()).await;
        Ok(warnings(&contents.map_err(PassError::from)?.forecast(&profile, 0)))
    }

    /// Visits the named sources, or all, whether due or not.
    pub async fn fetch(&self, names: &[String]) -> Result<Vec<VisitReport>, AppError> {
        let names: Vec<SourceName> = names.iter().map(|name| SourceName::new(name)).collect();
        for name in &names {
            let known = self.service.sources.iter().map(|scheduled| scheduled.source.name());
            if !known.clone().any(|source| source == name) {
                let known: Vec<&str> = known.map(SourceName::as_str).collect();
                return Err(AppError::Usage(format!(
                    "there is no source {:?} switched on; there are: {}",
                    name.as_str(),
                    known.join(", ")
                )));
            }
        }
        Ok(fetch::run(&self.service, Some(&names)).await?)
    }

    /// Every source with its last visit.
    pub async fn list_sources(&self) -> Result<Vec<SourceLine>, AppError> {
        let mut read = self.service.db.read().await?;
        let states = read.source_states().await?;
        let mut lines = Vec::new();
        for scheduled in &self.service.sources {
            let name = scheduled.source.name();
            let state = states.iter().find(|state| state.source == *name);
            let last = read.runs(Some(name), 1).await?.into_iter().next();
            lines.push(SourceLine::of(name, state, last.as_ref()));
        }
        Ok(lines)
    }
}

fn segments_of(papers: &[&Paper]) -> Vec<Arc<Segment>> {
    let docs = papers.iter().map(|paper| Doc::of(paper, NEUTRAL_FACTOR));
    Segment::build_many(docs).into_iter().map(Arc::new).collect()
}

fn warnings(forecast: &Forecast) -> Vec<String> {
    let days = if forecast.days == 1 { "day".to_owned() } else { format!("{} days", forecast.days) };
    let lines = forecast.lines.iter().filter_map(|line| {
        Some(match line.warning? {
            Warning::Broad => format!(
                "interest `{}` hits {} of the {} papers of the last {days}, more than a fifth: \
                 a second word with AND, or a phrase in quotes, says more",
                line.canonical, line.hits, forecast.papers
            ),
            Warning::Silent => format!("interest `{}` hits no paper of the last {days}", line.canonical),
        })
    });
    lines.collect()
}
