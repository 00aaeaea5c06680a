//! The texts of papers as they were: editions refer to a revision, and print it to the letter.

use std::collections::HashSet;

use crate::model::PaperId;
use crate::store::db::{Read, on_conn};
use crate::store::dialect::{Texts, over_ids};
use crate::store::error::StoreError;
use crate::store::json::{from_json, to_json};

/// One revision of the texts of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperTexts {
    /// Display text, one line.
    pub title: String,
    /// Display text.
    pub abstract_text: String,
    /// Display names in order.
    pub authors: Vec<String>,
    /// Primary category first.
    pub categories: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct RevisionRow {
    paper_id: i64,
    revision: i64,
    title: String,
    abstract_text: String,
    authors: String,
    categories: String,
}

impl RevisionRow {
    fn into_texts(self) -> Result<PaperTexts, StoreError> {
        Ok(PaperTexts {
            title: self.title,
            abstract_text: self.abstract_text,
            authors: from_json("paper_revisions.authors", &self.authors)?,
            categories: from_json("paper_revisions.categories", &self.categories)?,
        })
    }
}

const OF_PAPERS: Texts = over_ids!(
    "SELECT paper_id, revision, title, abstract_text, authors, categories FROM paper_revisions WHERE paper_id IN ",
    " ORDER BY paper_id, revision"
);

impl Read {
    /// One revision of a paper, under the id the paper had when it was recorded.
    pub async fn paper_revision(&mut self, id: PaperId, revision: i64) -> Result<Option<PaperTexts>, StoreError> {
        const TEXT: &str = "SELECT paper_id, revision, title, abstract_text, authors, categories \
                            FROM paper_revisions WHERE paper_id = $1 AND revision = $2";
        let row: Option<RevisionRow> =
            on_conn!(self, conn => sqlx::query_as(TEXT).bind(id.0).bind(revision).fetch_optional(conn).await?);
        row.map(RevisionRow::into_texts).transpose()
    }

    /// Many revisions at once, ordered by paper and revision; what does not exist is left out.
    pub async fn paper_revisions(
        &mut self,
        wanted: &[(PaperId, i64)],
    ) -> Result<Vec<((PaperId, i64), PaperTexts)>, StoreError> {
        let wanted: HashSet<(PaperId, i64)> = wanted.iter().copied().collect();
        let papers: HashSet<PaperId> = wanted.iter().map(|(paper, _)| *paper).collect();
        let text = self.text(&OF_PAPERS);
        let ids = to_json(&papers);
        let rows: Vec<RevisionRow> = on_conn!(self, conn => sqlx::query_as(text).bind(ids).fetch_all(conn).await?);
        rows.into_iter()
            .map(|row| ((PaperId(row.paper_id), row.revision), row))
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, row)| Ok((name, row.into_texts()?)))
            .collect()
    }
}
