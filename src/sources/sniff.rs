//! Says what a body is when it is not what was asked for, and checks its encoding.

use super::SourceError;

/// The body as text, a byte order mark removed.
pub(super) fn utf8(body: &[u8]) -> Result<&str, SourceError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(body).map_err(|error| SourceError::NotUtf8 { offset: error.valid_up_to() })
}

/// What a text is, in words for an operator.
pub(super) fn describe(text: &str) -> String {
    let text = text.trim_start();
    if text.is_empty() {
        return "an empty body".to_owned();
    }
    if is_html(text) {
        return match html_title(text) {
            Some(title) => format!("an HTML page titled {title:?}"),
            None => "an HTML page".to_owned(),
        };
    }
    let kind = match text.as_bytes().first() {
        Some(b'<') => "XML",
        Some(b'{' | b'[') => "JSON",
        _ => "text",
    };
    format!("{kind} beginning with {:?}", beginning(text))
}

/// Whether a text is a web page, not XML that merely mentions one.
pub(super) fn is_html(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (head.starts_with("<!--") && head.contains("<html"))
}

fn html_title(text: &str) -> Option<String> {
    let head: String = text.chars().take(4000).collect();
    let lower = head.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title = beginning(&head[start..end]);
    (!title.is_empty()).then_some(title)
}

/// At most 80 characters on one line.
fn beginning(text: &str) -> String {
    let head: String = text.chars().take(400).collect();
    head.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_named() {
        assert_eq!(describe(" \n"), "an empty body");
        assert_eq!(
            describe("<!DOCTYPE html>\n<html><head><title>502 Bad\nGateway</title>"),
            "an HTML page titled \"502 Bad Gateway\""
        );
        assert_eq!(describe("<html>"), "an HTML page");
        assert_eq!(describe("Rate exceeded."), "text beginning with \"Rate exceeded.\"");
        assert_eq!(describe("{\"error\":1}"), "JSON beginning with \"{\\\"error\\\":1}\"");
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error_with_a_place() {
        assert_eq!(utf8(b"\xef\xbb\xbfabc"), Ok("abc"));
        assert_eq!(utf8(b"abc\xff"), Err(SourceError::NotUtf8 { offset: 3 }));
    }
}
