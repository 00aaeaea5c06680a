//! Mails as a reader's program sees them.

use mail_parser::MessageParser;

use super::smtp::{Accepted, Server};

/// A mail that arrived, taken apart.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Whom the server was told to give it to.
    pub to: String,
    /// Decoded subject.
    pub subject: String,
    /// Without angle brackets.
    pub message_id: String,
    /// Where the mail program's own button leads; empty in mails of no list.
    pub one_click: String,
    /// The text part, decoded.
    pub text: String,
    /// The HTML part, decoded.
    pub html: String,
    /// As it came over the wire.
    pub bytes: Vec<u8>,
}

/// Every mail a server took, in order.
pub fn mails(post: &Server) -> Vec<Mail> {
    post.journal().into_iter().map(Mail::from).collect()
}

/// Those for one address.
pub fn mails_to(post: &Server, email: &str) -> Vec<Mail> {
    mails(post).into_iter().filter(|mail| mail.to == email).collect()
}

impl From<Accepted> for Mail {
    fn from(accepted: Accepted) -> Self {
        let parsed = MessageParser::default().parse(&accepted.message).expect("a message");
        let button = parsed.header_raw("List-Unsubscribe").unwrap_or_default();
        Self {
            to: accepted.to.join(","),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            message_id: parsed.message_id().unwrap_or_default().to_owned(),
            one_click: button.trim().trim_start_matches('<').trim_end_matches('>').to_owned(),
            text: parsed.body_text(0).unwrap_or_default().into_owned(),
            html: parsed.body_html(0).unwrap_or_default().into_owned(),
            bytes: accepted.message,
        }
    }
}

impl Mail {
    /// The first link of the text part to a page of this kind, such as `confirm`.
    pub fn link(&self, page: &str) -> String {
        let start = format!("https://papers.example.org/{page}/");
        let at = self.text.find(&start).unwrap_or_else(|| panic!("no link to {page} in:\n{}", self.text));
        let token: String = self.text[at + start.len()..].chars().take_while(char::is_ascii_alphanumeric).collect();
        start + &token
    }

    /// The titles of papers in it, out of some that were imported.
    pub fn titles<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        known.into_iter().filter(|title| unmarked(&self.html).contains(title)).collect()
    }

    /// The words marked in the HTML part, each run by itself.
    pub fn marked(&self) -> Vec<String> {
        let runs = self.html.split("<strong").skip(1);
        runs.filter_map(|rest| rest.split_once('>')?.1.split_once("</strong>")).map(|(run, _)| run.to_owned()).collect()
    }
}

/// HTML without its tags.
fn unmarked(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut pieces = html.split('<');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        text.push_str(piece.split_once('>').map_or("", |(_, rest)| rest));
    }
    text
}
