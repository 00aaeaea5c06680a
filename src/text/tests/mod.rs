//! What readers see of the texts that sources send.

mod html;
mod settled;
mod tex;
mod titles;

use super::{display_line, display_paragraphs};

/// Each text with what it is shown as.
fn shown_as(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(display_line(text), *expected, "{text:?}");
    }
}

#[test]
fn white_space_folds_into_single_spaces() {
    shown_as(&[
        ("  A\n  title\t here ", "A title here"),
        ("a\u{a0}b\u{2003}c\u{3000}d", "a b c d"),
        ("", ""),
        (" \n\t ", ""),
        ("one\r\n\r\ntwo", "one two"),
    ]);
}

#[test]
fn only_blank_lines_and_blocks_separate_paragraphs() {
    assert_eq!(display_paragraphs("one\ntwo\r\n \r\n\n three"), "one two\n\nthree");
    assert_eq!(display_paragraphs("one\n  two"), "one two");
    assert_eq!(display_paragraphs("<p>one</p>\n<p>two<br/>three</p>"), "one\n\ntwo three");
    assert_eq!(display_paragraphs("one\u{2029}two\u{2028}three"), "one\n\ntwo three");
    assert_eq!(display_paragraphs("\n\n\n"), "");
}

#[test]
fn invisible_and_control_characters_go() {
    shown_as(&[
        ("\u{feff}Title", "Title"),
        ("a\u{0}b\u{7}c\u{1b}[31m", "abc[31m"),
        ("safe\u{202e}gpj.exe\u{202c}", "safegpj.exe"),
        ("\u{2066}isolate\u{2069}", "isolate"),
        ("zero\u{200b}width\u{2060}\u{200d}", "zerowidth"),
        ("hy\u{ad}phen", "hyphen"),
        ("tag\u{e0041}\u{e007f}s", "tags"),
        ("\u{fffe}\u{e000}\u{10ffff}x", "x"),
    ]);
}

#[test]
fn joiners_stay_where_they_shape_letters_and_emoji() {
    shown_as(&[
        ("👩\u{200d}🔬 at work", "👩\u{200d}🔬 at work"),
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ("ab\u{200d}cd\u{200c}", "abcd"),
    ]);
}

#[test]
fn letters_are_composed_and_stacks_of_marks_are_cut() {
    assert_eq!(display_line("e\u{301}tude"), "étude");
    assert_eq!(display_line(&format!("z{}", "\u{335}".repeat(500))).chars().count(), 9);
}
