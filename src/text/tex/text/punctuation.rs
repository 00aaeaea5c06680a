//! Quotation marks, dashes and ties as TeX writes them.

use super::Text;

/// How far ahead the end of a `single' quotation is looked for, in characters.
const MAX_QUOTATION: usize = 80;

impl Text<'_> {
    /// At a run of `c`, one of `~`, `-`, a backtick or an apostrophe.
    pub(super) fn punctuation(&mut self, c: char) {
        let rest = self.cursor.rest();
        let run = rest.bytes().take_while(|byte| char::from(*byte) == c).count();
        let after = rest[run..].chars().next();
        let converted = match (c, run) {
            ('~', 1) if self.is_tie(after) => " ",
            ('-', 2) if self.is_dash(after) => "–",
            ('-', 3) if self.is_dash(after) => "—",
            ('`', 2) => {
                self.quoted = true;
                "“"
            }
            ('\'', 2) if self.quoted => {
                self.quoted = false;
                "”"
            }
            ('`', 1) if self.opens_quotation() => return self.quotation(),
            _ => &rest[..run],
        };
        self.out.push_str(converted);
        self.cursor.skip(run);
    }

    /// A tie joins two words; between digits `~` means "to", at a word's beginning "about".
    fn is_tie(&self, after: Option<char>) -> bool {
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | ')' | ']' | '}' | '”');
        let begins = |c: char| c.is_alphanumeric() || matches!(c, '\\' | '$' | '(' | '[');
        let numbers = self.before().is_some_and(char::is_numeric) && after.is_some_and(char::is_numeric);
        self.before().is_some_and(joins) && after.is_some_and(begins) && !numbers
    }

    /// `--option`, `<!--` and `-->` are not dashes.
    fn is_dash(&self, after: Option<char>) -> bool {
        let word_begins = self.before().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '`'));
        let option = word_begins && after.is_some_and(char::is_alphanumeric);
        !option && self.before() != Some('!') && after != Some('>')
    }

    fn opens_quotation(&self) -> bool {
        self.before().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '“' | '-' | '–' | '—'))
            && self.quotation_length().is_some()
    }

    /// The length in bytes of `` `words `` up to the apostrophe that closes it, not counting one inside a word
    /// and giving up at a second backtick (Markdown's code).
    fn quotation_length(&self) -> Option<usize> {
        let words = &self.cursor.rest()[1..];
        words.chars().next().filter(|c| c.is_alphanumeric())?;
        let mut chars = words.char_indices().take(MAX_QUOTATION).peekable();
        while let Some((at, c)) = chars.next() {
            let ends = chars.peek().is_none_or(|(_, next)| !next.is_alphanumeric());
            match c {
                '`' | '\\' | '$' => return None,
                '\'' if ends => return Some(at + 1),
                _ => {}
            }
        }
        None
    }

    fn quotation(&mut self) {
        if let Some(length) = self.quotation_length() {
            let words = &self.cursor.rest()[1..length];
            self.out.push_str(&format!("‘{words}’"));
            self.cursor.skip(length + 1);
        }
    }
}
