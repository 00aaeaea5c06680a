//! Reading messages back, for people who look at them: the mailbox viewer and listings.
//!
//! Whatever the bytes are, there is an answer; what a message lacks is empty.
//! HTML comes out as it went in: whoever shows it must isolate it.

use mail_parser::{Address, HeaderName, Message, MessageParser};

/// One line of a mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailSummary {
    /// Author, as `Name <address>` or `address`.
    pub from: String,
    /// First recipient, in the same form.
    pub to: String,
    /// Decoded subject.
    pub subject: String,
    /// The Date header as RFC 3339, empty when it cannot be read.
    pub date: String,
    /// Without angle brackets.
    pub message_id: String,
}

/// A message taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailParts {
    /// Names and unfolded raw values in the order they stand.
    pub headers: Vec<(String, String)>,
    /// The first plain-text part, decoded.
    pub text: Option<String>,
    /// The first HTML part, decoded.
    pub html: Option<String>,
}

/// What a listing shows of `message`.
pub fn summary(message: &[u8]) -> MailSummary {
    let Some(parsed) = MessageParser::default().parse_headers(message) else {
        return MailSummary::default();
    };
    MailSummary {
        from: shown(parsed.from()),
        to: shown(parsed.to()),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        date: parsed.date().filter(|date| date.is_valid()).map(|date| date.to_rfc3339()).unwrap_or_default(),
        message_id: parsed.message_id().unwrap_or_default().to_owned(),
    }
}

/// Headers and bodies of `message`.
pub fn parts(message: &[u8]) -> MailParts {
    let Some(parsed) = MessageParser::default().parse(message) else {
        return MailParts::default();
    };
    let raw = |name: &str, value: &str| (name.to_owned(), super::headers::one_line(value));
    MailParts {
        headers: parsed.headers_raw().map(|(name, value)| raw(name, value)).collect(),
        text: body(&parsed, &parsed.text_body, "html"),
        html: body(&parsed, &parsed.html_body, "plain"),
    }
}

/// The first part of the list that is not of the other kind: without its own kind
/// the parser lists the other one in its place, meant to be converted.
fn body(message: &Message<'_>, list: &[u32], other_subtype: &str) -> Option<String> {
    let part = message.part(*list.first()?)?;
    let subtype = part.headers.iter().find(|header| header.name == HeaderName::ContentType);
    let subtype = subtype.and_then(|header| header.value.as_content_type()).and_then(|kind| kind.subtype());
    let missing = subtype.unwrap_or("plain").eq_ignore_ascii_case(other_subtype);
    (!missing).then(|| part.text_contents().map(str::to_owned)).flatten()
}

fn shown(address: Option<&Address<'_>>) -> String {
    let Some(first) = address.and_then(Address::first) else {
        return String::new();
    };
    match (first.name(), first.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAIL: &[u8] = b"From: =?utf-8?q?Caf=C3=A9?= <digest@example.org>\r\nTo: ada@example.org\r\n\
        Subject: =?utf-8?B?w6k=?= and\r\n more\r\nDate: Mon, 23 Nov 2026 07:00:00 +0100\r\n\
        Message-ID: <7@example.org>\r\nX-Long: one\r\n two\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve\r\n--b\r\nContent-Type: text/html\r\n\r\n\
        <p>hi\r\n--b--\r\n";

    #[test]
    fn a_listing_shows_decoded_headers() {
        assert_eq!(
            summary(MAIL),
            MailSummary {
                from: "Café <digest@example.org>".to_owned(),
                to: "ada@example.org".to_owned(),
                subject: "é and more".to_owned(),
                date: "2026-11-23T07:00:00+01:00".to_owned(),
                message_id: "7@example.org".to_owned(),
            }
        );
    }

    #[test]
    fn both_parts_are_decoded_and_headers_unfolded() {
        let parts = parts(MAIL);
        assert_eq!(parts.text.as_deref().map(str::trim_end), Some("naïve"));
        assert_eq!(parts.html.as_deref().map(str::trim_end), Some("<p>hi"));
        assert!(parts.headers.contains(&("X-Long".to_owned(), "one two".to_owned())));
    }

    #[test]
    fn a_part_that_is_missing_is_not_made_up_from_the_other() {
        let html = parts(b"Content-Type: text/html\r\n\r\n<p>only</p>\r\n");
        assert!(html.text.is_none() && html.html.is_some());
        let text = parts(b"Subject: x\r\n\r\nonly\r\n");
        assert!(text.html.is_none() && text.text.is_some());
        assert_eq!(parts(b""), MailParts::default());
    }

    proptest! {
        #[test]
        fn junk_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..600_usize) {
            summary(&bytes);
            parts(&bytes);
            let cut = cut.min(MAIL.len());
            parts(&[&MAIL[..cut], &bytes].concat());
        }
    }
}
