//! Hugging Face Daily Papers: the list people vote on, day by day.
//!
//! Each visit reads the last seven days again, because papers are added during the day and votes
//! grow for a week or two; read again and again, the counts become a history.
//! An entry is an envelope around a `paper`; fields have moved between the two, so both are
//! looked at. The envelope's own `publishedAt` is not UTC and is never used.

use chrono::Days;

use super::json::{self, Node};
use super::{Pace, Page, PageRequest, Rejected, Source, SourceError, base_address, draft, identity};
use crate::model::{IncomingPaper, LocalDate, PaperKey, Signals, SourceName, Timestamp};

/// Days read on every visit, today included.
const DAYS: u64 = 7;
/// The largest page the service gives.
const LIMIT: usize = 100;
/// A page with more was not made for this question.
const MOST_RECORDS: usize = 10_000;
/// A server that never sends an empty page is left after this many.
const MOST_PAGES: u32 = 20;

/// The source `hugging-face`.
#[derive(Debug, Clone)]
pub struct HuggingFace {
    name: SourceName,
    base: String,
}

impl HuggingFace {
    /// `base_url` is the address of the service, `https://huggingface.co`.
    ///
    /// # Errors
    /// When it is not an `http` or `https` address.
    pub fn new(base_url: &str) -> Result<Self, SourceError> {
        Ok(Self { name: SourceName::new(SourceName::HUGGING_FACE), base: base_address(base_url)? })
    }

    fn request(&self, day: LocalDate, page: u32) -> PageRequest {
        PageRequest {
            url: format!("{}/api/daily_papers?date={day}&limit={LIMIT}&p={page}", self.base),
            accept: "application/json",
            page,
            conditional: page == 0,
            day: Some(day),
            follows: None,
            label: format!("{day}, page {}", page + 1),
        }
    }

    /// A short page is not the last one; an empty page is. So is one that begins like the page
    /// before it: then the server does not know of pages and would repeat itself for ever.
    fn next(&self, request: &PageRequest, page: &Page) -> Option<PageRequest> {
        let first = page.papers.first().and_then(|paper| paper.keys.first());
        let repeats = first.is_some() && first == request.follows.as_ref();
        if page.total_items == 0 || repeats || request.page + 1 >= MOST_PAGES {
            return None;
        }
        Some(PageRequest { follows: first.cloned(), ..self.request(request.day?, request.page + 1) })
    }
}

impl Source for HuggingFace {
    fn name(&self) -> &SourceName {
        &self.name
    }

    fn pace(&self) -> Option<Pace> {
        None
    }

    fn first_requests(&self, now: Timestamp) -> Vec<PageRequest> {
        let today = now.date_naive();
        (0..DAYS).filter_map(|back| today.checked_sub_days(Days::new(back))).map(|day| self.request(day, 0)).collect()
    }

    fn read(&self, request: &PageRequest, body: &[u8], _now: Timestamp) -> Result<Page, SourceError> {
        let mut page = Page::default();
        let mut refusal = None;
        json::records(body, MOST_RECORDS, |record| {
            if let Ok(node) = &record
                && node.get("paper").is_none()
                && let Some(error) = node.text("error")
            {
                refusal = Some(error);
            }
            page.total_items += 1;
            let place = page.total_items;
            match record.and_then(|entry| read_entry(&self.name, &entry, request.day, &mut page.warnings)) {
                Ok(paper) => page.papers.push(paper),
                Err(reason) => page.rejected.push(Rejected { place: format!("item {place}"), reason }),
            }
        })?;
        if let Some(error) = refusal {
            return Err(SourceError::Refused(error));
        }
        page.next = self.next(request, &page);
        Ok(page)
    }
}

/// Reads one entry of the list, or a paper without its envelope. `day` is what was asked for;
/// it stands in when the entry does not name its own.
pub(super) fn read_entry(
    source: &SourceName,
    entry: &Node,
    day: Option<LocalDate>,
    notes: &mut Vec<String>,
) -> Result<IncomingPaper, String> {
    if !matches!(entry, Node::Map(_)) {
        return Err("it is not an object".to_owned());
    }
    let inner = entry.get("paper").unwrap_or(entry);
    let text = |name: &str| inner.text(name).or_else(|| entry.text(name));
    let count = |name: &str| entry.count(name).or_else(|| inner.count(name));
    let id = inner.text("id").ok_or("it has no id")?;
    let arxiv = identity::arxiv_id(&id).map(|(id, _)| id);
    let mut paper = draft::blank(source);
    (paper.keys, paper.url) = match &arxiv {
        Some(id) => (vec![PaperKey::arxiv(id)], Some(identity::arxiv_url(id))),
        None => {
            (vec![PaperKey::source(source, id.trim())], Some(format!("https://huggingface.co/papers/{}", id.trim())))
        }
    };
    paper.title = text("title").ok_or_else(|| format!("{id} has no title"))?;
    paper.abstract_text = text("summary").unwrap_or_default();
    paper.authors = inner.names("authors");
    paper.published_at = inner.time("publishedAt");
    paper.announced_on = inner.date("submittedOnDailyAt").or_else(|| entry.date("submittedOnDailyAt")).or(day);
    paper.code_url = text("githubRepo");
    paper.project_url = text("projectPage");
    paper.withdrawn = inner.get("withdrawnAt").is_some();
    paper.signals =
        Signals { upvotes: count("upvotes"), comments: count("numComments"), github_stars: count("githubStars") };
    draft::finish(paper, notes).map_err(|reason| format!("{id}: {reason}"))
}
