//! Fills the blanks of a galley, each as it was noted.

use std::fmt::Write as _;

use super::super::catalogue::{Words, WordsError};
use super::super::escape::{write_html, write_text};
use super::super::wrap::wrap;
use super::{Filling, Form, Piece};

/// Fills the blanks of one galley.
pub(super) struct Pen<'a> {
    pub(super) form: Form,
    pub(super) words: &'a Words,
    pub(super) fillings: &'a [Option<Filling<'a>>],
}

impl Pen<'_> {
    fn filling(&self, at: usize) -> Option<Filling<'_>> {
        self.fillings.get(at).copied().flatten()
    }

    pub(super) fn hits(&self, at: usize, open: &str, close: &str, out: &mut String) {
        if let Some(Filling::Marked(marked)) = self.filling(at) {
            marked.write_html(out, open, close);
        }
    }

    /// `line` is empty, and room to put the text together.
    pub(super) fn wrap(
        &self,
        first: &[Piece],
        rest: &str,
        text: &[Piece],
        line: &mut String,
        out: &mut String,
    ) -> Result<(), WordsError> {
        let plain = Self { form: Form::Text, ..*self };
        for piece in first {
            plain.print(piece, line)?;
        }
        let begins = line.len();
        for piece in text {
            plain.print(piece, line)?;
        }
        let (first, text) = line.split_at(begins);
        if self.form == Form::Text {
            wrap(out, text, first, rest);
            return Ok(());
        }
        let mut lines = String::new();
        wrap(&mut lines, text, first, rest);
        self.escape(&lines, out);
        Ok(())
    }

    pub(super) fn print(&self, piece: &Piece, out: &mut String) -> Result<(), WordsError> {
        match piece {
            Piece::Fixed(text) => out.push_str(text),
            Piece::Printed(at) => match self.filling(*at) {
                Some(Filling::Text(text)) => self.escape(text, out),
                Some(Filling::Printed(text)) => out.push_str(text),
                Some(Filling::Marked(marked)) => self.escape(marked.plain(), out),
                Some(Filling::Number(number)) => drop(write!(out, "{number}")),
                Some(Filling::Flag) | None => {}
            },
            Piece::Starred(at) => match (self.filling(*at), self.form) {
                (Some(Filling::Marked(marked)), Form::Text) => marked.write_starred(out),
                (Some(Filling::Marked(marked)), Form::Html) => self.escape(&marked.starred(), out),
                _ => {}
            },
            Piece::Counted { at, key } => {
                if let Some(Filling::Number(number)) = self.filling(*at) {
                    self.escape(&self.words.count(key, number, &[])?, out);
                }
            }
            // Neither occurs inside a line.
            Piece::Hits { .. } | Piece::Wrapped { .. } => {}
        }
        Ok(())
    }

    fn escape(&self, text: &str, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self.form {
            Form::Html => write_html(out, text),
            Form::Text => write_text(out, text),
        };
    }
}
