//! From characters to the signs and words of the language.

use super::error::QueryError;
use super::{Boost, MAX_QUERY_CHARS};
use crate::model::Field;

/// A sign or a word, and the character it begins at, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub kind: Kind,
    pub column: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    And,
    Or,
    Not,
    Field(Field),
    Boost(Boost),
    /// What stands between quotes.
    Quoted(String),
    /// A word as typed, without a leading `=`.
    Bare {
        text: String,
        exact: bool,
    },
}

/// Reads the whole text.
pub(super) fn lex(text: &str) -> Result<Vec<Lexeme>, QueryError> {
    // One character over the limit is enough to know; the cost stays bounded whatever comes.
    let chars: Vec<char> = text.chars().take(MAX_QUERY_CHARS + 1).map(plain).collect();
    if chars.len() > MAX_QUERY_CHARS {
        let message = format!("an interest has at most {MAX_QUERY_CHARS} characters");
        return Err(QueryError::new(MAX_QUERY_CHARS + 1, message).suggest("split it into several lines"));
    }
    let mut lexer = Lexer { chars, at: 0, out: Vec::new() };
    while lexer.at < lexer.chars.len() {
        lexer.step()?;
    }
    Ok(lexer.out)
}

/// Signs that keyboards and word processors put in place of the plain ones.
fn plain(ch: char) -> char {
    match ch {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' => '"',
        '（' => '(',
        '）' => ')',
        '：' => ':',
        '，' | '、' => ',',
        '；' => ';',
        '＊' => '*',
        '＾' => '^',
        '＝' => '=',
        '－' | '−' | '–' | '‐' | '‑' => '-',
        other if other.is_whitespace() || other.is_control() => ' ',
        other => other,
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    out: Vec<Lexeme>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or(' ')
    }

    fn push(&mut self, kind: Kind, column: usize) {
        self.out.push(Lexeme { kind, column });
    }

    fn step(&mut self) -> Result<(), QueryError> {
        let column = self.at + 1;
        match self.peek(0) {
            ' ' => self.at += 1,
            '(' => {
                self.push(Kind::Open, column);
                self.at += 1;
            }
            ')' => {
                self.push(Kind::Close, column);
                self.at += 1;
            }
            '"' => self.quoted(column)?,
            '^' => self.boost(column)?,
            '~' => return Err(QueryError::new(column, "`~` is not part of the language")),
            '-' if matches!(self.peek(1), ' ' | ')' | '^' | '|') => {
                return Err(QueryError::new(column, "a minus must touch the word it excludes").suggest("-word"));
            }
            '-' => {
                self.push(Kind::Not, column);
                self.at += 1;
            }
            '!' if !matches!(self.peek(1), ' ') => {
                return Err(QueryError::new(column, "`!` does not exclude; a minus does").suggest("-word"));
            }
            '|' => return Err(QueryError::new(column, "alternatives are joined with OR").suggest("OR")),
            '&' if self.peek(1) == '&' => {
                return Err(QueryError::new(column, "both are asked for with AND").suggest("AND"));
            }
            ',' | ';' => return Err(separator(column, self.peek(0))),
            _ => self.bare(column)?,
        }
        Ok(())
    }

    fn quoted(&mut self, column: usize) -> Result<(), QueryError> {
        let from = self.at + 1;
        let Some(length) = self.chars[from..].iter().position(|ch| *ch == '"') else {
            return Err(QueryError::new(column, "this quote is never closed"));
        };
        let text = self.chars[from..from + length].iter().collect();
        self.at = from + length + 1;
        if self.peek(0) == '~' {
            let message =
                "a distance behind a phrase is not part of the language; words without quotes match near each other";
            return Err(QueryError::new(self.at + 1, message));
        }
        self.push(Kind::Quoted(text), column);
        Ok(())
    }

    fn boost(&mut self, column: usize) -> Result<(), QueryError> {
        self.at += 1;
        let from = self.at;
        while matches!(self.peek(0), '0'..='9' | '.' | ',') || (self.peek(0) == '-' && self.at == from) {
            self.at += 1;
        }
        let text: String = self.chars[from..self.at].iter().collect();
        let refused =
            || QueryError::new(column, "a boost is a number from 0.1 to 10 with at most one decimal").suggest("^2");
        let (whole, tenth) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() > 2 || tenth.len() != 1 || text.len() == tenth.len() + 1 && whole.is_empty() && tenth == "0" {
            return Err(refused());
        }
        if text.is_empty() || !digits(whole) || !digits(tenth) {
            return Err(refused());
        }
        let tenths = whole.parse::<u32>().unwrap_or(0) * 10 + tenth.parse::<u32>().unwrap_or(0);
        let boost = Boost::from_tenths(tenths).ok_or_else(refused)?;
        self.push(Kind::Boost(boost), column);
        Ok(())
    }

    fn bare(&mut self, column: usize) -> Result<(), QueryError> {
        let from = self.at;
        while !matches!(self.peek(0), ' ' | '(' | ')' | '"' | '^') {
            match self.peek(0) {
                ':' if self.names_a_field(from) => return self.field(from, column),
                sign @ (',' | ';') if !self.inside_a_number() => return Err(separator(self.at + 1, sign)),
                '|' => return Err(QueryError::new(self.at + 1, "alternatives are joined with OR").suggest("OR")),
                _ => self.at += 1,
            }
        }
        let typed: String = self.chars[from..self.at].iter().collect();
        match typed.as_str() {
            "AND" => self.push(Kind::And, column),
            "OR" => self.push(Kind::Or, column),
            "NOT" => self.push(Kind::Not, column),
            "ANDNOT" => {
                self.push(Kind::And, column);
                self.push(Kind::Not, column);
            }
            _ => {
                let (text, exact) = match typed.strip_prefix('=') {
                    Some(rest) => (rest.to_owned(), true),
                    None => (typed, false),
                };
                self.push(Kind::Bare { text, exact }, column);
            }
        }
        Ok(())
    }

    fn names_a_field(&self, from: usize) -> bool {
        self.at > from && self.chars[from..self.at].iter().all(|ch| ch.is_alphabetic() || *ch == '_')
    }

    fn inside_a_number(&self) -> bool {
        self.at > 0 && self.chars[self.at - 1].is_ascii_digit() && self.peek(1).is_ascii_digit()
    }

    fn field(&mut self, from: usize, column: usize) -> Result<(), QueryError> {
        let name: String = self.chars[from..self.at].iter().collect();
        self.at += 1;
        let field = field_called(&name.to_lowercase()).ok_or_else(|| unknown_field(&name, column))?;
        self.push(Kind::Field(field), column);
        Ok(())
    }
}

fn separator(column: usize, sign: char) -> QueryError {
    let message = format!(
        "`{sign}` does not separate interests: write one on each line, or join alternatives with OR; names such as \"LeCun, Yann\" need quotes"
    );
    QueryError::new(column, message).suggest("OR")
}

const FIELDS: [(&str, Field); 8] = [
    ("title", Field::Title),
    ("abstract", Field::Abstract),
    ("author", Field::Author),
    ("category", Field::Category),
    ("ti", Field::Title),
    ("abs", Field::Abstract),
    ("au", Field::Author),
    ("cat", Field::Category),
];

fn field_called(name: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
}

fn unknown_field(name: &str, column: usize) -> QueryError {
    let lower = name.to_lowercase();
    let nearest = FIELDS
        .iter()
        .filter(|(known, _)| known.len() > 3)
        .map(|(known, _)| (distance(&lower, known), *known))
        .filter(|(distance, known)| *distance <= 2 || known.starts_with(&lower) || lower.starts_with(known))
        .min();
    let message = format!(
        "no field is called `{name}`; there are title, abstract, author and category (a colon that belongs to the text needs quotes)"
    );
    let error = QueryError::new(column, message);
    match nearest.map(|(_, known)| known).or_else(|| field_meant(&lower)) {
        Some(known) => error.suggest(format!("{known}:")),
        None => error,
    }
}

/// What other services call a field.
fn field_meant(name: &str) -> Option<&'static str> {
    match name {
        "by" | "name" | "writer" | "person" => Some("author"),
        "topic" | "tag" | "subject" | "area" | "field" | "class" => Some("category"),
        "summary" | "text" | "body" | "tiab" => Some("abstract"),
        "headline" | "heading" | "intitle" => Some("title"),
        _ => None,
    }
}

/// Edits (insert, delete, replace, swap of neighbours) between two short words.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![vec![0_usize; other.len() + 1]; one.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=other.len()).collect();
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[one.len()][other.len()]
}
