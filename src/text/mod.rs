//! Texts as people read them.

/// One line: white space folded.
pub fn display_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Paragraphs separated by one blank line, white space folded inside each.
pub fn display_paragraphs(text: &str) -> String {
    text.split("\n\n").map(display_line).filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n\n")
}
