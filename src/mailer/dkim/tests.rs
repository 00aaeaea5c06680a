//! Signatures are checked by a verifier written from RFC 6376 that shares no code with the signer.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use data_encoding::BASE64;
use proptest::prelude::*;

use super::{DkimError, Signer, canonical};
use crate::model::{Timestamp, from_micros};

const KEY: &str = include_str!("fixtures/rsa2048.pem");
const SAME_KEY_PKCS1: &str = include_str!("fixtures/rsa2048.pkcs1.pem");
const SHORT_KEY: &str = include_str!("fixtures/rsa1024.pem");
const CURVE_KEY: &str = include_str!("fixtures/ec.pem");
const PUBLIC: &str = include_str!("fixtures/public.txt");
/// Octets of SubjectPublicKeyInfo in front of the RSAPublicKey of a 2048-bit key.
const SPKI_PREFIX: usize = 24;

const MAIL: &str = "From: Papers <digest@example.org>\r\nTo: ada@example.org\r\nSubject: 7 papers\r\n for  you\r\n\
    Date: Mon, 23 Nov 2026 06:00:00 +0000\r\nMessage-ID: <7@example.org>\r\nList-Id: <digest.example.org>\r\n\
    List-Unsubscribe: <https://example.org/u/t>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
    X-Unsigned: anything\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"=_b\"\r\n\r\n\
    --=_b\r\n\r\nhello  there \r\n--=_b--\r\n\r\n\r\n";

fn signer() -> Signer {
    Signer::from_pem(KEY, "Example.org", "mail").expect("a good key")
}

fn at() -> Timestamp {
    from_micros(1_795_413_600_999_999)
}

fn signed(message: &str) -> String {
    signer().sign(message.as_bytes(), at()) + message
}

fn verifies(message: &str) -> bool {
    let (head, body) = message.split_once("\r\n\r\n").expect("a body");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let fields: Vec<(String, String)> = head.split("\r\n").map(|line| relaxed(line.split_once(':').unwrap())).collect();
    let signature = &fields.iter().find(|(name, _)| name == "dkim-signature").expect("signed").1;
    let tag = |wanted: &str| {
        let value = signature.split(';').find_map(|tag| tag.trim().strip_prefix(wanted)).expect(wanted);
        value.replace(' ', "")
    };

    let mut lines: Vec<String> = body.split("\r\n").map(|line| squeeze(line).trim_end().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let body: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    if BASE64.encode(digest(&SHA256, body.as_bytes()).as_ref()) != tag("bh=") {
        return false;
    }

    let mut left = fields.clone();
    let mut input = String::new();
    for name in tag("h=").split(':') {
        if let Some(index) = left.iter().rposition(|(known, _)| known.eq_ignore_ascii_case(name)) {
            let (name, value) = left.remove(index);
            input += &format!("{name}:{value}\r\n");
        }
    }
    let (before, _) = signature.rsplit_once("b=").expect("b=");
    input += &format!("dkim-signature:{before}b=");
    let public = BASE64.decode(PUBLIC.as_bytes()).expect("base64");
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public[SPKI_PREFIX..])
        .verify(input.as_bytes(), &BASE64.decode(tag("b=").as_bytes()).expect("base64"))
        .is_ok()
}

fn relaxed((name, value): (&str, &str)) -> (String, String) {
    (name.trim().to_lowercase(), squeeze(value).trim().to_owned())
}

fn squeeze(text: &str) -> String {
    let mut out = String::new();
    for letter in text.replace('\t', " ").chars() {
        if letter != ' ' || !out.ends_with(' ') {
            out.push(letter);
        }
    }
    out
}

#[test]
fn a_signature_verifies_and_survives_what_relays_do_to_white_space() {
    let good = signed(MAIL);
    assert!(verifies(&good));
    assert!(verifies(&good.replace("Subject: 7 papers\r\n for  you", "SUBJECT:7   papers for you  ")));
    assert!(verifies(&good.replace("hello  there ", "hello there\t ")));
    assert!(verifies(&format!("{good}\r\n\r\n")));
    assert!(verifies(&good.replace("anything", "something else")));
}

#[test]
fn a_change_of_any_signed_header_or_of_the_body_breaks_it() {
    let good = signed(MAIL);
    for (from, to) in [
        ("Papers <", "Someone <"),
        ("ada@example.org", "bob@example.org"),
        ("7 papers", "8 papers"),
        ("06:00:00", "06:00:01"),
        ("<7@", "<8@"),
        ("<digest.example.org>", "<other.example.org>"),
        ("/u/t", "/u/x"),
        ("=One-Click", "=Two-Click"),
        ("MIME-Version: 1.0", "MIME-Version: 1.1"),
        ("boundary=\"=_b\"", "boundary=\"=_c\""),
        ("hello", "hallo"),
        ("t=1795413600", "t=1795413601"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert!(!verifies(&changed), "{from}");
    }
}

#[test]
fn a_second_author_or_subject_breaks_the_signature() {
    let good = signed(MAIL);
    for extra in ["From: evil@example.net\r\n", "Subject: win\r\n"] {
        assert!(!verifies(&format!("{extra}{good}")));
        assert!(!verifies(&good.replacen("X-Unsigned", &format!("{extra}X-Unsigned"), 1)));
    }
}

#[test]
fn both_encodings_of_a_key_give_the_same_lines_none_too_long() {
    let header = signer().sign(MAIL.as_bytes(), at());
    let other = Signer::from_pem(SAME_KEY_PKCS1, "example.org", "mail").expect("a good key");
    assert_eq!(header, other.sign(MAIL.as_bytes(), at()));
    assert!(header.lines().all(|line| line.len() <= 76), "{header}");
    let (unsigned, _) = header.split_once("b=").expect("b=");
    insta::assert_snapshot!(unsigned.replace('\t', " "), @r"
    DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
     d=example.org; s=mail;
     t=1795413600;
     h=From:From:To:Subject:Subject:Date:Message-ID:MIME-Version:Content-Type:
     List-Id:List-Unsubscribe:List-Unsubscribe-Post;
     bh=CiKOuzIJUK8rwqTIDBhz0k3y7fzx8en1WAj+N2FVAqw=;
    ");
}

#[test]
fn the_dns_record_publishes_the_key_as_openssl_prints_it() {
    assert_eq!(signer().dns_record(), format!("v=DKIM1; k=rsa; p={PUBLIC}"));
    assert_eq!(signer().dns_name(), "mail._domainkey.example.org");
}

#[test]
fn keys_that_receivers_refuse_are_refused_here_without_being_shown() {
    let refused = |pem: &str| Signer::from_pem(pem, "example.org", "mail").expect_err("refused");
    assert_eq!(refused(SHORT_KEY), DkimError::TooShort);
    assert!(refused(SHORT_KEY).to_string().contains("2048"));
    assert!(matches!(refused(CURVE_KEY), DkimError::Unusable(_)));
    assert_eq!(refused(""), DkimError::NotPem);
    assert_eq!(refused(&KEY.replace("PRIVATE", "PUBLIC")), DkimError::NotPem);
    let damaged = KEY.replacen("MII", "MIJ", 1);
    assert!(!refused(&damaged).to_string().contains("MIJ"));
    for name in ["", "a b", "example.org; x=y", "exa\r\nmple.org", "ex@ample.org"] {
        assert_eq!(Signer::from_pem(KEY, name, "mail").err(), Some(DkimError::Name(name.to_owned())));
    }
    assert!(!format!("{:?}", signer()).contains("MII"));
}

#[test]
fn the_relaxed_forms_are_those_of_the_rfc() {
    // RFC 6376, 3.4.5, example 1.
    let (fields, body) = canonical::split(b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n");
    assert_eq!(canonical::headers(&fields, &["A", "B"]), b"a:X\r\nb:Y Z\r\n");
    let canonical_body = |body: &[u8]| {
        let mut whole = Vec::new();
        canonical::body(body, |piece| whole.extend_from_slice(piece));
        whole
    };
    assert_eq!(canonical_body(body), b" C\r\nD E\r\n");
    assert_eq!(canonical_body(b""), b"");
    assert_eq!(canonical_body(b"\r\n \r\n"), b"");
    assert_eq!(canonical_body(b"\r\n\r\n"), b"");
    assert_eq!(canonical_body(b"a\r\n\r\n\r\n"), b"a\r\n");
    assert_eq!(canonical_body(b"open end"), b"open end\r\n");
}

#[test]
fn repeated_headers_are_taken_from_the_bottom() {
    let (fields, _) = canonical::split(b"X: 1\r\nY: 2\r\nX: 3\r\n\r\n");
    assert_eq!(canonical::headers(&fields, &["x", "X", "x"]), b"x:3\r\nx:1\r\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_texts_the_signature_verifies(
        subject in "[!-~]{1,30}([ \t]{1,3}[!-~]{1,30}|\r\n [!-~]{1,30}){0,4}",
        body in "([ -~\t]{0,40}\r\n){0,8}",
        reply_to in proptest::option::of("[a-z]{1,10}@example\\.org"),
    ) {
        let reply_to = reply_to.map(|address| format!("Reply-To: {address}\r\n")).unwrap_or_default();
        let message = format!("From: a@example.org\r\n{reply_to}Subject: {subject}\r\n\r\n{body}");
        prop_assert!(verifies(&signed(&message)));
    }

    #[test]
    fn bytes_that_are_no_message_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(signer().sign(&bytes, at()).starts_with("DKIM-Signature: "));
    }
}
