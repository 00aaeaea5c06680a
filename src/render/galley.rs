//! A template set once with blanks, and filled for each reader without the template engine.
//!
//! A template goes its way by what is there, not by what it says: where the same values are there (a [`Shape`]) the
//! same words stand around them. So it runs once a shape, with a mark in the place of each value, and what it does to a
//! value on the way (`hits`, `wrap`, a count in words) is written into the mark and done when the blank is filled.
//!
//! Nothing from outside is in a template while it is set, so no text can pass for a mark.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

use super::catalogue::{Words, WordsError};
use super::marks::Marked;
use pen::Pen;

mod pen;

/// Noncharacters, which no text has a use for (Unicode, 23.7): `OPEN verb number (NEXT argument)* CLOSE`.
const OPEN: char = '\u{FDD0}';
const NEXT: char = '\u{FDD1}';
const CLOSE: char = '\u{FDD2}';

const PRINT: char = 'p';
const STARS: char = 's';
const HITS: char = 'h';
const COUNT: char = 'c';
const WRAP: char = 'w';

/// Room for a text that is put together before it is broken into lines.
const LINE: usize = 1024;
/// Galleys kept at most; mails of a service have some dozens of shapes.
const KEPT: usize = 512;

/// Which of the numbered values are there, one bit each.
pub(super) type Shape = u32;

/// The two ways in which a value becomes part of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Html,
    Text,
}

impl Form {
    /// By the ending of a template's name.
    pub(super) fn of(template: &str) -> Self {
        if template.ends_with(".html") { Self::Html } else { Self::Text }
    }
}

/// What goes into a blank.
#[derive(Debug, Clone, Copy)]
pub(super) enum Filling<'a> {
    Text(&'a str),
    /// What a template printed, in the same form.
    Printed(&'a str),
    Marked(&'a Marked),
    Number(u64),
    /// Tested, never printed.
    Flag,
}

/// Values by number.
pub(super) type Fillings<'a> = [Option<Filling<'a>>; Shape::BITS as usize];

/// What templates are filled with.
pub(super) trait Matter {
    /// Its values.
    fn fillings(&self) -> Fillings<'_>;

    /// The context of a template that is set for this shape: blanks for all that is there.
    fn blank(shape: Shape) -> Value;

    /// The context of a template that prints the values themselves.
    fn value(&self) -> Value;
}

/// Which of these values are there.
pub(super) fn shape(fillings: &[Option<Filling<'_>>]) -> Shape {
    fillings.iter().enumerate().fold(0, |shape, (at, filling)| shape | (Shape::from(filling.is_some()) << at))
}

/// In the place of a value while a template is set.
#[derive(Debug)]
pub(super) struct Blank(usize);

impl Blank {
    /// The blank of a number, when the shape has it; else nothing, which a template has to test for.
    pub(super) fn of(shape: Shape, at: usize) -> Value {
        if shape >> at & 1 == 1 { Value::from_object(Self(at)) } else { Value::from(()) }
    }

    /// The blank that a value is, if it is one.
    pub(super) fn in_value(value: &Value) -> Option<&Self> {
        value.downcast_object_ref()
    }

    /// The mark for its hits between these two.
    pub(super) fn hits(&self, open: &str, close: &str) -> Value {
        Value::from_safe_string(format!("{OPEN}{HITS}{}{NEXT}{open}{NEXT}{close}{CLOSE}", self.0))
    }

    /// The mark for the text of the catalogue that counts it.
    pub(super) fn counted(&self, key: &str) -> String {
        format!("{OPEN}{COUNT}{}{NEXT}{key}{CLOSE}", self.0)
    }
}

/// Blanks by name, the first that of number 0. `links.site` is the `site` of `links`; of a group without any value
/// nothing is there.
pub(super) fn named(names: &[&'static str], shape: Shape) -> Value {
    let mut groups: BTreeMap<&str, Vec<(&str, Value)>> = BTreeMap::new();
    let mut values = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let blank = Blank::of(shape, at);
        match name.split_once('.') {
            Some((group, name)) => groups.entry(group).or_default().push((name, blank)),
            None => drop(values.insert(*name, blank)),
        }
    }
    for (name, group) in groups {
        let is_there = group.iter().any(|(_, blank)| !blank.is_none());
        values.insert(name, if is_there { Value::from_pairs(group) } else { Value::from(()) });
    }
    Value::from(values)
}

impl Object for Blank {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        (key == "starred").then(|| Value::from(format!("{OPEN}{STARS}{}{CLOSE}", self.0)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{OPEN}{PRINT}{}{CLOSE}", self.0)
    }
}

/// The mark for a text that is broken into lines once its blanks are filled; `None` when it has none.
pub(super) fn wrapped(text: &str, first: &str, rest: &str) -> Option<String> {
    let has_blanks = text.contains(OPEN) || first.contains(OPEN);
    // Every verb has a number; this one has no use for it.
    has_blanks.then(|| format!("{OPEN}{WRAP}0{NEXT}{first}{NEXT}{rest}{NEXT}{text}{CLOSE}"))
}

/// A template that was set for values of one shape.
#[derive(Debug)]
pub(super) struct Galley(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Fixed(String),
    Printed(usize),
    Starred(usize),
    Hits { at: usize, open: String, close: String },
    Counted { at: usize, key: String },
    Wrapped { first: Vec<Piece>, rest: String, text: Vec<Piece> },
}

impl Galley {
    /// Reads what a template printed; `None` when a filter took a mark apart.
    pub(super) fn read(printed: &str) -> Option<Self> {
        let mut reader = Reader { rest: printed };
        let pieces = reader.pieces()?;
        reader.rest.is_empty().then_some(Self(pieces))
    }

    /// Appends the text with every blank filled. `fillings` must have the shape the template was set for.
    ///
    /// # Errors
    ///
    /// A text that the catalogue lacks.
    pub(super) fn fill(
        &self,
        form: Form,
        words: &Words,
        fillings: &[Option<Filling<'_>>],
        out: &mut String,
    ) -> Result<(), WordsError> {
        let pen = Pen { form, words, fillings };
        let mut line = String::with_capacity(LINE);
        for piece in &self.0 {
            match piece {
                Piece::Fixed(text) => out.push_str(text),
                Piece::Hits { at, open, close } => pen.hits(*at, open, close, out),
                Piece::Wrapped { first, rest, text } => {
                    line.clear();
                    pen.wrap(first, rest, text, &mut line, out)?;
                }
                value => pen.print(value, out)?,
            }
        }
        Ok(())
    }
}

/// Takes what a template printed apart.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Text and marks up to the end, or to a `NEXT` or `CLOSE` that belongs to a mark around them.
    fn pieces(&mut self) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        loop {
            let fixed = self.plain();
            if !fixed.is_empty() {
                pieces.push(Piece::Fixed(fixed.to_owned()));
            }
            if !self.takes(OPEN) {
                return Some(pieces);
            }
            pieces.push(self.mark()?);
        }
    }

    fn mark(&mut self) -> Option<Piece> {
        let mut name = self.plain().chars();
        let verb = name.next()?;
        let at = name.as_str().parse().ok()?;
        let mut arguments = Vec::new();
        while self.takes(NEXT) {
            arguments.push(self.pieces()?);
        }
        if !self.takes(CLOSE) {
            return None;
        }
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next();
        let piece = match verb {
            PRINT => Piece::Printed(at),
            STARS => Piece::Starred(at),
            HITS => Piece::Hits { at, open: fixed(next()?)?, close: fixed(next()?)? },
            COUNT => Piece::Counted { at, key: fixed(next()?)? },
            WRAP => Piece::Wrapped { first: next()?, rest: fixed(next()?)?, text: next()? },
            _ => return None,
        };
        arguments.next().is_none().then_some(piece)
    }

    fn plain(&mut self) -> &'a str {
        let (plain, rest) = self.rest.split_at(self.rest.find([OPEN, NEXT, CLOSE]).unwrap_or(self.rest.len()));
        self.rest = rest;
        plain
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

/// The text of an argument that has no blanks.
fn fixed(pieces: Vec<Piece>) -> Option<String> {
    let mut text = String::new();
    for piece in pieces {
        let Piece::Fixed(part) = piece else { return None };
        text.push_str(&part);
    }
    Some(text)
}

/// Galleys by the name of their template.
#[derive(Debug, Default)]
pub(super) struct Galleys(RwLock<HashMap<(&'static str, Shape), Arc<Galley>>>);

impl Galleys {
    /// The galley of a template for a shape, which `set` makes when it is not there yet.
    ///
    /// # Errors
    ///
    /// Those of `set`.
    pub(super) fn get<E>(
        &self,
        template: &'static str,
        shape: Shape,
        set: impl FnOnce() -> Result<Galley, E>,
    ) -> Result<Arc<Galley>, E> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&(template, shape)) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(set()?);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert((template, shape), Arc::clone(&made));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words::parse("en", r#"{"number.group": ",", "more": {"one": "one more", "other": "{n} more"}}"#).unwrap()
    }

    fn filled(form: Form, printed: &str, fillings: &[Option<Filling<'_>>]) -> String {
        let mut out = String::new();
        Galley::read(printed).expect("whole marks").fill(form, &words(), fillings, &mut out).unwrap();
        out
    }

    #[test]
    fn what_is_filled_in_is_escaped_and_never_read_again() {
        let blank = Blank::of(1, 0).to_string();
        let hostile = format!("<b>{OPEN}p1{CLOSE}{blank}");
        let fillings = [Some(Filling::Text(&hostile)), Some(Filling::Text("secret"))];
        let html = filled(Form::Html, &format!("<i>{blank}</i>"), &fillings);
        assert!(html.starts_with("<i>&lt;b&gt;") && html.ends_with("</i>") && !html.contains("secret"), "{html}");
        assert!(!filled(Form::Text, &blank, &fillings).contains("secret"));
    }

    #[test]
    fn marks_are_filled_as_they_were_noted() {
        let marked = Marked::new("deep & wide", &[crate::model::Span { start: 0, end: 4 }]);
        let fillings = [Some(Filling::Marked(&marked)), Some(Filling::Number(1200))];
        let hits = Blank(0).hits("<b>", "</b>").to_string();
        assert_eq!(filled(Form::Html, &hits, &fillings), "<b>deep</b> &amp; wide");
        assert_eq!(filled(Form::Text, &Blank(1).counted("more"), &fillings), "1,200 more");
        let starred = Value::from_object(Blank(0)).get_attr("starred").unwrap().to_string();
        let lines = wrapped(&format!("{starred} {}", "word ".repeat(20)), "1 ", "> ").unwrap();
        let words = "word ".repeat(11);
        assert_eq!(
            filled(Form::Text, &lines, &fillings),
            format!("1 *deep* & wide {}\n> {}", words.trim_end(), "word ".repeat(9).trim_end())
        );
    }

    #[test]
    fn a_mark_that_was_taken_apart_is_noticed() {
        let whole = Blank(3).counted("more");
        for end in (1..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(Galley::read(&whole[..end]).is_none(), "{:?}", &whole[..end]);
        }
        assert!(Galley::read(&format!("a{CLOSE}")).is_none());
        assert!(Galley::read(&format!("{OPEN}x1{CLOSE}")).is_none());
    }
}
