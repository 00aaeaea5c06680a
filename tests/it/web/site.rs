//! A site in memory: the router over a throw-away database, with a clock that stands still.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use broadsheet::clock::Clock;
use broadsheet::digest::schedule::next_due;
use broadsheet::links::{Keyring, Links};
use broadsheet::model::{EmailAddress, IdSource, PaperId, Preferences, SubscriberId, SubscriberState, Timestamp};
use broadsheet::render::{Renderer, Site as SiteNames};
use broadsheet::shelf::Shelf;
use broadsheet::store::Db;
use broadsheet::store::ingest::IngestContext;
use broadsheet::store::subscribers::{DueAt, NewSubscriber, Subscriber};
use broadsheet::web::{Counters, Peer, Random, Settings, SignUp, State, metrics_router, router};
use chrono::TimeZone;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::sync::Notify;

use crate::support::TestDb;
use crate::support::papers::{arxiv, ingest, seen, upvotes};

/// Monday 2026-11-23, 09:00 UTC.
pub fn now() -> Timestamp {
    chrono::Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).single().expect("an instant")
}

/// The router and everything it works with.
pub struct Site {
    pub db: TestDb,
    pub clock: Clock,
    pub links: Links,
    pub bell: Arc<Notify>,
    state: State,
    router: Router,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What stands between `<main>` and its end, with what changes from run to run masked.
    pub fn content(&self) -> String {
        let main = self.body.split_once("<main").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest);
        let main = main.and_then(|rest| rest.split_once("</main>")).map_or(self.body.as_str(), |(main, _)| main);
        masked(main)
    }
}

/// Without tokens and without the hundreds of time zones.
pub fn masked(html: &str) -> String {
    let mut lines = Vec::new();
    for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("<optgroup") {
            let chosen = line.split("<option selected>").nth(1).and_then(|rest| rest.split('<').next());
            lines.extend(chosen.map(|zone| format!("[zone {zone}]")));
            continue;
        }
        let mut text = String::new();
        for part in line.split_inclusive(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()) {
            let word = part.trim_end_matches(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
            match word.len() {
                50.. => text.push_str(&part.replace(word, "[token]")),
                _ => text.push_str(part),
            }
        }
        lines.push(text);
    }
    lines.join("\n")
}

impl Site {
    /// On SQLite, open for everybody, with nothing special.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings of its own.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::at("http://papers.example", change).await
    }

    /// Under another public address.
    pub async fn at(base: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            site: SiteNames::sample(),
            sign_up: SignUp::Open,
            requests_per_network_per_hour: 5,
            default_zone: chrono_tz::Europe::Berlin,
            page_days: 30,
            trusted_proxies: Vec::new(),
            mailbox: None,
            no_mail_leaves: false,
            admin_token: None,
        };
        change(&mut settings);
        let db = TestDb::sqlite().await;
        let clock = Clock::mock(now());
        let links = Links::new(base, Keyring::new(b"a secret for tests, long enough.", &[]));
        let bell = Arc::new(Notify::new());
        let state = State {
            db: Db::clone(&db),
            clock: clock.clone(),
            links: links.clone(),
            ids: Arc::new(IdSource::new(1)),
            renderer: Arc::new(Renderer::new().expect("templates")),
            shelf: Arc::new(Shelf::new(100)),
            bell: Arc::clone(&bell),
            settings: Arc::new(settings),
            random: counting(),
            counters: Arc::new(Counters::default()),
        };
        let router = router(state.clone());
        Self { db, clock, links, bell, state, router }
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn head(&self, path: &str) -> Answer {
        self.send(Method::HEAD, path, &[], "").await
    }

    /// Sends a form as browsers do.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, &[(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")], form).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send_from(Ipv4Addr::new(203, 0, 113, 7).into(), method, path, headers, body).await
    }

    pub async fn send_from(
        &self,
        peer: IpAddr,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let path = path.strip_prefix(self.links.base()).unwrap_or(path);
        let mut request = Request::builder().method(method).uri(path).header("host", "evil.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).expect("a request");
        request.extensions_mut().insert(Peer(SocketAddr::new(peer, 40_000)));
        answered(self.router.clone(), request).await
    }

    pub async fn metrics(&self) -> Answer {
        let request = Request::get("/metrics").body(Body::empty()).expect("a request");
        answered(metrics_router(self.state.clone()), request).await
    }

    /// Whether the bell was rung since it was last asked.
    pub async fn was_rung(&self) -> bool {
        let rung = self.bell.notified();
        tokio::select! {
            biased;
            () = rung => true,
            () = std::future::ready(()) => false,
        }
    }

    /// Somebody in `state`, with `profile` as their interests.
    pub async fn person(&self, address: &str, state: SubscriberState, profile: &str) -> Subscriber {
        let address = EmailAddress::parse(address).expect("an address");
        let preferences =
            Preferences { profile: profile.to_owned(), ..Preferences::defaults(chrono_tz::Europe::Berlin) };
        let due = next_due(&preferences, None, self.clock.now());
        let due = (state == SubscriberState::Active).then_some(DueAt { local_date: due.local_date, at: due.at });
        let id = SubscriberId(self.state.ids.next(self.clock.now(), address.bucket()));
        let new = NewSubscriber {
            id,
            address_hash: self.links.keys().address_hash(&address.canonical()),
            address,
            state: if state == SubscriberState::Active { state } else { SubscriberState::Pending },
            preferences,
            consent_source: "web".to_owned(),
            consent_network: None,
            created_at: self.clock.now(),
        };
        let mut tx = self.db.begin().await.expect("begins");
        assert!(tx.insert_subscriber(&new, due).await.expect("inserts"));
        if state != new.state {
            tx.set_subscriber_state(id, state, None, None, self.clock.now()).await.expect("sets");
        }
        tx.commit().await.expect("commits");
        self.reload(id).await
    }

    pub async fn reload(&self, id: SubscriberId) -> Subscriber {
        self.db.read().await.expect("reads").subscriber(id).await.expect("reads").expect("is there")
    }

    /// The path of somebody's preferences.
    pub fn preferences(&self, person: &Subscriber) -> String {
        self.path(&self.links.preferences(person.id, person.link_generation, self.clock.now()))
    }

    pub fn path(&self, link: &str) -> String {
        link.strip_prefix(self.links.base()).expect("a link of ours").to_owned()
    }

    /// Two papers of today and one of the day before.
    pub async fn papers(&self) -> Vec<PaperId> {
        let mut ids = Vec::new();
        for (number, title, votes, hours) in [
            (1, "Sparse <Attention> & Friends", 12, 1),
            (2, "Pruning: Small Networks for \"Long\" Documents", 90, 2),
            (3, "Yesterday’s Diffusion Models", 5, 20),
        ] {
            let mut paper = arxiv(&format!("2611.0000{number}"), title);
            paper.abstract_text = format!("We study <b>{title}</b>.\n\nIt works.");
            paper.authors = vec!["Ada Ay".to_owned(), "Bo & Be".to_owned()];
            paper.categories = vec!["cs.LG".to_owned()];
            paper.url = Some(format!("https://arxiv.org/abs/2611.0000{number}"));
            paper.signals = upvotes(votes);
            let at = now() - chrono::TimeDelta::hours(hours);
            let context = IngestContext { now: at, ..seen(&paper, at) };
            ids.push(ingest(&self.db, &paper, &context).await.paper);
        }
        ids
    }
}

/// Each secret another one, and the same ones in every run.
fn counting() -> Random {
    let next = AtomicU8::new(7);
    Random::new(move |bytes| {
        bytes.fill(next.fetch_add(1, Ordering::Relaxed));
        true
    })
}

async fn answered(router: Router, request: Request<Body>) -> Answer {
    let response = TowerToHyperService::new(router).call(request).await.expect("routers always answer");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 10_000_000).await.expect("a body");
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).expect("text") }
}
