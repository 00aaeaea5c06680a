//! JSON Feed 1.0 and 1.1 (jsonfeed.org), turned into the records that XML feeds give.

use super::json::{self, Node};
use super::xml::{Document, Record};
use super::{SourceError, sniff};

/// Fields that pass on under another name.
const RENAMED: &[(&str, &str)] = &[
    ("id", "guid"),
    ("url", "link"),
    ("external_url", "link"),
    ("title", "title"),
    ("content_html", "content"),
    ("content_text", "content"),
    ("summary", "summary"),
    ("date_published", "published"),
];

/// Reads a whole document.
pub(super) fn read(body: &[u8]) -> Result<Document, SourceError> {
    let text = sniff::utf8(body)?;
    let feed = json::record(text).map_err(|reason| SourceError::Malformed {
        what: "JSON",
        place: "the whole document".to_owned(),
        reason,
    })?;
    let known = feed.text("version").is_some_and(|version| version.contains("://jsonfeed.org/version/"));
    let Some(Node::List(items)) = feed.get("items").filter(|_| known) else {
        return Err(SourceError::Unexpected { expected: "an RSS, Atom or JSON feed", came: sniff::describe(text) });
    };
    Ok(Document { about: Record::default(), items: items.iter().map(record).collect() })
}

fn record(item: &Node) -> Record {
    let mut record = Record::default();
    for (theirs, ours) in RENAMED {
        if let Some(text) = item.text(theirs) {
            record.push(ours, text);
        }
    }
    let single = item.get("author").and_then(|author| author.text("name"));
    for author in item.names("authors").into_iter().chain(single) {
        record.push("author", author);
    }
    for tag in item.names("tags") {
        record.push("category", tag);
    }
    record
}
