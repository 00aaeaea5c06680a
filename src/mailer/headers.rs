//! Header values: cleaning, RFC 2047 encoding, folding, and the shapes of list headers.
//!
//! Every value is checked or cleaned here, so that no title, name or link can begin a header of its own.

use data_encoding::BASE64;
use lettre::message::header::{HeaderName, HeaderValue};

/// The width lines are folded to, without CRLF (RFC 2047, 2: 76 for lines with encoded words).
const WIDTH: usize = 76;
/// The longest word left as it is; longer ones are encoded, because encoded words can be folded.
const MAX_PLAIN_WORD: usize = 60;
/// `=?utf-8?B?` and `?=`.
const ENCODED_WORD_FRAME: usize = 12;

/// One line: control characters and white space in any number become one space, the ends are trimmed.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line
}

/// A header of free text (RFC 5322 "unstructured"), cleaned, encoded where needed and folded.
pub(super) fn unstructured(name: &'static str, text: &str) -> HeaderValue {
    let text = one_line(text);
    let mut folded = Folded { value: String::new(), column: name.len() + 2 };
    let words: Vec<&str> = text.split(' ').collect();
    for run in words.chunk_by(|left, right| is_plain(left) == is_plain(right)) {
        if is_plain(run[0]) {
            run.iter().for_each(|word| folded.push(word));
        } else {
            folded.push_encoded(&run.join(" "));
        }
    }
    ready_made(name, text, folded.value)
}

/// A header whose `parts` are already in their final ASCII form; they are joined with `, ` and
/// each but the first may begin a new line.
pub(super) fn list(name: &'static str, parts: &[String]) -> HeaderValue {
    let text = parts.join(", ");
    let mut value = String::new();
    let mut column = name.len() + 2;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            value.push(',');
            value.push_str(if column + part.len() + 2 > WIDTH { "\r\n " } else { " " });
            column = if value.ends_with("\r\n ") { 1 } else { column + 2 };
        }
        value.push_str(part);
        column += part.len();
    }
    ready_made(name, text, value)
}

fn ready_made(name: &'static str, text: String, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), text, value)
}

/// Whether readers see `word` as written without any encoding, on a line of ordinary length.
fn is_plain(word: &str) -> bool {
    word.is_ascii() && !word.contains("=?") && word.len() <= MAX_PLAIN_WORD
}

/// A value being written, and the column its last line has reached.
struct Folded {
    value: String,
    column: usize,
}

impl Folded {
    /// Appends a word after a space or, when the line is full, on a new line.
    fn push(&mut self, word: &str) {
        if !self.value.is_empty() {
            let full = self.column + 1 + word.len() > WIDTH;
            self.value.push_str(if full { "\r\n " } else { " " });
            self.column = if full { 1 } else { self.column + 1 };
        }
        self.value.push_str(word);
        self.column += word.len();
    }

    /// Appends `text` as base64 encoded words (RFC 2047), none of them splitting a character.
    fn push_encoded(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let left = WIDTH.saturating_sub(self.column + 1 + ENCODED_WORD_FRAME);
            // A line with little room left is given up for a whole one.
            let room = if left < 16 && !self.value.is_empty() { WIDTH - 1 - ENCODED_WORD_FRAME } else { left.max(8) };
            let (now, later) = rest.split_at(rest.floor_char_boundary((room / 4 * 3).min(rest.len())));
            self.push(&format!("=?utf-8?B?{}?=", BASE64.encode(now.as_bytes())));
            rest = later;
        }
    }
}

/// Whether `url` may stand between angle brackets in a list header (RFC 2369, 2):
/// printable ASCII without spaces and brackets, of one of the `schemes`, and not too long for a line.
pub(super) fn is_list_url(url: &str, schemes: &[&str]) -> bool {
    let known = schemes.iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    known && url.len() <= 900 && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\`".contains(&byte))
}

/// Whether `text` is atoms joined by single dots (RFC 5322 dot-atom), at most `limit` octets.
pub(super) fn is_dot_atom(text: &str, limit: usize) -> bool {
    text.len() <= limit
        && text.split('.').all(|atom| {
            !atom.is_empty()
                && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
        })
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;

    fn header_lines(value: &HeaderValue, name: &str) -> String {
        let mut headers = lettre::message::header::Headers::new();
        headers.insert_raw(value.clone());
        let text = headers.to_string();
        assert!(text.starts_with(name), "{text}");
        text
    }

    #[test]
    fn plain_text_is_folded_at_words_and_not_encoded() {
        let text = "seven papers for you about the long and winding road to a language model that folds";
        let lines = header_lines(&unstructured("Subject", text), "Subject");
        assert_eq!(lines.lines().count(), 2);
        assert!(lines.lines().all(|line| line.len() <= 76));
        assert_eq!(lines.trim_end().replace("\r\n", ""), format!("Subject: {text}"));
    }

    #[test]
    fn text_that_looks_encoded_is_shown_as_written() {
        let lines = header_lines(&unstructured("Subject", "=?utf-8?q?=0D=0ABcc?="), "Subject");
        assert!(lines.starts_with("Subject: =?utf-8?B?"), "{lines}");
    }

    #[test]
    fn a_long_list_header_breaks_between_its_links() {
        let parts = ["https://papers.example.org/unsubscribe/abcdefghijklmnop", "mailto:u@example.org"];
        let value = list("List-Unsubscribe", &parts.map(|part| format!("<{part}>")));
        insta::assert_snapshot!(header_lines(&value, "List-Unsubscribe"), @r"
        List-Unsubscribe: <https://papers.example.org/unsubscribe/abcdefghijklmnop>,
         <mailto:u@example.org>
        ");
    }

    #[test]
    fn links_that_could_leave_their_brackets_are_refused() {
        assert!(is_list_url("https://example.org/u/a?b=c,d", &["https://", "http://"]));
        for url in ["https://", "ftp://example.org/", "https://a b", "https://a>b", "https://a\r\nb", "https://é"] {
            assert!(!is_list_url(url, &["https://", "http://"]), "{url}");
        }
    }

    proptest! {
        #[test]
        fn every_text_reads_back_as_its_one_line_form(text in "(\\PC|[\r\n\t =?]){0,300}") {
            let lines = header_lines(&unstructured("Subject", &text), "Subject");
            prop_assert!(lines.is_ascii());
            prop_assert!(lines.lines().all(|line| line.len() <= 76));
            prop_assert_eq!(lines.matches('\n').count(), lines.matches("\r\n").count());
            prop_assert!(lines.split("\r\n").skip(1).all(|line| line.is_empty() || line.starts_with(' ')));
            let raw = format!("{lines}\r\n");
            let parsed = MessageParser::default().parse(raw.as_bytes()).expect("a message");
            prop_assert_eq!(parsed.headers().len(), 1);
            prop_assert_eq!(parsed.subject().unwrap_or_default(), one_line(&text));
        }
    }
}
