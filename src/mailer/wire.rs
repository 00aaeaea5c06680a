//! The last check before a message goes on the wire, and its SMTP transparency.
//!
//! A lone CR or LF lets two servers disagree about where a message ends (SMTP smuggling),
//! so nothing that has one is ever sent, whoever built it.

use memchr::memmem::{find, find_iter};
use memchr::memrchr;

/// The longest line a mail server has to take, without its CRLF (RFC 5322, 2.1.1).
pub const MAX_LINE: usize = 998;
/// What ends a message on the wire.
const FINAL_DOT: &[u8] = b".\r\n";

/// Why bytes are not a message that may be sent. Offsets count from the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A carriage return that no line feed follows.
    #[error("the message has a bare carriage return at byte {0}")]
    BareCr(usize),
    /// A line feed that no carriage return precedes.
    #[error("the message has a bare line feed at byte {0}")]
    BareLf(usize),
    /// A line over [`MAX_LINE`] octets that begins here.
    #[error("the message line that begins at byte {0} is longer than {MAX_LINE} octets")]
    LongLine(usize),
    /// NUL, or a byte above 127, which needs an extension the server may not have.
    #[error("the message has a byte at {0} that needs an encoding")]
    NotAscii(usize),
    /// The last line does not end in CRLF.
    #[error("the message does not end with a line end")]
    Unfinished,
}

/// A message that may be sent: it passed [`check`], and nothing can change it any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireMessage(Vec<u8>);

impl WireMessage {
    /// Takes a message that may be sent.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn new(message: Vec<u8>) -> Result<Self, WireError> {
        check(&message)?;
        Ok(Self(message))
    }

    /// The same message below one more header field, which ends in CRLF.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the field.
    pub fn below(self, field: &str) -> Result<Self, WireError> {
        check(field.as_bytes())?;
        let mut message = self.0;
        let length = message.len();
        message.resize(field.len() + length, 0);
        message.copy_within(..length, field.len());
        message[..field.len()].copy_from_slice(field.as_bytes());
        Ok(Self(message))
    }

    /// Headers and body.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The headers, up to the empty line.
    pub fn head(&self) -> &[u8] {
        &self.0[..find(&self.0, b"\r\n\r\n").map_or(self.0.len(), |at| at + 2)]
    }

    /// Headers and body.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// As it follows the server's 354: leading dots doubled, the final dot appended.
    pub(super) fn with_final_dot(self) -> Vec<u8> {
        let mut message = self.0;
        if message.starts_with(b".") || find(&message, b"\n.").is_some() {
            message = with_double_dots(&message);
        }
        message.extend_from_slice(FINAL_DOT);
        message
    }
}

/// Checks that `message` is lines of ASCII, each ended by CRLF and at most [`MAX_LINE`] long.
///
/// # Errors
///
/// The first thing that is wrong, and where.
fn check(message: &[u8]) -> Result<(), WireError> {
    if is_good(message) { Ok(()) } else { find_fault(message) }
}

/// The same in two passes that a processor takes many bytes at a time.
fn is_good(message: &[u8]) -> bool {
    let is_plain = |byte: u8| (byte != 0) & byte.is_ascii();
    let pairs = message
        .windows(2)
        .fold(true, |good, pair| good & ((pair[0] == b'\r') == (pair[1] == b'\n')) & is_plain(pair[1]));
    let begins = message.first().is_none_or(|&byte| byte != b'\n' && is_plain(byte));
    let ends = message.is_empty() || message.ends_with(b"\r\n");
    pairs && begins && ends && has_short_lines(message)
}

/// Looks for the last line feed of each stretch that a line may be long, rather than for each of them.
fn has_short_lines(mut rest: &[u8]) -> bool {
    while let Some(stretch) = rest.get(..MAX_LINE + 2) {
        match memrchr(b'\n', stretch) {
            Some(last) => rest = &rest[last + 1..],
            None => return false,
        }
    }
    true
}

fn find_fault(message: &[u8]) -> Result<(), WireError> {
    let mut line_start = 0;
    let mut after_cr = false;
    for (at, &byte) in message.iter().enumerate() {
        match byte {
            b'\n' if !after_cr => return Err(WireError::BareLf(at)),
            _ if after_cr && byte != b'\n' => return Err(WireError::BareCr(at - 1)),
            0 | 128.. => return Err(WireError::NotAscii(at)),
            b'\n' => {
                if at - 1 - line_start > MAX_LINE {
                    return Err(WireError::LongLine(line_start));
                }
                line_start = at + 1;
            }
            _ => {}
        }
        after_cr = byte == b'\r';
    }
    match (after_cr, line_start == message.len()) {
        (true, _) => Err(WireError::BareCr(message.len() - 1)),
        (false, false) => Err(WireError::Unfinished),
        (false, true) => Ok(()),
    }
}

/// Every dot at the start of a line doubled. In a message that passed [`check`] every line feed ends a line.
fn with_double_dots(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 64);
    if message.starts_with(b".") {
        out.push(b'.');
    }
    let mut written = 0;
    for line_feed in find_iter(message, b"\n.") {
        out.extend_from_slice(&message[written..=line_feed]);
        out.push(b'.');
        written = line_feed + 1;
    }
    out.extend_from_slice(&message[written..]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on_the_wire(message: &[u8]) -> Vec<u8> {
        WireMessage::new(message.to_vec()).expect("fit to be sent").with_final_dot()
    }

    #[test]
    fn a_field_in_front_is_checked_like_the_message() {
        let message = WireMessage::new(b"To: a\r\n\r\nbody\r\n".to_vec()).expect("fit to be sent");
        let below = message.clone().below("From: b\r\n").expect("a good field");
        assert_eq!(below.as_bytes(), b"From: b\r\nTo: a\r\n\r\nbody\r\n");
        assert_eq!(below.head(), b"From: b\r\nTo: a\r\n");
        for bad in ["From: b", "From: b\n", "From: \u{e9}\r\n"] {
            assert!(message.clone().below(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_lone_carriage_return_or_line_feed_is_refused_wherever_it_stands() {
        assert_eq!(check(b"a\r\n\n.\r\n"), Err(WireError::BareLf(3)));
        assert_eq!(check(b"\na\r\n"), Err(WireError::BareLf(0)));
        assert_eq!(check(b"a\rb\r\n"), Err(WireError::BareCr(1)));
        assert_eq!(check(b"a\r\r\n"), Err(WireError::BareCr(1)));
        assert_eq!(check(b"a\r\n\r"), Err(WireError::BareCr(3)));
    }

    #[test]
    fn lines_up_to_998_octets_pass_and_longer_ones_do_not() {
        let line = |length: usize| [b"x\r\n".as_slice(), &b"y".repeat(length), b"\r\n"].concat();
        assert_eq!(check(&line(998)), Ok(()));
        assert_eq!(check(&line(999)), Err(WireError::LongLine(3)));
    }

    #[test]
    fn unencoded_bytes_and_an_open_last_line_are_refused() {
        assert_eq!(check("a\u{e9}\r\n".as_bytes()), Err(WireError::NotAscii(1)));
        assert_eq!(check(b"\0\r\n"), Err(WireError::NotAscii(0)));
        assert_eq!(check(b"a"), Err(WireError::Unfinished));
        assert_eq!(check(b""), Ok(()));
    }

    #[test]
    fn leading_dots_are_doubled_and_the_dot_ends_the_message() {
        assert_eq!(on_the_wire(b".a\r\n..\r\nb.\r\n"), b"..a\r\n...\r\nb.\r\n.\r\n");
        assert_eq!(on_the_wire(b"a.\r\n"), b"a.\r\n.\r\n");
        assert_eq!(on_the_wire(b""), b".\r\n");
    }

    proptest! {
        #[test]
        fn the_quick_look_and_the_thorough_one_agree(message in "([.a\r\né\0]{0,4}\r\n){0,5}[a\r\n]{0,2}") {
            prop_assert_eq!(is_good(message.as_bytes()), find_fault(message.as_bytes()).is_ok());
        }

        #[test]
        fn what_passes_cannot_end_early_and_reads_back(message in "([.a\r\n]{0,3}\r\n){0,6}") {
            if check(message.as_bytes()).is_ok() {
                let sent = String::from_utf8(on_the_wire(message.as_bytes())).expect("ascii");
                let body = sent.strip_suffix(".\r\n").expect("final dot");
                let after_354 = format!("\r\n{}", sent);
                prop_assert_eq!(after_354.find("\r\n.\r\n"), Some(after_354.len() - 5));
                let read: String = body
                    .split_inclusive("\r\n")
                    .map(|line| line.strip_prefix('.').unwrap_or(line))
                    .collect();
                prop_assert_eq!(read, message);
            }
        }
    }
}
