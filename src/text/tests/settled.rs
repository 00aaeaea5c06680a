use proptest::prelude::*;

use super::{display_line, display_paragraphs};
use crate::text::{first_author_key, normalised_title};

/// Pieces out of which text is built that looks like markup, well formed or not.
const PIECES: &[&str] = &[
    "a",
    "E",
    "9",
    "é",
    "漢",
    " ",
    "\n\n",
    "$",
    "$$",
    "\\",
    "{",
    "}",
    "{}",
    "^",
    "_",
    "~",
    "-",
    "--",
    "`",
    "``",
    "'",
    "''",
    "“",
    "\"",
    "\\'",
    "\\\"",
    "\\alpha",
    "\\ell ",
    "\\frac",
    "\\sqrt[3]",
    "\\hat",
    "\\not",
    "\\left",
    "\\log",
    "\\textbf{",
    "\\mathbb",
    "\\text{ x }",
    "\\c",
    "\\i",
    "\\ss",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\%",
    "\\$",
    "\\_",
    "\\\\",
    "\\foo",
    "\\footnote{",
    "\\href{a}{",
    "\\unicode{x26}",
    "&",
    "&amp;",
    "&lt;",
    "lt;",
    "amp;",
    "&#36;",
    "&#x5c;",
    "<",
    ">",
    "<i>",
    "</i>",
    "<sub>",
    "</sub>",
    "<sup>",
    "</sup>",
    "<p>",
    "<br/>",
    "=",
    "/",
    "://",
    ".",
    "\u{200d}",
    "\u{301}",
    "\u{0}",
];

fn markup() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

fn is_display_text(shown: &str, from: &str) -> Result<(), TestCaseError> {
    prop_assert!(!shown.replace('\n', "").chars().any(char::is_control), "{shown:?}");
    prop_assert!(!shown.contains("  ") && shown.trim() == shown, "{shown:?}");
    prop_assert!(shown.len() <= 4 * from.len() + 8, "{} bytes from {}", shown.len(), from.len());
    Ok(())
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let line = display_line(text);
    is_display_text(&line, text)?;
    prop_assert!(!line.contains('\n'));
    prop_assert_eq!(&display_line(&line), &line);
    let paragraphs = display_paragraphs(text);
    is_display_text(&paragraphs, text)?;
    prop_assert!(paragraphs.split("\n\n").all(|paragraph| !paragraph.contains('\n')));
    prop_assert_eq!(&display_paragraphs(&paragraphs), &paragraphs);
    let title = normalised_title(text);
    prop_assert_eq!(&normalised_title(&title), &title);
    first_author_key(text);
    Ok(())
}

proptest! {
    #[test]
    fn display_text_is_clean_and_stays_as_it_is(text in markup()) {
        holds(&text)?;
    }

    #[test]
    fn any_text_at_all_becomes_display_text(text in any::<String>()) {
        holds(&text)?;
    }
}

#[test]
fn text_that_would_change_for_ever_settles() {
    let escaped_often = format!("&{}lt;i&gt;", "amp;".repeat(400));
    for text in [escaped_often, "\\textbf{".repeat(300), format!("{}x", "\\$".repeat(300))] {
        let shown = display_line(&text);
        assert_eq!(display_line(&shown), shown);
    }
}

#[test]
fn long_hostile_text_does_not_blow_up() {
    let hostile = [
        "{\\a",
        "{\\it ",
        "\\textbf{",
        "\\(",
        "\\[",
        "$",
        "$$a",
        "$a",
        "`a",
        "``",
        "^{",
        "^^",
        "_{^{",
        "\\hat",
        "\\sqrt[",
        "\\frac{",
        "<a b=",
        "<sub>",
        "&",
        "&amp;",
        "--",
        "~a",
        "\\",
        "\u{301}",
        "2^2,",
        "\\'",
        "\\text{$",
        "{\\sqrt{",
        "\\footnote{",
        "<",
    ];
    for piece in hostile {
        let text = piece.repeat(30_000 / piece.len());
        let shown = display_paragraphs(&text);
        assert!(shown.len() <= 4 * text.len(), "{piece:?}");
    }
}
