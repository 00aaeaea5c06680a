//! Matched words made visible: a text with the places where interests hit.

use std::sync::Arc;

use minijinja::value::Object;
use minijinja::{Error, ErrorKind, Value};
use serde::{Serialize, Serializer};

use crate::model::Span;

use super::escape::{one_line, write_html};

/// A text on one line, and where in it interests hit.
///
/// Templates get it whole: `plain` and `starred` are read from it, the filter `hits` writes it as HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    text: String,
    /// Places in `text`, in order, apart from each other.
    hits: Vec<(usize, usize)>,
}

impl Marked {
    /// The whole of `text` with `spans` marked.
    pub fn new(text: &str, spans: &[Span]) -> Self {
        let mut marked = Self::with_room(text.len());
        marked.push_range(text, (0, text.len()), &merged(text, spans.iter().copied()));
        marked
    }

    /// Nothing yet, with room for so many bytes of text.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), hits: Vec::new() }
    }

    /// Text without hits.
    pub fn unmarked(text: &str) -> Self {
        Self::new(text, &[])
    }

    /// The text without marks.
    pub fn plain(&self) -> &str {
        &self.text
    }

    /// For plain text: hits between asterisks.
    pub fn starred(&self) -> String {
        let mut starred = String::new();
        self.write_starred(&mut starred);
        starred
    }

    /// The same at the end of another text.
    pub(super) fn write_starred(&self, out: &mut String) {
        out.reserve(self.text.len() + 2 * self.hits.len());
        for (piece, is_hit) in self.pieces() {
            let star = if is_hit { "*" } else { "" };
            out.extend([star, piece, star]);
        }
    }

    /// As HTML, each hit between `open` and `close`.
    pub(super) fn write_html(&self, out: &mut String, open: &str, close: &str) {
        out.reserve(self.text.len() + self.hits.len() * (open.len() + close.len()) + 32);
        for (piece, is_hit) in self.pieces() {
            let (before, after) = if is_hit { (open, close) } else { ("", "") };
            out.push_str(before);
            // Writing to a String cannot fail.
            let _ = write_html(out, piece);
            out.push_str(after);
        }
    }

    /// Runs of text inside and outside of hits, by turns.
    fn pieces(&self) -> impl Iterator<Item = (&str, bool)> {
        let ends = self.hits.iter().flat_map(|&(start, end)| [(start, false), (end, true)]);
        let mut at = 0;
        ends.chain([(self.text.len(), false)]).filter_map(move |(end, is_hit)| {
            let piece = &self.text[at..end];
            at = end;
            (!piece.is_empty()).then_some((piece, is_hit))
        })
    }

    /// Appends more text.
    pub(super) fn push(&mut self, text: &str, is_hit: bool) {
        let start = self.text.len();
        self.text.push_str(&one_line(text));
        let end = self.text.len();
        match self.hits.last_mut() {
            _ if !is_hit || start == end => {}
            Some(last) if last.1 == start => last.1 = end,
            _ => self.hits.push((start, end)),
        }
    }

    /// Appends the part of `text` in `range`, with the hits that lie in it.
    pub(super) fn push_range(&mut self, text: &str, range: (usize, usize), hits: &[(usize, usize)]) {
        let mut at = range.0;
        for (start, end) in hits {
            let (start, end) = ((*start).max(at), (*end).min(range.1));
            if start < end {
                self.push(&text[at..start], false);
                self.push(&text[start..end], true);
                at = end;
            }
        }
        self.push(&text[at..range.1.max(at)], false);
    }
}

impl Object for Marked {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "plain" => Some(Value::from(self.text.as_str())),
            "starred" => Some(Value::from(self.starred())),
            _ => None,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.text.is_empty()
    }
}

impl Serialize for Marked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_object(self.clone()).serialize(serializer)
    }
}

/// The filter `hits`: a [`Marked`] as HTML, each hit in an element called `tag`, with this style unless it is empty.
pub(super) fn hits(text: &Value, tag: &str, style: &str) -> Result<Value, Error> {
    let marked = text.downcast_object_ref::<Marked>().ok_or_else(not_marked)?;
    let (open, close) = tags(tag, style);
    Ok(html(marked, &open, &close))
}

/// What stands before and after a hit.
pub(super) fn tags(tag: &str, style: &str) -> (String, String) {
    let open = if style.is_empty() { format!("<{tag}>") } else { format!("<{tag} style=\"{style}\">") };
    (open, format!("</{tag}>"))
}

pub(super) fn not_marked() -> Error {
    Error::new(ErrorKind::InvalidOperation, "hits is for a title, authors, categories or an excerpt")
}

fn html(marked: &Marked, open: &str, close: &str) -> Value {
    let mut html = String::new();
    marked.write_html(&mut html, open, close);
    Value::from_safe_string(html)
}

/// `text` as HTML with the hits in `<mark>`, for pages; a safe string, because everything else is escaped.
pub fn mark(text: &str, spans: &[Span]) -> Value {
    html(&Marked::new(text, spans), "<mark>", "</mark>")
}

/// Spans in order, inside the text, on character boundaries, without overlap.
/// Two hits with only one space or hyphen between them read as one.
pub(super) fn merged(text: &str, spans: impl Iterator<Item = Span>) -> Vec<(usize, usize)> {
    let places = spans.map(|span| (floor(text, span.start as usize), ceiling(text, span.end as usize)));
    let mut ranges: Vec<(usize, usize)> = places.filter(|(start, end)| start < end).collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joins = next.0 <= last.1 || matches!(&text[last.1..next.0], " " | "-");
        if joins {
            last.1 = last.1.max(next.1);
        }
        joins
    });
    ranges
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

fn ceiling(text: &str, at: usize) -> usize {
    text.ceil_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    #[test]
    fn overlapping_and_neighbouring_hits_become_one() {
        let marked = Marked::new("graph neural networks learn", &[span(6, 12), span(0, 8), span(13, 21)]);
        assert_eq!(marked.starred(), "*graph neural networks* learn");
        assert_eq!(marked.plain(), "graph neural networks learn");
    }

    #[test]
    fn a_span_never_splits_a_character() {
        let marked = Marked::new("α-β", &[span(1, 2), span(4, 99)]);
        assert_eq!(marked.starred(), "*α-β*");
    }

    #[test]
    fn marks_on_pages_are_escaped_around_and_inside() {
        let html = mark("<i>a & b</i>", &[span(3, 8)]);
        assert_eq!(html.to_string(), "&lt;i&gt;<mark>a &amp; b</mark>&lt;/i&gt;");
        assert!(html.is_safe());
    }

    proptest! {
        #[test]
        fn marking_changes_no_text(text in "\\PC{0,60}", spans in prop::collection::vec((0_u32..90, 0_u32..90), 0..8)) {
            let spans: Vec<Span> = spans.into_iter().map(|(start, end)| span(start, end)).collect();
            let marked = Marked::new(&text, &spans);
            prop_assert_eq!(&marked.plain(), &one_line(&text).into_owned());
            let pieces: Vec<_> = marked.pieces().collect();
            prop_assert!(pieces.windows(2).all(|pair| pair[0].1 != pair[1].1));
            prop_assert_eq!(pieces.iter().map(|(piece, _)| *piece).collect::<String>(), marked.plain());
        }
    }
}
