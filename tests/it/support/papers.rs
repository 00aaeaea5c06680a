//! Papers made up for tests, with only what a test is about spelled out.

use broadsheet::model::{IncomingPaper, Paper, PaperKey, Signals, SourceName, Timestamp, from_micros};
use broadsheet::store::Db;
use broadsheet::store::ingest::{IngestContext, Ingested};

/// Monday 2026-03-02, noon UTC: the present of every test of the store.
pub fn noon() -> Timestamp {
    from_micros(1_772_452_800_000_000)
}

/// Hours after [`noon`].
pub fn hours(n: i64) -> Timestamp {
    noon() + chrono::Duration::hours(n)
}

/// A paper of arXiv's list with nothing but a title.
pub fn titled(title: &str) -> IncomingPaper {
    IncomingPaper {
        source: SourceName::new(SourceName::ARXIV),
        keys: Vec::new(),
        title: title.to_owned(),
        abstract_text: String::new(),
        authors: Vec::new(),
        categories: Vec::new(),
        published_at: None,
        announced_on: None,
        announce_type: None,
        url: None,
        code_url: None,
        project_url: None,
        withdrawn: false,
        signals: Signals::default(),
    }
}

/// The same with an arXiv id.
pub fn arxiv(id: &str, title: &str) -> IncomingPaper {
    IncomingPaper { keys: vec![PaperKey::arxiv(id)], ..titled(title) }
}

/// Upvotes and nothing else measured.
pub fn upvotes(count: u32) -> Signals {
    Signals { upvotes: Some(count), ..Signals::default() }
}

/// What a caller would work out for a paper with a telling title, seen at `now`.
pub fn seen(paper: &IncomingPaper, now: Timestamp) -> IngestContext<'_> {
    IngestContext {
        title_key: &paper.title,
        title_is_distinctive: paper.title.len() >= 25,
        first_author_key: paper.authors.first().map_or("", String::as_str),
        available_at: now,
        announced_at: None,
        backfill: false,
        text_rank: 4,
        now,
    }
}

/// Takes in one paper in a transaction of its own.
pub async fn ingest(db: &Db, paper: &IncomingPaper, context: &IngestContext<'_>) -> Ingested {
    let mut tx = db.begin().await.expect("begins");
    let ingested = tx.ingest(paper, context).await.expect("ingests");
    tx.commit().await.expect("commits");
    ingested
}

/// The paper known by this key, which has to be there.
pub async fn stored(db: &Db, key: &str) -> Paper {
    let mut read = db.read().await.expect("reads");
    read.paper_by_key(key).await.expect("reads").unwrap_or_else(|| panic!("{key} is not stored"))
}
