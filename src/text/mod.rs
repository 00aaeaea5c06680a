//! Texts as people read them: titles, names and abstracts freed of TeX, HTML and invisible characters.
//!
//! Display text is made once, when a paper comes in; everything after that (analysis, marks, pages, mails)
//! sees only display text. Nothing here escapes for HTML or for mail: that is done where a text is printed.
//! This room knows no paper, no source and no page; it turns one string into another, in linear time,
//! and what it returns it would return unchanged again.

mod characters;
mod entities;
mod spaces;
mod tags;
#[cfg(test)]
mod tests;
mod tex;
mod title;

pub use title::{first_author_key, normalised_title, title_is_distinctive};

/// How often a text is converted again because its result could still be converted,
/// as with `&amp;lt;i&amp;gt;`. Texts people write settle after one or two rounds.
const MAX_ROUNDS: usize = 6;

/// A title or an author's name as one line of display text.
///
/// TeX becomes Unicode (what cannot be converted stays as it is), known HTML tags go, entities are decoded,
/// invisible and control characters go, white space is folded, and the result is in NFC.
pub fn display_line(text: &str) -> String {
    settle(text, |text| convert(text).join(" "))
}

/// An abstract as display text: like [`display_line`], but a blank line, or an HTML block,
/// separates paragraphs, which are joined by exactly one blank line (`"\n\n"`).
pub fn display_paragraphs(text: &str) -> String {
    settle(text, |text| convert(text).join("\n\n"))
}

/// Converts until nothing changes any more; text built to change for ever loses its markup characters.
fn settle(text: &str, once: impl Fn(&str) -> String) -> String {
    let mut settled = once(text);
    for _ in 0..MAX_ROUNDS {
        let again = once(&settled);
        if again == settled {
            return settled;
        }
        settled = again;
    }
    let plain: String = settled.chars().map(|c| if r"\${}^_&<~`'-“”‘’–—".contains(c) { ' ' } else { c }).collect();
    once(&plain)
}

/// One round: the paragraphs of `text`, none of them empty.
fn convert(text: &str) -> Vec<String> {
    let text = entities::decode(text);
    let text = tags::strip(&text);
    let text = characters::remove_invisible(&text);
    let paragraphs = spaces::paragraphs(&text).into_iter();
    let converted = paragraphs.map(|paragraph| spaces::fold(&characters::compose(&tex::to_unicode(&paragraph))));
    converted.filter(|paragraph| !paragraph.is_empty()).collect()
}
