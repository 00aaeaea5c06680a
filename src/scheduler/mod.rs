//! The reconcilers: fetch, sign up, plan, deliver, tidy; and the driver that wakes them.
//!
//! Each is an idempotent function of the database and the clock, without other input: it may run twice,
//! on two nodes, at any time, and nothing doubles. No transaction is open while the network is in use.
//! Nothing here knows of HTTP serving, of the command line or of the configuration file.

pub mod clearance;
pub mod cron;
pub mod deliver;
pub mod driver;
pub mod faults;
pub mod fetch;
pub mod ingest;
pub mod plan;
pub mod profiles;
pub mod signup;
pub mod tidy;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono_tz::Tz;
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::links::Links;
use crate::mailer::{Mailbox, Signer, Transport};
use crate::model::{EmailAddress, IdSource};
use crate::net;
use crate::render::{Renderer, Site};
use crate::shelf::{Shelf, ShelfError};
use crate::sources::Source;
use crate::store::deliveries::UncertainPolicy;
use crate::store::marks::Marks;
use crate::store::{Db, StoreError};

/// Everything the reconcilers work with. Shared by all of them.
pub struct Service {
    /// The database.
    pub db: Db,
    /// Where delivery marks go.
    pub marks: Marks,
    /// The time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Arc<IdSource>,
    /// Builds links.
    pub links: Links,
    /// Renders mails.
    pub renderer: Arc<Renderer>,
    /// Where mail goes.
    pub transport: Transport,
    /// Signs mail, when a key is configured.
    pub signer: Option<Arc<Signer>>,
    /// Fetches pages of sources.
    pub client: net::Client,
    /// The sources that are switched on.
    pub sources: Vec<ScheduledSource>,
    /// This program among several; leases carry it.
    pub owner: String,
    /// The papers of the last days and their acronyms.
    pub shelf: Arc<Shelf>,
    /// Rung when there is something to do.
    pub bell: Arc<Notify>,
    /// How many dialogues each group of destinations bears.
    pub throttle: Mutex<deliver::throttle::Throttle>,
    /// Where a test lets the program die.
    pub faults: faults::Faults,
    /// The rest.
    pub settings: Settings,
}

/// A source and when to visit it.
pub struct ScheduledSource {
    /// The source.
    pub source: Box<dyn Source>,
    /// When to visit it, in UTC.
    pub schedule: cron::Schedule,
}

/// What the reconcilers are told about this service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name, contact and postal address.
    pub site: Site,
    /// The visible sender.
    pub from: Mailbox,
    /// Where answers go.
    pub reply_to: Option<EmailAddress>,
    /// Domain of Message-IDs: the sender's.
    pub message_domain: String,
    /// Domain of return paths.
    pub bounce_domain: String,
    /// `List-Id`, stable per service.
    pub list_id: String,
    /// Open SMTP dialogues at most.
    pub connections: usize,
    /// Mails a second at most, over all nodes; `None` for no limit.
    pub rate_per_second: Option<u32>,
    /// Who is told of trouble with delivery.
    pub operator: Option<EmailAddress>,
    /// What to do with a digest whose fate is uncertain.
    pub uncertain_digest: UncertainPolicy,
    /// What to do with another mail whose fate is uncertain.
    pub uncertain_transactional: UncertainPolicy,
    /// Who may subscribe.
    pub signup: SignupRule,
    /// Mails that one address can cause by the forms in a day.
    pub per_address_per_day: i64,
    /// Mails that one network can cause by the forms in an hour.
    pub per_network_per_hour: i64,
    /// Zone of people whose own is not known.
    pub timezone: Tz,
    /// Send time of new subscribers, minutes after midnight.
    pub send_minute: u16,
    /// Papers for new subscribers.
    pub limit: u16,
    /// How long to bear with a slow source.
    pub patience: fetch::Patience,
    /// How long things are kept.
    pub retention: Retention,
}

/// Who may subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignupRule {
    /// Everybody.
    Open,
    /// Addresses of these domains, in lower case.
    Domains(Vec<String>),
    /// Nobody but through the operator.
    Closed,
}

impl SignupRule {
    /// Whether this address may subscribe by itself.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        match self {
            Self::Open => true,
            Self::Domains(domains) => domains.iter().any(|domain| domain == address.domain()),
            Self::Closed => false,
        }
    }
}

/// How long things are kept, in days.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Editions; never under 30.
    pub editions: i64,
    /// Deliveries and their attempts.
    pub attempts: i64,
    /// Closed sign-ups.
    pub signups: i64,
    /// Signals are thinned to one a day after this.
    pub signals_daily_after: i64,
}

/// A failure that stops one pass of a reconciler. The next pass starts from what the database says.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template does not fit its context.
    #[error("rendering: {0}")]
    Render(#[from] crate::render::RenderError),
    /// A header or the structure of a mail.
    #[error("composing: {0}")]
    Message(#[from] crate::mailer::MessageError),
    /// A digest whose edition is gone.
    #[error("the mail has nothing to carry: its edition is gone")]
    Empty,
    /// Work on another thread did not come back.
    #[error("a worker was lost: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

impl From<ShelfError> for PassError {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::Store(error) => Self::Store(error),
            ShelfError::Lost(error) => Self::Worker(error),
        }
    }
}

/// Tells a pass to finish what is past the fence and stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// The other end of a [`Stop`].
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stop {
    /// A pair that begins with "go on".
    pub fn pair() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(sender), Self(receiver))
    }

    /// One that is never told to stop.
    pub fn never() -> Self {
        let (stopper, stop) = Self::pair();
        // A closed channel keeps its last value, which says "go on".
        drop(stopper);
        stop
    }

    /// Whether to stop.
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Comes back when it is time to stop; never, if nobody is left to say so.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Stopper {
    /// Says stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// A duration as the difference of two instants.
pub(crate) fn span(duration: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX)
}
