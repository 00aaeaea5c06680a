//! Lines of plain text that fit a narrow window.

/// Columns of the text part; 72 leaves room for a quotation mark in a reply.
pub(super) const COLUMNS: usize = 72;

/// Appends `text` to `lines`, broken at white space into lines of at most [`COLUMNS`] columns.
///
/// The first line begins with `first`, the others with `rest`. A word longer than a line is broken,
/// except links, which stay whole.
pub(super) fn wrap(lines: &mut String, text: &str, first: &str, rest: &str) {
    lines.reserve(text.len() + text.len() / 16 + first.len());
    lines.push_str(first);
    if is_plain(text) {
        set_plain(lines, text, columns(first), rest);
    } else {
        set(lines, text.split_whitespace(), columns(first), rest);
    }
}

/// Whether all white space is single spaces between words, as it nearly always is.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let no_controls = bytes.iter().fold(true, |all, &byte| all & (byte >= b' '));
    let other_space = |text: &str| text.chars().any(|c| c != ' ' && c.is_whitespace());
    let outer_space = text.starts_with(' ') || text.ends_with(' ');
    no_controls
        && !outer_space
        && memchr::memmem::find(bytes, b"  ").is_none()
        && (text.is_ascii() || !other_space(text))
}

/// A plain text, a line at a time.
fn set_plain(lines: &mut String, mut text: &str, mut column: usize, rest: &str) {
    loop {
        let fits = within(text, COLUMNS.saturating_sub(column));
        if fits == text.len() {
            lines.push_str(text);
            return;
        }
        let Some(end) = memchr::memrchr(b' ', &text.as_bytes()[..=fits]) else {
            // It begins with a word longer than the line.
            return set(lines, text.split(' '), column, rest);
        };
        lines.extend([&text[..end], "\n", rest]);
        text = &text[end + 1..];
        column = columns(rest);
    }
}

/// Bytes of the longest beginning of `text` within `room` columns.
fn within(text: &str, room: usize) -> usize {
    // No character has more columns than bytes.
    match text.as_bytes().get(..=room) {
        None => text.len(),
        Some(beginning) if beginning.is_ascii() => room,
        Some(_) => {
            let ends = text.char_indices().scan(0, |used, (at, c)| {
                *used += column_of(c);
                (*used <= room).then_some(at + c.len_utf8())
            });
            ends.last().unwrap_or(0)
        }
    }
}

/// Any text, a word at a time, on a line that has a beginning of `column` columns.
fn set<'a>(lines: &mut String, words: impl Iterator<Item = &'a str>, mut column: usize, rest: &str) {
    let mut at_start = true;
    for word in words {
        let mut width = columns(word);
        if !at_start && column + 1 + width > COLUMNS {
            lines.push('\n');
            lines.push_str(rest);
            column = columns(rest);
        } else if !at_start {
            lines.push(' ');
            column += 1;
        }
        let mut word = word;
        while column + width > COLUMNS && !word.contains("://") {
            let (head, tail) = word.split_at(fitting(word, COLUMNS.saturating_sub(column)));
            lines.extend([head, "\n", rest]);
            column = columns(rest);
            word = tail;
            width = columns(word);
        }
        lines.push_str(word);
        column += width;
        at_start = false;
    }
}

/// Bytes of the longest beginning of `word` within `room` columns, at least one character.
fn fitting(word: &str, room: usize) -> usize {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        used += column_of(c);
        if used > room && at > 0 {
            return at;
        }
    }
    word.len()
}

/// Columns a text takes in a window with a fixed pitch.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(column_of).sum() }
}

/// East Asian wide characters take two columns (the main blocks of UAX #11), combining marks none.
fn column_of(c: char) -> usize {
    match c {
        '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200D}' | '\u{FE00}'..='\u{FE0F}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

/// At most one empty line in a row, none at the start, no white space at line ends, one line feed at the end.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = text[start..end].trim_end();
        start = end + 1;
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty > 1 || (empty == 1 && tidied.is_empty()) {
            continue;
        }
        tidied.push_str(line);
        tidied.push('\n');
    }
    while tidied.ends_with("\n\n") {
        tidied.pop();
    }
    tidied
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrap(text: &str, first: &str, rest: &str) -> String {
        let mut lines = String::new();
        super::wrap(&mut lines, text, first, rest);
        lines
    }

    #[test]
    fn links_stay_whole_and_other_long_words_are_broken() {
        let link = format!("https://example.org/{}", "a".repeat(90));
        assert_eq!(wrap(&format!("see {link} now"), "", "  "), format!("see\n  {link}\n  now"));
        assert_eq!(wrap(&"x".repeat(80), "", "  "), format!("{}\n  {}", "x".repeat(72), "x".repeat(8)));
        assert_eq!(wrap(&"漢".repeat(40), "", ""), format!("{}\n{}", "漢".repeat(36), "漢".repeat(4)));
    }

    #[test]
    fn later_lines_hang() {
        let wrapped = wrap(&"word ".repeat(20), " 1  ", "    ");
        assert!(wrapped.starts_with(" 1  word") && wrapped.lines().skip(1).all(|line| line.starts_with("    word")));
    }

    #[test]
    fn empty_lines_come_singly() {
        assert_eq!(tidy("\n\na  \n\n\n\nb\n\n"), "a\n\nb\n");
    }

    proptest! {
        #[test]
        fn a_plain_text_is_set_like_any_other(text in "[a-z]{1,9}( ([a-z…漢\u{301}]{1,9}|[a-z漢]{60,90}|x://[a-z]{60,90})){0,30}", first in " {0,80}") {
            prop_assert!(is_plain(&text));
            let mut by_words = first.clone();
            set(&mut by_words, text.split_whitespace(), columns(&first), "  ");
            prop_assert_eq!(wrap(&text, &first, "  "), by_words);
        }

        #[test]
        fn no_line_is_too_wide_and_no_letter_is_lost(text in "[\\PC ]{0,300}") {
            prop_assume!(!text.contains("://"));
            let wrapped = wrap(&text, "* ", "  ");
            prop_assert!(wrapped.lines().all(|line| columns(line) <= COLUMNS));
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&wrapped[2..]), letters(&text));
        }
    }
}
