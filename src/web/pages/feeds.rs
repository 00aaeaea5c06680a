//! The papers of the last days for feed readers: Atom (RFC 4287) and JSON Feed 1.1.

use axum::extract::State;
use axum::http::HeaderMap;
use chrono::{SecondsFormat, TimeDelta};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::Serialize;

use crate::model::{Paper, Timestamp};
use crate::store::papers::{PageOrder, PageQuery};
use crate::web::answer::{Answer, cached};
use crate::web::failure::Failure;
use crate::web::state::{Desk, Reader};

/// Entries of a feed.
const ENTRIES: u32 = 60;
/// Authors named in an entry.
const AUTHORS: usize = 20;
/// How far back entries go.
const REACH: TimeDelta = TimeDelta::days(14);

/// `/feed.atom`
pub(in crate::web) async fn atom(State(reader): State<Reader>, headers: HeaderMap) -> Answer {
    let papers = newest(&reader).await?;
    let xml = atom_text(&reader, &papers).map_err(|error| Failure::Internal(format!("Atom feed: {error}")))?;
    Ok(cached(&headers, "application/atom+xml; charset=utf-8", xml))
}

/// `/feed.json`
pub(in crate::web) async fn json(State(reader): State<Reader>, headers: HeaderMap) -> Answer {
    let papers = newest(&reader).await?;
    let text = serde_json::to_vec_pretty(&json_feed(&reader, &papers));
    let text = text.map_err(|error| Failure::Internal(format!("JSON feed: {error}")))?;
    Ok(cached(&headers, "application/feed+json; charset=utf-8", text))
}

async fn newest(reader: &Reader) -> Result<Vec<Paper>, Failure> {
    let now = reader.now();
    let query = PageQuery {
        from: now - REACH,
        until: now + TimeDelta::seconds(1),
        include_backfill: false,
        order: PageOrder::Newest,
        limit: ENTRIES,
        offset: 0,
    };
    let papers = reader.read().await?.papers_on_page(&query).await?;
    Ok(papers.into_iter().filter(|paper| !paper.withdrawn).collect())
}

fn atom_text(desk: &Desk, papers: &[Paper]) -> std::io::Result<Vec<u8>> {
    let home = desk.links.home();
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom")).write_inner_content(
        |feed| {
            element(feed, "id", &home)?;
            element(feed, "title", &desk.settings.site.name)?;
            element(feed, "updated", &instant(updated(papers)))?;
            link(feed, "self", &format!("{}/feed.atom", desk.links.base()))?;
            link(feed, "alternate", &home)?;
            papers.iter().try_for_each(|paper| entry(feed, desk, paper))
        },
    )?;
    Ok(writer.into_inner())
}

fn entry(feed: &mut Writer<Vec<u8>>, desk: &Desk, paper: &Paper) -> std::io::Result<()> {
    let page = desk.links.paper(paper.id);
    feed.create_element("entry").write_inner_content(|entry| {
        element(entry, "id", &page)?;
        element(entry, "title", &paper.title)?;
        element(entry, "updated", &instant(paper.available_at))?;
        if let Some(published) = paper.published_at {
            element(entry, "published", &instant(published))?;
        }
        link(entry, "alternate", &page)?;
        if paper.authors.is_empty() {
            author(entry, &desk.settings.site.name)?;
        }
        paper.authors.iter().take(AUTHORS).try_for_each(|name| author(entry, name))?;
        for category in &paper.categories {
            let term = legal(category);
            entry.create_element("category").with_attribute(("term", term.as_str())).write_empty()?;
        }
        element(entry, "summary", &paper.abstract_text)
    })?;
    Ok(())
}

fn author(writer: &mut Writer<Vec<u8>>, name: &str) -> std::io::Result<()> {
    writer.create_element("author").write_inner_content(|author| element(author, "name", name))?;
    Ok(())
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(&legal(text)))?;
    Ok(())
}

fn link(writer: &mut Writer<Vec<u8>>, rel: &str, href: &str) -> std::io::Result<()> {
    writer.create_element("link").with_attribute(("rel", rel)).with_attribute(("href", href)).write_empty()?;
    Ok(())
}

/// Without the characters that XML 1.0 cannot hold (section 2.2).
fn legal(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// When the newest entry came; a fixed instant while there is none, so that the feed stays the same.
fn updated(papers: &[Paper]) -> Timestamp {
    papers.iter().map(|paper| paper.available_at).max().unwrap_or_default()
}

/// <https://www.jsonfeed.org/version/1.1/>
#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: String,
    feed_url: String,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: String,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    title: &'a str,
    content_text: &'a str,
    date_published: String,
    authors: Vec<JsonAuthor<'a>>,
    tags: &'a [String],
}

#[derive(Serialize)]
struct JsonAuthor<'a> {
    name: &'a str,
}

fn json_feed<'a>(desk: &'a Desk, papers: &'a [Paper]) -> JsonFeed<'a> {
    let item = |paper: &'a Paper| JsonItem {
        id: desk.links.paper(paper.id),
        url: desk.links.paper(paper.id),
        external_url: paper.url.as_deref(),
        title: &paper.title,
        content_text: &paper.abstract_text,
        date_published: instant(paper.available_at),
        authors: paper.authors.iter().take(AUTHORS).map(|name| JsonAuthor { name }).collect(),
        tags: &paper.categories,
    };
    JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &desk.settings.site.name,
        home_page_url: desk.links.home(),
        feed_url: format!("{}/feed.json", desk.links.base()),
        items: papers.iter().map(item).collect(),
    }
}
