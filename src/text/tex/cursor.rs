//! A place in a TeX source, and the few things read there: characters, commands, groups.

use std::collections::HashMap;

/// Groups nested deeper than this are copied.
const MAX_DEPTH: usize = 12;

/// A text and the partners of its braces, found once.
pub(super) struct Source<'a> {
    text: &'a str,
    closing: HashMap<usize, usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut closing = HashMap::new();
        let mut open = Vec::new();
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'{' => open.push(at),
                b'}' => {
                    if let Some(start) = open.pop() {
                        closing.insert(start, at);
                    }
                }
                _ => {}
            }
        }
        Self { text, closing }
    }
}

/// What stands after a backslash.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Command<'a> {
    /// A run of ASCII letters, as in `\alpha`.
    Name(&'a str),
    /// Any other single character, as in `\%`.
    Sign(char),
}

/// A range of a source that is being read. Copying it is remembering the place.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    source: &'a Source<'a>,
    at: usize,
    end: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a Source<'a>) -> Self {
        Self { source, at: 0, end: source.text.len(), depth: 0 }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        &self.source.text[self.at..self.end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let eats = self.rest().starts_with(expected);
        if eats {
            self.at += expected.len();
        }
        eats
    }

    /// Reads white space; says whether there was any.
    pub(super) fn eat_space(&mut self) -> bool {
        let skipped = self.rest().len() - self.rest().trim_start().len();
        self.at += skipped;
        skipped > 0
    }

    /// Passes over the next `bytes`, which must end at a character boundary.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// The next `bytes`, to be read on their own.
    pub(super) fn part(&self, bytes: usize) -> Self {
        Self { end: self.at + bytes, depth: self.depth + 1, ..*self }
    }

    /// The source read since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> &'a str {
        &self.source.text[earlier.at..self.at]
    }

    /// Whether this is inside a group or a formula.
    pub(super) fn is_nested(&self) -> bool {
        self.depth > 0
    }

    /// Reads a whole group if one begins here; returns its inside.
    pub(super) fn group(&mut self) -> Option<Self> {
        let close = *self.source.closing.get(&self.at)?;
        if close >= self.end || self.depth >= MAX_DEPTH {
            return None;
        }
        let inside = Self { at: self.at + 1, end: close, depth: self.depth + 1, ..*self };
        self.at = close + 1;
        Some(inside)
    }

    /// Reads a command if one begins here.
    pub(super) fn command(&mut self) -> Option<Command<'a>> {
        let name = self.rest().strip_prefix('\\')?;
        let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        if letters > 0 {
            self.at += 1 + letters;
            return Some(Command::Name(&name[..letters]));
        }
        let sign = name.chars().next()?;
        self.at += 1 + sign.len_utf8();
        Some(Command::Sign(sign))
    }
}
