//! A row of the table of papers, and how its columns become the words of the model.

use crate::model::{Paper, PaperId, PaperKey, Signals, SourceName, Timestamp, from_micros, micros};
use crate::store::error::StoreError;
use crate::store::json::from_json;

/// A whole row of `papers`.
#[derive(sqlx::FromRow)]
pub(in crate::store) struct PaperRow {
    pub(in crate::store) id: i64,
    pub(in crate::store) revision: i64,
    pub(in crate::store) paper_key: String,
    pub(in crate::store) title: String,
    pub(in crate::store) abstract_text: String,
    pub(in crate::store) authors: String,
    pub(in crate::store) categories: String,
    pub(in crate::store) sources: String,
    pub(in crate::store) text_rank: i64,
    pub(in crate::store) title_key: String,
    pub(in crate::store) first_author_key: String,
    pub(in crate::store) announce_type: Option<String>,
    pub(in crate::store) published_at: Option<i64>,
    pub(in crate::store) announced_at: Option<i64>,
    pub(in crate::store) first_seen_at: i64,
    pub(in crate::store) available_at: i64,
    pub(in crate::store) backfill: i64,
    pub(in crate::store) withdrawn: i64,
    pub(in crate::store) url: Option<String>,
    pub(in crate::store) code_url: Option<String>,
    pub(in crate::store) project_url: Option<String>,
    pub(in crate::store) upvotes: Option<i64>,
    pub(in crate::store) comments: Option<i64>,
    pub(in crate::store) github_stars: Option<i64>,
}

impl PaperRow {
    pub(super) fn into_paper(self) -> Result<Paper, StoreError> {
        let sources: Vec<SourceName> = from_json("papers.sources", &self.sources)?;
        let key = PaperKey::from_stored(self.paper_key);
        Ok(Paper {
            id: PaperId(self.id),
            revision: self.revision,
            pdf_url: key.arxiv_id().map(|id| format!("https://arxiv.org/pdf/{id}")),
            key,
            title: self.title,
            abstract_text: self.abstract_text,
            authors: from_json("papers.authors", &self.authors)?,
            categories: from_json("papers.categories", &self.categories)?,
            sources,
            published_at: time(self.published_at),
            first_seen_at: from_micros(self.first_seen_at),
            available_at: from_micros(self.available_at),
            backfill: flag(self.backfill),
            withdrawn: flag(self.withdrawn),
            url: self.url,
            code_url: self.code_url,
            project_url: self.project_url,
            signals: signals_from(self.upvotes, self.comments, self.github_stars),
        })
    }
}

/// A stored flag.
pub(in crate::store) fn flag(stored: i64) -> bool {
    stored != 0
}

/// A stored instant that may be missing.
pub(in crate::store) fn time(stored: Option<i64>) -> Option<Timestamp> {
    stored.map(from_micros)
}

/// The stored form of an instant that may be missing.
pub(in crate::store) fn times(at: Option<Timestamp>) -> Option<i64> {
    at.map(micros)
}

/// Signals from their three columns.
pub(in crate::store) fn signals_from(
    upvotes: Option<i64>,
    comments: Option<i64>,
    github_stars: Option<i64>,
) -> Signals {
    let count = |stored: Option<i64>| stored.map(|count| u32::try_from(count.max(0)).unwrap_or(u32::MAX));
    Signals { upvotes: count(upvotes), comments: count(comments), github_stars: count(github_stars) }
}
