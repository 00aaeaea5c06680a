//! Running text: accents, styles, formulas between dollars, and TeX's ways to write quotes, dashes and ties.

mod punctuation;

use super::cursor::{Command, Cursor};
use super::{accents, commands, math, scripts, symbols};

/// Formulas longer than this, in bytes, are taken for a stray dollar.
const MAX_FORMULA: usize = 2000;
/// How far ahead the end of `\verb|words|` is looked for, in characters.
const MAX_VERBATIM: usize = 120;

/// Converts the range of `cursor`; what cannot be converted is copied.
pub(super) fn convert(cursor: Cursor<'_>) -> String {
    let mut text = Text { cursor, out: String::new(), in_url: false, quoted: false, unclosed: [false; 2] };
    while let Some(c) = text.cursor.peek() {
        text.next(c);
    }
    text.out
}

struct Text<'a> {
    cursor: Cursor<'a>,
    out: String,
    /// Inside a web address, where `~`, `_` and `--` mean themselves.
    in_url: bool,
    /// After a `“` that has not been closed.
    quoted: bool,
    /// Whether the closing `\)` (first) or `\]` was looked for in vain.
    unclosed: [bool; 2],
}

impl<'a> Text<'a> {
    fn next(&mut self, c: char) {
        match c {
            '\\' => self.command(),
            '$' => self.dollar(),
            '{' => self.group(),
            '^' | '_' if !self.in_url => self.script(c),
            '~' | '-' | '`' | '\'' if !self.in_url => self.punctuation(c),
            _ => self.copy(c),
        }
    }

    /// Takes the next character as it is.
    fn copy(&mut self, c: char) {
        self.cursor.skip(c.len_utf8());
        match c {
            '“' => self.quoted = true,
            '”' => self.quoted = false,
            '/' if self.out.ends_with(":/") => self.in_url = true,
            c if c.is_whitespace() => self.in_url = false,
            _ => {}
        }
        self.out.push(c);
    }

    fn before(&self) -> Option<char> {
        self.out.chars().next_back()
    }

    /// A group around commands, as in `{\'e}` or `{\it word}`, loses its braces; any other keeps them.
    fn group(&mut self) {
        let start = self.cursor;
        if !start.rest().starts_with("{\\") {
            return self.copy('{');
        }
        let Some(inside) = self.cursor.group() else { return self.copy('{') };
        let converted = convert(inside);
        if converted.contains('\\') {
            self.out.push_str(self.cursor.since(&start));
        } else {
            self.out.push_str(&converted);
        }
    }

    /// `10^7`, `R^{2}` and `H_{2}` without dollars.
    fn script(&mut self, sign: char) {
        let start = self.cursor;
        self.cursor.skip(1);
        let raise = if sign == '^' { scripts::superscript } else { scripts::subscript };
        if let Some(inside) = self.cursor.group() {
            match math::formula(inside).and_then(|formula| raise(&formula)) {
                Some(raised) => self.out.push_str(&raised),
                None => self.out.push_str(self.cursor.since(&start)),
            }
            return;
        }
        let rest = self.cursor.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let ends = !rest[digits..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '^' | '_' | '{' | '\\'));
        let stands_on = self.before().is_some_and(|c| c.is_alphanumeric() || c == ')');
        match raise(&rest[..digits]) {
            Some(raised) if sign == '^' && ends && stands_on => {
                self.cursor.skip(digits);
                self.out.push_str(&raised);
            }
            _ => self.out.push(sign),
        }
    }

    fn dollar(&mut self) {
        let start = self.cursor;
        let mark = if self.cursor.eat("$$") { "$$" } else { "$" };
        if mark == "$" {
            self.cursor.skip(1);
        }
        let length = closing_dollar(self.cursor.rest(), mark);
        let Some(inside) = length.map(|length| self.cursor.part(length)) else {
            self.out.push_str(mark);
            return;
        };
        let after = &self.cursor.rest()[inside.rest().len() + mark.len()..];
        if mark == "$" && !is_formula(inside.rest(), after) {
            self.out.push('$');
            return;
        }
        self.cursor.skip(inside.rest().len() + mark.len());
        self.formula(inside, &start);
    }

    /// What was between delimiters, or, with these, the source since `start`.
    fn formula(&mut self, inside: Cursor<'a>, start: &Cursor<'a>) {
        match math::formula(inside) {
            Some(formula) => self.out.push_str(&formula),
            None => self.out.push_str(self.cursor.since(start)),
        }
    }

    fn command(&mut self) {
        let start = self.cursor;
        let converted = match self.cursor.command() {
            Some(Command::Sign(sign)) => self.sign(sign, &start),
            Some(Command::Name(name)) => self.named(name, &start),
            None => None,
        };
        if converted.is_none() {
            self.cursor = start;
            if let Some(Command::Name(_)) = self.cursor.command() {
                self.out.push_str(self.cursor.since(&start));
            } else {
                self.cursor = start;
                self.copy('\\');
            }
        }
    }

    fn sign(&mut self, sign: char, start: &Cursor<'a>) -> Option<()> {
        match sign {
            '%' | '&' | '#' | '_' | '$' | '{' | '}' => self.out.push(sign),
            ' ' | ',' | ';' | '\\' => self.out.push(' '),
            // `mAP\@0.5` is a sign, `etc.\@ x` a hint about spacing.
            '@' if self.cursor.peek().is_some_and(char::is_alphanumeric) => self.out.push('@'),
            '@' | '-' => {}
            '(' => self.delimited(start, r"\)", 0)?,
            '[' => self.delimited(start, r"\]", 1)?,
            '\'' if self.is_apostrophe() => self.out.push('\''),
            _ => self.accent(accents::sign(sign)?, sign != '"')?,
        }
        Some(())
    }

    /// `\( ... \)` and `\[ ... \]`; brackets around plain words are not TeX's.
    fn delimited(&mut self, start: &Cursor<'a>, close: &str, which: usize) -> Option<()> {
        if self.unclosed[which] {
            return None;
        }
        let Some(length) = self.cursor.rest().find(close) else {
            self.unclosed[which] = true;
            return None;
        };
        let inside = self.cursor.part(length);
        self.cursor.skip(length + close.len());
        if which == 1 && !has_markup(inside.rest()) {
            self.out.push_str(self.cursor.since(start));
        } else {
            self.formula(inside, start);
        }
        Some(())
    }

    /// `it\'s` is an escaped apostrophe, `Andr\'e` an accent.
    fn is_apostrophe(&self) -> bool {
        let word = self.cursor.rest().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        self.before().is_some_and(char::is_alphabetic) && matches!(word, "s" | "t" | "d" | "m" | "re" | "ve" | "ll")
    }

    /// The letter after an accent command, in braces or not. A diaeresis stands on vowels only:
    /// before other letters `\"` is an escaped quotation mark.
    fn accent(&mut self, mark: char, on_consonants: bool) -> Option<()> {
        let base = self.letter()?;
        if !on_consonants && !"aeiouyAEIOUYı".contains(base) {
            return None;
        }
        self.out.push_str(&accents::accented(base, mark)?);
        Some(())
    }

    fn letter(&mut self) -> Option<char> {
        if let Some(mut inside) = self.cursor.group() {
            let letter = bare_letter(&mut inside)?;
            return inside.rest().trim().is_empty().then_some(letter);
        }
        bare_letter(&mut self.cursor)
    }

    fn named(&mut self, name: &str, start: &Cursor<'a>) -> Option<()> {
        if let Some(letter) = accents::letter(name) {
            self.out.push_str(letter);
            if !self.cursor.eat("{}") {
                self.cursor.eat_space();
            }
        } else if let Some(mark) = accents::lettered(name) {
            let braced = self.cursor.peek() == Some('{');
            let spaced = matches!(name, "c" | "v" | "u" | "k" | "H") && self.cursor.eat_space();
            (braced || spaced).then_some(())?;
            self.accent(mark, true)?;
        } else if commands::is_text_style(name) {
            let inside = self.cursor.group()?;
            self.out.push_str(&convert(inside));
        } else if commands::is_switch(name) {
            self.cursor.is_nested().then_some(())?;
            self.cursor.eat_space();
        } else if let Some(symbol) = symbols::text_symbol(name).or_else(|| symbols::symbol(name)) {
            self.out.push_str(symbol);
            self.cursor.eat("{}");
        } else {
            self.construct(name, start)?;
        }
        Some(())
    }

    fn construct(&mut self, name: &str, start: &Cursor<'a>) -> Option<()> {
        match name {
            "textsuperscript" | "textsubscript" => {
                let raise = if name == "textsuperscript" { scripts::superscript } else { scripts::subscript };
                let inside = convert(self.cursor.group()?);
                self.out.push_str(&raise(&inside).unwrap_or(inside));
            }
            "textcolor" | "href" => {
                self.cursor.group()?;
                let inside = self.cursor.group()?;
                self.out.push_str(&convert(inside));
            }
            "url" => self.out.push_str(self.cursor.group()?.rest()),
            "verb" => {
                let mark = self.cursor.bump().filter(char::is_ascii_punctuation)?;
                let words = self.cursor.rest().chars().take(MAX_VERBATIM).collect::<String>();
                let words = &words[..words.find(mark)?];
                self.cursor.skip(words.len() + mark.len_utf8());
                self.out.push_str(words);
            }
            "ding" => self.out.push(symbols::dingbat(self.cursor.group()?.rest())?),
            "footnote" => {
                let note = convert(self.cursor.group()?);
                self.out.push_str(&format!(" ({note})"));
            }
            _ => {
                let (converted, after) = math::single_command(*start)?;
                self.cursor = after;
                self.out.push_str(&converted);
            }
        }
        Some(())
    }
}

/// One letter, or `\i` or `\j`.
fn bare_letter(cursor: &mut Cursor<'_>) -> Option<char> {
    cursor.eat_space();
    if cursor.peek()? == '\\' {
        let Command::Name(name) = cursor.command()? else { return None };
        cursor.eat_space();
        return accents::letter(name)?.chars().next();
    }
    cursor.bump().filter(|c| c.is_alphabetic())
}

/// How far it is to the dollar (or two) that closes a formula.
fn closing_dollar(text: &str, mark: &str) -> Option<usize> {
    let mut escaped = false;
    let at = text.bytes().take(MAX_FORMULA).enumerate().position(|(at, byte)| {
        let closes = !escaped && text.as_bytes()[at..].starts_with(mark.as_bytes());
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    (at > 0).then_some(at)
}

fn has_markup(text: &str) -> bool {
    text.contains(['\\', '^', '_', '{'])
}

/// Tells `$n$` from the stretch between two prices, as in "$5 and $10".
fn is_formula(inside: &str, after: &str) -> bool {
    let begins_with_digit = inside.starts_with(|c: char| c.is_ascii_digit());
    if begins_with_digit && after.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if has_markup(inside) {
        return !(begins_with_digit && inside.ends_with(char::is_whitespace));
    }
    let spaced = inside.starts_with(char::is_whitespace) || inside.ends_with(char::is_whitespace);
    let is_word = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let prose = inside.split_whitespace().count() > 1 && inside.split_whitespace().any(is_word);
    !spaced && !prose
}
