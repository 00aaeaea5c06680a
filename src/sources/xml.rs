//! RSS, RDF and Atom documents as flat records, by namespace and local name, never by prefix.
//!
//! Document types are refused, so entities cannot be declared and cannot grow; depth, fields and
//! items are bounded. What the records mean is for the feeds' readers to say.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};
use quick_xml::reader::NsReader;

use super::{SourceError, sniff};

const MOST_DEPTH: usize = 64;
/// More items than any feed of a day has.
const MOST_ITEMS: usize = 20_000;
const FIELD_BYTES: usize = 256 * 1024;
/// Fields kept of one item; journals may write one for each author.
const MOST_FIELDS: usize = 600;

/// The fields that any reader asks for. All others are passed over.
const FIELDS: &[&str] = &[
    "root",
    "title",
    "subtitle",
    "description",
    "link",
    "guid",
    "id",
    "category",
    "author",
    "summary",
    "content",
    "content:encoded",
    "pubDate",
    "published",
    "updated",
    "dc:creator",
    "dc:date",
    "dc:identifier",
    "prism:doi",
    "prism:publicationDate",
    "arxiv:announce_type",
    "arxiv:DOI",
    "arxiv:doi",
];

const NAMESPACES: &[(&str, &str)] = &[
    ("http://www.w3.org/2005/Atom", "atom"),
    ("http://purl.org/rss/1.0/", ""),
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://purl.org/rss/1.0/modules/content/", "content"),
    ("http://arxiv.org/schemas/atom", "arxiv"),
    ("http://prismstandard.org/namespaces/basic/2.0/", "prism"),
    ("http://prismstandard.org/namespaces/basic/2.1/", "prism"),
    ("http://prismstandard.org/namespaces/basic/3.0/", "prism"),
    ("http://prismstandard.org/namespaces/1.2/basic/", "prism"),
    ("http://purl.org/rss/1.0/modules/prism/", "prism"),
];

/// A feed: what it says of itself, and its items.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Document {
    pub(super) about: Record,
    pub(super) items: Vec<Record>,
}

/// Named texts in document order. Names are `title`, `dc:creator`, `arxiv:announce_type`;
/// RSS and Atom elements have no prefix; a link and a category are their attribute or their text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Record(Vec<(String, String)>);

impl Record {
    /// The first field of that name which says something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, text)| text.trim())
    }

    /// Every field of that name which says something.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, text)| text.trim())
    }

    pub(super) fn push(&mut self, name: &str, text: String) {
        if self.0.len() < MOST_FIELDS && FIELDS.contains(&name) && !text.trim().is_empty() {
            self.0.push((name.to_owned(), text));
        }
    }
}

/// Reads a whole document.
pub(super) fn read(body: &[u8]) -> Result<Document, SourceError> {
    let text = decode(body)?;
    let text = text.trim_start();
    if sniff::is_html(text) || !text.starts_with('<') {
        return Err(SourceError::Unexpected { expected: EXPECTED, came: sniff::describe(text) });
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut building = Building::default();
    loop {
        let event = reader.read_event();
        let place = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        let event = event.map_err(|error| malformed(text, place, error.to_string()))?;
        let done = building.take(&event, reader.resolver()).map_err(|problem| match problem {
            Problem::Broken(reason) => malformed(text, place, reason),
            Problem::NotAFeed(name) => {
                SourceError::Unexpected { expected: EXPECTED, came: format!("XML with the root element {name:?}") }
            }
        })?;
        if done {
            return Ok(building.document);
        }
    }
}

const EXPECTED: &str = "an RSS or Atom feed";

/// UTF-8, or one of the two Latin encodings that old feeds declare.
fn decode(body: &[u8]) -> Result<String, SourceError> {
    let error = match sniff::utf8(body) {
        Ok(text) => return Ok(text.to_owned()),
        Err(error) => error,
    };
    let head: Vec<u8> = body.iter().take(200).map(u8::to_ascii_lowercase).collect();
    let latin = ["iso-8859-1", "windows-1252"];
    if latin.iter().any(|name| head.windows(name.len()).any(|window| window == name.as_bytes())) {
        return Ok(body.iter().map(|byte| char::from(*byte)).collect());
    }
    Err(error)
}

fn malformed(text: &str, at: usize, reason: String) -> SourceError {
    let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    SourceError::Malformed { what: "XML", place: format!("line {line}"), reason }
}

enum Problem {
    Broken(String),
    NotAFeed(String),
}

/// The state between two events.
#[derive(Default)]
struct Building {
    document: Document,
    /// Names of the open elements.
    open: Vec<String>,
    /// Depth of the open item, when inside one.
    item: Option<usize>,
    /// Depth of the field being read, and its text so far.
    field: Option<(usize, String)>,
}

impl Building {
    /// Takes one event; true at the end of the document.
    fn take(&mut self, event: &Event<'_>, names: &NamespaceResolver) -> Result<bool, Problem> {
        match event {
            Event::Start(start) => self.start(start, names)?,
            Event::Empty(start) => {
                self.start(start, names)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.append(text),
            Event::CData(text) => self.append(text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => self.append(c.encode_utf8(&mut [0; 4])),
                _ => match quick_xml::escape::resolve_predefined_entity(reference) {
                    Some(text) => self.append(text),
                    None => self.append(&format!("&{};", &**reference)),
                },
            },
            Event::DocType(_) => {
                return Err(Problem::Broken("it declares a document type, which is not accepted".to_owned()));
            }
            Event::Eof if self.open.is_empty() && !self.document_is_missing() => return Ok(true),
            Event::Eof => return Err(Problem::Broken("it ends in the middle".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        Ok(false)
    }

    fn document_is_missing(&self) -> bool {
        self.document.about.0.is_empty() && self.document.items.is_empty()
    }

    fn start(&mut self, start: &BytesStart<'_>, names: &NamespaceResolver) -> Result<(), Problem> {
        let name = qualified(start, names);
        let depth = self.open.len();
        if depth == 0 && !matches!(name.as_str(), "rss" | "feed" | "rdf:RDF") {
            return Err(Problem::NotAFeed(start.name().into_inner().chars().take(40).collect()));
        }
        if depth >= MOST_DEPTH {
            return Err(Problem::Broken(format!("elements are nested more than {MOST_DEPTH} deep")));
        }
        if depth == 0 {
            // Remembered so that an empty feed is told from no feed.
            self.document.about.push("root", name.clone());
        }
        let parent = self.open.last().map(String::as_str);
        if self.item.is_none() && matches!(name.as_str(), "item" | "entry") && is_list(parent) {
            if self.document.items.len() >= MOST_ITEMS {
                return Err(Problem::Broken(format!("it has more than {MOST_ITEMS} items")));
            }
            self.item = Some(depth);
            self.document.items.push(Record::default());
            if let Some(about) = attribute(start, "rdf:about") {
                self.current().push("guid", about);
            }
        } else if self.begins_field(&name, parent, depth) {
            self.field = Some((depth, String::new()));
            self.attributes(start, &name);
        } else if let Some((_, text)) = &mut self.field {
            text.push_str(break_before(start.local_name().into_inner()));
        }
        self.open.push(name);
        Ok(())
    }

    /// Direct children of an item or of the head of the feed, and the name of an author.
    fn begins_field(&self, name: &str, parent: Option<&str>, depth: usize) -> bool {
        if let Some((author, _)) = &self.field {
            return self.item.is_some() && name == "name" && parent == Some("author") && author + 1 == depth;
        }
        match self.item {
            Some(item) => depth == item + 1,
            None => matches!(parent, Some("channel" | "feed")),
        }
    }

    /// Links and categories of Atom say what they mean in attributes.
    fn attributes(&mut self, start: &BytesStart<'_>, name: &str) {
        let value = match name {
            "link" => match attribute(start, "rel").as_deref() {
                None | Some("alternate") => attribute(start, "href"),
                Some(_) => None,
            },
            "category" => attribute(start, "term"),
            _ => None,
        };
        if let Some(value) = value {
            self.current().push(name, value);
        }
    }

    fn append(&mut self, text: &str) {
        if let Some((_, field)) = &mut self.field {
            let room = FIELD_BYTES.saturating_sub(field.len());
            field.push_str(&text[..text.floor_char_boundary(room)]);
        }
    }

    fn end(&mut self) {
        let name = self.open.pop().unwrap_or_default();
        let depth = self.open.len();
        if self.field.as_ref().is_some_and(|(at, _)| *at == depth) {
            if let Some((_, text)) = self.field.take() {
                let name = if self.open.last().is_some_and(|parent| parent == "author") { "author" } else { &name };
                self.current().push(name, text);
            }
        } else if self.item == Some(depth) {
            self.item = None;
        }
    }

    fn current(&mut self) -> &mut Record {
        match self.item {
            Some(_) if !self.document.items.is_empty() => {
                let last = self.document.items.len() - 1;
                &mut self.document.items[last]
            }
            _ => &mut self.document.about,
        }
    }
}

/// What keeps the words of neighbouring elements apart inside a field that holds markup.
fn break_before(element: &str) -> &'static str {
    match element {
        "p" | "div" | "ul" | "ol" | "table" | "blockquote" => "\n\n",
        "br" | "li" | "tr" | "td" | "th" => "\n",
        _ => "",
    }
}

fn is_list(parent: Option<&str>) -> bool {
    matches!(parent, Some("channel" | "feed" | "rdf:RDF"))
}

/// `prefix:local` with our own prefix for the namespace; RSS and Atom names stand alone, names of
/// unknown namespaces can match nothing.
fn qualified(start: &BytesStart<'_>, names: &NamespaceResolver) -> String {
    let (namespace, local) = names.resolve_element(start.name());
    let local = local.into_inner();
    let prefix = match namespace {
        ResolveResult::Unbound => "",
        ResolveResult::Bound(uri) => {
            NAMESPACES.iter().find(|(known, _)| *known == uri.into_inner()).map_or("?", |(_, prefix)| prefix)
        }
        ResolveResult::Unknown(_) => "?",
    };
    match prefix {
        "" | "atom" => local.to_owned(),
        prefix => format!("{prefix}:{local}"),
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().with_checks(false).flatten().find(|attribute| attribute.key.into_inner() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}
