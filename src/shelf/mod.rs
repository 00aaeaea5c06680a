//! The papers of the last days as segments in memory, and the acronyms they define: one copy for all who
//! ask, the planner, the pages and the commands.
//!
//! A segment holds one UTC day and is never changed: when papers of its day were added, revised, merged or
//! withdrawn, the day is read anew. Nobody has to tell the shelf; it compares marks of the days whenever it
//! is asked. This room knows the store and the matcher, and nobody's profile, page or schedule.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta};

use crate::matcher::trend::NEUTRAL_FACTOR;
use crate::matcher::{Acronyms, Definitions, Doc, Forecast, Profile, Segment, Window};
use crate::model::{Paper, Timestamp};
use crate::store::papers::DayMark;
use crate::store::{Db, StoreError};

/// Days that are looked back.
pub const DAYS: i64 = 30;
/// What a paper takes at most, as far as papers are of usual length; measured by `cargo bench --bench forecast`.
const BYTES_A_PAPER: usize = 3_000;

/// Why the papers could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work of reading a day was lost.
    #[error("reading the papers of a day was cut short: {0}")]
    Lost(#[from] tokio::task::JoinError),
}

/// The papers of the last days, kept up to date on demand.
#[derive(Debug)]
pub struct Shelf {
    most_bytes: usize,
    held: Mutex<Held>,
    /// Held while days are read, so that each is read once however many ask.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    /// By the number of the UTC day.
    days: BTreeMap<i64, Day>,
    acronyms: Arc<Acronyms>,
    /// Whether days changed since the acronyms were learned: whoever asked may have gone away in between.
    is_stale: bool,
}

#[derive(Debug, Clone)]
struct Day {
    mark: DayMark,
    definitions: Arc<Definitions>,
    /// Not there until somebody needs it, and no longer when there is no room for it.
    segments: Option<Vec<Arc<Segment>>>,
}

/// What is on the shelf at one moment.
#[derive(Debug, Clone)]
pub struct Contents {
    /// One for each day, the oldest first; a further one for every 65,536 papers of a day.
    pub segments: Vec<Arc<Segment>>,
    /// What the papers of all days agree on, also of those for which there was no room.
    pub acronyms: Arc<Acronyms>,
    /// The time that the segments cover.
    pub window: Window,
    /// The same in days, rounded, at least 1.
    pub days: u32,
}

impl Contents {
    /// What a profile would have found, and its best `first` papers.
    pub fn forecast(&self, profile: &Profile, first: usize) -> Forecast {
        Forecast::of(&self.segments, &self.acronyms, profile, &self.window, self.days, first)
    }

    /// How many bytes the segments take.
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(|segment| segment.bytes()).sum()
    }
}

impl Shelf {
    /// An empty shelf with room for so many megabytes of segments. When they do not suffice, the oldest days give way.
    pub fn new(megabytes: u32) -> Self {
        Self {
            most_bytes: megabytes as usize * 1_000_000,
            held: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// The acronyms of the last days; makes no segments.
    ///
    /// # Errors
    ///
    /// The papers cannot be read, here and below.
    pub async fn acronyms(&self, db: &Db, now: Timestamp) -> Result<Arc<Acronyms>, ShelfError> {
        self.refresh(db, now, false).await?;
        Ok(self.known_acronyms())
    }

    /// The acronyms as they were when somebody last asked for the papers.
    pub fn known_acronyms(&self) -> Arc<Acronyms> {
        Arc::clone(&self.lock().acronyms)
    }

    /// The papers of the last days and their acronyms.
    pub async fn contents(&self, db: &Db, now: Timestamp) -> Result<Contents, ShelfError> {
        self.refresh(db, now, true).await?;
        let held = self.lock();
        let oldest = held.days.iter().find(|(_, day)| day.segments.is_some()).map_or(day_of(now), |(day, _)| *day);
        let after = (now - TimeDelta::days(DAYS)).max(begin_of(oldest) - TimeDelta::microseconds(1));
        let hours = (now - after).num_hours();
        Ok(Contents {
            segments: held.days.values().filter_map(|day| day.segments.as_ref()).flatten().cloned().collect(),
            acronyms: Arc::clone(&held.acronyms),
            window: Window { after, until: now },
            days: u32::try_from((hours + 12) / 24).unwrap_or(1).max(1),
        })
    }

    /// Brings every day up to date, the newest first, and with `whole` makes segments while there is room.
    async fn refresh(&self, db: &Db, now: Timestamp, whole: bool) -> Result<(), ShelfError> {
        let _reading = self.reading.lock().await;
        let since = begin_of(day_of(now - TimeDelta::days(DAYS)));
        let marks = db.read().await?.paper_marks_by_day(since, now).await?;
        {
            let mut held = self.lock();
            let before = held.days.len();
            held.days.retain(|day, _| marks.iter().any(|(marked, _)| marked == day));
            held.is_stale |= held.days.len() != before;
        }
        let mut room = self.most_bytes;
        for (number, mark) in marks.into_iter().rev() {
            let fits = mark.papers.saturating_mul(BYTES_A_PAPER) <= room;
            // Once a day has no room, no older one has.
            room = if fits { room } else { 0 };
            let known = self.lock().days.get(&number).filter(|day| day.mark == mark).cloned();
            let day = match known {
                Some(day) if !fits => Day { segments: None, ..day },
                Some(day) if day.segments.is_some() || !whole => day,
                _ => {
                    let after = begin_of(number) - TimeDelta::microseconds(1);
                    let until = now.min(begin_of(number + 1) - TimeDelta::microseconds(1));
                    let papers = db.read().await?.papers_between(after, until, false).await?;
                    tokio::task::spawn_blocking(move || read_day(mark, papers, whole && fits)).await?
                }
            };
            let bytes: usize = day.segments.iter().flatten().map(|segment| segment.bytes()).sum();
            room = room.saturating_sub(bytes);
            let mut held = self.lock();
            let same = held.days.get(&number).is_some_and(|known| known.mark == day.mark);
            held.is_stale |= !same;
            held.days.insert(number, day);
        }
        let is_stale = self.lock().is_stale;
        if is_stale {
            let definitions: Vec<Arc<Definitions>> =
                self.lock().days.values().map(|day| Arc::clone(&day.definitions)).collect();
            let learn = move || Acronyms::learn(definitions.iter().map(|batch| &**batch));
            let learned = Arc::new(tokio::task::spawn_blocking(learn).await?);
            let mut held = self.lock();
            held.acronyms = learned;
            held.is_stale = false;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_day(mark: DayMark, papers: Vec<Paper>, with_segments: bool) -> Day {
    let papers: Vec<Paper> = papers.into_iter().filter(|paper| !paper.withdrawn).collect();
    let docs = papers.iter().map(|paper| Doc::of(paper, NEUTRAL_FACTOR));
    Day {
        mark,
        definitions: Arc::new(definitions_of(&papers)),
        segments: with_segments.then(|| Segment::build_many(docs).into_iter().map(Arc::new).collect()),
    }
}

/// What some papers define, for tables made of papers that are at hand.
pub fn definitions_of(papers: &[Paper]) -> Definitions {
    Definitions::of(papers.iter().map(|paper| (paper.title.as_str(), paper.abstract_text.as_str())))
}

fn day_of(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(86_400)
}

fn begin_of(day: i64) -> Timestamp {
    DateTime::from_timestamp(day.saturating_mul(86_400), 0).unwrap_or_default()
}
