//! Any RSS, RDF, Atom or JSON feed of a journal, a blog or a site.

use chrono::{DateTime, Days, FixedOffset, NaiveDate};

use url::Url;

use super::xml::{self, Record};
use super::{Pace, Page, PageRequest, Rejected, Source, SourceError, arxiv, base_address, draft, identity, json_feed};
use crate::model::{IncomingPaper, PaperKey, SourceName, Timestamp};

const LONGEST_NAME: usize = 64;
/// Longest id or link that is used as a key.
const KEY_BYTES: usize = 500;

/// One feed of the configuration.
#[derive(Debug, Clone)]
pub struct Feed {
    name: SourceName,
    url: String,
}

impl Feed {
    /// `name` is how the operator calls it, `url` the feed's own address.
    ///
    /// # Errors
    /// When `url` is not an `http` or `https` address, or the name is empty or longer than 64 bytes.
    pub fn new(name: &str, url: &str) -> Result<Self, SourceError> {
        base_address(url)?;
        let name = SourceName::new(name);
        if name.as_str().is_empty() || name.as_str().len() > LONGEST_NAME {
            return Err(SourceError::Settings(format!(
                "the feed {url} needs a name of 1 to {LONGEST_NAME} characters"
            )));
        }
        Ok(Self { name, url: url.trim().to_owned() })
    }
}

impl Source for Feed {
    fn name(&self) -> &SourceName {
        &self.name
    }

    fn pace(&self) -> Option<Pace> {
        None
    }

    fn first_requests(&self, _now: Timestamp) -> Vec<PageRequest> {
        vec![PageRequest {
            url: self.url.clone(),
            accept: "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
            page: 0,
            conditional: true,
            day: None,
            follows: None,
            label: self.name.to_string(),
        }]
    }

    fn read(&self, _request: &PageRequest, body: &[u8], now: Timestamp) -> Result<Page, SourceError> {
        read_any(&self.name, body, now)
    }
}

/// Reads a feed of whatever kind; items of arXiv's own feeds are read by their rules.
pub(super) fn read_any(source: &SourceName, body: &[u8], now: Timestamp) -> Result<Page, SourceError> {
    let document = if is_json(body) { json_feed::read(body)? } else { xml::read(body)? };
    if arxiv::is_arxiv(&document) {
        return arxiv::read_document(source, &document);
    }
    let mut page = Page { total_items: document.items.len(), ..Page::default() };
    for (index, item) in document.items.iter().enumerate() {
        match read_item(source, item, now, &mut page.warnings) {
            Ok(paper) => page.papers.push(paper),
            Err(reason) => page.rejected.push(Rejected { place: format!("item {}", index + 1), reason }),
        }
    }
    Ok(page)
}

/// By its first sign: servers declare feeds as whatever they like.
fn is_json(body: &[u8]) -> bool {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start().starts_with(b"{")
}

fn read_item(
    source: &SourceName,
    item: &Record,
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Result<IncomingPaper, String> {
    let mut paper = draft::blank(source);
    let guid = item.get("guid").or_else(|| item.get("id"));
    let link = item.get("link").or_else(|| guid.filter(|guid| guid.starts_with("http")));
    let named = ["prism:doi", "dc:identifier", "arxiv:doi"].into_iter().filter_map(|name| item.get(name));
    paper.keys = identity::keys_of(named.chain(guid).chain(link));
    if paper.keys.is_empty() {
        let own = link.and_then(canonical).or_else(|| guid.map(str::to_owned)).filter(|own| own.len() <= KEY_BYTES);
        paper.keys.extend(own.map(|own| PaperKey::source(source, &own)));
    }
    paper.title = item.get("title").unwrap_or_default().to_owned();
    let texts = ["content:encoded", "content", "description", "summary"];
    paper.abstract_text = texts.into_iter().find_map(|name| item.get(name)).unwrap_or_default().to_owned();
    let authors: Vec<&str> = item.all("dc:creator").collect();
    paper.authors = match authors.as_slice() {
        [] => item.all("author").map(str::to_owned).collect(),
        [one] => arxiv::split_authors(one),
        several => several.iter().map(|name| (*name).to_owned()).collect(),
    };
    paper.categories = item.all("category").map(str::to_owned).collect();
    let date = ["pubDate", "published", "dc:date", "prism:publicationDate", "updated"]
        .into_iter()
        .find_map(|name| item.get(name).and_then(date));
    // A date to come is the date of an issue, not of the announcement.
    let newest = now.date_naive().checked_add_days(Days::new(1));
    paper.announced_on = date.map(|at| at.date_naive()).filter(|day| Some(*day) <= newest);
    paper.published_at = date.map(|at| at.to_utc()).filter(|at| *at <= now);
    paper.url = link.map(str::to_owned);
    draft::finish(paper, notes)
}

/// A link without what only says where it was found: some feeds change their ids on every visit,
/// and the link is what stays.
fn canonical(link: &str) -> Option<String> {
    let mut url = Url::parse(&draft::web_url(link)?).ok()?;
    url.set_fragment(None);
    let told = |name: &str| !(name.starts_with("utm_") || matches!(name, "rss" | "af"));
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(name, _)| told(name)).collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Some(url.into())
}

/// RFC 822 as RSS writes it, RFC 3339 as Atom does, or a plain date.
pub(super) fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    let text = text.trim();
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .ok()
        .or_else(|| Some(text.get(..10)?.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc().fixed_offset()))
}
