//! A service built as the program builds it, with the clock and the mail server in the test's hands.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use broadsheet::app::{App, DeliveryLine, Overrides, PaperImport, PersonChange, RunReport};
use broadsheet::clock::Clock;
use broadsheet::config::Layers;
use broadsheet::model::Timestamp;
use broadsheet::scheduler::Stop;
use broadsheet::scheduler::faults::Faults;
use broadsheet::web;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::TestDb;
use super::smtp::Server;

/// The key of every service here, so that two of them agree about links.
const SECRET: &str = "a secret for tests, of forty characters!";

/// What a service is built from.
#[derive(Clone)]
pub struct Setup {
    settings: Vec<(&'static str, String)>,
    faults: Faults,
}

/// A service, and the clock it goes by.
pub struct Service {
    /// The service.
    pub app: App,
    /// Its time; stands still until moved.
    pub clock: Clock,
}

impl Setup {
    /// A service on this database whose mails go to this server.
    pub fn new(db: &TestDb, post: &Server) -> Self {
        let settings = vec![
            ("database.url", db.options().url.clone()),
            ("database.connections", "4".to_owned()),
            ("http.public_url", "https://papers.example.org".to_owned()),
            ("mail.transport", "smtp".to_owned()),
            ("mail.smtp_url", post.url()),
            ("mail.from", "Broadsheet <digest@papers.example.org>".to_owned()),
            ("mail.connections", "1".to_owned()),
            ("mail.rate_per_second", "10000".to_owned()),
            ("sources.hugging_face.enabled", "false".to_owned()),
            ("sources.arxiv.enabled", "false".to_owned()),
            ("security.secret_key", SECRET.to_owned()),
        ];
        Self { settings, faults: Faults::default() }
    }

    /// The same with one setting changed.
    pub fn with(mut self, key: &'static str, value: &str) -> Self {
        self.settings.push((key, value.to_owned()));
        self
    }

    /// The same, with a place to die.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The settings as the program reads them from its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let name = |key: &str| format!("BROADSHEET__{}", key.replace('.', "__").to_uppercase());
        self.settings.iter().map(|(key, value)| (name(key), value.clone())).collect()
    }

    /// Builds the service under a clock that stands at `start` (RFC 3339).
    pub async fn at(&self, start: &str) -> Service {
        self.under(Clock::mock(instant(start))).await
    }

    /// Builds the service under a clock that another may share.
    pub async fn under(&self, clock: Clock) -> Service {
        let config = Layers::defaults_with(&self.settings).and_then(|layers| layers.config()).expect("good settings");
        let overrides = Overrides { faults: self.faults.clone(), ..Overrides::default() };
        let app = App::build(config, clock.clone(), overrides).await.expect("the service is built");
        Service { app, clock }
    }
}

impl Service {
    /// One pass over everything.
    pub async fn pass(&self) -> RunReport {
        self.app.run_once(false, &Stop::never()).await.expect("a pass")
    }

    /// Sets the clock (RFC 3339), then makes a pass.
    pub async fn pass_at(&self, time: &str) -> RunReport {
        self.clock.set(instant(time));
        self.pass().await
    }

    /// Lets time pass, then makes a pass.
    pub async fn pass_after(&self, minutes: u64) -> RunReport {
        self.clock.advance(Duration::from_secs(minutes * 60));
        self.pass().await
    }

    /// Adds an active subscriber with the defaults: 07:00 UTC, every day.
    pub async fn add(&self, email: &str, interests: &[&str]) {
        self.add_with(email, interests, PersonChange::default()).await;
    }

    /// Adds an active subscriber who chose more than interests.
    pub async fn add_with(&self, email: &str, interests: &[&str], change: PersonChange) {
        let interests = Some(interests.iter().map(|&line| line.to_owned()).collect());
        self.app.add_person(email, &PersonChange { interests, ..change }, false).await.expect("added");
    }

    /// Takes in papers, each an arXiv id, a title and an abstract, as announced now.
    pub async fn import(&self, papers: &[(&str, &str, &str)]) {
        let lines: Vec<String> = papers
            .iter()
            .map(|(id, title, summary)| serde_json::json!({"id": id, "title": title, "abstract": summary}).to_string())
            .collect();
        let file = lines.join("\n");
        let import = PaperImport { bytes: file.as_bytes(), format: Some("jsonl"), date: None };
        let report = self.app.import_papers(&import).await.expect("imported");
        assert_eq!(report.bad, 0, "{:?}", report.problems);
    }

    /// Every delivery, the oldest first.
    pub async fn deliveries(&self) -> Vec<DeliveryLine> {
        let mut lines = self.app.list_deliveries(None, None, 10_000).await.expect("listed");
        lines.reverse();
        lines
    }

    /// The state of each delivery to an address, the oldest first.
    pub async fn states(&self, email: &str) -> Vec<String> {
        self.deliveries().await.into_iter().filter(|line| line.address == email).map(|line| line.state).collect()
    }

    /// Looks at a page; its status and text.
    pub async fn get(&self, link: &str) -> (u16, String) {
        self.visit(Request::get(path(link)).body(Body::empty()).expect("a request")).await
    }

    /// Sends a form; the status and text of the answer.
    pub async fn post(&self, link: &str, form: &str) -> (u16, String) {
        let request = Request::post(path(link)).header("content-type", "application/x-www-form-urlencoded");
        self.visit(request.body(Body::from(form.to_owned())).expect("a request")).await
    }

    async fn visit(&self, request: Request<Body>) -> (u16, String) {
        let pages = web::router(self.app.web_state(&Default::default()).expect("pages"));
        let answer = TowerToHyperService::new(pages).call(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

/// An instant written as in RFC 3339.
pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// The part of a link behind the host.
fn path(link: &str) -> &str {
    link.strip_prefix("https://papers.example.org").unwrap_or(link)
}
