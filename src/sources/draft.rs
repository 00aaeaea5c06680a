//! The last step of every reader: raw fields become display text, within limits.

use url::Url;

use crate::model::{IncomingPaper, Signals, SourceName};
use crate::text::{display_line, display_paragraphs};

const TITLE_CHARS: usize = 1_000;
const ABSTRACT_CHARS: usize = 20_000;
const AUTHORS: usize = 200;
const NAME_CHARS: usize = 200;
const CATEGORIES: usize = 50;
const CATEGORY_CHARS: usize = 64;
const URL_BYTES: usize = 2_000;
/// Markup may take up this many times the space of what it says.
const MARKUP: usize = 8;

/// A record about nothing yet, for readers to fill with raw text.
pub(super) fn blank(source: &SourceName) -> IncomingPaper {
    IncomingPaper {
        source: source.clone(),
        keys: Vec::new(),
        title: String::new(),
        abstract_text: String::new(),
        authors: Vec::new(),
        categories: Vec::new(),
        published_at: None,
        announced_on: None,
        announce_type: None,
        url: None,
        code_url: None,
        project_url: None,
        withdrawn: false,
        signals: Signals::default(),
    }
}

/// Turns a record of raw text into one of display text. What had to be cut is told in `notes`.
///
/// # Errors
/// The reason why the record is no paper.
pub(super) fn finish(mut paper: IncomingPaper, notes: &mut Vec<String>) -> Result<IncomingPaper, String> {
    paper.title = cut(&display_line(&head(&paper.title, TITLE_CHARS * MARKUP)), TITLE_CHARS);
    if paper.title.is_empty() {
        return Err("it has no title".to_owned());
    }
    paper.abstract_text =
        cut(&display_paragraphs(&head(&paper.abstract_text, ABSTRACT_CHARS * MARKUP)), ABSTRACT_CHARS);
    let named = paper.authors.len();
    paper.authors = lines(&paper.authors, NAME_CHARS, AUTHORS);
    if named > AUTHORS {
        notes.push(format!("{:?} names {named} authors; the first {AUTHORS} are kept", cut(&paper.title, 80)));
    }
    let mut categories: Vec<String> = Vec::new();
    for category in lines(&paper.categories, CATEGORY_CHARS, 4 * CATEGORIES) {
        if categories.len() < CATEGORIES && !categories.contains(&category) {
            categories.push(category);
        }
    }
    paper.categories = categories;
    paper.url = paper.url.as_deref().and_then(web_url);
    paper.code_url = paper.code_url.as_deref().and_then(repository_url);
    paper.project_url = paper.project_url.as_deref().and_then(web_url).filter(|url| url.starts_with("https:"));
    Ok(paper)
}

fn lines(raw: &[String], chars: usize, most: usize) -> Vec<String> {
    raw.iter()
        .map(|line| cut(&display_line(&head(line, chars * MARKUP)), chars))
        .filter(|line| !line.is_empty())
        .take(most)
        .collect()
}

/// An `http` or `https` address of bearable length without user name and password, as parsed.
pub(super) fn web_url(text: &str) -> Option<String> {
    if text.len() > URL_BYTES {
        return None;
    }
    let url = Url::parse(text.trim()).ok()?;
    let fit = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    fit.then(|| url.to_string())
}

/// The page of a code repository: `https` only, without `.git` and trailing slash.
fn repository_url(text: &str) -> Option<String> {
    let url = web_url(text)?;
    let url = match url.strip_prefix("http://github.com/") {
        Some(rest) => format!("https://github.com/{rest}"),
        None => url,
    };
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    url.starts_with("https://").then(|| url.to_owned())
}

fn head(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// At most `chars` characters, the last one an ellipsis when something was cut.
fn cut(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(chars.saturating_sub(1)).collect();
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titled(title: &str) -> IncomingPaper {
        IncomingPaper { title: title.to_owned(), ..blank(&SourceName::new("test")) }
    }

    #[test]
    fn only_web_addresses_pass() {
        let paper = IncomingPaper {
            url: Some("javascript:alert(1)".to_owned()),
            code_url: Some("https://github.com/a/b.git/".to_owned()),
            project_url: Some("https://user:secret@example.org/".to_owned()),
            ..titled("A Title")
        };
        let paper = finish(paper, &mut Vec::new()).unwrap();
        assert_eq!((paper.url, paper.project_url), (None, None));
        assert_eq!(paper.code_url.as_deref(), Some("https://github.com/a/b"));
    }

    #[test]
    fn long_fields_are_cut_and_the_authors_cut_are_told() {
        let mut notes = Vec::new();
        let paper = IncomingPaper {
            abstract_text: "word ".repeat(10_000),
            authors: (0..5_000).map(|n| format!("Author {n}")).collect(),
            categories: (0..500).map(|n| format!("c.{}", n % 70)).collect(),
            ..titled(&"t".repeat(5_000))
        };
        let paper = finish(paper, &mut notes).unwrap();
        assert_eq!(paper.title.chars().count(), 1_000);
        assert!(paper.title.ends_with('…'));
        assert!(paper.abstract_text.chars().count() <= 20_000);
        assert_eq!((paper.authors.len(), paper.categories.len()), (200, 50));
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("5000 authors"), "{}", notes[0]);
    }

    #[test]
    fn a_record_without_a_title_is_no_paper() {
        assert!(finish(titled(" \n "), &mut Vec::new()).is_err());
    }
}
