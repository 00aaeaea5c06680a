//! `demo`: the whole service on a throw-away database, with the papers and subscribers of `samples/`.

use std::path::{Path, PathBuf};

use chrono::{DurationRound, TimeDelta};
use serde::Deserialize;

use super::build::Overrides;
use super::{App, AppError, random_bytes};
use crate::clock::Clock;
use crate::config::{Config, Layers};
use crate::model::{IncomingPaper, LocalDate, PaperKey, SignalPoint, Signals, SourceName, Timestamp};
use crate::scheduler::Stop;
use crate::scheduler::ingest::{Route, store_history, store_papers};
use crate::sources::identity::arxiv_url;
use crate::text::{display_line, display_paragraphs};

const PAPERS: &str = include_str!("../../samples/papers.jsonl");
const SUBSCRIBERS: &str = include_str!("../../samples/subscribers.jsonl");
/// The day the samples were written for; it becomes the demonstration's today.
const REFERENCE_DAY: LocalDate = match LocalDate::from_ymd_opt(2026, 1, 9) {
    Some(day) => day,
    None => LocalDate::MIN,
};
/// When sample papers reach the service on their day: hours after midnight UTC.
const ARRIVAL: TimeDelta = TimeDelta::hours(5);

/// A demonstration under way; its folder is deleted with it.
pub struct Demo {
    /// The service.
    pub app: App,
    clock: Clock,
    papers: Vec<SamplePaper>,
    taken_in: u32,
    folder: Folder,
}

/// What a simulated day came to.
#[derive(Debug, Clone, Default)]
pub struct DemoReport {
    /// Papers taken in since the beginning.
    pub papers: u32,
    /// Mails written.
    pub mails: u32,
}

/// One line of `samples/papers.jsonl`.
#[derive(Debug, Deserialize)]
struct SamplePaper {
    id: String,
    title: String,
    #[serde(rename = "abstract")]
    abstract_text: String,
    authors: Vec<String>,
    categories: Vec<String>,
    published_at: Timestamp,
    announced_on: LocalDate,
    code_url: Option<String>,
    project_url: Option<String>,
    sources: Vec<String>,
    history: Vec<SamplePoint>,
}

#[derive(Debug, Deserialize)]
struct SamplePoint {
    at: Timestamp,
    upvotes: Option<u32>,
    comments: Option<u32>,
    github_stars: Option<u32>,
}

/// A folder that goes when its owner does.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Demo {
    /// Puts a service together in a folder of its own. Mails go to `mails`, or into that folder.
    ///
    /// The clock stands still at `start` until [`Demo::simulate`] moves it; the newest papers are those of `today`.
    pub async fn prepare(
        start: Timestamp,
        today: LocalDate,
        listen: &str,
        mails: Option<&Path>,
    ) -> Result<Self, AppError> {
        let folder = Folder(
            std::env::temp_dir()
                .join(format!("broadsheet-demo-{}", data_encoding::HEXLOWER.encode(&random_bytes::<6>()?))),
        );
        std::fs::create_dir_all(&folder.0)
            .map_err(|error| AppError::Failed(format!("{}: {error}", folder.0.display())))?;
        let mails = mails.map_or_else(|| folder.0.join("mails"), Path::to_owned);
        let clock = Clock::mock(start);
        let app = App::build(demo_config(&folder.0, listen, &mails)?, clock.clone(), Overrides::default()).await?;
        let papers = sample_papers(today)?;
        let mut demo = Self { app, clock, papers, taken_in: 0, folder };
        demo.take_in(Timestamp::MIN_UTC, start).await?;
        let roster = demo.app.import_people(SUBSCRIBERS.as_bytes(), false).await?;
        match roster.problems.first() {
            None => Ok(demo),
            Some(problem) => Err(AppError::Failed(format!("samples/subscribers.jsonl: {problem}"))),
        }
    }

    /// Lets `hours` of the clock pass, hour by hour, with everything that falls due.
    pub async fn simulate(&mut self, hours: u32) -> Result<DemoReport, AppError> {
        let mut report = DemoReport::default();
        for _ in 0..=hours {
            report.mails += self.app.run_once(false, &Stop::never()).await?.accepted;
            let before = self.clock.now();
            // The first step leads to a full hour, so that mails carry round times.
            let next = before.duration_trunc(TimeDelta::minutes(30)).unwrap_or(before) + TimeDelta::hours(1);
            self.clock.set(next);
            self.take_in(before, next).await?;
        }
        report.papers = self.taken_in;
        Ok(report)
    }

    /// The same folder and database under a clock that runs, for visitors.
    pub async fn into_running(self, clock: Clock) -> Result<(App, impl Drop), AppError> {
        let Self { app, folder, .. } = self;
        let config = app.config.clone();
        app.close().await;
        Ok((App::build(config, clock, Overrides::default()).await?, folder))
    }

    /// Takes in what papers and signals the world has brought since `after`.
    async fn take_in(&mut self, after: Timestamp, now: Timestamp) -> Result<(), AppError> {
        let db = &self.app.service.db;
        for paper in &self.papers {
            let arrival = paper.arrival();
            let points: Vec<SignalPoint> =
                paper.points().filter(|point| point.at > after.min(arrival) && point.at <= now).collect();
            if arrival > now {
                continue;
            }
            if arrival > after {
                for source in &paper.sources {
                    let incoming = paper.incoming(source);
                    self.taken_in += store_papers(db, &[incoming], Route::Source, arrival).await?.new;
                }
            }
            if !points.is_empty() {
                store_history(db, &paper.incoming(SourceName::HUGGING_FACE), &points).await?;
            }
        }
        Ok(())
    }
}

impl SamplePaper {
    fn arrival(&self) -> Timestamp {
        self.announced_on.and_time(chrono::NaiveTime::MIN).and_utc() + ARRIVAL
    }

    fn points(&self) -> impl Iterator<Item = SignalPoint> + '_ {
        self.history.iter().map(|point| SignalPoint {
            at: point.at,
            signals: Signals { upvotes: point.upvotes, comments: point.comments, github_stars: point.github_stars },
        })
    }

    fn incoming(&self, source: &str) -> IncomingPaper {
        IncomingPaper {
            source: SourceName::new(source),
            keys: vec![PaperKey::arxiv(&self.id)],
            title: display_line(&self.title),
            abstract_text: display_paragraphs(&self.abstract_text),
            authors: self.authors.iter().map(|name| display_line(name)).collect(),
            categories: self.categories.clone(),
            published_at: Some(self.published_at),
            announced_on: Some(self.announced_on),
            announce_type: None,
            url: Some(arxiv_url(&self.id)),
            code_url: self.code_url.clone(),
            project_url: self.project_url.clone(),
            withdrawn: false,
            signals: Signals::default(),
        }
    }
}

/// The samples with every date moved by whole days, so that they lead up to `today`.
fn sample_papers(today: LocalDate) -> Result<Vec<SamplePaper>, AppError> {
    let shift = today - REFERENCE_DAY;
    PAPERS
        .lines()
        .enumerate()
        .map(|(number, line)| {
            let mut paper: SamplePaper = serde_json::from_str(line)
                .map_err(|error| AppError::Failed(format!("samples/papers.jsonl, line {}: {error}", number + 1)))?;
            paper.published_at += shift;
            paper.announced_on += shift;
            paper.history.iter_mut().for_each(|point| point.at += shift);
            Ok(paper)
        })
        .collect()
}

fn demo_config(folder: &Path, listen: &str, mails: &Path) -> Result<Config, AppError> {
    let overrides = [
        ("database.url", format!("sqlite:{}", folder.join("demo.db").display())),
        ("http.listen", listen.to_owned()),
        ("mail.directory", mails.display().to_string()),
        ("mail.postal_address", "Broadsheet demonstration, 1 Example Street".to_owned()),
        ("mail.connections", "2".to_owned()),
        ("sources.hugging_face.enabled", "false".to_owned()),
        ("sources.arxiv.enabled", "false".to_owned()),
        ("log.level", "warn".to_owned()),
    ];
    // Neither file nor environment: a demonstration is the same everywhere.
    Ok(Layers::defaults_with(&overrides)?.config()?)
}
