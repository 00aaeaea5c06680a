//! From bytes to [`Node`]s: streaming, so that one record is held at a time, and counting.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Node;
use crate::sources::{SourceError, sniff};

/// The fields that any reader asks for, on any level. All others are passed over.
const FIELDS: &[&str] = &[
    // Hugging Face's answers.
    "paper",
    "id",
    "title",
    "summary",
    "authors",
    "name",
    "hidden",
    "publishedAt",
    "submittedOnDailyAt",
    "upvotes",
    "numComments",
    "githubStars",
    "githubRepo",
    "projectPage",
    "withdrawnAt",
    "error",
    // Lines of an import, and of common arXiv dumps.
    "abstract",
    "categories",
    "published_at",
    "announced_on",
    "url",
    "abs",
    "pdf",
    "doi",
    "comments",
    "github_url",
    "github_stars",
    "project_url",
    "withdrawn",
    // JSON Feed.
    "version",
    "items",
    "external_url",
    "content_html",
    "content_text",
    "date_published",
    "author",
    "tags",
];

/// Values kept of one record: over three times what a paper with 5,000 authors has.
const BUDGET: usize = 50_000;

/// Calls `each` with every record of `body`: the items of its lists, and objects that stand alone.
/// Several values may follow each other; more than `most` records are an error.
/// A record over the budget is given as `Err` with the reason.
pub(in crate::sources) fn records(
    body: &[u8],
    most: usize,
    mut each: impl FnMut(Result<Node, String>),
) -> Result<(), SourceError> {
    let text = sniff::utf8(body)?;
    if !text.trim_start().starts_with(['[', '{']) {
        return Err(SourceError::Unexpected { expected: "a JSON list of papers", came: sniff::describe(text) });
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut room = most;
    loop {
        let page = Records { room: &mut room, each: &mut each };
        page.deserialize(&mut deserializer).map_err(|error| malformed(&error))?;
        // Looks past white space only, and takes nothing.
        if deserializer.end().is_ok() {
            return Ok(());
        }
    }
}

/// One record from one line.
pub(in crate::sources) fn record(line: &str) -> Result<Node, String> {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let mut left = BUDGET;
    let node = Value { left: &mut left }
        .deserialize(&mut deserializer)
        .and_then(|node| deserializer.end().map(|()| node))
        .map_err(|error| format!("it is not JSON: {error}"))?;
    match node {
        Node::Map(_) if left == 0 => Err(over_budget()),
        Node::Map(_) => Ok(node),
        _ => Err("it is not a JSON object".to_owned()),
    }
}

fn over_budget() -> String {
    format!("it holds more than {BUDGET} values")
}

fn malformed(error: &serde_json::Error) -> SourceError {
    let place = format!("line {}, column {}", error.line(), error.column());
    SourceError::Malformed { what: "JSON", place, reason: error.to_string() }
}

/// Reads one top-level value and hands on its records.
struct Records<'a, F> {
    /// Records that may still come.
    room: &'a mut usize,
    each: &'a mut F,
}

impl<F: FnMut(Result<Node, String>)> Records<'_, F> {
    fn hand_on<E: Error>(&mut self, node: Node, left: usize) -> Result<(), E> {
        *self.room = self.room.checked_sub(1).ok_or_else(|| E::custom("it holds too many records"))?;
        (self.each)(if left == 0 { Err(over_budget()) } else { Ok(node) });
        Ok(())
    }
}

impl<'de, F: FnMut(Result<Node, String>)> DeserializeSeed<'de> for Records<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Result<Node, String>)> Visitor<'de> for Records<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of papers or a paper")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        loop {
            let mut left = BUDGET;
            match items.next_element_seed(Value { left: &mut left })? {
                Some(node) => self.hand_on(node, left)?,
                None => return Ok(()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, fields: A) -> Result<(), A::Error> {
        let mut left = BUDGET;
        let node = Value { left: &mut left }.visit_map(fields)?;
        self.hand_on(node, left)
    }
}

/// Reads one value into a [`Node`] while the budget lasts; the rest is passed over unread.
struct Value<'a> {
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while *self.left > 0 {
            match items.next_element_seed(Value { left: &mut *self.left })? {
                Some(node) => list.push(node),
                None => return Ok(Node::List(list)),
            }
            *self.left = self.left.saturating_sub(1);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = fields.next_key::<String>()? {
            if *self.left == 0 || !FIELDS.contains(&key.as_str()) {
                fields.next_value::<IgnoredAny>()?;
                continue;
            }
            *self.left -= 1;
            let value = fields.next_value_seed(Value { left: &mut *self.left })?;
            map.push((key, value));
        }
        Ok(Node::Map(map))
    }
}
