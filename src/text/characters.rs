//! Characters nobody sees, and the one normal form of those that are seen.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// More marks than this on one letter are not a language but a way to overflow lines.
const MAX_MARKS: usize = 8;

/// Drops control characters, text-direction controls, zero-width and private-use characters;
/// line breaks of all kinds become `\n`, and a paragraph separator two.
pub(super) fn remove_invisible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    chars.next();
                }
                kept.push('\n');
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' => kept.push('\n'),
            '\u{2029}' => kept.push_str("\n\n"),
            '\t' => kept.push(' '),
            '\u{200c}' | '\u{200d}' if joins(kept.chars().next_back(), chars.peek()) => kept.push(c),
            c if is_invisible(c) => {}
            c => kept.push(c),
        }
    }
    kept
}

/// Composes (NFC) and cuts endless stacks of combining marks.
pub(super) fn compose(text: &str) -> String {
    let mut marks = 0;
    text.nfc()
        .filter(|c| {
            marks = if is_combining_mark(*c) { marks + 1 } else { 0 };
            marks <= MAX_MARKS
        })
        .collect()
}

/// Joiners shape Indic and Arabic letters and emoji; anywhere else they only hide.
fn joins(before: Option<char>, after: Option<&char>) -> bool {
    let shapes = |c: char| !c.is_ascii() && !c.is_whitespace() && !is_invisible(c);
    before.is_some_and(shapes) && after.is_some_and(|c| shapes(*c))
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}')
        || (u32::from(c) & 0xfffe) == 0xfffe
}
