//! Making text from outside harmless: for HTML, and for places that hold one line.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Writes `text` so that it is text in HTML, in element content and in quoted attributes.
///
/// Shorter than the engine's own form, which also escapes every slash of a link. Control characters,
/// which no HTML text may hold, become spaces; line feeds stay.
pub(super) fn write_html(out: &mut impl Write, text: &str) -> fmt::Result {
    write_replacing(out, text, |special| match special {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&#34;"),
        '\'' => Some("&#39;"),
        '\n' => None,
        c => is_unprintable(c).then_some(" "),
    })
}

/// Writes `text` for a plain text: control characters become spaces, line feeds stay.
pub(super) fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    write_replacing(out, text, |c| (c != '\n' && is_unprintable(c)).then_some(" "))
}

/// Writes `text` with what `replace` gives in the place of some characters; it is asked about those that may
/// need it, and never about a plain letter.
fn write_replacing(out: &mut impl Write, text: &str, replace: impl Fn(char) -> Option<&'static str>) -> fmt::Result {
    let (mut written, mut at) = (0, 0);
    while let Some(step) = first_suspect(&text.as_bytes()[at..]) {
        at += step;
        let suspect = text[at..].chars().next().unwrap_or(' ');
        let end = at + suspect.len_utf8();
        if let Some(replacement) = replace(suspect) {
            out.write_str(&text[written..at])?;
            out.write_str(replacement)?;
            written = end;
        }
        at = end;
    }
    out.write_str(&text[written..])
}

/// Where the first byte is with which a character begins that may be markup, unprintable or a direction override.
fn first_suspect(bytes: &[u8]) -> Option<usize> {
    // A processor looks at sixteen at a time.
    let (chunks, _) = bytes.as_chunks::<16>();
    let plain = |chunk: &&[u8; 16]| !chunk.iter().fold(false, |any, &byte| any | is_suspect(byte));
    let passed = 16 * chunks.iter().take_while(plain).count();
    bytes[passed..].iter().position(|&byte| is_suspect(byte)).map(|at| passed + at)
}

const fn is_suspect(byte: u8) -> bool {
    (byte < b' ')
        | (byte == 0x7F)
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'"')
        | (byte == b'\'')
        | (byte == 0xC2)
        | (byte == 0xE2)
        | (byte == 0xEF)
}

/// `text` on one line, safe in a header: control characters and line separators become spaces,
/// direction overrides, which could turn the rest of the line around, disappear.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let may_be_unwanted = first_suspect(text.as_bytes()).is_some();
    if !may_be_unwanted || !text.contains(|c: char| is_unprintable(c) || is_direction_override(c)) {
        return Cow::Borrowed(text);
    }
    let printable = text.chars().filter(|c| !is_direction_override(*c));
    Cow::Owned(printable.map(|c| if is_unprintable(c) { ' ' } else { c }).collect())
}

/// Runs of white space become one space; none is left at the ends.
pub(super) fn folded(text: &str) -> String {
    let line = one_line(text);
    let is_folded = line.is_ascii() && !line.contains("  ") && !line.starts_with(' ') && !line.ends_with(' ');
    if is_folded {
        return line.into_owned();
    }
    let mut folded = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// At most `max` characters of `text`, cut after a word where one ends in the second half, with "…".
pub(super) fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().nth(max.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let head = &text[..end];
    let at_word = match text[end..].starts_with(char::is_whitespace) {
        true => end,
        false => head.rfind(char::is_whitespace).filter(|at| *at >= end / 2).unwrap_or(end),
    };
    let kept = head[..at_word].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.'));
    Cow::Owned(format!("{kept}…"))
}

/// [`cut`] of a text that nobody else needs.
pub(super) fn cut_off(text: String, max: usize) -> String {
    if let Cow::Owned(cut) = cut(&text, max) {
        return cut;
    }
    text
}

/// The link, when it is one that may stand in a mail: `http` or `https`, one word, of bounded length.
pub(super) fn web_link(url: &str) -> Option<&str> {
    const LONGEST: usize = 600;
    let scheme_fits = url.starts_with("https://") || url.starts_with("http://");
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'`'));
    (scheme_fits && plain && url.len() <= LONGEST).then_some(url)
}

fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}')
}

fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> String {
        let mut out = String::new();
        write_html(&mut out, text).unwrap();
        out
    }

    #[test]
    fn markup_becomes_text_and_links_stay_readable() {
        assert_eq!(html("<b a='\"'>&amp;"), "&lt;b a=&#39;&#34;&#39;&gt;&amp;amp;");
        assert_eq!(html("https://example.org/a?b=c"), "https://example.org/a?b=c");
        assert_eq!(html("a\u{0}b\u{1b}c\nd"), "a b c\nd");
    }

    #[test]
    fn a_cut_ends_after_a_word() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("one two three", 9), "one two…");
        assert_eq!(cut("one two three", 8), "one two…");
        assert_eq!(cut("unbreakable", 6), "unbre…");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn only_web_addresses_pass_as_links() {
        assert!(web_link("https://arxiv.org/abs/2508.00950").is_some());
        for url in ["javascript:alert(1)", "https://a b", "https://a\nb", "//x", "data:text/html,x", "https://a\"b"] {
            assert_eq!(web_link(url), None, "{url}");
        }
        assert_eq!(web_link(&format!("https://e.org/{}", "a".repeat(700))), None);
    }

    proptest! {
        #[test]
        fn every_character_that_is_replaced_begins_with_a_suspect_byte(c in any::<char>()) {
            let mut bytes = [0; 4];
            let first = c.encode_utf8(&mut bytes).as_bytes()[0];
            prop_assert!(is_suspect(first) || !(is_unprintable(c) || is_direction_override(c)));
        }

        #[test]
        fn a_cut_is_never_longer_than_asked(text in "\\PC{0,60}", max in 1_usize..40) {
            prop_assert!(cut(&text, max).chars().count() <= max);
        }

        #[test]
        fn one_line_is_one_line(text in any::<String>()) {
            let folded = folded(&text);
            prop_assert!(!folded.contains(|c: char| c.is_control()));
            prop_assert_eq!(&folded, &one_line(&text).split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}
