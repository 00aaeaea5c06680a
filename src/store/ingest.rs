//! Taking in what sources tell: which paper it is, what it changes, what is new.
//!
//! The caller says what only it can know (the normalised title, the time that counts as available, how far
//! the text is to be trusted); here that is set against what is stored, and nothing is ever taken back:
//! texts become revisions, merged papers stay findable under their old ids.

mod identity;
mod merge;
mod record;
mod signals;

use std::borrow::Cow;

use crate::model::{IncomingPaper, PaperId, PaperKey, Timestamp};

use super::db::Tx;
use super::dialect::storable;
use super::error::StoreError;

use identity::Identity;
use record::Record;

/// Stands for taking in papers, of which one transaction at a time may be in the middle.
const INGEST_TURN: i32 = 1;

/// What the caller worked out about one incoming paper.
#[derive(Debug, Clone, Copy)]
pub struct IngestContext<'a> {
    /// The normalised title or a hash of it: equal for titles that count as the same.
    pub title_key: &'a str,
    /// Whether the title has enough words and letters to stand for one paper (5 and 25).
    pub title_is_distinctive: bool,
    /// The folded family name of the first author; empty when there is none.
    pub first_author_key: &'a str,
    /// When the paper became available, should it be new.
    pub available_at: Timestamp,
    /// When the source put it before its readers; the first one told is kept for ever.
    pub announced_at: Option<Timestamp>,
    /// Whether it was announced long before it is seen now, should it be new.
    pub backfill: bool,
    /// How far the text is to be trusted: a higher number replaces a lower one (arXiv, publisher, list, import).
    pub text_rank: i64,
    /// The moment of the visit.
    pub now: Timestamp,
}

/// What became of one incoming paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingested {
    /// The paper it is.
    pub paper: PaperId,
    /// What it did.
    pub what: Change,
}

/// What one incoming paper did to the stored ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not known.
    New,
    /// Something of it besides its signals was.
    Updated,
    /// All of it was, except perhaps its signals.
    Known,
    /// It showed that papers stored apart are one; the oldest row stays.
    Merged,
}

impl Tx {
    /// Takes in one paper. Call it for a page of some 30 of them within one transaction: more would keep
    /// the one writer of SQLite for longer than delivery marks should wait.
    ///
    /// Identity: any key the paper shares with a stored one, but never two arXiv ids in one paper. A title says
    /// that two are the same only when it is distinctive, the first authors do not differ, and one of the
    /// two has no key but its title.
    pub async fn ingest(
        &mut self,
        incoming: &IncomingPaper,
        context: &IngestContext<'_>,
    ) -> Result<Ingested, StoreError> {
        self.take_turn(INGEST_TURN).await?;
        let incoming = cleaned(incoming);
        let identity = Identity::of(&incoming, context);
        let found = self.find_same(&identity).await?;
        let mut group = found.group.into_iter();
        let Some(mut record) = group.next() else {
            let paper = self.insert_paper(&Record::first(&incoming, context, &identity), context.now).await?;
            self.add_keys(paper, &found.missing).await?;
            self.record_first_signals(paper, context.now, incoming.signals).await?;
            return Ok(Ingested { paper, what: Change::New });
        };
        let before = record.clone();
        let mut merged = false;
        for other in group {
            self.merge_rows(&other, record.id, context.now).await?;
            record.absorb(other);
            merged = true;
        }
        record.update(&incoming, context, &identity);
        let paper = PaperId(record.id);
        self.add_keys(paper, &found.missing).await?;
        let changed = record != before;
        if changed {
            self.update_paper(&mut record, &before, incoming.source.as_str(), context.now).await?;
        }
        self.record_signals(paper, &signals::point(context.now, incoming.signals)).await?;
        if merged {
            self.refresh_newest_signals(paper).await?;
        }
        let what = match (merged, changed) {
            (true, _) => Change::Merged,
            (false, true) => Change::Updated,
            (false, false) => Change::Known,
        };
        Ok(Ingested { paper, what })
    }
}

/// The paper with what no database keeps taken out; almost always the paper itself.
fn cleaned(incoming: &IncomingPaper) -> Cow<'_, IncomingPaper> {
    let texts = [&incoming.title, &incoming.abstract_text];
    let links = [&incoming.url, &incoming.code_url, &incoming.project_url];
    let has_nul = |text: &str| text.contains('\0');
    let dirty = texts.into_iter().any(|text| has_nul(text))
        || links.into_iter().flatten().any(|text| has_nul(text))
        || incoming.keys.iter().any(|key| has_nul(key.as_str()));
    if !dirty {
        return Cow::Borrowed(incoming);
    }
    let link = |text: &Option<String>| text.as_deref().map(|text| storable(text).into_owned());
    Cow::Owned(IncomingPaper {
        title: storable(&incoming.title).into_owned(),
        abstract_text: storable(&incoming.abstract_text).into_owned(),
        url: link(&incoming.url),
        code_url: link(&incoming.code_url),
        project_url: link(&incoming.project_url),
        keys: incoming.keys.iter().map(|key| PaperKey::from_stored(storable(key.as_str()).into_owned())).collect(),
        ..incoming.clone()
    })
}
