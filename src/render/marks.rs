//! Matched words made visible: spans of a text turned into marked and unmarked pieces.

use std::fmt::Write as _;
use std::sync::Arc;

use minijinja::value::{Object, Serde};
use minijinja::{Error, ErrorKind, Value};
use serde::{Serialize, Serializer};

use crate::model::Span;

use super::escape::{one_line, write_html};

/// A run of text, inside or outside a hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// The text, on one line.
    pub text: String,
    /// Whether an interest hit here.
    pub hit: bool,
}

/// A text with its hits, in the three forms that templates need.
///
/// Templates get it whole: `plain` and `starred` are read from it, the filter `hits` writes the pieces as HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// For HTML: each piece is escaped by the template.
    pub pieces: Vec<Piece>,
    /// Without marks.
    pub plain: String,
    /// For plain text: hits between asterisks.
    pub starred: String,
}

impl Marked {
    /// The whole of `text` with `spans` marked.
    pub fn new(text: &str, spans: &[Span]) -> Self {
        let mut pieces = Vec::new();
        push_pieces(&mut pieces, text, (0, text.len()), &merged(text, spans));
        Self::of(pieces)
    }

    /// Text without hits.
    pub fn unmarked(text: &str) -> Self {
        Self::new(text, &[])
    }

    /// Puts pieces together, joining neighbours of one kind.
    pub(super) fn of(parts: Vec<Piece>) -> Self {
        let mut marked = Self::default();
        for part in parts.into_iter().filter(|part| !part.text.is_empty()) {
            marked.plain.push_str(&part.text);
            match marked.pieces.last_mut() {
                Some(last) if last.hit == part.hit => last.text.push_str(&part.text),
                _ => marked.pieces.push(part),
            }
        }
        marked.starred = starred(&marked.pieces);
        marked
    }
}

impl Object for Marked {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "plain" => Some(Value::from(self.plain.as_str())),
            "starred" => Some(Value::from(self.starred.as_str())),
            "pieces" => Some(Value::from(Serde(&self.pieces))),
            _ => None,
        }
    }
}

impl Serialize for Marked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_object(self.clone()).serialize(serializer)
    }
}

/// The filter `hits`: a [`Marked`] as HTML, each hit in an element called `tag`, with this style unless it is empty.
pub(super) fn hits(text: &Value, tag: &str, style: &str) -> Result<Value, Error> {
    let Some(marked) = text.downcast_object_ref::<Marked>() else {
        return Err(Error::new(ErrorKind::InvalidOperation, "hits is for a title, authors, categories or an excerpt"));
    };
    let mut html = String::with_capacity(marked.plain.len() + 64);
    for piece in &marked.pieces {
        // Writing to a String cannot fail.
        let _ = match (piece.hit, style) {
            (false, _) => Ok(()),
            (true, "") => write!(html, "<{tag}>"),
            (true, style) => write!(html, "<{tag} style=\"{style}\">"),
        };
        let _ = write_html(&mut html, &piece.text);
        if piece.hit {
            let _ = write!(html, "</{tag}>");
        }
    }
    Ok(Value::from_safe_string(html))
}

/// `text` as HTML with the hits in `<mark>`, for pages; a safe string, because everything else is escaped.
pub fn mark(text: &str, spans: &[Span]) -> Value {
    let mut html = String::with_capacity(text.len() + 32);
    for piece in Marked::new(text, spans).pieces {
        let (before, after) = if piece.hit { ("<mark>", "</mark>") } else { ("", "") };
        html.push_str(before);
        // Writing to a String cannot fail.
        let _ = write_html(&mut html, &piece.text);
        html.push_str(after);
    }
    Value::from_safe_string(html)
}

/// Spans in order, inside the text, on character boundaries, without overlap.
/// Two hits with only one space or hyphen between them read as one.
pub(super) fn merged(text: &str, spans: &[Span]) -> Vec<(usize, usize)> {
    let mut ranges: Vec<(usize, usize)> = spans
        .iter()
        .map(|span| (floor(text, span.start as usize), ceiling(text, span.end as usize)))
        .filter(|(start, end)| start < end)
        .collect();
    ranges.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if start <= last.1 || matches!(&text[last.1..start], " " | "-") => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// Appends the part of `text` in `range`, cut at the hits.
pub(super) fn push_pieces(pieces: &mut Vec<Piece>, text: &str, range: (usize, usize), hits: &[(usize, usize)]) {
    let mut push = |from: usize, to: usize, hit: bool| {
        if from < to {
            pieces.push(Piece { text: one_line(&text[from..to]).into_owned(), hit });
        }
    };
    let mut at = range.0;
    for (start, end) in hits {
        let (start, end) = ((*start).max(at), (*end).min(range.1));
        if start < end {
            push(at, start, false);
            push(start, end, true);
            at = end;
        }
    }
    push(at, range.1, false);
}

fn starred(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        let star = if piece.hit { "*" } else { "" };
        text.extend([star, &piece.text, star]);
    }
    text
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
        assert_eq!(marked.starred, "*graph neural networks* learn");
        assert_eq!(marked.plain, "graph neural networks learn");
    }

    #[test]
    fn a_span_never_splits_a_character() {
        let marked = Marked::new("α-β", &[span(1, 2), span(4, 99)]);
        assert_eq!(marked.starred, "*α-β*");
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
            prop_assert_eq!(&marked.plain, &one_line(&text).into_owned());
            prop_assert!(marked.pieces.windows(2).all(|pair| pair[0].hit != pair[1].hit));
        }
    }
}
