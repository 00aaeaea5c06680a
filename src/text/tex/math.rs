//! Formulas on one line: `O(n \log n)`, `\ell_1`, `x^{2}`, `\frac{a}{b}`.
//!
//! Everything here returns `None` as soon as something has no readable form without TeX.

use super::cursor::{Command, Cursor};
use super::{accents, commands, scripts, symbols, text};

/// A whole formula.
pub(super) fn formula(cursor: Cursor<'_>) -> Option<String> {
    let mut math = Math { cursor, out: String::new(), chain: 0 };
    while math.cursor.peek().is_some() {
        math.token()?;
    }
    Some(math.out.trim().to_owned())
}

/// One command with its arguments, met outside a formula; returns the place after it.
pub(super) fn single_command(cursor: Cursor<'_>) -> Option<(String, Cursor<'_>)> {
    let mut math = Math { cursor, out: String::new(), chain: 0 };
    math.command()?;
    Some((math.out, math.cursor))
}

/// Arguments without braces nested deeper than this, as in `\hat\hat\hat x`, are no formula.
const MAX_CHAIN: usize = 8;

/// How far ahead, in bytes, the `]` behind the degree of a root is looked for.
const MAX_DEGREE: usize = 12;

#[derive(Clone, Copy, PartialEq)]
enum Script {
    Above,
    Below,
}

struct Math<'a> {
    cursor: Cursor<'a>,
    out: String,
    /// How many arguments without braces are being read.
    chain: usize,
}

impl<'a> Math<'a> {
    fn token(&mut self) -> Option<()> {
        match self.cursor.peek()? {
            '\\' => return self.command(),
            '{' => {
                let inside = formula(self.cursor.group()?)?;
                self.out.push_str(&inside);
                return Some(());
            }
            '}' | '$' => return None,
            _ => {}
        }
        match self.cursor.bump()? {
            '^' => self.script(Script::Above)?,
            '_' => self.script(Script::Below)?,
            '\'' => self.out.push('′'),
            '~' => self.space(),
            c if c.is_whitespace() => self.space(),
            c => self.out.push(c),
        }
        Some(())
    }

    fn command(&mut self) -> Option<()> {
        match self.cursor.command()? {
            Command::Sign(sign) => self.sign(sign),
            Command::Name(name) => self.named(name),
        }
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        match sign {
            '%' | '&' | '#' | '_' | '$' | '{' | '}' => self.out.push(sign),
            '|' => self.out.push('‖'),
            '!' => {}
            ',' | ';' | ':' | '>' | '\\' => self.space(),
            c if c.is_whitespace() => self.space(),
            _ => return None,
        }
        Some(())
    }

    fn named(&mut self, name: &'a str) -> Option<()> {
        if let Some(symbol) = symbols::symbol(name) {
            self.symbol(symbol);
        } else if let Some(operator) = symbols::operator(name) {
            self.operator(operator);
        } else if let Some(mark) = accents::mathematical(name) {
            self.accent(mark)?;
        } else if commands::is_text_style(name) {
            let inside = self.cursor.group()?;
            self.out.push_str(&text::convert(inside));
        } else if commands::is_math_style(name) {
            let inside = self.argument()?;
            self.out.push_str(&inside);
        } else if commands::is_switch(name) {
            self.cursor.eat_space();
        } else if commands::is_delimiter_size(name) {
            self.cursor.eat_space();
            self.cursor.eat(".");
        } else {
            self.construct(name)?;
        }
        Some(())
    }

    fn construct(&mut self, name: &str) -> Option<()> {
        match name {
            "quad" | "qquad" | "enspace" | "thinspace" | "space" => self.space(),
            "mathbb" | "mathds" | "Bbb" => {
                let inside = self.argument()?;
                self.out.push_str(&scripts::double_struck(&inside).unwrap_or(inside));
            }
            "operatorname" => {
                self.cursor.eat("*");
                let operator = self.argument()?;
                self.operator(&operator);
            }
            "frac" | "dfrac" | "tfrac" | "cfrac" | "nicefrac" | "sfrac" => self.fraction()?,
            "sqrt" => self.root()?,
            "binom" => {
                let (upper, lower) = (self.argument()?, self.argument()?);
                self.out.push_str(&format!("({upper} choose {lower})"));
            }
            "pmod" => {
                let modulus = self.argument()?;
                self.space();
                self.out.push_str(&format!("(mod {modulus})"));
            }
            "not" => {
                let negated = self.argument()?;
                self.out.push(one_character(&negated)?);
                self.out.push('\u{338}');
            }
            "unicode" => self.out.push(commands::unicode(self.cursor.group()?.rest())?),
            "textcolor" | "color" => {
                self.cursor.group()?;
            }
            _ => return None,
        }
        Some(())
    }

    /// A letter or a sign. TeX ignores the space behind a command; it is kept where people would set one.
    fn symbol(&mut self, symbol: &str) {
        let spaced_before = self.out.ends_with(' ');
        self.out.push_str(symbol);
        // As an argument, as in `x_\alpha y`, the space parts what follows from it.
        if self.chain > 0 || !self.cursor.eat_space() {
            return;
        }
        let spaced = if symbol.starts_with(char::is_alphabetic) { !self.continues_a_product() } else { spaced_before };
        if spaced {
            self.space();
        }
    }

    /// Whether a letter, a digit or an opening bracket comes next, as in `\alpha x`.
    fn continues_a_product(&self) -> bool {
        let mut ahead = self.cursor;
        match ahead.command() {
            Some(Command::Name(name)) => symbols::symbol(name).is_some_and(|s| s.starts_with(char::is_alphabetic)),
            Some(Command::Sign(_)) => false,
            None => ahead.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '(' | '[' | '{' | '^' | '_')),
        }
    }

    /// `log` and its like, apart from letters and digits on either side.
    fn operator(&mut self, name: &str) {
        self.space_after_word();
        self.out.push_str(name);
        self.cursor.eat_space();
        if self.cursor.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '\\' | '{')) {
            self.out.push(' ');
        }
    }

    fn accent(&mut self, mark: char) -> Option<()> {
        let base = self.argument()?;
        self.out.push_str(&accents::accented(one_character(&base)?, mark)?);
        Some(())
    }

    fn fraction(&mut self) -> Option<()> {
        let (upper, lower) = (self.argument()?, self.argument()?);
        self.space_after_word();
        self.out.push_str(&format!("{}/{}", bracketed(&upper), bracketed(&lower)));
        if self.cursor.peek().is_some_and(char::is_alphanumeric) {
            self.out.push(' ');
        }
        Some(())
    }

    fn root(&mut self) -> Option<()> {
        let sign = if self.cursor.eat("[") {
            let length = self.cursor.rest().bytes().take(MAX_DEGREE).position(|byte| byte == b']')?;
            let degree = formula(self.cursor.part(length))?;
            self.cursor.skip(length + 1);
            match degree.as_str() {
                "2" => "√".to_owned(),
                "3" => "∛".to_owned(),
                "4" => "∜".to_owned(),
                degree => scripts::superscript(degree)? + "√",
            }
        } else {
            "√".to_owned()
        };
        let inside = self.argument()?;
        self.out.push_str(&sign);
        self.out.push_str(&bracketed(&inside));
        Some(())
    }

    fn script(&mut self, script: Script) -> Option<()> {
        let inside = self.argument()?;
        let (sign, converted) = match script {
            Script::Above => ('^', scripts::superscript(&inside)),
            Script::Below => ('_', scripts::subscript(&inside)),
        };
        match converted {
            Some(converted) => self.out.push_str(&converted),
            None if inside.is_empty() => {}
            None => {
                self.out.push(sign);
                self.out.push_str(&bracketed(&inside));
            }
        }
        Some(())
    }

    /// A group, a command with its arguments, or one character.
    fn argument(&mut self) -> Option<String> {
        self.cursor.eat_space();
        if self.cursor.peek()? == '{' {
            return formula(self.cursor.group()?);
        }
        if self.chain == MAX_CHAIN {
            return None;
        }
        let before = std::mem::take(&mut self.out);
        self.chain += 1;
        let read = self.token();
        self.chain -= 1;
        let argument = std::mem::replace(&mut self.out, before);
        read.map(|()| argument.trim().to_owned())
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    fn space_after_word(&mut self) {
        if self.out.ends_with(char::is_alphanumeric) {
            self.out.push(' ');
        }
    }
}

fn one_character(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// In brackets, unless it is one word.
fn bracketed(text: &str) -> String {
    if text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '′' | '∞')) {
        text.to_owned()
    } else {
        format!("({text})")
    }
}
