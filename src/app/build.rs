//! Building the service from its configuration.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::{App, AppError, random_bytes, secret, translate};
use crate::clock::Clock;
use crate::config::{self, Config, Transport as Kind};
use crate::links::{Keyring, Links};
use crate::model::IdSource;
use crate::net;
use crate::render::Renderer;
use crate::scheduler::Service;
use crate::scheduler::deliver::throttle::Throttle;
use crate::scheduler::faults::Faults;
use crate::scheduler::fetch::Patience;
use crate::shelf::Shelf;
use crate::store::marks::Marks;
use crate::store::{Db, Options};

/// What a test or a demonstration sets aside from the configuration.
#[derive(Default)]
pub struct Overrides {
    /// How long to bear with slow sources.
    pub patience: Option<Patience>,
    /// Limits of the client that fetches pages; its trusted hosts are still those of the configuration.
    pub fetch_limits: Option<net::Settings>,
    /// Where the program is to die.
    pub faults: Faults,
}

/// Everything that is wrong with a configuration, all at once. Reads the files it names and opens nothing.
///
/// # Errors
///
/// [`AppError::Config`] with a line for each problem.
pub fn check(config: &Config) -> Result<(), AppError> {
    let mut problems: Vec<(String, String)> = config::check(config)
        .into_iter()
        .map(|problem| (problem.key.to_owned(), format!("{} {}", problem.key, problem.message)))
        .collect();
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if !known.iter().any(|kind| config.database.url.starts_with(kind)) {
        // The value is not repeated: it may hold a password.
        let text = "database.url should begin with sqlite: or postgres://";
        problems.push(("database.url".to_owned(), text.to_owned()));
    }
    let built = [
        translate::settings(config).err(),
        translate::signer(config).err(),
        translate::sources(config).err(),
        translate::transport(config, "localhost").err(),
        translate::proxies(config).err(),
    ];
    for error in built.into_iter().flatten() {
        let text = error.to_string();
        let key = text.split(':').next().unwrap_or_default().to_owned();
        if !problems.iter().any(|(named, _)| *named == key) {
            problems.push((key, text));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.into_iter().map(|(_, text)| text).collect();
    Err(AppError::Config(lines.join("\n")))
}

impl App {
    /// Opens the database, brings it up to date and puts everything together. Starts nothing.
    ///
    /// # Errors
    ///
    /// A configuration that cannot be used, with all its problems; a database that cannot be opened.
    pub async fn build(config: Config, clock: Clock, overrides: Overrides) -> Result<Self, AppError> {
        check(&config)?;
        let mut settings = translate::settings(&config)?;
        settings.patience = overrides.patience.unwrap_or(settings.patience);
        let signer = translate::signer(&config)?.map(Arc::new);
        let sources = translate::sources(&config)?;
        let transport = translate::transport(&config, &settings.message_domain)?;
        let client_settings = with_limits(translate::client_settings(&config), overrides.fetch_limits);
        let client =
            net::Client::new(&client_settings, clock.clone()).map_err(|error| AppError::Failed(error.to_string()))?;
        let renderer = Renderer::new().map_err(|error| AppError::Failed(error.to_string()))?;
        let db = Db::open(&options(&config)).await?;
        let keys = keyring(&config)?;
        let owner = data_encoding::HEXLOWER.encode(&random_bytes::<8>()?);
        let instance = db.register_instance(&owner).await?;
        let (marks, marks_task) = Marks::start(db.clone());
        let service = Service {
            db,
            marks,
            clock,
            ids: Arc::new(IdSource::new(u32::from_be_bytes(random_bytes()?))),
            links: Links::new(&config.public_url(), keys),
            renderer: Arc::new(renderer),
            transport,
            signer,
            client,
            sources,
            shelf: Arc::new(Shelf::new(config.matching.memory_mb)),
            owner,
            bell: Arc::new(Notify::new()),
            throttle: Mutex::new(Throttle::new(settings.connections)),
            faults: overrides.faults,
            settings,
        };
        let mailbox = (config.mail.transport == Kind::Directory).then(|| config.mail.directory.clone());
        Ok(Self { service: Arc::new(service), config, mailbox, instance, marks: marks_task })
    }
}

/// Where the database is.
pub(super) fn options(config: &Config) -> Options {
    Options { url: config.database.url.clone(), connections: config.database.connections }
}

fn keyring(config: &Config) -> Result<Keyring, AppError> {
    let current = match config.security.secret_key.as_str() {
        "" => secret::kept_beside(&config.database.url)?,
        key => key.as_bytes().to_vec(),
    };
    let previous: Vec<Vec<u8>> =
        config.security.previous_secret_keys.iter().map(|key| key.clone().into_bytes()).collect();
    Ok(Keyring::new(&current, &previous))
}

fn with_limits(settings: net::Settings, limits: Option<net::Settings>) -> net::Settings {
    match limits {
        Some(limits) => {
            net::Settings { user_agent: settings.user_agent, trusted_hosts: settings.trusted_hosts, ..limits }
        }
        None => settings,
    }
}
