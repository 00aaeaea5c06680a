//! What the command line does with papers: take them in, list them, try a query on them, visit their sources.

use chrono::TimeDelta;

use super::rows::{MatchLine, PaperLine, QueryReport, SourceLine};
use super::{App, AppError};
use crate::matcher::trend::NEUTRAL_FACTOR;
use crate::matcher::{Doc, Explainer, Matcher, Profile, Query, Segment, Window};
use crate::model::{LocalDate, Paper, SourceName, Timestamp};
use crate::scheduler::fetch::{self, VisitReport};
use crate::scheduler::ingest::{Route, remark, store_papers};
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
        let docs = || papers.iter().map(|paper| Doc::of(paper, NEUTRAL_FACTOR));
        let segments: Vec<_> = Segment::build_many(docs()).into_iter().map(std::sync::Arc::new).collect();
        let matcher = Matcher::new(segments);
        let compiled = matcher.compile(&profile);
        let ever = Window { after: Timestamp::MIN_UTC, until: self.service.clock.now() };
        let ranking = matcher.rank(&compiled, &ever, &[], limit);
        let lines = ranking.winners.iter().filter_map(|winner| {
            let paper = papers.iter().find(|paper| paper.id == winner.paper)?;
            Some(MatchLine::of(paper, winner.score, &Explainer::new(&Doc::of(paper, NEUTRAL_FACTOR)).explain(&profile)))
        });
        Ok(QueryReport {
            query: query.to_string(),
            papers: papers.len(),
            matched: ranking.matched as usize,
            hits: lines.collect(),
        })
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
