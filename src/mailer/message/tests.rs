use mail_parser::MessageParser;
use proptest::prelude::*;

use super::*;
use crate::model::from_micros;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("valid")
}

fn digest() -> Draft {
    Draft {
        kind: DeliveryKind::Digest,
        from: Mailbox { name: "Café Papers".to_owned(), address: address("digest@papers.example.org") },
        reply_to: Some(address("help@papers.example.org")),
        to: address("ada@example.org"),
        subject: "7 papers for you: Sharp Minima, α-Divergence and the Long Road to Generalisation".to_owned(),
        text: "7 papers match.\n\n.hidden dot\nα = 1\ttab\nlast line".to_owned(),
        html: "<!doctype html>\n<title>Papers</title>\n<p>7 papers match, α = 1.</p>\n".to_owned(),
        message_id: "123456789012345@papers.example.org".to_owned(),
        date: from_micros(1_795_413_600_000_000),
        boundary_seed: *b"0123456789abcdef",
        list: Some(ListHeaders {
            list_id: "digest.papers.example.org".to_owned(),
            unsubscribe_url: "https://papers.example.org/unsubscribe/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                .to_owned(),
            unsubscribe_mailto: Some("mailto:unsubscribe@papers.example.org?subject=x".to_owned()),
            help_url: "https://papers.example.org/".to_owned(),
            feedback_id: "20261123:digest:broadsheet:papers.example.org".to_owned(),
        }),
    }
}

fn confirmation() -> Draft {
    Draft {
        kind: DeliveryKind::Confirmation,
        from: Mailbox { name: String::new(), address: address("digest@papers.example.org") },
        reply_to: None,
        subject: "Please confirm".to_owned(),
        list: None,
        ..digest()
    }
}

fn text_of(draft: &Draft) -> String {
    String::from_utf8(compose(draft).expect("composed").into_bytes()).expect("ascii")
}

#[test]
fn a_digest_is_a_list_message_with_two_parts() {
    insta::assert_snapshot!(text_of(&digest()).replace("\r\n", "\n"));
}

#[test]
fn a_transactional_mail_has_no_list_headers() {
    insta::assert_snapshot!(text_of(&confirmation()).replace("\r\n", "\n"));
}

#[test]
fn control_characters_are_taken_out_and_a_text_without_them_is_not_copied() {
    assert_eq!(plain_line_ends("a\u{85}b·c\r\nd\u{7f}\0e\u{a0}\r\tf"), "ab·c\nde\u{a0}\n\tf");
    assert!(matches!(plain_line_ends("1 · two \u{a0} à la carte\n"), Cow::Borrowed(_)));
}

#[test]
fn equal_drafts_give_equal_bytes_and_another_seed_another_boundary() {
    assert_eq!(compose(&digest()), compose(&digest()));
    let other = Draft { boundary_seed: [7; 16], ..digest() };
    assert_ne!(compose(&digest()), compose(&other));
}

#[test]
fn every_header_stands_exactly_once_and_lines_are_short() {
    for draft in [digest(), confirmation()] {
        let message = text_of(&draft);
        let (head, body) = message.split_once("\r\n\r\n").expect("a body");
        let mut names: Vec<String> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap().to_lowercase())
            .collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        for required in ["from", "to", "subject", "date", "message-id", "mime-version", "content-type"] {
            assert!(names.iter().any(|name| name == required), "{required}");
        }
        assert!(body.split("\r\n").all(|line| line.len() <= 76));
    }
}

#[test]
fn list_headers_belong_to_digests_only() {
    let without = Draft { list: None, ..digest() };
    assert_eq!(compose(&without), Err(MessageError::ListKind("digest")));
    let with = Draft { list: digest().list, ..confirmation() };
    assert_eq!(compose(&with), Err(MessageError::ListKind("confirmation")));
}

#[test]
fn values_that_would_leave_their_header_are_refused() {
    for id in ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x", "<a@b>", "a..b@c", &"a".repeat(300)] {
        let draft = Draft { message_id: id.to_owned(), ..digest() };
        assert_eq!(compose(&draft), Err(MessageError::MessageId(id.to_owned())));
    }
    let refused = |change: &dyn Fn(&mut ListHeaders)| {
        let mut draft = digest();
        change(draft.list.as_mut().expect("a digest"));
        matches!(compose(&draft), Err(MessageError::ListValue { .. }))
    };
    assert!(refused(&|list| list.list_id = "a>\r\nBcc: x".to_owned()));
    assert!(refused(&|list| list.unsubscribe_url = "https://a\r\nBcc: x".to_owned()));
    assert!(refused(&|list| list.unsubscribe_url = "mailto:a@example.org".to_owned()));
    assert!(refused(&|list| list.unsubscribe_mailto = Some("https://example.org".to_owned())));
    assert!(refused(&|list| list.help_url = "javascript:alert(1)".to_owned()));
    assert!(refused(&|list| list.feedback_id = "a b".to_owned()));
}

#[test]
fn dates_no_reader_can_show_are_refused() {
    for date in [Timestamp::MIN_UTC, Timestamp::MAX_UTC, from_micros(-1_000_000)] {
        assert_eq!(compose(&Draft { date, ..digest() }), Err(MessageError::Date(date)));
    }
}

#[test]
fn names_in_any_script_and_with_any_punctuation_read_back() {
    for name in ["Café Papers", "Papers, \"The\" <x@y>", "論文ダイジェスト", "a@b.c", "Doe; John (x)", "\\", "O'Hara"]
    {
        let from = Mailbox { name: name.to_owned(), ..digest().from };
        let message = text_of(&Draft { from, ..digest() });
        let parsed = MessageParser::default().parse(&message).expect("a message");
        let author = parsed.from().and_then(|list| list.first()).expect("an author");
        assert_eq!((author.name(), author.address()), (Some(name), Some("digest@papers.example.org")), "{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_can_add_a_header_or_leave_its_part(
        name in "(\\PC|[\r\n\t:<>\",]){0,80}",
        subject in "(\\PC|[\r\n\t:=?]){0,200}",
        text in "(\\PC|[\r\n\t.=\u{0}\u{85}\u{2028}]|--=_|\r\n\\.\r\n){0,200}",
        html in "(\\PC|[\r\n\t.=]){0,200}",
    ) {
        let from = Mailbox { name, ..digest().from };
        let draft = Draft { from, subject: subject.clone(), text: text.clone(), html: html.clone(), ..digest() };
        let message = compose(&draft).expect("composed");
        let parsed = MessageParser::default().parse(message.as_bytes()).expect("a message");
        let usual = MessageParser::default().parse(text_of(&digest()).as_bytes()).expect("a message").headers().len();
        prop_assert_eq!(parsed.headers().len(), usual);
        prop_assert_eq!(parsed.subject().unwrap_or_default(), one_line(&subject));
        prop_assert_eq!(parsed.parts.len(), 3);
        let content = |part: usize| parsed.parts[part].text_contents().expect("text").replace("\r\n", "\n");
        prop_assert_eq!(content(1), plain_line_ends(&text));
        prop_assert_eq!(content(2), plain_line_ends(&html));
    }
}
