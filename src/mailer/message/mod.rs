//! Composing a message: the same draft gives the same bytes, always.
//!
//! lettre encodes names and addresses in headers; date, Message-ID and boundary come from the draft, and the other
//! header values are made in `headers`. What stands in the texts is not looked at here.

use std::borrow::Cow;
use std::io::Write as _;

use data_encoding::HEXLOWER;
use lettre::Address;
use lettre::message::header::{self, HeaderName, HeaderValue, Headers};
use lettre::message::{Mailbox as LettreMailbox, Mailboxes};

use super::headers::{is_dot_atom, is_list_url, list, one_line, unstructured};
use super::quoted;
use super::wire::{WireError, WireMessage};
use crate::model::{DeliveryKind, EmailAddress, Timestamp};

/// A name people see and the address behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name; may be empty, and in any script.
    pub name: String,
    /// The address.
    pub address: EmailAddress,
}

/// What makes a digest a list message: RFC 2369, RFC 2919, RFC 8058.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHeaders {
    /// The list's identifier, dotted like a domain, without brackets: `digest.papers.example.org`.
    pub list_id: String,
    /// The one-click address, `https` (or `http` where a service is tried out), one per recipient.
    pub unsubscribe_url: String,
    /// A `mailto:` address that unsubscribes, when inbound mail is read.
    pub unsubscribe_mailto: Option<String>,
    /// A page, or a `mailto:` address, that explains the list.
    pub help_url: String,
    /// Up to four fields joined by colons, the sender last, for the mailbox provider's statistics.
    pub feedback_id: String,
}

/// Everything one message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Decides between the headers of a list and those of a transactional message.
    pub kind: DeliveryKind,
    /// The visible author.
    pub from: Mailbox,
    /// Where answers go, when not to the author.
    pub reply_to: Option<EmailAddress>,
    /// The one recipient.
    pub to: EmailAddress,
    /// Any text; line breaks and control characters in it become spaces.
    pub subject: String,
    /// The `text/plain` part, with any line ends.
    pub text: String,
    /// The `text/html` part, with any line ends.
    pub html: String,
    /// `id@domain`, without the angle brackets.
    pub message_id: String,
    /// The Date header, shown in UTC to the second.
    pub date: Timestamp,
    /// Decides the MIME boundary; fixed by the delivery row.
    pub boundary_seed: [u8; 16],
    /// Required for digests, refused for all other kinds.
    pub list: Option<ListHeaders>,
}

/// Why a draft cannot become a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not `id@domain` in plain characters.
    #[error("{0:?} is not a Message-ID of the form id@domain")]
    MessageId(String),
    /// A date that RFC 5322 and common readers cannot show.
    #[error("the date {0} is outside the years 1970 to 9999")]
    Date(Timestamp),
    /// A digest without list headers, or another kind with them.
    #[error("list headers belong to digests and to nothing else; this is a {0} mail")]
    ListKind(&'static str),
    /// A list header whose value would break out of its header.
    #[error("{value:?} cannot stand in the {header} header")]
    ListValue {
        /// Which header.
        header: &'static str,
        /// The value refused.
        value: String,
    },
    /// lettre refused an address or the structure.
    #[error("the message could not be built: {0}")]
    Build(String),
    /// The finished message failed the last check.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// About what stands before the texts: headers, and a signature that is put in front of them.
const HEAD_BYTES: usize = 3_000;

/// Composes the message: `multipart/alternative`, the text first, both parts quoted-printable,
/// every line ended by CRLF. Equal drafts give equal bytes.
///
/// # Errors
///
/// When a value cannot stand in its header; see [`MessageError`].
pub fn compose(draft: &Draft) -> Result<WireMessage, MessageError> {
    let headers = headers(draft)?.to_string();
    // Quoted-printable adds about an eighth.
    let room = HEAD_BYTES + (draft.text.len() + draft.html.len()) / 8 * 9;
    let mut message = Vec::with_capacity(room);
    message.extend_from_slice(headers.as_bytes());
    alternative(draft, &mut message);
    Ok(WireMessage::new(message)?)
}

/// All headers in the order they are written.
fn headers(draft: &Draft) -> Result<Headers, MessageError> {
    let mut headers = Headers::new();
    headers.set(header::From::from(mailbox(&draft.from.name, &draft.from.address)?));
    headers.set(header::To::from(mailbox("", &draft.to)?));
    if let Some(address) = &draft.reply_to {
        headers.set(header::ReplyTo::from(mailbox("", address)?));
    }
    headers.insert_raw(unstructured("Subject", &draft.subject));
    headers.insert_raw(fixed("Date", date_text(draft.date)?));
    headers.insert_raw(fixed("Message-ID", message_id_text(&draft.message_id)?));
    match (&draft.list, draft.kind.is_transactional()) {
        (Some(list), false) => {
            list_values(list)?.into_iter().for_each(|value| headers.insert_raw(value));
            headers.insert_raw(fixed("Precedence", "bulk".to_owned()));
        }
        (None, true) => {}
        _ => return Err(MessageError::ListKind(draft.kind.as_str())),
    }
    headers.insert_raw(fixed("Auto-Submitted", "auto-generated".to_owned()));
    headers.set(header::MIME_VERSION_1_0);
    let parts = format!("multipart/alternative;\r\n boundary=\"{}\"", boundary(draft));
    headers.insert_raw(fixed("Content-Type", parts));
    Ok(headers)
}

fn mailbox(name: &str, address: &EmailAddress) -> Result<Mailboxes, MessageError> {
    let address: Address =
        address.as_str().parse().map_err(|error| MessageError::Build(format!("{address}: {error}")))?;
    let name = one_line(name);
    Ok(LettreMailbox::new((!name.is_empty()).then_some(name), address).into())
}

fn fixed(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

fn date_text(date: Timestamp) -> Result<String, MessageError> {
    let shown = (0..=253_402_300_799).contains(&date.timestamp());
    shown.then(|| date.format("%a, %d %b %Y %H:%M:%S +0000").to_string()).ok_or(MessageError::Date(date))
}

fn message_id_text(id: &str) -> Result<String, MessageError> {
    match id.split_once('@') {
        Some((left, right)) if is_dot_atom(left, 128) && is_dot_atom(right, 255) => Ok(format!("<{id}>")),
        _ => Err(MessageError::MessageId(id.to_owned())),
    }
}

/// The list headers in the order they are written.
fn list_values(headers: &ListHeaders) -> Result<Vec<HeaderValue>, MessageError> {
    let checked = |header: &'static str, value: &str, good: bool| {
        let refused = || MessageError::ListValue { header, value: value.to_owned() };
        good.then(|| format!("<{value}>")).ok_or_else(refused)
    };
    let pages: &[&str] = &["https://", "http://"];
    let id = checked("List-Id", &headers.list_id, is_dot_atom(&headers.list_id, 255))?;
    let page = checked("List-Unsubscribe", &headers.unsubscribe_url, is_list_url(&headers.unsubscribe_url, pages))?;
    let mut ways = vec![page];
    if let Some(address) = &headers.unsubscribe_mailto {
        ways.push(checked("List-Unsubscribe", address, is_list_url(address, &["mailto:"]))?);
    }
    let help_is_good = is_list_url(&headers.help_url, &["https://", "http://", "mailto:"]);
    let help = checked("List-Help", &headers.help_url, help_is_good)?;
    let feedback = &headers.feedback_id;
    let feedback_is_good =
        feedback.len() <= 200 && !feedback.is_empty() && feedback.bytes().all(|byte| byte.is_ascii_graphic());
    checked("Feedback-ID", feedback, feedback_is_good)?;
    Ok(vec![
        fixed("List-Id", id),
        list("List-Unsubscribe", &ways),
        fixed("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        fixed("List-Help", help),
        fixed("Feedback-ID", feedback.clone()),
    ])
}

/// "=_" never occurs in quoted-printable text (RFC 2045, 6.7), so no part can contain it.
fn boundary(draft: &Draft) -> String {
    format!("=_{}", HEXLOWER.encode(&draft.boundary_seed))
}

/// The body, from the empty line below the headers on (RFC 2046, 5.1).
fn alternative(draft: &Draft, out: &mut Vec<u8>) {
    let boundary = boundary(draft);
    // Writing to a Vec cannot fail.
    for (kind, text) in [("plain", &draft.text), ("html", &draft.html)] {
        let _ = write!(
            out,
            "\r\n--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        );
        quoted::encode(&plain_line_ends(text), out);
    }
    let _ = write!(out, "\r\n--{boundary}--\r\n");
}

/// Every line end as LF, and no control character but LF and tab. Nearly every text is that already.
fn plain_line_ends(text: &str) -> Cow<'_, str> {
    let unwanted = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    let bytes = text.as_bytes();
    // Control characters are single bytes up to 7F, and C2 followed by 80 to 9F. Without a way out in the middle a
    // processor looks at many bytes at a time.
    let control = |byte: u8| (byte < b' ') & (byte != b'\n') & (byte != b'\t') | (byte == 0x7F);
    let has_controls = bytes.iter().fold(false, |any, &byte| any | control(byte));
    if !has_controls && memchr::memchr_iter(0xC2, bytes).all(|at| bytes[at + 1] >= 0xA0) {
        return Cow::Borrowed(text);
    }
    let joined = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(joined.chars().filter(|letter| !unwanted(*letter)).collect())
}

#[cfg(test)]
mod tests;
