//! A stored paper in the middle of being taken in: which of two tellings of a field stays.
//!
//! Pure, so that every rule can be tested without a database.

use crate::model::{AnnounceType, IncomingPaper, PaperKey, Signals, SourceName, Timestamp, from_micros};
use crate::store::error::StoreError;
use crate::store::json::from_json;
use crate::store::papers::{PaperRow, PaperTexts, flag, signals_from, time};

use super::IngestContext;
use super::identity::{Identity, strength};

/// A row of `papers` with its lists read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) id: i64,
    pub(super) revision: i64,
    pub(super) key: PaperKey,
    pub(super) texts: PaperTexts,
    pub(super) sources: Vec<SourceName>,
    pub(super) text_rank: i64,
    pub(super) title_key: String,
    pub(super) first_author_key: String,
    pub(super) announce_type: Option<AnnounceType>,
    pub(super) published_at: Option<Timestamp>,
    pub(super) announced_at: Option<Timestamp>,
    pub(super) first_seen_at: Timestamp,
    pub(super) available_at: Timestamp,
    pub(super) backfill: bool,
    pub(super) withdrawn: bool,
    pub(super) url: Option<String>,
    pub(super) code_url: Option<String>,
    pub(super) project_url: Option<String>,
    pub(super) signals: Signals,
}

impl Record {
    pub(super) fn from_row(row: PaperRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            revision: row.revision,
            key: PaperKey::from_stored(row.paper_key),
            texts: PaperTexts {
                title: row.title,
                abstract_text: row.abstract_text,
                authors: from_json("papers.authors", &row.authors)?,
                categories: from_json("papers.categories", &row.categories)?,
            },
            sources: from_json("papers.sources", &row.sources)?,
            text_rank: row.text_rank,
            title_key: row.title_key,
            first_author_key: row.first_author_key,
            announce_type: row.announce_type.as_deref().and_then(AnnounceType::from_stored),
            published_at: time(row.published_at),
            announced_at: time(row.announced_at),
            first_seen_at: from_micros(row.first_seen_at),
            available_at: from_micros(row.available_at),
            backfill: flag(row.backfill),
            withdrawn: flag(row.withdrawn),
            url: row.url,
            code_url: row.code_url,
            project_url: row.project_url,
            signals: signals_from(row.upvotes, row.comments, row.github_stars),
        })
    }

    /// A paper that was not known. Its id is given by the database.
    pub(super) fn first(incoming: &IncomingPaper, context: &IngestContext<'_>, identity: &Identity) -> Self {
        let strongest = identity.keys.iter().min_by_key(|key| strength(key));
        Self {
            id: 0,
            revision: 1,
            key: strongest.cloned().unwrap_or_else(|| PaperKey::title(&identity.title_key)),
            texts: PaperTexts {
                title: incoming.title.clone(),
                abstract_text: incoming.abstract_text.clone(),
                authors: incoming.authors.clone(),
                categories: union(&[], &incoming.categories),
            },
            sources: vec![incoming.source.clone()],
            text_rank: context.text_rank,
            title_key: identity.title_key.clone(),
            first_author_key: identity.first_author_key.clone(),
            announce_type: incoming.announce_type,
            published_at: incoming.published_at.map(whole_micros),
            announced_at: context.announced_at.map(whole_micros),
            first_seen_at: whole_micros(context.now),
            available_at: whole_micros(context.available_at),
            backfill: context.backfill,
            withdrawn: incoming.withdrawn,
            url: incoming.url.clone(),
            code_url: incoming.code_url.clone(),
            project_url: incoming.project_url.clone(),
            signals: incoming.signals,
        }
    }

    /// Takes over what a source tells of this paper. Signals are kept apart, with their history.
    pub(super) fn update(&mut self, incoming: &IncomingPaper, context: &IngestContext<'_>, identity: &Identity) {
        let told = Self { signals: self.signals, ..Self::first(incoming, context, identity) };
        // What was told first stays told first: availability is never taken from a later telling, unless the
        // paper was known only as one that is never mailed and is announced now.
        let announced_now = self.backfill && !context.backfill && context.announced_at.is_some();
        let kept = match announced_now {
            true => (self.first_seen_at, told.available_at, false),
            false => (self.first_seen_at, self.available_at, self.backfill),
        };
        self.combine(told, context.text_rank >= self.text_rank);
        (self.first_seen_at, self.available_at, self.backfill) = kept;
    }

    /// Takes over another row that turned out to be this paper.
    pub(super) fn absorb(&mut self, other: Self) {
        self.first_seen_at = self.first_seen_at.min(other.first_seen_at);
        // A row that is mailed counts before one that never is, and the earlier of two that are.
        match (self.backfill, other.backfill) {
            (true, false) => (self.available_at, self.backfill) = (other.available_at, false),
            (false, true) => {}
            _ => self.available_at = self.available_at.min(other.available_at),
        }
        let replace = other.text_rank > self.text_rank;
        self.combine(other, replace);
    }

    /// Everything but availability. `replace`: the other texts are as good as these, or better.
    fn combine(&mut self, other: Self, replace: bool) {
        let better = other.text_rank > self.text_rank;
        if strength(&other.key) < strength(&self.key) {
            self.key = other.key;
        }
        if replace && !other.texts.title.is_empty() {
            self.texts.title = other.texts.title;
            self.title_key = other.title_key;
        }
        take(&mut self.texts.abstract_text, other.texts.abstract_text, replace, String::is_empty);
        take(&mut self.texts.authors, other.texts.authors, replace, Vec::is_empty);
        take(&mut self.first_author_key, other.first_author_key, replace, String::is_empty);
        self.texts.categories = if better {
            union(&other.texts.categories, &self.texts.categories)
        } else {
            union(&self.texts.categories, &other.texts.categories)
        };
        self.sources = union(&self.sources, &other.sources);
        self.text_rank = self.text_rank.max(other.text_rank);
        self.announce_type = self.announce_type.max(other.announce_type);
        self.published_at = [self.published_at, other.published_at].into_iter().flatten().min();
        self.announced_at = self.announced_at.or(other.announced_at);
        self.withdrawn |= other.withdrawn;
        take(&mut self.url, other.url, replace, Option::is_none);
        // Code and project pages are told by few; the newest telling is the best one.
        take(&mut self.code_url, other.code_url, true, Option::is_none);
        take(&mut self.project_url, other.project_url, true, Option::is_none);
    }
}

/// Fills what is empty, replaces what may be replaced, and never empties anything.
fn take<T>(mine: &mut T, other: T, replace: bool, is_empty: impl Fn(&T) -> bool) {
    if !is_empty(&other) && (replace || is_empty(mine)) {
        *mine = other;
    }
}

/// The entries of both lists, each once, in order.
fn union<T: PartialEq + Clone>(first: &[T], second: &[T]) -> Vec<T> {
    let mut all: Vec<T> = Vec::with_capacity(first.len() + second.len());
    for entry in first.iter().chain(second) {
        if !all.contains(entry) {
            all.push(entry.clone());
        }
    }
    all
}

/// The instant as the databases keep it, so that what is read back compares equal.
fn whole_micros(at: Timestamp) -> Timestamp {
    from_micros(at.timestamp_micros())
}

#[cfg(test)]
mod tests;
