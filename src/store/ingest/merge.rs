//! Writing papers: new rows, changed rows, and two rows that become one.

use crate::model::{AnnounceType, PaperId, Timestamp, micros};
use crate::store::db::{Tx, on_conn};
use crate::store::error::StoreError;
use crate::store::json::to_json;
use crate::store::papers::times;

use super::record::Record;

const INSERT: &str = "INSERT INTO papers (revision, paper_key, title, abstract_text, authors, categories, sources, \
                      text_rank, title_key, first_author_key, announce_type, published_at, announced_at, \
                      first_seen_at, available_at, backfill, withdrawn, url, code_url, project_url, \
                      upvotes, comments, github_stars) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
                      $20, $21, $22, $23) RETURNING id";

const UPDATE: &str = "UPDATE papers SET revision = $1, paper_key = $2, title = $3, abstract_text = $4, authors = $5, \
                      categories = $6, sources = $7, text_rank = $8, title_key = $9, first_author_key = $10, \
                      announce_type = $11, published_at = $12, announced_at = $13, first_seen_at = $14, \
                      available_at = $15, backfill = $16, withdrawn = $17, url = $18, code_url = $19, \
                      project_url = $20 WHERE id = $21";

const ADD_REVISION: &str = "INSERT INTO paper_revisions (paper_id, revision, title, abstract_text, authors, \
                            categories, source, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// What has to happen for the row `$1` to become part of the row `$2`, besides remembering it.
const MOVES: [&str; 4] = [
    "UPDATE paper_keys SET paper_id = $2 WHERE paper_id = $1",
    "UPDATE paper_merges SET into_id = $2 WHERE into_id = $1",
    "INSERT INTO signals (paper_id, recorded_at, upvotes, comments, github_stars) \
     SELECT $2, recorded_at, upvotes, comments, github_stars FROM signals WHERE paper_id = $1 \
     ON CONFLICT (paper_id, recorded_at) DO UPDATE SET upvotes = COALESCE(signals.upvotes, excluded.upvotes), \
     comments = COALESCE(signals.comments, excluded.comments), \
     github_stars = COALESCE(signals.github_stars, excluded.github_stars)",
    "DELETE FROM signals WHERE paper_id = $1 AND paper_id <> $2",
];

const REMEMBER: &str = "INSERT INTO paper_merges (merged_id, into_id, merged_at) VALUES ($1, $2, $3)";

/// Binds the columns both writers share, in the order both texts number them.
macro_rules! bind_shared {
    ($query:expr, $record:expr) => {
        $query
            .bind($record.revision)
            .bind($record.key.as_str())
            .bind(&$record.texts.title)
            .bind(&$record.texts.abstract_text)
            .bind(to_json(&$record.texts.authors))
            .bind(to_json(&$record.texts.categories))
            .bind(to_json(&$record.sources))
            .bind($record.text_rank)
            .bind(&$record.title_key)
            .bind(&$record.first_author_key)
            .bind($record.announce_type.map(AnnounceType::as_str))
            .bind(times($record.published_at))
            .bind(times($record.announced_at))
            .bind(micros($record.first_seen_at))
            .bind(micros($record.available_at))
            .bind(i64::from($record.backfill))
            .bind(i64::from($record.withdrawn))
            .bind(&$record.url)
            .bind(&$record.code_url)
            .bind(&$record.project_url)
    };
}

impl Tx {
    /// Writes a paper that was not known, with the first revision of its texts.
    pub(super) async fn insert_paper(&mut self, record: &Record, now: Timestamp) -> Result<PaperId, StoreError> {
        let id: i64 = on_conn!(self, conn => bind_shared!(sqlx::query_scalar(INSERT), record)
            .bind(record.signals.upvotes.map(i64::from))
            .bind(record.signals.comments.map(i64::from))
            .bind(record.signals.github_stars.map(i64::from))
            .fetch_one(conn)
            .await?);
        let source = record.sources.first().map_or("", |source| source.as_str());
        self.add_revision(PaperId(id), record, source, now).await?;
        Ok(PaperId(id))
    }

    /// Writes a changed paper; changed texts become the next revision.
    pub(super) async fn update_paper(
        &mut self,
        record: &mut Record,
        before: &Record,
        source: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if record.texts != before.texts {
            record.revision += 1;
            self.add_revision(PaperId(record.id), record, source, now).await?;
        }
        on_conn!(self, conn => bind_shared!(sqlx::query(UPDATE), record)
            .bind(record.id)
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    async fn add_revision(
        &mut self,
        paper: PaperId,
        record: &Record,
        source: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_conn!(self, conn => sqlx::query(ADD_REVISION)
            .bind(paper.0)
            .bind(record.revision)
            .bind(&record.texts.title)
            .bind(&record.texts.abstract_text)
            .bind(to_json(&record.texts.authors))
            .bind(to_json(&record.texts.categories))
            .bind(source)
            .bind(micros(now))
            .execute(conn)
            .await
            .map(|_| ())?);
        Ok(())
    }

    /// Moves names, signals and earlier merges from one row to the row that stays, and takes the first away.
    ///
    /// Its revisions stay under its own id, where editions look for them.
    pub(super) async fn merge_rows(&mut self, gone: &Record, stays: i64, now: Timestamp) -> Result<(), StoreError> {
        for text in MOVES {
            on_conn!(self, conn => sqlx::query(text).bind(gone.id).bind(stays).execute(conn).await.map(|_| ())?);
        }
        on_conn!(self, conn => sqlx::query(REMEMBER)
            .bind(gone.id).bind(stays).bind(micros(now)).execute(conn).await.map(|_| ())?);
        on_conn!(self, conn => sqlx::query("DELETE FROM papers WHERE id = $1")
            .bind(gone.id).execute(conn).await.map(|_| ())?);
        Ok(())
    }
}
