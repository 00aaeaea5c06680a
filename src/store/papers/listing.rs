//! Papers by the time they became available: for day segments, for pages of the site, for counts.

use chrono::DateTime;

use crate::model::{LocalDate, Paper, Timestamp, from_micros, micros};
use crate::store::db::{Read, on_conn};
use crate::store::error::StoreError;

use super::{PaperRow, paper_columns};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// What comes first on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageOrder {
    /// The papers that became available last.
    Newest,
    /// The papers with the most upvotes; those without any measured come last.
    MostUpvoted,
}

/// Which papers a page of the site shows.
#[derive(Debug, Clone, Copy)]
pub struct PageQuery {
    /// Available at or after this.
    pub from: Timestamp,
    /// Available before this.
    pub until: Timestamp,
    /// Whether papers announced long before they were first seen are wanted.
    pub include_backfill: bool,
    /// What comes first.
    pub order: PageOrder,
    /// At most this many papers.
    pub limit: u32,
    /// How many to skip.
    pub offset: u32,
}

const BETWEEN: &str = concat!(
    "SELECT ",
    paper_columns!(),
    " FROM papers p WHERE p.available_at > $1 AND p.available_at <= $2 AND p.backfill <= $3 \
     ORDER BY p.available_at, p.id"
);

const NEWEST: &str = concat!(
    "SELECT ",
    paper_columns!(),
    " FROM papers p WHERE p.available_at >= $1 AND p.available_at < $2 AND p.backfill <= $3 \
     ORDER BY p.available_at DESC, p.id DESC LIMIT $4 OFFSET $5"
);

const MOST_UPVOTED: &str = concat!(
    "SELECT ",
    paper_columns!(),
    " FROM papers p WHERE p.available_at >= $1 AND p.available_at < $2 AND p.backfill <= $3 \
     ORDER BY COALESCE(p.upvotes, -1) DESC, p.available_at DESC, p.id DESC LIMIT $4 OFFSET $5"
);

const BY_DAY: &str = "SELECT available_at / $4 AS day, COUNT(*) AS papers FROM papers \
                      WHERE available_at >= $1 AND available_at < $2 AND backfill <= $3 \
                      GROUP BY available_at / $4 ORDER BY day";

/// Changes whenever the papers of a day do: when one is added, revised, merged or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayMark {
    /// How many papers there are, withdrawn ones included and backfill not.
    pub papers: usize,
    sum: i64,
}

// Answered from the index `papers_day_marks` alone.
const DAY_MARKS: &str = "SELECT available_at / $3 AS day, COUNT(*) AS papers, \
                         CAST(SUM((2 * revision + withdrawn + 1) * (id % 1000003 + 7)) AS BIGINT) AS mark FROM papers \
                         WHERE available_at >= $1 AND available_at <= $2 AND backfill = 0 \
                         GROUP BY available_at / $3 ORDER BY day";

impl Read {
    /// The marks of the UTC days with papers that are not backfill, available from `from` to `until`, oldest first,
    /// with the numbers of the days since 1970.
    pub async fn paper_marks_by_day(
        &mut self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(i64, DayMark)>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = on_conn!(self, conn => sqlx::query_as(DAY_MARKS)
            .bind(micros(from))
            .bind(micros(until))
            .bind(MICROS_A_DAY)
            .fetch_all(conn)
            .await?);
        let mark = |papers: i64, sum| DayMark { papers: usize::try_from(papers).unwrap_or_default(), sum };
        Ok(rows.into_iter().map(|(day, papers, sum)| (day, mark(papers, sum))).collect())
    }

    /// Papers available after `after` and up to `until`, oldest first, then by id.
    pub async fn papers_between(
        &mut self,
        after: Timestamp,
        until: Timestamp,
        include_backfill: bool,
    ) -> Result<Vec<Paper>, StoreError> {
        let rows: Vec<PaperRow> = on_conn!(self, conn => sqlx::query_as(BETWEEN)
            .bind(micros(after))
            .bind(micros(until))
            .bind(i64::from(include_backfill))
            .fetch_all(conn)
            .await?);
        rows.into_iter().map(PaperRow::into_paper).collect()
    }

    /// One page of papers.
    pub async fn papers_on_page(&mut self, page: &PageQuery) -> Result<Vec<Paper>, StoreError> {
        let text = match page.order {
            PageOrder::Newest => NEWEST,
            PageOrder::MostUpvoted => MOST_UPVOTED,
        };
        let rows: Vec<PaperRow> = on_conn!(self, conn => sqlx::query_as(text)
            .bind(micros(page.from))
            .bind(micros(page.until))
            .bind(i64::from(page.include_backfill))
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(conn)
            .await?);
        rows.into_iter().map(PaperRow::into_paper).collect()
    }

    /// How many papers became available on each UTC day from `from` to before `until`; days without any are left out.
    pub async fn paper_counts_by_day(
        &mut self,
        from: Timestamp,
        until: Timestamp,
        include_backfill: bool,
    ) -> Result<Vec<(LocalDate, u64)>, StoreError> {
        let rows: Vec<(i64, i64)> = on_conn!(self, conn => sqlx::query_as(BY_DAY)
            .bind(micros(from))
            .bind(micros(until))
            .bind(i64::from(include_backfill))
            .bind(MICROS_A_DAY)
            .fetch_all(conn)
            .await?);
        let date = |day: i64| from_micros(day.saturating_mul(MICROS_A_DAY)).date_naive();
        Ok(rows.into_iter().map(|(day, papers)| (date(day), papers.unsigned_abs())).collect())
    }

    /// When the newest paper that is not backfill became available.
    pub async fn latest_available_at(&mut self) -> Result<Option<Timestamp>, StoreError> {
        const TEXT: &str = "SELECT available_at FROM papers WHERE backfill = 0 ORDER BY available_at DESC LIMIT 1";
        let latest: Option<i64> = on_conn!(self, conn => sqlx::query_scalar(TEXT).fetch_optional(conn).await?);
        Ok(latest.and_then(DateTime::from_timestamp_micros))
    }

    /// How many papers there are.
    pub async fn paper_count(&mut self) -> Result<u64, StoreError> {
        let count: i64 =
            on_conn!(self, conn => sqlx::query_scalar("SELECT COUNT(*) FROM papers").fetch_one(conn).await?);
        Ok(count.unsigned_abs())
    }
}
