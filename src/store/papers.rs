//! Reading papers: one by any of its names, those of a window, those of a page of the site.
//!
//! A paper that was merged into another is found under its old id too. What is read here includes
//! withdrawn papers, with their flag: who may see them is not the store's to say.

mod history;
mod listing;
mod revisions;
mod row;

pub use listing::{DayMark, PageOrder, PageQuery};
pub use revisions::PaperTexts;
pub(super) use row::{PaperRow, flag, signals_from, time, times};

use crate::model::{Paper, PaperId, Timestamp, micros};

use super::db::{Read, on_conn};
use super::dialect::{Texts, over_ids};
use super::error::StoreError;
use super::json::to_json;

/// The columns of a [`PaperRow`], for a query that calls the table `p`.
macro_rules! paper_columns {
    () => {
        "p.id, p.revision, p.paper_key, p.title, p.abstract_text, p.authors, p.categories, p.sources, p.text_rank, \
         p.title_key, p.first_author_key, p.announce_type, p.published_at, p.announced_at, p.first_seen_at, \
         p.available_at, p.backfill, p.withdrawn, p.url, p.code_url, p.project_url, p.upvotes, p.comments, \
         p.github_stars"
    };
}
pub(super) use paper_columns;

const BY_ID: &str = concat!(
    "SELECT ",
    paper_columns!(),
    " FROM papers p WHERE p.id = COALESCE((SELECT m.into_id FROM paper_merges m WHERE m.merged_id = $1), $1)"
);

const BY_IDS: Texts =
    over_ids!(concat!("SELECT ", paper_columns!(), " FROM papers p WHERE p.id IN "), " ORDER BY p.id");

const BY_KEY: &str = concat!(
    "SELECT ",
    paper_columns!(),
    " FROM paper_keys k JOIN papers p ON p.id = k.paper_id WHERE k.paper_key IN ($1, $2, $3) \
     ORDER BY CASE k.paper_key WHEN $1 THEN 0 WHEN $2 THEN 1 ELSE 2 END LIMIT 1"
);

const MERGED: Texts = over_ids!("SELECT merged_id, into_id FROM paper_merges WHERE merged_id IN ", "");

impl Read {
    /// The paper with this id, or the one it was merged into.
    pub async fn paper(&mut self, id: PaperId) -> Result<Option<Paper>, StoreError> {
        let row: Option<PaperRow> =
            on_conn!(self, conn => sqlx::query_as(BY_ID).bind(id.0).fetch_optional(conn).await?);
        row.map(PaperRow::into_paper).transpose()
    }

    /// The papers with these ids, ordered by id; ids of merged papers are not followed.
    pub async fn papers_by_ids(&mut self, ids: &[PaperId]) -> Result<Vec<Paper>, StoreError> {
        let text = self.text(&BY_IDS);
        let ids = to_json(ids);
        let rows: Vec<PaperRow> = on_conn!(self, conn => sqlx::query_as(text).bind(ids).fetch_all(conn).await?);
        rows.into_iter().map(PaperRow::into_paper).collect()
    }

    /// The paper known by this name: a key as stored, a bare arXiv id with or without version, a bare DOI.
    pub async fn paper_by_key(&mut self, name: &str) -> Result<Option<Paper>, StoreError> {
        let [stored, arxiv, doi] = readings(name);
        let row: Option<PaperRow> = on_conn!(self, conn => sqlx::query_as(BY_KEY)
            .bind(stored).bind(arxiv).bind(doi).fetch_optional(conn).await?);
        row.map(PaperRow::into_paper).transpose()
    }

    /// For each id the one the paper goes by now: itself, unless it was merged into another.
    pub async fn resolve_merged(&mut self, ids: &[PaperId]) -> Result<Vec<PaperId>, StoreError> {
        let text = self.text(&MERGED);
        let bound = to_json(ids);
        let merged: Vec<(i64, i64)> = on_conn!(self, conn => sqlx::query_as(text).bind(bound).fetch_all(conn).await?);
        let into: std::collections::HashMap<i64, i64> = merged.into_iter().collect();
        Ok(ids.iter().map(|id| PaperId(into.get(&id.0).copied().unwrap_or(id.0))).collect())
    }

    /// Every merge at or after `since` as (id that is gone, id that stays), for whoever keeps many ids at once.
    pub async fn merges_since(&mut self, since: Timestamp) -> Result<Vec<(PaperId, PaperId)>, StoreError> {
        const TEXT: &str = "SELECT merged_id, into_id FROM paper_merges WHERE merged_at >= $1 ORDER BY merged_id";
        let merged: Vec<(i64, i64)> =
            on_conn!(self, conn => sqlx::query_as(TEXT).bind(micros(since)).fetch_all(conn).await?);
        Ok(merged.into_iter().map(|(gone, stays)| (PaperId(gone), PaperId(stays))).collect())
    }
}

/// The keys a name may stand for: as it is, as an arXiv id, as a DOI.
fn readings(name: &str) -> [String; 3] {
    let name = super::dialect::storable(name.trim());
    let folded = name.to_lowercase();
    let arxiv = folded.strip_prefix("arxiv:").unwrap_or(&folded).trim_start();
    let doi = folded.strip_prefix("doi:").unwrap_or(&folded).trim_start();
    [name.into_owned(), format!("arxiv:{}", without_version(arxiv)), format!("doi:{doi}")]
}

/// An arXiv id without the `v2` at its end.
fn without_version(id: &str) -> &str {
    match id.rsplit_once('v') {
        Some((base, version))
            if base.ends_with(|end: char| end.is_ascii_digit())
                && !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            base
        }
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_only_reads_is_refused_by_the_database_when_it_writes() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = crate::store::Db::open(&crate::store::Options { url, connections: 2 }).await.expect("opens");
        let mut read = db.read().await.expect("reads");
        let written =
            on_conn!(read, conn => sqlx::query("UPDATE sending SET paused = 1").execute(conn).await.map(|_| ()));
        assert!(written.expect_err("refused").to_string().contains("readonly"));
    }

    #[test]
    fn a_name_is_read_as_people_write_it() {
        for (name, key) in [
            ("2508.00950", "arxiv:2508.00950"),
            ("2508.00950v3", "arxiv:2508.00950"),
            (" arXiv:2508.00950v12 ", "arxiv:2508.00950"),
            ("math/0309136", "arxiv:math/0309136"),
            ("10.1101/2025.01.02.ABC", "doi:10.1101/2025.01.02.abc"),
            ("DOI: 10.1/X", "doi:10.1/x"),
            ("source:lab-blog:Post 7v2", "source:lab-blog:Post 7v2"),
        ] {
            assert!(readings(name).contains(&key.to_owned()), "{name}: {:?}", readings(name));
        }
    }

    #[test]
    fn only_a_version_is_cut_off() {
        assert_eq!(without_version("solv-int/9901001v1"), "solv-int/9901001");
        assert_eq!(without_version("solv-int/9901001"), "solv-int/9901001");
        assert_eq!(without_version("v1"), "v1");
        assert_eq!(without_version("2508.00950v"), "2508.00950v");
    }
}
