//! What every mail and every page needs to know about the service it comes from.

use serde::Serialize;

/// The service as its readers know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Where its operator can be reached: an address or a link.
    pub contact: Option<String>,
    /// The sender's postal address, which the law of some countries asks for in every bulk mail.
    pub postal_address: Option<String>,
}

/// What `templates/base.html` needs; every page context carries one as its field `frame`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// Language tag; chooses the catalogue.
    pub language: String,
    /// Name of the service.
    pub site_name: String,
    /// Where its operator can be reached.
    pub contact: Option<String>,
    /// Path of the public URL without its final slash: empty when the service has a host of its own.
    pub root: String,
    /// The navigation entry this page belongs to: `today`, `papers`, `manage` or `mailbox`.
    pub here: Option<&'static str>,
    /// Whether search engines should leave the page alone: pages behind a token, pages with an address.
    pub private: bool,
    /// Whether mails stay on this machine, which every page then says.
    pub mail_stays_here: bool,
    /// Whether those mails can be looked at under `/mailbox`.
    pub has_mailbox: bool,
}

impl Frame {
    /// An English frame at the root of its host.
    pub fn sample() -> Self {
        Self {
            language: "en".to_owned(),
            site_name: "Broadsheet".to_owned(),
            contact: Some("editor@example.org".to_owned()),
            root: String::new(),
            here: Some("today"),
            private: false,
            mail_stays_here: false,
            has_mailbox: false,
        }
    }
}

impl Site {
    /// A service with everything set.
    pub fn sample() -> Self {
        Self {
            name: "Broadsheet".to_owned(),
            contact: Some("editor@example.org".to_owned()),
            postal_address: Some("Example Institute, 1 Library Square, 10117 Berlin, Germany".to_owned()),
        }
    }
}
