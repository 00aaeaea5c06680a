//! A second matcher, slow and written straight from the grammar, sharing no code with the first.
//!
//! It knows only the small vocabulary below, whose stems it has in a table.

use super::Paper;
use crate::model::Field;

/// An interest as a tree, from which its text is made.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Word(&'static str),
    Exact(&'static str),
    Prefix(&'static str),
    Phrase(Vec<&'static str>),
    Run(Vec<&'static str>),
    And(Vec<Expr>, Vec<Expr>),
    Or(Vec<Expr>),
    In(Field, Box<Expr>),
    Boosted(Box<Expr>, &'static str),
}

impl Expr {
    /// The text of the interest.
    pub(super) fn text(&self) -> String {
        let group = |expr: &Expr| format!("({})", expr.text());
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Exact(word) => format!("={word}"),
            Self::Prefix(prefix) => format!("{prefix}*"),
            Self::Phrase(words) => format!("\"{}\"", words.join(" ")),
            Self::Run(words) => words.join(" "),
            Self::And(all, none) => {
                let all: Vec<String> = all.iter().map(group).collect();
                let none: Vec<String> = none.iter().map(|expr| format!(" NOT {}", group(expr))).collect();
                all.join(" ") + &none.concat()
            }
            Self::Or(any) => any.iter().map(group).collect::<Vec<_>>().join(" OR "),
            Self::In(Field::Title, inner) => format!("ti:{}", group(inner)),
            Self::In(_, inner) => format!("abstract:{}", group(inner)),
            Self::Boosted(inner, boost) => format!("{}^{boost}", group(inner)),
        }
    }

    /// Whether the paper matches.
    pub(super) fn matches(&self, paper: &Paper, field: Option<Field>) -> bool {
        match self {
            Self::And(all, none) => {
                all.iter().all(|expr| expr.matches(paper, field)) && !none.iter().any(|expr| expr.matches(paper, field))
            }
            Self::Or(any) => any.iter().any(|expr| expr.matches(paper, field)),
            Self::In(field, inner) => inner.matches(paper, Some(*field)),
            Self::Boosted(inner, _) => inner.matches(paper, field),
            leaf => leaf.texts(paper, field).iter().any(|(text, stemmed)| leaf.hits(text, *stemmed)),
        }
    }

    /// Where a leaf looks: texts, and whether words are stemmed there.
    fn texts<'a>(&self, paper: &'a Paper, field: Option<Field>) -> Vec<(&'a str, bool)> {
        let several = match self {
            Self::Word(word) | Self::Exact(word) => word.contains('-'),
            Self::Phrase(_) | Self::Run(_) => true,
            _ => false,
        };
        let single = match self {
            Self::Phrase(words) => words.len() == 1 && !words[0].contains('-'),
            Self::Run(words) => content(words).len() == 1 && !content(words)[0].contains('-'),
            _ => false,
        };
        match field {
            Some(Field::Title) => vec![(&paper.title, true)],
            Some(_) => vec![(&paper.text, true)],
            None => {
                let mut texts: Vec<(&str, bool)> = vec![(&paper.title, true), (&paper.text, true)];
                if several && !single {
                    texts.extend(paper.authors.iter().chain(&paper.categories).map(|text| (text.as_str(), false)));
                }
                texts
            }
        }
    }

    fn hits(&self, text: &str, stemmed: bool) -> bool {
        let text = Text::new(text, stemmed);
        match self {
            Self::Word(word) => !text.word(word, false).is_empty(),
            Self::Exact(word) => !text.word(word, true).is_empty(),
            Self::Prefix(prefix) => text.words.iter().any(|(word, _, _)| word.starts_with(prefix)),
            Self::Phrase(words) => text.in_order(words, false),
            Self::Run(words) => text.in_order(trimmed(words), true) || text.near(&content(words)),
            _ => false,
        }
    }
}

fn is_stop(word: &str) -> bool {
    matches!(word, "the" | "of")
}

fn content(words: &[&'static str]) -> Vec<&'static str> {
    words.iter().copied().filter(|word| !is_stop(word)).collect()
}

fn trimmed<'a>(words: &'a [&'static str]) -> &'a [&'static str] {
    let first = words.iter().position(|word| !is_stop(word)).unwrap_or(0);
    let last = words.iter().rposition(|word| !is_stop(word)).map_or(0, |last| last + 1);
    &words[first..last]
}

fn stem(word: &str) -> &str {
    match word {
        "robots" => "robot",
        "models" => "model",
        "llms" => "llm",
        "planning" => "plan",
        other => other,
    }
}

/// A text as words with the positions they cover.
struct Text {
    words: Vec<(String, usize, usize)>,
    stemmed: bool,
}

impl Text {
    fn new(text: &str, stemmed: bool) -> Self {
        let mut words = Vec::new();
        let mut position = 0;
        for written in text.to_lowercase().split_whitespace() {
            let pieces: Vec<&str> = written.split(['-', '.', ',']).filter(|piece| !piece.is_empty()).collect();
            for from in 0..pieces.len() {
                for to in from + 1..=pieces.len().min(from + 3) {
                    if to == from + 1 || written.contains('-') {
                        words.push((pieces[from..to].concat(), position + from, position + to));
                    }
                }
            }
            position += pieces.len();
        }
        Self { words, stemmed }
    }

    fn same(&self, typed: &str, word: &str, exact: bool) -> bool {
        if exact || !self.stemmed { typed == word } else { stem(typed) == stem(word) }
    }

    /// The stretches a query word covers.
    fn word(&self, typed: &str, exact: bool) -> Vec<(usize, usize)> {
        let pieces: Vec<&str> = typed.split('-').collect();
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (word, start, end) in &self.words {
            if (!exact || pieces.len() == 1) && self.same(&pieces.concat(), word, exact) {
                found.push((*start, *end));
            }
            let mut ends = if self.same(pieces[0], word, exact) { vec![*end] } else { vec![] };
            for piece in &pieces[1..] {
                let next =
                    self.words.iter().filter(|(word, start, _)| ends.contains(start) && self.same(piece, word, exact));
                ends = next.map(|(_, _, end)| *end).collect();
            }
            found.extend(ends.into_iter().map(|end| (*start, end)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// All words side by side; with `gaps`, any word may stand where a stop word was typed.
    fn in_order(&self, words: &[&str], gaps: bool) -> bool {
        let mut ends: Option<Vec<usize>> = None;
        for word in words {
            ends = Some(match ends {
                Some(ends) if gaps && is_stop(word) => ends.into_iter().map(|end| end + 1).collect(),
                Some(ends) => {
                    let next = self.word(word, false).into_iter().filter(|(start, _)| ends.contains(start));
                    next.map(|(_, end)| end).collect()
                }
                None => self.word(word, false).into_iter().map(|(_, end)| end).collect(),
            });
        }
        ends.is_some_and(|ends| !ends.is_empty())
    }

    /// All words within `2n + 2` positions, equal words at different places.
    fn near(&self, words: &[&'static str]) -> bool {
        let reach = 2 * words.iter().map(|word| word.split('-').count()).sum::<usize>() + 2;
        self.choose(words, &mut Vec::new(), reach)
    }

    fn choose(&self, words: &[&'static str], chosen: &mut Vec<(&'static str, usize, usize)>, reach: usize) -> bool {
        let Some(word) = words.get(chosen.len()) else {
            let first = chosen.iter().map(|(_, start, _)| *start).min().unwrap_or(0);
            let end = chosen.iter().map(|(_, _, end)| *end).max().unwrap_or(0);
            return end - first <= reach;
        };
        self.word(word, false).into_iter().any(|(start, end)| {
            let equal = |other: &str| self.same(other, word, false);
            if chosen.iter().any(|(other, from, to)| equal(other) && (*from, *to) == (start, end)) {
                return false;
            }
            chosen.push((word, start, end));
            let found = self.choose(words, chosen, reach);
            chosen.pop();
            found
        })
    }
}
