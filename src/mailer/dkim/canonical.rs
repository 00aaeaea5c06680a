//! The "relaxed" canonical forms of headers and body (RFC 6376, 3.4.2 and 3.4.4).

use memchr::{memchr, memmem};

/// One header field, with its folding, without its final CRLF.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    name: &'a [u8],
    field: &'a [u8],
}

impl Header<'_> {
    /// Whether this is a field called `name`, in any case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The header fields and the body of a message with CRLF line ends.
pub(super) fn split(message: &[u8]) -> (Vec<Header<'_>>, &[u8]) {
    let mut fields = Vec::new();
    let mut start = 0;
    while start < message.len() {
        let end = field_end(message, start);
        let field = &message[start..end];
        start = (end + 2).min(message.len());
        if field.is_empty() {
            break;
        }
        let colon = field.iter().position(|&byte| byte == b':').unwrap_or(field.len());
        fields.push(Header { name: field[..colon].trim_ascii_end(), field });
    }
    (fields, &message[start..])
}

/// Where the field that begins at `start` ends: the first CRLF that no white space follows.
fn field_end(message: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(offset) = message[at..].windows(2).position(|pair| pair == b"\r\n") {
        let end = at + offset;
        match message.get(end + 2) {
            Some(b' ' | b'\t') if end > start => at = end + 2,
            _ => return end,
        }
    }
    message.len()
}

/// The canonical form of the fields called `names`, in that order.
///
/// A name that stands several times takes the fields from the bottom up; one without a field left adds nothing.
pub(super) fn headers(fields: &[Header<'_>], names: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for (index, name) in names.iter().enumerate() {
        let used = names[..index].iter().filter(|earlier| earlier.eq_ignore_ascii_case(name)).count();
        if let Some(found) = fields.iter().rev().filter(|candidate| candidate.is(name)).nth(used) {
            header(found.field, &mut out);
        }
    }
    out
}

/// Appends one field: name in lower case, unfolded, runs of white space as one space, none around the colon and at
/// the end.
pub(super) fn header(field: &[u8], out: &mut Vec<u8>) {
    let colon = field.iter().position(|&byte| byte == b':').unwrap_or(field.len());
    out.extend(field[..colon].trim_ascii().iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let value_start = out.len();
    for word in field.get(colon + 1..).unwrap_or_default().split(u8::is_ascii_whitespace) {
        if !word.is_empty() {
            if out.len() > value_start {
                out.push(b' ');
            }
            out.extend_from_slice(word);
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Gives the body piece by piece to `take`: runs of white space in a line as one space, none at line ends, no empty
/// lines at the end.
pub(super) fn body(body: &[u8], mut take: impl FnMut(&[u8])) {
    let has_few_kinds = memchr(b'\t', body).is_none() && memmem::find(body, b" \r\n").is_none();
    if has_few_kinds && body.ends_with(b"\r\n") {
        single_spaced(without_empty_end(body), take);
    } else {
        take(without_empty_end(&line_by_line(body)));
    }
}

/// Without the empty lines at the end.
fn without_empty_end(mut body: &[u8]) -> &[u8] {
    while body == b"\r\n" || body.ends_with(b"\r\n\r\n") {
        body = &body[..body.len() - 2];
    }
    body
}

/// A body without tabs and without spaces at line ends, as quoted-printable is: found many bytes at a time.
fn single_spaced(body: &[u8], mut take: impl FnMut(&[u8])) {
    let two_spaces = memmem::Finder::new(b"  ");
    let mut rest = body;
    while let Some(first) = two_spaces.find(rest) {
        let (before, run) = rest.split_at(first + 1);
        take(before);
        rest = &run[run.iter().take_while(|&&byte| byte == b' ').count()..];
    }
    take(rest);
}

fn line_by_line(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut gap = false;
        for &byte in line {
            if matches!(byte, b' ' | b'\t') {
                gap = true;
                continue;
            }
            if gap {
                out.push(b' ');
                gap = false;
            }
            out.push(byte);
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_quoted_printable_body_is_the_same_found_either_way(body in "(( {0,3}[a-z=]{1,3} {0,2}[.x]){0,5}\r\n){0,6}") {
            let mut found = Vec::new();
            single_spaced(body.as_bytes(), |piece| found.extend_from_slice(piece));
            prop_assert_eq!(found, line_by_line(body.as_bytes()));
        }
    }
}
