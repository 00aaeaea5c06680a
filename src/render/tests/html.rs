//! A strict reader for our HTML, which is well-formed XML too, so that tests can look at its structure.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// One start tag with its attributes, and the text up to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Every element in order of its start; panics when a tag is not closed or an attribute not quoted.
pub(super) fn elements(html: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(html);
    let mut elements = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        let mut text = String::new();
        match reader.read_event().unwrap_or_else(|error| panic!("not well-formed: {error}\n{html}")) {
            Event::Start(start) => {
                open.push(elements.len());
                elements.push(element(&start));
            }
            Event::Empty(start) => elements.push(element(&start)),
            Event::End(_) => drop(open.pop()),
            Event::Text(piece) => text = piece.html_content().into_owned(),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().expect("a character") {
                Some(c) => text.push(c),
                None => text.push_str(match reference.html_content().as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    other => panic!("unknown entity {other}"),
                }),
            },
            Event::DocType(_) => {}
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        }
        for at in &open {
            elements[*at].text.push_str(&text);
        }
    }
    assert!(open.is_empty(), "unclosed elements");
    elements
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.expect("a quoted attribute, given once");
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).expect("known entities").into_owned();
        (attribute.key.as_ref().to_owned(), value)
    });
    Element { name: start.name().as_ref().to_owned(), attributes: attributes.collect(), text: String::new() }
}

/// Where the links lead, in order, each once.
pub(super) fn links(html: &str) -> Vec<String> {
    let mut links: Vec<String> =
        elements(html).iter().filter_map(|element| element.attribute("href").map(str::to_owned)).collect();
    links.sort();
    links.dedup();
    links
}
