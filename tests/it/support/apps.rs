//! Whole services, put together as the program does it, on a clock that tests move.

use std::time::Duration;

use broadsheet::app::{App, Overrides, PersonChange};
use broadsheet::clock::Clock;
use broadsheet::config::Layers;
use broadsheet::model::{Paper, SourceName, Timestamp};
use broadsheet::net;
use broadsheet::scheduler::fetch::Patience;
use broadsheet::store::editions::Edition;
use broadsheet::store::runs::{FetchRun, SourceStatus};
use tempfile::TempDir;

use super::TestDb;
use super::sources::Sources;

/// A service with its clock and a folder for its mail.
pub struct TestApp {
    pub app: App,
    pub clock: Clock,
    _folder: TempDir,
}

/// What a service is put together from.
pub struct Plan<'a> {
    pub db: &'a TestDb,
    pub clock: Clock,
    settings: Vec<(&'static str, String)>,
    patience: Patience,
    limits: net::Settings,
}

/// An instant as written.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

impl<'a> Plan<'a> {
    /// A service that shows `now` and has no sources, no patience and all the time it needs.
    pub fn new(db: &'a TestDb, now: &str) -> Self {
        Self {
            db,
            clock: Clock::mock(at(now)),
            settings: vec![
                ("sources.hugging_face.enabled", "false".to_owned()),
                ("sources.arxiv.enabled", "false".to_owned()),
                ("sources.arxiv.categories", "cs.CL, cs.LG".to_owned()),
                ("security.secret_key", "0123456789abcdef0123456789abcdef".to_owned()),
            ],
            patience: Patience { retries: 0, longest_wait: Duration::ZERO },
            limits: net::Settings::default(),
        }
    }

    pub fn set(mut self, key: &'static str, value: &str) -> Self {
        self.settings.push((key, value.to_owned()));
        self
    }

    /// Hugging Face is at this stand-in.
    pub fn hugging_face(self, sources: &Sources) -> Self {
        self.set("sources.hugging_face.enabled", "true").set("sources.hugging_face.url", &sources.url)
    }

    /// arXiv is at this stand-in.
    pub fn arxiv(self, sources: &Sources) -> Self {
        self.set("sources.arxiv.enabled", "true").set("sources.arxiv.url", &sources.url)
    }

    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    pub fn limits(mut self, limits: net::Settings) -> Self {
        self.limits = limits;
        self
    }

    pub async fn build(mut self) -> TestApp {
        let folder = TempDir::new().expect("a temporary folder");
        self.settings.push(("database.url", self.db.options().url.clone()));
        self.settings.push(("mail.directory", folder.path().join("mail").display().to_string()));
        let config = Layers::defaults_with(&self.settings).and_then(|layers| layers.config()).expect("valid settings");
        let overrides =
            Overrides { patience: Some(self.patience), fetch_limits: Some(self.limits), ..Overrides::default() };
        let app = App::build(config, self.clock.clone(), overrides).await.expect("builds");
        TestApp { app, clock: self.clock, _folder: folder }
    }
}

impl TestApp {
    /// Shows this time from now on.
    pub fn set_clock(&self, now: &str) {
        self.clock.set(at(now));
    }

    /// The visits to a source, newest first.
    pub async fn runs(&self, source: &str) -> Vec<FetchRun> {
        let mut read = self.app.service.db.read().await.expect("reads");
        read.runs(Some(&SourceName::new(source)), 50).await.expect("reads")
    }

    /// How a source stands, once it was visited.
    pub async fn source(&self, name: &str) -> SourceStatus {
        let states = self.app.service.db.read().await.expect("reads").source_states().await.expect("reads");
        let found = states.into_iter().find(|state| state.source.as_str() == name);
        found.unwrap_or_else(|| panic!("{name} was never visited"))
    }

    /// The paper under this name, which has to be there.
    pub async fn paper(&self, name: &str) -> Paper {
        self.app.show_paper(name).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// How many papers there are, whatever their age.
    pub async fn papers(&self) -> usize {
        self.app.list_papers(365_000, usize::MAX).await.expect("lists").len()
    }

    /// Adds a subscriber with these interests and settings.
    pub async fn subscribe(&self, email: &str, interests: &[&str], change: PersonChange) {
        let interests = Some(interests.iter().map(|line| (*line).to_owned()).collect());
        self.app.add_person(email, &PersonChange { interests, ..change }, false).await.expect("adds");
    }

    /// Plans who is due and gives back everything a subscriber ever got, newest first.
    pub async fn plan(&self, email: &str) -> Vec<Edition> {
        broadsheet::scheduler::plan::run(&self.app.service).await.expect("plans");
        let address = broadsheet::model::EmailAddress::parse(email).expect("an address");
        let mut read = self.app.service.db.read().await.expect("reads");
        let person = read.subscriber_by_address(&address).await.expect("reads").expect("a subscriber");
        read.editions_of(person.id, 100).await.expect("reads")
    }

    /// The titles of one section of an edition, in order.
    pub async fn titles(&self, edition: &Edition, section: broadsheet::model::Section) -> Vec<String> {
        let mut read = self.app.service.db.read().await.expect("reads");
        let mut titles = Vec::new();
        for item in edition.items.iter().filter(|item| item.section == section) {
            titles.push(read.paper(item.paper).await.expect("reads").expect("is stored").title);
        }
        titles
    }
}
