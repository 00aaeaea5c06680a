//! Reading SMTP replies (RFC 5321, 4.2) from bytes that may be anything.

/// The most a server may say in one reply, in octets.
const MAX_OCTETS: usize = 8 * 1024;
/// The most lines of one reply.
const MAX_LINES: usize = 64;

/// A complete reply: one code, the texts of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

/// Why bytes are not a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReplyError {
    #[error("the server's reply is longer than {MAX_OCTETS} octets or {MAX_LINES} lines")]
    TooLong,
    #[error("the server does not speak SMTP")]
    NotSmtp,
    #[error("the lines of the server's reply have different codes")]
    MixedCodes,
    #[error("the server said more than one reply at once")]
    OutOfTurn,
}

/// Collects bytes until they are one reply.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pending: Vec<u8>,
    octets: usize,
    code: Option<u16>,
    lines: Vec<String>,
}

impl Collector {
    /// Takes the bytes just read; gives the reply once it is complete, and the bytes behind it.
    pub(super) fn push<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<(Reply, &'a [u8])>, ReplyError> {
        self.octets += bytes.len();
        if self.octets > MAX_OCTETS {
            return Err(ReplyError::TooLong);
        }
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.pending.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.pending);
            if self.take_line(line.strip_suffix(b"\r").unwrap_or(&line))? {
                let reply = Reply { code: self.code.unwrap_or_default(), lines: std::mem::take(&mut self.lines) };
                *self = Self::default();
                return Ok(Some((reply, rest)));
            }
        }
        self.pending.extend_from_slice(rest);
        Ok(None)
    }

    /// Whether `line` is the last of its reply.
    fn take_line(&mut self, line: &[u8]) -> Result<bool, ReplyError> {
        let (digits, rest) = line.split_at_checked(3).ok_or(ReplyError::NotSmtp)?;
        let &[first @ b'2'..=b'5', second @ b'0'..=b'9', third @ b'0'..=b'9'] = digits else {
            return Err(ReplyError::NotSmtp);
        };
        let code = u16::from(first - b'0') * 100 + u16::from(second - b'0') * 10 + u16::from(third - b'0');
        if *self.code.get_or_insert(code) != code {
            return Err(ReplyError::MixedCodes);
        }
        let (last, text) = match rest {
            [] => (true, rest),
            [b' ', text @ ..] => (true, text),
            [b'-', text @ ..] => (false, text),
            _ => return Err(ReplyError::NotSmtp),
        };
        if text.contains(&0) {
            return Err(ReplyError::NotSmtp);
        }
        if self.lines.len() == MAX_LINES {
            return Err(ReplyError::TooLong);
        }
        self.lines.push(String::from_utf8_lossy(text).into_owned());
        Ok(last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Option<Reply>, ReplyError> {
        let read = Collector::default().push(text.as_bytes());
        read.map(|complete| complete.map(|(reply, _)| reply))
    }

    #[test]
    fn a_reply_is_complete_with_the_line_that_has_a_space() {
        let reply = Reply { code: 250, lines: vec!["mx".to_owned(), "STARTTLS".to_owned()] };
        assert_eq!(read("250-mx\r\n250 STARTTLS\r\n"), Ok(Some(reply)));
        assert_eq!(read("250-mx\r\n250 START"), Ok(None));
        assert_eq!(read("354\r\n"), Ok(Some(Reply { code: 354, lines: vec![String::new()] })));
    }

    #[test]
    fn what_is_not_smtp_is_refused() {
        for text in ["HTTP/1.1 400\r\n", "\r\n", "25\r\n", "650 x\r\n", "250x\r\n", "2\u{b2}0 x\r\n", "250 a\0b\r\n"] {
            assert_eq!(read(text), Err(ReplyError::NotSmtp), "{text:?}");
        }
        assert_eq!(read("250-a\r\n251 b\r\n"), Err(ReplyError::MixedCodes));
    }

    #[test]
    fn what_stands_behind_a_reply_is_handed_back() {
        let mut collector = Collector::default();
        let (first, rest) = collector.push(b"250 one\r\n550 two\r\n35").expect("good").expect("complete");
        assert_eq!((first.code, rest), (250, b"550 two\r\n35".as_slice()));
        let (second, rest) = collector.push(rest).expect("good").expect("complete");
        assert_eq!((second.code, rest), (550, b"35".as_slice()));
    }

    #[test]
    fn endless_replies_are_cut_off() {
        assert_eq!(read(&"250-x\r\n".repeat(65)), Err(ReplyError::TooLong));
        assert!(matches!(read(&("250-x\r\n".repeat(63) + "250 x\r\n")), Ok(Some(_))));
        let mut collector = Collector::default();
        let outcomes: Vec<_> = (0..20).map(|_| collector.push(&[b'2'; 1000])).collect();
        assert!(outcomes.contains(&Err(ReplyError::TooLong)));
        assert!(collector.pending.len() <= MAX_OCTETS);
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_makes_no_difference(
            text in "(250-[a-z ]{0,5}\r\n){0,3}250 [a-z]{0,5}\r\n|\\PC{0,20}\r?\n",
            cut in 0..40_usize,
        ) {
            let whole = Collector::default().push(text.as_bytes());
            let (first, second) = text.as_bytes().split_at(cut.min(text.len() - 1));
            let mut collector = Collector::default();
            let pieces = collector.push(first).and_then(|early| match early {
                Some(reply) => Ok(Some(reply)),
                None => collector.push(second),
            });
            let reply = |read: Result<Option<(Reply, &[u8])>, ReplyError>| read.map(|one| one.map(|(reply, _)| reply));
            let (pieces, whole) = (reply(pieces), reply(whole));
            prop_assert_eq!(pieces, whole);
        }
    }
}
