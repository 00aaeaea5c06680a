//! `serve`: pages, reconcilers and mail in one process, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::{App, AppError, translate};
use crate::clock::Clock;
use crate::config::{Mode, SignupMode};
use crate::net;
use crate::scheduler::{Stop, driver};
use crate::web;

/// Requests one network may leave at the door for each that may lead to a mail.
const DOOR_FACTOR: i64 = 10;

impl App {
    /// Opens the listeners. Separate from serving, so that the caller can say where it listens.
    pub async fn listen(&self) -> Result<(TcpListener, Option<TcpListener>), AppError> {
        let site = bind("http.listen", &self.config.http.listen).await?;
        let metrics = match self.config.http.metrics_listen.as_str() {
            "" => None,
            address => Some(bind("http.metrics_listen", address).await?),
        };
        Ok((site, metrics))
    }

    /// Serves until `stop`, finishing what is past the fence.
    pub async fn serve(&self, site: TcpListener, metrics: Option<TcpListener>, stop: Stop) -> Result<(), AppError> {
        let counters = Arc::new(web::Counters::default());
        let (pages_state, numbers_state) = (self.web_state(&counters)?, self.web_state(&counters)?);
        let stopped = |mut stop: Stop| async move { stop.wait().await };
        let pages = web::serve(site, web::router(pages_state), stopped(stop.clone()));
        let numbers = async {
            match metrics {
                Some(listener) => web::serve(listener, web::metrics_router(numbers_state), stopped(stop.clone())).await,
                None => Ok(()),
            }
        };
        let work = driver::run(Arc::clone(&self.service), stop.clone());
        let (pages, numbers, (), ()) = tokio::join!(pages, numbers, work, self.fill_shelf(stop.clone()));
        pages.and(numbers).map_err(|error| AppError::Failed(error.to_string()))
    }

    /// Reads the papers of the last days beforehand: the first forecast should not have to wait for all of them.
    async fn fill_shelf(&self, mut stop: Stop) {
        let service = &self.service;
        tokio::select! {
            read = service.shelf.contents(&service.db, service.clock.now()) => {
                if let Err(error) = read {
                    tracing::debug!(%error, "the papers of the last days are read when somebody asks for them");
                }
            }
            () = stop.wait() => {}
        }
    }

    /// What the pages work with; `counters` are shared with the metrics.
    pub fn web_state(&self, counters: &Arc<web::Counters>) -> Result<web::State, AppError> {
        let (service, config) = (&self.service, &self.config);
        let no_mail_leaves = self.mailbox.is_some();
        let settings = web::Settings {
            site: service.settings.site.clone(),
            sign_up: match config.signup.mode {
                SignupMode::Open => web::SignUp::Open,
                SignupMode::Domains => web::SignUp::Domains(config.signup.domains.clone()),
                SignupMode::Closed => web::SignUp::Closed,
            },
            requests_per_network_per_hour: service.settings.per_network_per_hour * DOOR_FACTOR,
            default_zone: translate::zone(config)?,
            page_days: config.digest.page_days,
            trusted_proxies: translate::proxies(config)?,
            mailbox: self.mailbox.clone().filter(|_| config.mode == Mode::Development),
            no_mail_leaves,
            admin_token: Some(config.admin.token.clone()).filter(|token| !token.is_empty()),
        };
        Ok(web::State {
            db: service.db.clone(),
            clock: service.clock.clone(),
            links: service.links.clone(),
            ids: Arc::clone(&service.ids),
            renderer: Arc::clone(&service.renderer),
            shelf: Arc::clone(&service.shelf),
            bell: Arc::clone(&service.bell),
            settings: Arc::new(settings),
            random: web::Random::system(),
            counters: Arc::clone(counters),
        })
    }
}

async fn bind(key: &str, address: &str) -> Result<TcpListener, AppError> {
    TcpListener::bind(address).await.map_err(|error| AppError::Unavailable(format!("{key} {address}: {error}")))
}

/// Comes back at the first SIGTERM or SIGINT.
pub async fn shutdown_signal() {
    let interrupt = async { tokio::signal::ctrl_c().await.ok() };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    interrupt.await;
}

/// Asks a running service whether it is ready.
pub async fn healthcheck(listen: &str, clock: Clock) -> Result<(), AppError> {
    let mut address: SocketAddr =
        listen.parse().map_err(|error| AppError::Config(format!("http.listen {listen:?}: {error}")))?;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    let settings = net::Settings {
        trusted_hosts: vec![address.to_string()],
        total_timeout: Duration::from_secs(5),
        ..net::Settings::default()
    };
    let client = net::Client::new(&settings, clock).map_err(|error| AppError::Failed(error.to_string()))?;
    let request = net::Request { url: format!("http://{address}/readyz"), ..net::Request::default() };
    client.get(&request).await.map(drop).map_err(|error| AppError::Unavailable(format!("{address}: {error}")))
}
