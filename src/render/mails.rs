//! The mails that somebody waits for: confirmation, the link to the preferences, "already subscribed";
//! and the alerts to the operator.
//!
//! They carry no text that a stranger typed, except the address they go to, and nothing to buy or to read.

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use crate::model::{Alert, DeliveryKind, Timestamp, from_micros};

use super::environment::Renderer;
use super::error::RenderError;
use super::escape::{cut, folded};
use super::frame::Site;
use super::headline::SUBJECT;
use super::wrap::tidy;

/// A mail in its three forms, ready to be wrapped in MIME.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// One line, at most 78 characters, not yet encoded.
    pub subject: String,
    /// The plain text part; lines end in LF.
    pub text: String,
    /// The HTML part; lines end in LF.
    pub html: String,
    /// What a mail list shows after the subject; it stands hidden in the HTML already.
    pub preheader: Option<String>,
    /// Papers left out because the mail would have been too large.
    pub dropped_papers: usize,
}

/// "Please confirm your subscription."
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmationInput<'a> {
    /// The service.
    pub site: &'a Site,
    /// The reader's language tag.
    #[serde(skip)]
    pub language: &'a str,
    /// The address that was signed up.
    pub address: &'a str,
    /// Where it is confirmed.
    pub confirm_link: &'a str,
    /// Hours until the link ends.
    pub valid_hours: u32,
}

/// A mail to somebody who is subscribed, with the links to change that:
/// "here is the link to your preferences" and "you are already subscribed".
#[derive(Debug, Clone, Serialize)]
pub struct LinksInput<'a> {
    /// The service.
    pub site: &'a Site,
    /// The reader's language tag.
    #[serde(skip)]
    pub language: &'a str,
    /// The address the link belongs to.
    pub address: &'a str,
    /// Interests and schedule.
    pub preferences_link: &'a str,
    /// The page that unsubscribes.
    pub unsubscribe_link: &'a str,
    /// Days until the link to the preferences ends.
    pub valid_days: u32,
}

/// What the operator is told about delivery.
#[derive(Debug, Clone, Serialize)]
pub struct AlertInput<'a> {
    /// The service.
    pub site: &'a Site,
    /// The operator's language tag.
    #[serde(skip)]
    pub language: &'a str,
    /// Which alert: the catalogue's `alert.<about>`.
    pub about: &'static str,
    /// The group of destinations it is about; empty for the relay.
    pub group: &'a str,
    /// Until when the group is closed, or since when the relay is down; in UTC, as it is printed.
    pub at: String,
    /// What the server said.
    pub reason: &'a str,
    /// Refusals by policy.
    pub refused: i64,
    /// Results they were counted among.
    pub results: i64,
    /// What to type to see more, and to change it.
    pub commands: Vec<String>,
}

const LINK: &str = "https://papers.example.org/go/aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4ohcn3d";
const LEAVE: &str = "https://papers.example.org/unsubscribe/aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4ohcn3d";

impl<'a> ConfirmationInput<'a> {
    /// An example, for tests and for checking an operator's templates.
    pub fn sample(site: &'a Site, address: &'a str) -> Self {
        Self { site, language: "en", address, confirm_link: LINK, valid_hours: 48 }
    }
}

impl<'a> AlertInput<'a> {
    /// What an alert says, in the first language.
    pub fn of(site: &'a Site, alert: &'a Alert) -> Self {
        let status = || "broadsheet sending status".to_owned();
        let shown = |at: &Timestamp| at.format("%Y-%m-%d %H:%M").to_string();
        let (about, group, at, reason, (refused, results), commands) = match alert {
            Alert::GroupClosed { group, until, reason, refused, results } => {
                let resume = format!("broadsheet sending resume --destination {group}");
                ("group_closed", group.as_str(), until, reason, (*refused, *results), vec![status(), resume])
            }
            Alert::RelayDown { since, reason } => ("relay_down", "", since, reason, (0, 0), vec![status()]),
        };
        Self { site, language: "en", about, group, at: shown(at), reason, refused, results, commands }
    }

    /// Examples of each, for tests and for checking an operator's templates.
    pub fn samples() -> [Alert; 2] {
        let at = from_micros(1_795_413_600_000_000);
        let reason = |text: &str| text.to_owned();
        [
            Alert::GroupClosed {
                group: "google".to_owned(),
                until: at,
                reason: reason("550 5.7.26 Unauthenticated email from example.org is not accepted"),
                refused: 12,
                results: 31,
            },
            Alert::RelayDown { since: at, reason: reason("auth: 535 5.7.8 authentication credentials invalid") },
        ]
    }
}

impl<'a> LinksInput<'a> {
    /// An example, for tests and for checking an operator's templates.
    pub fn sample(site: &'a Site, address: &'a str) -> Self {
        Self { site, language: "en", address, preferences_link: LINK, unsubscribe_link: LEAVE, valid_days: 60 }
    }
}

/// Renders the confirmation mail.
///
/// # Errors
///
/// A template or catalogue that does not fit.
pub fn confirmation(renderer: &Renderer, input: &ConfirmationInput<'_>) -> Result<RenderedMail, RenderError> {
    render(renderer, input.language, DeliveryKind::Confirmation, input)
}

/// Renders the mail with the link to the preferences.
///
/// # Errors
///
/// A template or catalogue that does not fit.
pub fn manage_link(renderer: &Renderer, input: &LinksInput<'_>) -> Result<RenderedMail, RenderError> {
    render(renderer, input.language, DeliveryKind::ManageLink, input)
}

/// Renders the mail for somebody who signed up twice.
///
/// # Errors
///
/// A template or catalogue that does not fit.
pub fn already_subscribed(renderer: &Renderer, input: &LinksInput<'_>) -> Result<RenderedMail, RenderError> {
    render(renderer, input.language, DeliveryKind::AlreadySubscribed, input)
}

/// Renders an alert to the operator.
///
/// # Errors
///
/// A template or catalogue that does not fit.
pub fn alert(renderer: &Renderer, input: &AlertInput<'_>) -> Result<RenderedMail, RenderError> {
    #[derive(Serialize)]
    struct Worded<'a> {
        #[serde(flatten)]
        input: &'a AlertInput<'a>,
        subject: String,
        title: String,
        happened: String,
    }
    let AlertInput { about, group, at, refused, results, .. } = input;
    let words = renderer.words(input.language);
    // Each alert names some of these.
    let say = |what| {
        let (key, site) = (format!("alert.{about}.{what}"), &input.site.name);
        words.say(&key, &[("site", site), ("group", group), ("at", at), ("refused", refused), ("results", results)])
    };
    let worded = Worded { input, subject: say("subject")?, title: say("title")?, happened: say("body")? };
    render(renderer, input.language, DeliveryKind::Alert, &worded)
}

fn render(
    renderer: &Renderer,
    language: &str,
    kind: DeliveryKind,
    input: &impl Serialize,
) -> Result<RenderedMail, RenderError> {
    let context = Value::from(Serde(input));
    let part = |file| renderer.mail_part(language, kind, file, &context);
    Ok(RenderedMail {
        subject: one_line_subject(&part("subject.txt")?),
        text: tidy(&part("body.txt")?),
        html: part("body.html")?,
        preheader: None,
        dropped_papers: 0,
    })
}

/// A subject cannot bring a header of its own, whatever the template printed.
pub(super) fn one_line_subject(text: &str) -> String {
    cut(&folded(text), SUBJECT).into_owned()
}
