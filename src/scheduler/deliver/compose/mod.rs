//! From a row of the outbox to the bytes of a mail.
//!
//! Everything printed comes from the edition, the delivery and immutable revisions of texts, so the bytes
//! are the same however often a mail is made under the same program, templates and key.

use std::borrow::Cow;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

mod reading;

use reading::Shelf;
pub use reading::{Prepared, Sample};

use super::super::{PassError, Service};
use crate::links::Links;
use crate::mailer::{Draft, ListHeaders, MessageError, Signer, WireMessage, compose};
use crate::model::{DeliveryId, DeliveryKind, EmailAddress, Item, QuietDay, Timestamp};
use crate::render::{
    AlertInput, ConfirmationInput, DigestInput, DigestItem, DigestLinks, ItemLinks, LinksInput, RenderError,
    RenderedMail, Renderer, alert as alert_mail, already_subscribed, confirmation, digest as digest_mail, manage_link,
};
use crate::scheduler::Settings;
use crate::store::deliveries::Claimed;
use crate::store::editions::{Edition, EditionKind};
use crate::store::subscribers::Addressee;
use crate::store::{Db, StoreError};

/// Hours for which a confirmation link works.
const CONFIRM_HOURS: u32 = 48;
/// Days for which a link to the preferences works.
const PREFERENCES_DAYS: u32 = 60;

/// Makes mails. Shared by all workers of a pass.
#[derive(Clone)]
pub struct Composer {
    db: Db,
    shelf: Arc<Shelf>,
    pen: Arc<Pen>,
}

/// What is needed to write a mail once everything is read from the database.
struct Pen {
    links: Links,
    renderer: Arc<Renderer>,
    signer: Option<Arc<Signer>>,
    settings: Settings,
    template_hash: String,
}

/// A mail ready for the wire.
pub struct Composed {
    /// MAIL FROM.
    pub return_path: String,
    /// Headers and body, signed when a key is configured.
    pub message: WireMessage,
    /// SHA-256, in hex, by which to know the bytes again.
    pub sha256: String,
}

/// What stands on the envelope and in the headers that identify a mail.
struct Label {
    id: DeliveryId,
    kind: DeliveryKind,
    address: EmailAddress,
    message_id: String,
    dated_at: Timestamp,
}

impl Label {
    fn of(delivery: &Claimed) -> Self {
        Self {
            id: delivery.id,
            kind: delivery.kind,
            address: delivery.address.clone(),
            message_id: delivery.message_id.clone(),
            dated_at: delivery.dated_at,
        }
    }
}

impl Composer {
    /// A composer for the mails of this service.
    pub fn new(service: &Service) -> Self {
        let pen = Pen {
            links: service.links.clone(),
            renderer: Arc::clone(&service.renderer),
            signer: service.signer.clone(),
            settings: service.settings.clone(),
            template_hash: service.renderer.template_hash(),
        };
        Self { db: service.db.clone(), shelf: Arc::default(), pen: Arc::new(pen) }
    }

    /// The hash of the templates mails are made with.
    pub fn template_hash(&self) -> &str {
        &self.pen.template_hash
    }

    /// What each delivery is about, in their order; `None` where the subscriber or the edition is gone.
    ///
    /// # Errors
    ///
    /// The database.
    pub async fn read(&self, deliveries: &[Claimed]) -> Result<Vec<Option<Sample>>, StoreError> {
        self.shelf.read(&self.db, deliveries).await
    }

    /// Makes the mail of a delivery. Rendering and signing are work for a processor: not for a thread that
    /// serves connections.
    ///
    /// # Errors
    ///
    /// A template that does not fit, a header that cannot be written, a digest without its edition.
    pub fn compose(&self, delivery: &Claimed, sample: &Sample) -> Result<Composed, PassError> {
        self.pen.write(&Label::of(delivery), sample).map(|(composed, _)| composed)
    }

    /// Makes an alert, which is about no subscriber.
    ///
    /// # Errors
    ///
    /// A payload that is no alert, a template that does not fit.
    pub fn alert(&self, delivery: &Claimed) -> Result<Composed, PassError> {
        let alert = serde_json::from_str(&delivery.payload).map_err(|_| PassError::Empty)?;
        let rendered = alert_mail(&self.pen.renderer, &AlertInput::of(&self.pen.settings.site, &alert))?;
        self.pen.wrap(&Label::of(delivery), rendered, None).map(|(composed, _)| composed)
    }

    /// Makes the digest of an edition that is not stored, as it would go out at `now`; and its texts.
    ///
    /// # Errors
    ///
    /// A template that does not fit.
    pub async fn preview(&self, sample: Sample, now: Timestamp) -> Result<(Composed, Draft), PassError> {
        let id = DeliveryId(sample.edition.as_ref().map_or(0, |(edition, _)| edition.id.0));
        let label = Label {
            id,
            kind: DeliveryKind::Digest,
            address: sample.reader.address.clone(),
            message_id: format!("{id}@{}", self.pen.settings.message_domain),
            dated_at: now,
        };
        let pen = Arc::clone(&self.pen);
        tokio::task::spawn_blocking(move || pen.write(&label, &sample)).await?
    }
}

impl Pen {
    /// The mail, and what it was put together from.
    fn write(&self, label: &Label, sample: &Sample) -> Result<(Composed, Draft), PassError> {
        let list = (label.kind == DeliveryKind::Digest).then(|| self.list_headers(sample));
        self.wrap(label, self.render(label, sample)?, list)
    }

    fn wrap(
        &self,
        label: &Label,
        rendered: RenderedMail,
        list: Option<ListHeaders>,
    ) -> Result<(Composed, Draft), PassError> {
        let draft = Draft {
            kind: label.kind,
            from: self.settings.from.clone(),
            reply_to: self.settings.reply_to.clone(),
            to: label.address.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            message_id: label.message_id.clone(),
            date: label.dated_at,
            boundary_seed: seed(label.id),
            list,
        };
        let mut message = compose(&draft)?;
        if let Some(signer) = &self.signer {
            let signature = signer.sign(message.as_bytes(), label.dated_at);
            message = message.below(&signature).map_err(MessageError::from)?;
        }
        // The signature holds a hash of the body already.
        let telling = if self.signer.is_some() { message.head() } else { message.as_bytes() };
        let composed = Composed {
            return_path: format!("{}@{}", self.links.bounce_local_part(label.id), self.settings.bounce_domain),
            sha256: HEXLOWER.encode(digest(&SHA256, telling).as_ref()),
            message,
        };
        Ok((composed, draft))
    }

    fn list_headers(&self, sample: &Sample) -> ListHeaders {
        ListHeaders {
            list_id: self.settings.list_id.clone(),
            unsubscribe_url: self.links.unsubscribe(sample.reader.id),
            unsubscribe_mailto: None,
            help_url: self.links.manage(),
            feedback_id: format!("digest:daily:broadsheet:{}", self.settings.message_domain),
        }
    }

    fn render(&self, label: &Label, sample: &Sample) -> Result<RenderedMail, PassError> {
        let person = &sample.reader;
        let (site, language) = (&self.settings.site, person.language.as_str());
        let address = person.address.as_str();
        let preferences_link = self.links.preferences(person.id, person.link_generation, label.dated_at);
        let unsubscribe_link = self.links.unsubscribe(person.id);
        let links = LinksInput {
            site,
            language,
            address,
            preferences_link: &preferences_link,
            unsubscribe_link: &unsubscribe_link,
            valid_days: PREFERENCES_DAYS,
        };
        match (label.kind, &sample.edition) {
            (DeliveryKind::Digest, Some((edition, papers))) => Ok(self.digest(label, person, edition, papers)?),
            (DeliveryKind::Digest, None) | (DeliveryKind::Alert, _) => Err(PassError::Empty),
            (DeliveryKind::Confirmation, _) => {
                let confirm_link = self.links.confirm(person.id, person.link_generation, label.dated_at);
                let valid_hours = CONFIRM_HOURS;
                let input = ConfirmationInput { site, language, address, confirm_link: &confirm_link, valid_hours };
                Ok(confirmation(&self.renderer, &input)?)
            }
            (DeliveryKind::ManageLink, _) => Ok(manage_link(&self.renderer, &links)?),
            (DeliveryKind::AlreadySubscribed, _) => Ok(already_subscribed(&self.renderer, &links)?),
        }
    }

    fn digest(
        &self,
        label: &Label,
        person: &Addressee,
        edition: &Edition,
        papers: &[Arc<Prepared>],
    ) -> Result<RenderedMail, RenderError> {
        let of = |item: &Item| papers.iter().find(|known| known.paper.id == item.paper);
        let shown = edition.items.iter().filter_map(|item| Some((item, &**of(item)?)));
        let feedback = self.links.feedback(person.id, person.link_generation, label.dated_at);
        let items: Vec<DigestItem<'_>> = shown
            .map(|(item, Prepared { paper, texts })| DigestItem {
                item,
                paper,
                texts: Cow::Borrowed(texts),
                links: ItemLinks {
                    paper_page: self.links.paper(paper.id).into(),
                    more_like: Some(feedback.more(paper.id).into()),
                    less_like: Some(feedback.less(paper.id).into()),
                },
            })
            .collect();
        digest_mail(&self.renderer, &digest_input(&self.settings, &self.links, person, edition, &items, label.dated_at))
    }
}

fn digest_input<'a>(
    settings: &'a Settings,
    links: &Links,
    person: &'a Addressee,
    edition: &'a Edition,
    items: &'a [DigestItem<'a>],
    issued: Timestamp,
) -> DigestInput<'a> {
    let preferences = links.preferences(person.id, person.link_generation, issued);
    let archive = links.archive(edition.id, person.link_generation, issued);
    let local = |at: Timestamp| at.with_timezone(&edition.timezone).date_naive();
    DigestInput {
        site: &settings.site,
        language: &person.language,
        local_date: edition.local_date,
        address: person.address.as_str(),
        confirmed_on: person.confirmed_at.map(local),
        operator_added: person.consent_source == "operator",
        figures: &edition.figures,
        timezone: edition.timezone,
        items,
        more_for_you: edition.more_for_you,
        quiet: match edition.kind {
            EditionKind::Note => Some(QuietDay::Note),
            EditionKind::Trending => Some(QuietDay::Trending),
            EditionKind::Normal | EditionKind::Silent | EditionKind::Missed => None,
        },
        links: DigestLinks {
            site: links.home(),
            pause: format!("{preferences}#pause"),
            more: format!("{archive}#more"),
            unknown_edition: edition
                .figures
                .unknown_edition_id
                .map(|id| links.archive(id, person.link_generation, issued)),
            unsubscribe: links.unsubscribe(person.id),
            preferences,
            archive,
        },
    }
}

/// Sixteen bytes that only this delivery has; they decide the MIME boundary.
fn seed(delivery: DeliveryId) -> [u8; 16] {
    let hash = digest(&SHA256, &delivery.0.to_be_bytes());
    let mut seed = [0; 16];
    seed.copy_from_slice(&hash.as_ref()[..16]);
    seed
}
