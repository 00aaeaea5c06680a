//! Saved answers of Hugging Face's Daily Papers interface, as a sample to measure on.
//!
//! The papers are read by the reader that serves the fetches. What the program never gets to see,
//! the keywords that Hugging Face's own model gave each paper, is read here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveTime, TimeDelta};
use serde_json::Value;

use super::super::AppError;
use super::words::Words;
use crate::model::{IncomingPaper, LocalDate, PaperKey, SourceName, Timestamp};
use crate::sources::file::{self, Format};
use crate::sources::identity;

/// Files of this form are read.
const FILES: (&str, &str) = ("daily_papers_", ".json");

/// Given to papers without any date, which are left out.
const UNDATED: Timestamp = Timestamp::MIN_UTC;

/// One paper, what it is about and how many votes it got in the end.
pub(super) struct SamplePaper {
    /// Texts, names, times.
    pub paper: IncomingPaper,
    /// The day it was listed.
    pub day: LocalDate,
    /// Votes when the answer was saved.
    pub votes: u32,
    /// Keywords as given to it.
    pub keywords: Vec<String>,
    /// The same, to compare.
    pub keys: BTreeSet<String>,
    /// Title, and abstract.
    pub words: [Words; 2],
}

impl SamplePaper {
    /// The name it is known under.
    pub(super) fn name(&self) -> &str {
        self.paper.keys.first().map_or(&self.paper.title, |key| key.as_str())
    }

    /// Whether the words of a keyword stand in title or abstract, one after the other.
    pub(super) fn holds(&self, keyword: &Words) -> bool {
        self.words.iter().any(|words| words.hold(keyword))
    }

    /// Lists fill during the day: taken to be there from noon on, in UTC.
    pub(super) fn available_at(&self) -> Timestamp {
        self.day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12)
    }
}

/// A month, as `2025-08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    fn of(day: LocalDate) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// Whether a day lies in it.
    pub(super) fn has(self, day: LocalDate) -> bool {
        Self::of(day) == self
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl std::str::FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = format!("{text}-01").parse::<LocalDate>();
        day.map(Self::of).map_err(|_| format!("{text:?} is not a month; write it as 2025-08"))
    }
}

/// All papers of a folder, each once, in the order of their days.
pub(super) struct Sample {
    pub papers: Vec<SamplePaper>,
    /// Entries that are no papers.
    pub bad: usize,
}

impl Sample {
    /// Reads the files `daily_papers_*.json` of a folder, in the order of their names; what a later
    /// file says of a paper counts.
    ///
    /// # Errors
    ///
    /// A folder or file that cannot be read, a file that holds something else, no file at all.
    pub(super) fn read(folder: &Path) -> Result<Self, AppError> {
        let files = files_of(folder)?;
        let mut papers = BTreeMap::new();
        let mut bad = 0;
        for path in &files {
            let told = |error: &dyn std::fmt::Display| AppError::Failed(format!("{}: {error}", path.display()));
            let bytes = std::fs::read(path).map_err(|error| told(&error))?;
            let keywords = keywords(&bytes).map_err(|error| told(&error))?;
            let read = file::read(Format::HuggingFace, &bytes, None, UNDATED);
            let read = read.map_err(|error| told(&error))?;
            bad += read.bad_count;
            for paper in read.papers {
                match sample_paper(paper, &keywords) {
                    Some(paper) => drop(papers.insert(paper.name().to_owned(), paper)),
                    None => bad += 1,
                }
            }
        }
        let mut papers: Vec<SamplePaper> = papers.into_values().collect();
        papers.sort_by_key(|paper| (paper.day, paper.paper.published_at));
        Ok(Self { papers, bad })
    }

    /// The months that have papers, in order.
    pub(super) fn months(&self) -> Vec<Month> {
        let months: BTreeSet<Month> = self.papers.iter().map(|paper| Month::of(paper.day)).collect();
        months.into_iter().collect()
    }

    /// The papers of a month.
    pub(super) fn of(&self, month: Month) -> impl Iterator<Item = &SamplePaper> {
        self.papers.iter().filter(move |paper| month.has(paper.day))
    }
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, AppError> {
    let told = |error: std::io::Error| AppError::Failed(format!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(FILES.0) && name.ends_with(FILES.1) {
            files.push(entry.path());
        }
    }
    files.sort();
    if files.is_empty() {
        let (folder, (begin, end)) = (folder.display(), FILES);
        return Err(AppError::Failed(format!("{folder}: there is no file {begin}*{end}; save answers there first")));
    }
    Ok(files)
}

/// The keywords of each paper in an answer, or several answers one after the other.
fn keywords(bytes: &[u8]) -> Result<HashMap<PaperKey, Vec<String>>, serde_json::Error> {
    let mut keywords = HashMap::new();
    for list in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        for entry in list?.as_array().into_iter().flatten() {
            let paper = entry.get("paper").unwrap_or(entry);
            let Some(id) = paper["id"].as_str() else { continue };
            let given = paper["ai_keywords"].as_array().into_iter().flatten();
            keywords.insert(key_of(id), given.filter_map(|word| word.as_str().map(str::to_owned)).collect());
        }
    }
    Ok(keywords)
}

/// The key under which the source's reader files an id.
fn key_of(id: &str) -> PaperKey {
    match identity::arxiv_id(id) {
        Some((id, _)) => PaperKey::arxiv(&id),
        None => PaperKey::source(&SourceName::new(SourceName::HUGGING_FACE), id.trim()),
    }
}

fn sample_paper(paper: IncomingPaper, keywords: &HashMap<PaperKey, Vec<String>>) -> Option<SamplePaper> {
    let keywords = paper.keys.first().and_then(|key| keywords.get(key)).cloned().unwrap_or_default();
    let day = paper.announced_on.or(paper.published_at.map(|at| at.date_naive()));
    Some(SamplePaper {
        day: day.filter(|day| *day != UNDATED.date_naive())?,
        votes: paper.signals.upvotes?,
        keys: keywords.iter().map(|keyword| Words::of(keyword).key()).filter(|key| !key.is_empty()).collect(),
        keywords,
        words: [Words::of(&paper.title), Words::of(&paper.abstract_text)],
        paper,
    })
}
