//! What handlers are given, and what that lets them do.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::links::Links;
use crate::matcher::Acronyms;
use crate::model::{IdSource, Timestamp};
use crate::render::{Frame, Renderer, Site, Words};
use crate::shelf::{Contents, Shelf};
use crate::store::{Db, Outage, Read, StoreError, Tx};

use super::admin::Doorman;
use super::failure::Failure;
use super::network::Network;
use super::observe::Counters;
use super::random::Random;

/// Room for papers where nothing is configured, in megabytes.
const DEFAULT_MEGABYTES: u32 = 100;

/// What the pages need, built once by whoever starts the program. Clones share everything.
#[derive(Clone)]
pub struct State {
    /// Where everything is kept.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Addresses and tokens.
    pub links: Links,
    /// Makes row ids.
    pub ids: Arc<IdSource>,
    /// Turns contexts into pages.
    pub renderer: Arc<Renderer>,
    /// The papers of the last days and their acronyms.
    pub shelf: Arc<Shelf>,
    /// Rung when a request has written something to work on.
    pub bell: Arc<Notify>,
    /// What the operator chose.
    pub settings: Arc<Settings>,
    /// Bytes nobody can guess.
    pub random: Random,
    /// Requests counted so far.
    pub counters: Arc<Counters>,
}

/// What the operator chose about the pages.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name, contact and postal address.
    pub site: Site,
    /// Who may subscribe by the form.
    pub sign_up: SignUp,
    /// Requests that one network may leave at the door in an hour, whatever becomes of them.
    pub requests_per_network_per_hour: i64,
    /// The zone offered first in forms.
    pub default_zone: Tz,
    /// How many days back the public pages go.
    pub page_days: u32,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Network>,
    /// The folder whose mails are shown under `/mailbox`; `None`: there is no such page.
    pub mailbox: Option<PathBuf>,
    /// Whether mails stay on this machine, which every page then says.
    pub no_mail_leaves: bool,
    /// What signs the operator in; `None`: there are no pages under `/admin`.
    pub admin_token: Option<String>,
}

/// Who may subscribe by the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    Open,
    /// Addresses of these domains, in lower case.
    Domains(Vec<String>),
    /// Nobody.
    Closed,
}

/// Everything but the database.
pub(super) struct Desk {
    pub clock: Clock,
    pub links: Links,
    pub ids: Arc<IdSource>,
    pub renderer: Arc<Renderer>,
    pub shelf: Arc<Shelf>,
    pub settings: Arc<Settings>,
    pub random: Random,
    pub counters: Arc<Counters>,
    pub doorman: Doorman,
}

/// Given to handlers of GET and HEAD: it can read, and nothing else.
#[derive(Clone)]
pub(super) struct Reader {
    db: Db,
    desk: Arc<Desk>,
}

/// Given to handlers of POST: it can also write and ring the bell.
#[derive(Clone)]
pub(super) struct Writer {
    reader: Reader,
    bell: Arc<Notify>,
}

impl State {
    /// With the system's random bytes, and nothing counted yet.
    pub fn new(
        db: Db,
        clock: Clock,
        links: Links,
        ids: Arc<IdSource>,
        renderer: Arc<Renderer>,
        bell: Arc<Notify>,
        settings: Settings,
    ) -> Self {
        let (settings, random, counters) = (Arc::new(settings), Random::system(), Arc::default());
        let shelf = Arc::new(Shelf::new(DEFAULT_MEGABYTES));
        Self { db, clock, links, ids, renderer, shelf, bell, settings, random, counters }
    }

    pub(super) fn into_writer(self) -> Writer {
        let desk = Desk {
            clock: self.clock,
            links: self.links,
            ids: self.ids,
            renderer: self.renderer,
            shelf: self.shelf,
            settings: self.settings,
            random: self.random,
            counters: self.counters,
            doorman: Doorman::default(),
        };
        Writer { reader: Reader { db: self.db, desk: Arc::new(desk) }, bell: self.bell }
    }
}

impl Reader {
    /// Begins a transaction that cannot write.
    pub async fn read(&self) -> Result<Read, StoreError> {
        self.db.read().await
    }

    /// Why nothing can be written at present, if nothing can.
    pub fn outage(&self) -> Option<Outage> {
        self.db.outage()
    }

    /// The papers of the last days, brought up to date.
    pub async fn recent_papers(&self) -> Result<Contents, Failure> {
        Ok(self.shelf.contents(&self.db, self.now()).await?)
    }

    /// The acronyms of the last days, brought up to date.
    pub async fn acronyms(&self) -> Result<Arc<Acronyms>, Failure> {
        Ok(self.shelf.acronyms(&self.db, self.now()).await?)
    }
}

impl Writer {
    /// Begins a transaction that may write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.reader.db.begin().await
    }

    /// Lets mail go again.
    pub async fn resume_sending(&self) -> Result<(), StoreError> {
        self.reader.db.resume_sending(self.now()).await
    }

    /// Tells whoever does the work that there is some.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// What a handler of GET would be given.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }
}

impl Desk {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The frame of a page that anybody may see. `here` is its entry in the navigation.
    pub fn frame(&self, here: Option<&'static str>) -> Frame {
        Frame {
            language: "en".to_owned(),
            site_name: self.settings.site.name.clone(),
            contact: self.settings.site.contact.clone(),
            root: String::new(),
            here,
            private: false,
            mail_stays_here: self.settings.no_mail_leaves,
            has_mailbox: self.settings.mailbox.is_some(),
        }
    }

    /// The frame of a page behind a token.
    pub fn private_frame(&self, here: Option<&'static str>) -> Frame {
        Frame { private: true, ..self.frame(here) }
    }

    /// The words of the pages.
    pub fn words(&self) -> &Words {
        self.renderer.words("en")
    }

    /// One of our own addresses without scheme and host, so that a page works under whatever name it was reached.
    pub fn path(&self, link: &str) -> String {
        link.strip_prefix(self.links.base()).unwrap_or(link).to_owned()
    }

    /// Whether readers reach us by TLS.
    pub fn is_https(&self) -> bool {
        self.links.base().starts_with("https://")
    }
}

impl Deref for Reader {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}
