//! The one analyser, for papers and for interests: text to words with positions and places.
//!
//! A *piece* is one word, or one run of characters of a script without spaces. Pieces of a
//! hyphenated word are separate and know that they are glued. From pieces, [`Analyser::tokens`]
//! makes what is indexed: a word at each position, hyphenated words also in one (`pre-training`
//! as `pretraining`), and such runs as single characters, pairs and, when short, as a whole.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fold::{Folded, fold_into, is_cjk};

/// Changes whenever the same text may give other words, so that stored results can be told stale.
pub const ANALYSER_VERSION: u32 = 1;

/// Joined forms are made of at most this many pieces.
const MAX_JOINED: usize = 3;
/// Runs up to this length are also indexed whole, for personal names.
const MAX_WHOLE_RUN: usize = 8;

/// How a piece hangs on the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glue {
    /// White space between, or nothing before.
    Apart,
    /// Exactly one hyphen between.
    Hyphen,
    /// Only other signs between, or nothing: `tcp/ip`, `node.js`.
    Sign,
}

/// One word as written, folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// Folded text, never empty.
    pub text: &'a str,
    /// Whether it is a run of a script without spaces.
    pub cjk: bool,
    /// Tie to the previous piece.
    pub glue: Glue,
    /// Whether a blank line stands before it.
    pub new_paragraph: bool,
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One entry for the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// Folded text.
    pub text: &'a str,
    /// Position of its first word; an empty position separates paragraphs.
    pub position: u32,
    /// How many positions it covers.
    pub width: u8,
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Buffers that are used again from text to text.
#[derive(Default)]
pub(super) struct Analyser {
    folded: Vec<Folded>,
    word: String,
    joined: String,
}

impl Analyser {
    /// Calls `emit` with each piece of `text`, in order.
    pub(super) fn pieces(&mut self, text: &str, mut emit: impl FnMut(Piece<'_>)) {
        let mut folded = std::mem::take(&mut self.folded);
        fold_into(text, &mut folded);
        let mut at = 0;
        let mut previous_end = None;
        while at < folded.len() {
            let cjk = is_cjk(folded[at].ch);
            // A mark on nothing is no word.
            if !cjk && !folded[at].ch.is_alphanumeric() {
                at += 1;
                continue;
            }
            self.word.clear();
            let (last, next) = if cjk { run(&folded, at, &mut self.word) } else { word(&folded, at, &mut self.word) };
            let between = previous_end.map_or(&folded[at..at], |end: usize| &folded[end..at]);
            if !cjk {
                name_greek_letter(&mut self.word);
            }
            emit(Piece {
                text: &self.word,
                cjk,
                glue: if previous_end.is_none() { Glue::Apart } else { glue_of(between) },
                new_paragraph: between.iter().filter(|folded| folded.ch == '\n').count() > 1,
                start: folded[at].start,
                end: folded[last].end,
            });
            previous_end = Some(next);
            at = next;
        }
        self.folded = folded;
    }

    /// Calls `emit` with each token of `text`; positions count from `first`.
    /// Returns the position after the last word.
    pub(super) fn tokens(&mut self, text: &str, first: u32, mut emit: impl FnMut(Token<'_>)) -> u32 {
        let mut joined = std::mem::take(&mut self.joined);
        let mut chain: Vec<Link> = Vec::new();
        joined.clear();
        let mut position = first;
        self.pieces(text, |piece| {
            if piece.new_paragraph {
                position += 1;
            }
            if piece.cjk {
                chain.clear();
                position = run_tokens(text, piece, position, &mut emit);
                return;
            }
            emit(Token { text: piece.text, position, width: 1, start: piece.start, end: piece.end });
            if piece.glue != Glue::Hyphen || chain.is_empty() {
                chain.clear();
                joined.clear();
            }
            chain.push(Link { offset: joined.len(), position, start: piece.start });
            joined.push_str(piece.text);
            for link in chain.iter().rev().skip(1).take(MAX_JOINED - 1) {
                let text = &joined[link.offset..];
                if text.contains(char::is_alphabetic) {
                    let width = u8::try_from(position - link.position + 1).unwrap_or(u8::MAX);
                    emit(Token { text, position: link.position, width, start: link.start, end: piece.end });
                }
            }
            position += 1;
        });
        self.joined = joined;
        position
    }
}

/// A piece of the hyphenated word being read.
struct Link {
    offset: usize,
    position: u32,
    start: u32,
}

/// Single characters, pairs, and the whole of a short run; one position a character.
fn run_tokens(text: &str, run: Piece<'_>, first: u32, emit: &mut impl FnMut(Token<'_>)) -> u32 {
    let ends: Vec<(usize, usize)> = run.text.char_indices().map(|(at, ch)| (at, at + ch.len_utf8())).collect();
    let places = char_places(text, run, ends.len());
    let mut position = first;
    for (index, (at, end)) in ends.iter().enumerate() {
        let (start, single_end) = places(index);
        emit(Token { text: &run.text[*at..*end], position, width: 1, start, end: single_end });
        if let Some((_, pair_end)) = ends.get(index + 1) {
            emit(Token { text: &run.text[*at..*pair_end], position, width: 2, start, end: places(index + 1).1 });
        }
        position += 1;
    }
    if ends.len() > 2 && ends.len() <= MAX_WHOLE_RUN {
        let width = u8::try_from(ends.len()).unwrap_or(u8::MAX);
        emit(Token { text: run.text, position: first, width, start: run.start, end: run.end });
    }
    position
}

/// The bytes of the n-th character of a run; the whole run when folding changed the number of characters.
fn char_places(text: &str, run: Piece<'_>, folded_chars: usize) -> impl Fn(usize) -> (u32, u32) {
    let written = text.get(run.start as usize..run.end as usize).unwrap_or_default();
    let mut starts: Vec<u32> = Vec::new();
    let mut at = run.start;
    for ch in written.chars() {
        starts.push(at);
        at += u32::try_from(ch.len_utf8()).unwrap_or(0);
    }
    starts.push(run.end);
    let aligned = starts.len() == folded_chars + 1;
    move |index| if aligned { (starts[index], starts[index + 1]) } else { (run.start, run.end) }
}

/// Letters, digits, and the marks that other scripts need to be read.
fn is_word(ch: char) -> bool {
    ch.is_alphanumeric() || is_combining_mark(ch)
}

/// Reads a run; returns the index of its last character and the one after it.
fn run(folded: &[Folded], at: usize, word: &mut String) -> (usize, usize) {
    let length = folded[at..].iter().take_while(|folded| is_cjk(folded.ch)).count();
    word.extend(folded[at..at + length].iter().map(|folded| folded.ch));
    (at + length - 1, at + length)
}

/// Reads a word; returns the index of its last character and the one after everything read.
fn word(folded: &[Folded], at: usize, word: &mut String) -> (usize, usize) {
    let ch = |index: usize| folded.get(index).map_or(' ', |folded| folded.ch);
    let plain = |index: usize| is_word(ch(index)) && !is_cjk(ch(index));
    let mut next = at;
    let mut last = at;
    loop {
        if plain(next) {
            word.push(ch(next));
        } else if ch(next) == '.' && next > at && ch(next - 1).is_ascii_digit() && ch(next + 1).is_ascii_digit() {
            word.push('.');
        } else if ch(next) == '\'' && next > at && ch(next - 1).is_alphabetic() && plain(next + 1) {
            if ch(next + 1) == 's' && !plain(next + 2) {
                return (last, next + 2);
            }
        } else {
            break;
        }
        last = next;
        next += 1;
    }
    if word.contains(is_combining_mark) {
        // What stood between them is gone, an apostrophe for one: they have an order of their own (UAX #15).
        *word = word.nfd().collect();
    }
    let signs = signs_behind(word, [ch(next), ch(next + 1), ch(next + 2)]);
    for _ in 0..signs {
        word.push(ch(next));
        last = next;
        next += 1;
    }
    (last, next)
}

/// How many of the signs behind a short name belong to it: `C++`, `C#`.
fn signs_behind(word: &str, next: [char; 3]) -> usize {
    let letters = word.bytes().all(|byte| byte.is_ascii_lowercase());
    match next {
        ['+', '+', after] if letters && word.len() <= 3 && after != '+' => 2,
        ['#', after, _] if letters && word.len() == 1 && !is_word(after) => 1,
        _ => 0,
    }
}

fn glue_of(between: &[Folded]) -> Glue {
    match between {
        [one] if one.ch == '-' => Glue::Hyphen,
        signs if signs.iter().any(|folded| folded.ch.is_whitespace()) => Glue::Apart,
        _ => Glue::Sign,
    }
}

/// A lone Greek letter is a symbol and written by its name as often: `β-VAE`, `π0`.
fn name_greek_letter(word: &mut String) {
    const NAMES: [&str; 25] = [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
        "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ];
    let mut greek = word.char_indices().filter(|(_, ch)| ('α'..='ω').contains(ch));
    if let (Some((at, ch)), None) = (greek.next(), greek.next()) {
        let name = NAMES[(ch as usize - 'α' as usize).min(NAMES.len() - 1)];
        word.replace_range(at..at + ch.len_utf8(), name);
    }
}

#[cfg(test)]
mod tests;
