//! From typed words to what is looked for, through the one analyser.

use super::error::QueryError;
use super::{What, Word};
use crate::matcher::analyser::{Analyser, Glue};
use crate::matcher::fold::{fold_str, is_cjk};
use crate::matcher::stem::is_stop_word;

/// Shorter beginnings would match half the dictionary.
const MIN_PREFIX: usize = 3;
/// A name has at most so many parts.
const MAX_NAME_PARTS: usize = 8;

/// A bare word as typed, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'a> {
    pub text: &'a str,
    pub exact: bool,
    pub column: usize,
}

impl Typed<'_> {
    pub(super) fn is_prefix(&self) -> bool {
        self.text.contains('*')
    }
}

/// One word, or words near each other.
pub(super) fn words(typed: &[Typed<'_>]) -> Result<What, QueryError> {
    let column = typed.first().map_or(1, |first| first.column);
    let mut words: Vec<Word> = Vec::with_capacity(typed.len());
    for one in typed {
        let Some(word) = word(one) else { continue };
        if typed.len() > 1 {
            refuse_small_operator(one, &word)?;
        }
        words.push(word);
    }
    let first = words.iter().position(|word| !is_stop(word));
    let last = words.iter().rposition(|word| !is_stop(word));
    let (Some(first), Some(last)) = (first, last) else {
        return Err(too_common(typed, column));
    };
    words.truncate(last + 1);
    words.drain(..first);
    Ok(match words.len() {
        1 => What::Word(words.remove(0)),
        _ => What::Loose(words),
    })
}

/// `or` and `not` in small letters among bare words are nearly always meant as operators.
fn refuse_small_operator(typed: &Typed<'_>, word: &Word) -> Result<(), QueryError> {
    match word.pieces.as_slice() {
        [small] if !word.exact && matches!(small.as_str(), "or" | "not") => {
            let message = format!("`{small}` is only understood in capitals; as part of a title it needs quotes");
            Err(QueryError::new(typed.column, message).suggest(small.to_uppercase()))
        }
        _ => Ok(()),
    }
}

fn too_common(typed: &[Typed<'_>], column: usize) -> QueryError {
    let text = typed.iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
    let error = QueryError::new(column, format!("nothing is left of `{text}`: its words are in nearly every paper"));
    match text.to_uppercase().as_str() {
        operator @ ("AND" | "OR" | "NOT") => error.suggest(operator),
        _ => error,
    }
}

fn word(typed: &Typed<'_>) -> Option<Word> {
    let mut pieces = Vec::new();
    Analyser::default().pieces(typed.text, |piece| pieces.push(piece.text.to_owned()));
    (!pieces.is_empty()).then(|| Word::new(pieces, typed.exact))
}

/// Whether only the word's place counts.
pub(in crate::matcher) fn is_stop(word: &Word) -> bool {
    !word.exact && word.pieces.iter().all(|piece| is_stop_word(piece))
}

/// Words between quotes.
pub(super) fn phrase(text: &str, column: usize) -> Result<What, QueryError> {
    let mut words: Vec<Word> = Vec::new();
    Analyser::default().pieces(text, |piece| match words.last_mut() {
        Some(word) if piece.glue != Glue::Apart => word.pieces.push(piece.text.to_owned()),
        _ => words.push(Word::new(vec![piece.text.to_owned()], false)),
    });
    if words.is_empty() {
        return Err(QueryError::new(column, "there is no word between these quotes"));
    }
    if words.iter().all(is_stop) {
        let message = format!("nothing is left of \"{text}\": its words are in nearly every paper");
        return Err(QueryError::new(column, message));
    }
    Ok(match words.len() {
        1 => What::Word(words.remove(0)),
        _ => What::Phrase(words),
    })
}

/// A beginning of words.
pub(super) fn prefix(typed: &Typed<'_>) -> Result<What, QueryError> {
    let refused = |message: &str| Err(QueryError::new(typed.column, message));
    let Some(beginning) = typed.text.strip_suffix('*').filter(|beginning| !beginning.contains('*')) else {
        return refused("`*` only stands at the end of a word, for all words that begin so");
    };
    if typed.exact {
        return refused("`=` asks for one exact form and `*` for many; leave one of them out");
    }
    let mut pieces = Vec::new();
    Analyser::default().pieces(beginning, |piece| pieces.push((piece.text.to_owned(), piece.cjk)));
    match pieces.as_slice() {
        [(piece, false)] if piece.chars().count() >= MIN_PREFIX => Ok(What::Prefix(piece.clone())),
        [(_, true)] => refused("`*` does not apply to scripts without spaces; leave it out"),
        [] | [_] => refused("a beginning needs at least three letters before the `*`"),
        _ => refused("`*` stands behind one plain word, without hyphens or other signs"),
    }
}

/// The parts of a person's name; a comma puts the family name first, as libraries do.
pub(super) fn name(text: &str, column: usize) -> Result<What, QueryError> {
    let mut parts = Vec::new();
    let (family, given) = text.split_once(',').unwrap_or(("", text));
    for half in [given, family] {
        Analyser::default().pieces(half, |piece| parts.push(piece.text.to_owned()));
    }
    if parts.is_empty() {
        return Err(QueryError::new(column, "there is no name here").suggest("author:\"Ada Lovelace\""));
    }
    if parts.len() > MAX_NAME_PARTS {
        return Err(QueryError::new(column, format!("a name has at most {MAX_NAME_PARTS} parts")));
    }
    if !parts.iter().any(|part| is_full_part(part)) {
        let message = "initials alone name nobody; give a family name";
        return Err(QueryError::new(column, message).suggest("author:\"A. Lovelace\""));
    }
    Ok(What::Name(parts))
}

/// Whether a part of a name is more than an initial.
pub(in crate::matcher) fn is_full_part(part: &str) -> bool {
    part.chars().nth(1).is_some() || part.chars().all(is_cjk)
}

/// A category such as `cs.CL`, or all of an archive, `cs.*`.
pub(super) fn category(text: &str, column: usize) -> Result<What, QueryError> {
    let (text, below) = match text.trim_end().strip_suffix('*') {
        Some(text) => (text, true),
        None => (text, false),
    };
    if text.contains('*') {
        return Err(QueryError::new(column, "`*` only stands at the end of a category").suggest("category:cs.*"));
    }
    match category_key(text) {
        name if name.is_empty() => Err(QueryError::new(column, "there is no category here").suggest("category:cs.CL")),
        name => Ok(What::Category { name, below }),
    }
}

/// The form under which equal category names meet.
pub(in crate::matcher) fn category_key(text: &str) -> String {
    let kept: String = fold_str(text)
        .chars()
        .map(|ch| if ch.is_alphanumeric() || matches!(ch, '.' | '-' | '_' | '/' | '&') { ch } else { ' ' })
        .collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    words.join(" ").trim_matches(|ch: char| !ch.is_alphanumeric()).to_owned()
}
