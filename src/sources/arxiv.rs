//! arXiv's announcement feeds, RSS or Atom: everything new in some categories, on working days.
//!
//! A feed shows one day only. Replacements are kept with their announce type: they are revisions
//! of papers, not new ones. Links in the feeds have been wrong before, so they are built from ids.

use std::time::Duration;

use super::xml::{self, Document, Record};
use super::{Pace, Page, PageRequest, Rejected, Source, SourceError, base_address, draft, feed, identity};
use crate::model::{AnnounceType, IncomingPaper, LocalDate, PaperKey, SourceName, Timestamp};

/// arXiv cuts a feed here, and cuts new papers first.
const CAP: usize = 2_000;
/// Categories asked for at once: few, because a feed that grows too long is cut.
const GROUP: usize = 3;
/// What arXiv asks of programs: one request in three seconds, over all machines of an operator.
const PACE: Pace = Pace { gate: "arxiv", every: Duration::from_secs(3) };
/// Titles of the documents that stand for an error.
const ERROR_TITLE: &str = "Feed error for query";

/// The source `arxiv`.
#[derive(Debug, Clone)]
pub struct Arxiv {
    name: SourceName,
    base: String,
    categories: Vec<String>,
}

impl Arxiv {
    /// `base_url` is the address of the service, `https://rss.arxiv.org`; `categories` are
    /// archives or categories such as `cs` or `cs.CL`.
    ///
    /// # Errors
    /// When the address is none, no category is named, or one cannot be one.
    pub fn new(base_url: &str, categories: &[String]) -> Result<Self, SourceError> {
        let mut known: Vec<String> = Vec::new();
        for category in categories.iter().map(|category| category.trim()) {
            if !is_category(category) {
                return Err(SourceError::Settings(format!(
                    "{category:?} is not an arXiv category; write one such as cs.CL or math"
                )));
            }
            if !known.iter().any(|other| other.eq_ignore_ascii_case(category)) {
                known.push(category.to_owned());
            }
        }
        if known.is_empty() {
            return Err(SourceError::Settings("no arXiv category is named".to_owned()));
        }
        Ok(Self { name: SourceName::new(SourceName::ARXIV), base: base_address(base_url)?, categories: known })
    }
}

/// `archive` or `archive.CLASS`, letters and hyphens.
fn is_category(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.len() <= 20 && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    };
    let (archive, class) = text.split_once('.').map_or((text, None), |(archive, class)| (archive, Some(class)));
    word(archive) && class.is_none_or(word)
}

impl Source for Arxiv {
    fn name(&self) -> &SourceName {
        &self.name
    }

    fn pace(&self) -> Option<Pace> {
        Some(PACE)
    }

    fn first_requests(&self, _now: Timestamp) -> Vec<PageRequest> {
        let request = |group: &[String]| {
            let spec = group.join("+");
            PageRequest {
                url: format!("{}/rss/{spec}", self.base),
                accept: "application/rss+xml, application/atom+xml, application/xml;q=0.9",
                page: 0,
                conditional: true,
                day: None,
                follows: None,
                label: spec,
            }
        };
        self.categories.chunks(GROUP).map(request).collect()
    }

    fn read(&self, _request: &PageRequest, body: &[u8], _now: Timestamp) -> Result<Page, SourceError> {
        read_document(&self.name, &xml::read(body)?)
    }
}

/// Whether a document is one of arXiv's feeds, by its items or, without any, by its title.
pub(super) fn is_arxiv(document: &Document) -> bool {
    let own = |item: &Record| guid(item).is_some_and(|guid| guid.starts_with("oai:arXiv.org:"));
    let titled = |title: &str| title.ends_with(" updates on arXiv.org") || title.starts_with(ERROR_TITLE);
    match document.items.first() {
        Some(first) => own(first),
        None => document.about.get("title").is_some_and(titled),
    }
}

pub(super) fn read_document(source: &SourceName, document: &Document) -> Result<Page, SourceError> {
    let about = &document.about;
    if about.get("title").is_some_and(|title| title.starts_with(ERROR_TITLE)) {
        let reason = about.get("description").or_else(|| about.get("subtitle")).unwrap_or("no reason given");
        return Err(SourceError::Refused(reason.chars().take(300).collect()));
    }
    let feed_day = about.get("pubDate").and_then(feed::date).map(|at| at.date_naive());
    let mut page = Page { total_items: document.items.len(), ..Page::default() };
    if page.total_items >= CAP {
        page.warnings.push(format!(
            "the feed holds {} items; arXiv cuts feeds at {CAP}, new papers first: ask for fewer categories at once",
            page.total_items
        ));
    }
    for (index, item) in document.items.iter().enumerate() {
        match read_item(source, item, feed_day, &mut page.warnings) {
            Ok(paper) => page.papers.push(paper),
            Err(reason) => page.rejected.push(Rejected { place: format!("item {}", index + 1), reason }),
        }
    }
    Ok(page)
}

fn guid(item: &Record) -> Option<&str> {
    item.get("guid").or_else(|| item.get("id"))
}

fn read_item(
    source: &SourceName,
    item: &Record,
    feed_day: Option<LocalDate>,
    notes: &mut Vec<String>,
) -> Result<IncomingPaper, String> {
    let named = guid(item).or_else(|| item.get("link"));
    let (id, _version) = [guid(item), item.get("link")]
        .into_iter()
        .flatten()
        .find_map(identity::arxiv_id)
        .ok_or_else(|| format!("{:?} holds no arXiv id", named.unwrap_or("nothing")))?;
    let described = item.get("description").or_else(|| item.get("summary")).unwrap_or_default();
    let (told, abstract_text) = split_description(described);
    let mut paper = draft::blank(source);
    paper.keys = vec![PaperKey::arxiv(&id)];
    paper.keys.extend(
        item.get("arxiv:DOI").or_else(|| item.get("arxiv:doi")).and_then(identity::doi).map(|d| PaperKey::doi(&d)),
    );
    paper.title = item.get("title").unwrap_or_default().to_owned();
    paper.abstract_text = abstract_text.to_owned();
    paper.authors = item.all("dc:creator").flat_map(split_authors).collect();
    paper.categories = item.all("category").map(str::to_owned).collect();
    // As written: the day is New York's, and midnight there is another day in UTC for nobody.
    let own_day = item.get("pubDate").or_else(|| item.get("published")).and_then(feed::date);
    paper.announced_on = own_day.map(|at| at.date_naive()).or(feed_day);
    paper.announce_type = item.get("arxiv:announce_type").or(told).and_then(announce_type);
    paper.withdrawn = says_withdrawn(abstract_text);
    paper.url = Some(identity::arxiv_url(&id));
    draft::finish(paper, notes).map_err(|reason| format!("{id}: {reason}"))
}

/// Takes `arXiv:… Announce Type: new \nAbstract: …` apart; readers in between may have folded the break.
fn split_description(text: &str) -> (Option<&str>, &str) {
    let Some((_, rest)) = text.split_once("Announce Type:") else { return (None, text.trim()) };
    let rest = rest.trim_start();
    let kind = rest.split_whitespace().next();
    let body = rest[kind.map_or(0, str::len)..].trim_start();
    (kind, body.strip_prefix("Abstract:").unwrap_or(body).trim())
}

fn announce_type(text: &str) -> Option<AnnounceType> {
    match text.trim() {
        "new" => Some(AnnounceType::New),
        "cross" => Some(AnnounceType::Cross),
        "replace" => Some(AnnounceType::Replace),
        "replace-cross" => Some(AnnounceType::ReplaceCross),
        _ => None,
    }
}

/// The feeds have no flag for it; authors who withdraw say so where the abstract begins.
fn says_withdrawn(abstract_text: &str) -> bool {
    let head: String = abstract_text.chars().take(60).collect::<String>().to_ascii_lowercase();
    ["paper", "article", "submission", "manuscript"].iter().any(|what| {
        head.starts_with(&format!("this {what} has been withdrawn"))
            || head.starts_with(&format!("this {what} is withdrawn"))
    })
}

/// Splits `Jane Doe, Luis García, Jr. (Inst. A, Inst. B)` into names: at commas outside
/// parentheses, affiliations dropped, generational suffixes put back.
pub(super) fn split_authors(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut name = String::new();
    let mut depth = 0_usize;
    for c in text.chars().chain([',']) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => add_name(&mut names, &std::mem::take(&mut name)),
            _ if depth == 0 => name.push(c),
            _ => {}
        }
    }
    if depth > 0 {
        // An unclosed parenthesis has swallowed the end of the list with its last comma.
        add_name(&mut names, &name);
    }
    names
}

fn add_name(names: &mut Vec<String>, name: &str) {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let suffix = matches!(name.as_str(), "Jr" | "Jr." | "Sr" | "Sr." | "II" | "III" | "IV" | "V");
    match names.last_mut() {
        _ if name.is_empty() => {}
        Some(last) if suffix => {
            last.push(' ');
            last.push_str(&name);
        }
        _ => names.push(name),
    }
}
