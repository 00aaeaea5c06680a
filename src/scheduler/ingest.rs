//! Taking papers in, from a source or from a file: the one place that decides when a paper became available.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::NaiveTime;

use crate::digest::window::{available_at, is_backfill};
use crate::model::{AnnounceType, IncomingPaper, SignalPoint, SourceName, Timestamp};
use crate::store::ingest::{Change, IngestContext};
use crate::store::{Db, StoreError};
use crate::text::{first_author_key, normalised_title, title_is_distinctive};

/// Papers in one transaction: on SQLite nobody else writes meanwhile, so it is kept short.
const BATCH: usize = 30;

/// Characters of a remark, so that one bad record cannot fill a table or a terminal.
const LONGEST_REMARK: usize = 500;

/// What taking in came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Papers that were not known.
    pub new: u32,
    /// Papers that changed, or turned out to be one.
    pub updated: u32,
    /// Papers that brought nothing but signals.
    pub known: u32,
}

/// How papers reach us, which decides when we count them as seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// From a source: seen now, and backfill when announced long ago.
    Source,
    /// From a file: one that tells of days long past counts as seen on those days. It can reach
    /// nobody's window now, and past days can be replayed.
    File,
}

/// Stores papers, page by page.
pub async fn store_papers(
    db: &Db,
    papers: &[IncomingPaper],
    route: Route,
    now: Timestamp,
) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for page in papers.chunks(BATCH) {
        let mut tx = db.begin().await?;
        for paper in page {
            let title_key = title_hash(&paper.title);
            let seen = first_seen(paper, route, now);
            let announced_at = paper.announced_on.map(|date| date.and_time(NaiveTime::MIN).and_utc());
            let context = IngestContext {
                title_key: &title_key,
                title_is_distinctive: title_is_distinctive(&paper.title),
                first_author_key: &paper.authors.first().map(|name| first_author_key(name)).unwrap_or_default(),
                available_at: available_at(paper.announced_on, paper.published_at, seen, now),
                announced_at,
                backfill: is_new_version(paper) || is_backfill(paper.announced_on, paper.published_at, seen),
                text_rank: text_rank(paper),
                now: seen,
            };
            match tx.ingest(paper, &context).await?.what {
                Change::New => counts.new += 1,
                Change::Updated | Change::Merged => counts.updated += 1,
                Change::Known => counts.known += 1,
            }
        }
        tx.commit().await?;
    }
    Ok(counts)
}

/// Adds a history of signals to papers taken in before, found by their first key.
pub async fn store_history(db: &Db, paper: &IncomingPaper, history: &[SignalPoint]) -> Result<(), StoreError> {
    let Some(key) = paper.keys.first() else { return Ok(()) };
    let Some(stored) = db.read().await?.paper_by_key(key.as_str()).await? else { return Ok(()) };
    let mut tx = db.begin().await?;
    tx.record_signals(stored.id, history).await?;
    tx.commit().await
}

/// What is told about a record or an answer, on one line of bearable length: it may quote anything.
pub fn remark(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_REMARK).collect()
}

fn first_seen(paper: &IncomingPaper, route: Route, now: Timestamp) -> Timestamp {
    let told = paper.announced_on.map(|date| date.and_time(NaiveTime::MIN).and_utc()).or(paper.published_at);
    match (route, told) {
        (Route::File, Some(told)) if now - told > crate::digest::window::BACKFILL_AGE => told,
        _ => now,
    }
}

/// Titles that count as the same have the same hash: 96 bits of SHA-256, in hex.
fn title_hash(title: &str) -> String {
    data_encoding::HEXLOWER.encode(&digest(&SHA256, normalised_title(title).as_bytes()).as_ref()[..12])
}

/// A new version of a paper we never saw is an old paper: searchable, never mailed.
fn is_new_version(paper: &IncomingPaper) -> bool {
    matches!(paper.announce_type, Some(AnnounceType::Replace | AnnounceType::ReplaceCross))
}

/// Whose texts win when two sources tell of one paper: arXiv before a list of links before a file.
fn text_rank(paper: &IncomingPaper) -> i64 {
    match paper.source.as_str() {
        SourceName::ARXIV => 40,
        SourceName::HUGGING_FACE => 20,
        SourceName::IMPORT => 10,
        _ => 30,
    }
}
