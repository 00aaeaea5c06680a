//! What went wrong with an offer or a hand-over, and what it means for the delivery.
//!
//! Nothing here knows about retries or suppression; it only says which kind of failure it was.

use std::fmt;

use super::verdict;
use crate::model::{Outcome, Phase};

/// An enhanced status code (RFC 3463): class, subject, detail.
pub type Enhanced = (u8, u16, u16);

/// The longest text kept of a reply, in characters.
const MAX_TEXT: usize = 500;

/// One failed step of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// How far the dialogue came.
    pub phase: Phase,
    /// The server's reply code, when it replied.
    pub code: Option<u16>,
    /// Its enhanced status code, when it gave one.
    pub enhanced: Option<Enhanced>,
    /// What the server said, or what happened instead: one line, at most 500 characters.
    pub text: String,
    /// What the attempt came to.
    pub outcome: Outcome,
    /// Whether the session can carry another message.
    pub keep_connection: bool,
    /// The relay failed, not this message: no attempt of the delivery is used up.
    pub relay_fault: bool,
}

impl Refusal {
    /// A refusal by the server's own words.
    pub(super) fn by_reply(phase: Phase, code: u16, lines: &[String]) -> Self {
        let (enhanced, text) = status_and_text(lines);
        let verdict = verdict::of_reply(phase, code, enhanced);
        Self {
            phase,
            code: Some(code),
            enhanced,
            text,
            outcome: verdict.outcome,
            keep_connection: verdict.keep_connection,
            relay_fault: verdict.relay_fault,
        }
    }

    /// A failure of the connection before the final dot: nothing was sent, the session is over.
    pub(super) fn before_dot(phase: Phase, text: impl fmt::Display) -> Self {
        Self::without_reply(phase, text, Outcome::Retry)
    }

    /// No usable reply after the final dot: nobody knows whether the message was taken.
    pub(super) fn after_dot(text: impl fmt::Display) -> Self {
        Self::without_reply(Phase::Dot, text, Outcome::Uncertain)
    }

    /// A message or an address that is not fit to be sent.
    pub(super) fn ours(phase: Phase, text: impl fmt::Display) -> Self {
        Self::without_reply(phase, text, Outcome::OurFault)
    }

    fn without_reply(phase: Phase, text: impl fmt::Display, outcome: Outcome) -> Self {
        let text = one_plain_line(&text.to_string());
        let relay_fault = outcome == Outcome::Retry && phase <= Phase::Auth;
        Self { phase, code: None, enhanced: None, text, outcome, keep_connection: false, relay_fault }
    }
}

impl fmt::Display for Refusal {
    /// As written to logs: `rcpt: 550 5.1.1 no such user`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.phase.as_str())?;
        if let Some(code) = self.code {
            write!(f, " {code}")?;
        }
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        write!(f, " {}", self.text)
    }
}

impl std::error::Error for Refusal {}

/// The enhanced code that opens the first line, and the lines joined without it.
pub(super) fn status_and_text(lines: &[String]) -> (Option<Enhanced>, String) {
    let status = lines.first().and_then(|line| enhanced(line.split(' ').next().unwrap_or_default()));
    let mut text = String::new();
    for line in lines {
        let rest = match line.split_once(' ') {
            Some((word, rest)) if enhanced(word).is_some() => rest,
            None if enhanced(line).is_some() => "",
            _ => line,
        };
        text.push_str(rest);
        text.push(' ');
    }
    (status, one_plain_line(&text))
}

/// Reads `5.1.1`: class 2, 4 or 5, then two numbers of up to three digits.
fn enhanced(word: &str) -> Option<Enhanced> {
    let mut parts = word.split('.');
    let class = match parts.next()? {
        "2" => 2,
        "4" => 4,
        "5" => 5,
        _ => return None,
    };
    let mut number = || {
        let part = parts.next()?;
        let good = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| part.parse().ok()).flatten()
    };
    let status = (class, number()?, number()?);
    parts.next().is_none().then_some(status)
}

/// Without control characters, white space folded, cut to [`MAX_TEXT`] characters.
fn one_plain_line(text: &str) -> String {
    let line = super::headers::one_line(text);
    match line.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => line[..end].to_owned(),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_refusal_keeps_codes_and_text_apart() {
        let refusal =
            Refusal::by_reply(Phase::Rcpt, 550, &lines(&["5.1.1 <x@example.org>:", "5.1.1 no such\x07 user"]));
        assert_eq!(refusal.enhanced, Some((5, 1, 1)));
        assert_eq!(refusal.text, "<x@example.org>: no such user");
        assert_eq!(refusal.to_string(), "rcpt: 550 5.1.1 <x@example.org>: no such user");
    }

    #[test]
    fn what_is_not_an_enhanced_code_stays_text() {
        for text in ["5.1 x", "3.1.1 x", "5.1.1.1 x", "5.1.1000 x", "5..1 x", "5.+1.1 x", "10.0.0.1 x"] {
            assert_eq!(status_and_text(&lines(&[text])), (None, text.to_owned()));
        }
        assert_eq!(status_and_text(&[]), (None, String::new()));
        assert_eq!(status_and_text(&lines(&["4.7.1"])), (Some((4, 7, 1)), String::new()));
    }

    proptest! {
        #[test]
        fn the_text_of_a_reply_is_one_short_line(parts in proptest::collection::vec(".{0,300}", 0..5)) {
            let (_, text) = status_and_text(&parts);
            prop_assert!(text.chars().count() <= MAX_TEXT);
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
