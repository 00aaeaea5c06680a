//! What of a title and of an author's name identifies a paper that has no public id.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::display_line;

/// Fewer words than this are shared by different papers too often ("Attention in Vision").
const DISTINCTIVE_WORDS: usize = 5;
/// Fewer characters than this, likewise.
const DISTINCTIVE_CHARACTERS: usize = 25;

/// A title reduced to what its spellings have in common: NFKC, lower case,
/// runs of letters and digits joined by one space.
///
/// Takes raw or display text; empty when the title has no letter and no digit.
pub fn normalised_title(title: &str) -> String {
    // Once more at the end, because dropping an apostrophe may bring a letter and its mark together.
    words(display_line(title).nfkc().flat_map(char::to_lowercase)).nfkc().collect()
}

/// Whether a normalised title is long enough to identify a paper: five words and 25 characters.
pub fn title_is_distinctive(normalised: &str) -> bool {
    normalised.split_whitespace().count() >= DISTINCTIVE_WORDS && normalised.chars().count() >= DISTINCTIVE_CHARACTERS
}

/// The folded family name of a person written "Yann LeCun" or "LeCun, Yann": `lecun`.
///
/// Takes one author, raw or display text. Case, diacritics, suffixes (Jr., III), name particles and all but
/// the last of several family names do not count, because sources disagree about them.
pub fn first_author_key(author: &str) -> String {
    let name = display_line(author);
    let name = without_affiliation(&name);
    let family = name.split(',').find(|part| !part.trim().is_empty()).unwrap_or(name);
    let words = words(family.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).flat_map(fold));
    let mut names: Vec<&str> = words.split(' ').collect();
    while names.len() > 1 && names.last().is_some_and(|last| is_suffix(last) || last.chars().count() == 1) {
        names.pop();
    }
    names.last().copied().unwrap_or_default().to_owned()
}

/// Some feeds write "Ada Lovelace (University of London)".
fn without_affiliation(name: &str) -> &str {
    match name.find('(') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

fn is_suffix(word: &str) -> bool {
    matches!(word, "jr" | "sr" | "ii" | "iii" | "iv" | "phd" | "md")
}

/// Letters that no decomposition takes apart.
fn fold(c: char) -> impl Iterator<Item = char> {
    let folded = match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ı' => "i",
        _ => "",
    };
    folded.chars().chain(folded.is_empty().then_some(c))
}

/// Runs of letters and digits, joined by one space.
fn words(chars: impl Iterator<Item = char>) -> String {
    let mut joined = String::new();
    let mut apart = false;
    for c in chars {
        if c.is_alphanumeric() || is_combining_mark(c) {
            if apart && !joined.is_empty() {
                joined.push(' ');
            }
            apart = false;
            joined.push(c);
        } else if !matches!(c, '\'' | '’') {
            apart = true;
        }
    }
    joined
}
