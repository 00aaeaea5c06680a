//! The table of routes. What GET may reach stands in one half, what POST may reach in the other.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::failure::{Failure, error_pages};
use super::headers::security_headers;
use super::observe::{Template, observe};
use super::state::{Reader, State, Writer};
use super::{admin, pages};

/// Bytes of a form: a profile of a hundred long lines, written in any script, fits.
const BODY_LIMIT: usize = 128 * 1024;
/// How long a request may take, its body included.
const PATIENCE: Duration = Duration::from_secs(30);

/// All pages.
pub fn router(state: State) -> Router {
    let writer = state.into_writer();
    let reader = writer.reader();
    let has_mailbox = reader.settings.mailbox.is_some();
    let has_admin = reader.settings.admin_token.is_some();

    let mut looking = reading();
    if has_mailbox {
        looking = mailbox(looking);
    }
    let mut acting = writing();
    if has_admin {
        looking = admin_reading(looking);
        acting = admin_writing(acting);
    }
    dressed(looking.with_state(reader.clone()).merge(acting.with_state(writer)), &reader)
}

/// With everything around it that every request passes.
fn dressed(routes: Router, reader: &Reader) -> Router {
    routes
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::WrongMethod })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(reader.clone(), error_pages))
        .layer(from_fn_with_state(reader.clone(), security_headers))
        .layer(from_fn_with_state(reader.clone(), observe))
}

/// GET and HEAD: nothing here can be given a [`Writer`].
fn reading() -> Router<Reader> {
    Router::new()
        .on("/", get(pages::papers::home))
        .on("/papers", get(pages::papers::day))
        .on("/papers/{id}", get(pages::paper::show))
        .on("/subscribe", get(pages::subscribe::form))
        .on("/manage", get(pages::manage::form))
        .on("/confirm/{token}", get(pages::confirm::ask))
        .on("/preferences/{token}", get(pages::preferences::show))
        .on("/preferences/{token}/more/{paper}", get(pages::feedback::more))
        .on("/preferences/{token}/less/{paper}", get(pages::feedback::less))
        .on("/unsubscribe/{token}", get(pages::unsubscribe::ask))
        .on("/archive/{token}", get(pages::archive::show))
        .on("/feed.atom", get(pages::feeds::atom))
        .on("/feed.json", get(pages::feeds::json))
        .on("/livez", get(pages::service::live))
        .on("/readyz", get(pages::service::ready))
        .on("/robots.txt", get(pages::service::robots))
        .on("/favicon.ico", get(pages::service::favicon))
        .on("/static/{name}", get(pages::service::file))
}

fn writing() -> Router<Writer> {
    Router::new()
        .on("/subscribe", post(pages::subscribe::submit))
        .on("/manage", post(pages::manage::submit))
        .on("/confirm/{token}", post(pages::confirm::act))
        .on("/preferences/{token}", post(pages::preferences::act))
        .on("/preferences/{token}/more/{paper}", post(pages::feedback::act))
        .on("/preferences/{token}/less/{paper}", post(pages::feedback::act))
        .on("/unsubscribe/{token}", post(pages::unsubscribe::act))
}

fn mailbox(router: Router<Reader>) -> Router<Reader> {
    router
        .on("/mailbox", get(pages::mailbox::list))
        .on("/mailbox/{file}", get(pages::mailbox::message))
        .on("/mailbox/{file}/html", get(pages::mailbox::html))
        .on("/mailbox/{file}/text", get(pages::mailbox::text))
        .on("/mailbox/{file}/raw", get(pages::mailbox::raw))
}

fn admin_reading(router: Router<Reader>) -> Router<Reader> {
    router
        .on("/admin", get(admin::overview::show))
        .on("/admin/deliveries", get(admin::deliveries::list))
        .on("/admin/deliveries/{id}", get(admin::deliveries::show))
}

fn admin_writing(router: Router<Writer>) -> Router<Writer> {
    router
        .on("/admin/login", post(admin::session::log_in))
        .on("/admin/logout", post(admin::session::log_out))
        .on("/admin/sending", post(admin::actions::sending))
        .on("/admin/deliveries/{id}", post(admin::actions::delivery))
}

trait Routes<S> {
    /// Adds a route whose answers carry its template.
    fn on(self, path: &'static str, methods: MethodRouter<S>) -> Self;
}

impl<S: Clone + Send + Sync + 'static> Routes<S> for Router<S> {
    fn on(self, path: &'static str, methods: MethodRouter<S>) -> Self {
        let templated = move |mut response: Response| async move {
            response.extensions_mut().insert(Template(path));
            response
        };
        self.route(path, methods.layer(map_response(templated)))
    }
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Failure::Internal(format!("a handler panicked: {}", said.unwrap_or("without a word"))).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::super::{Random, Settings, SignUp};
    use super::*;
    use crate::clock::Clock;
    use crate::links::{Keyring, Links};
    use crate::model::{IdSource, from_micros};
    use crate::render::{Renderer, Site};
    use crate::store::{Db, Options};

    async fn breaks() -> Response {
        panic!("with a secret")
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_one_bland_page_with_a_reference() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let settings = Settings {
            site: Site::sample(),
            sign_up: SignUp::Open,
            requests_per_network_per_hour: 1,
            default_zone: chrono_tz::Tz::UTC,
            page_days: 1,
            trusted_proxies: Vec::new(),
            mailbox: None,
            no_mail_leaves: false,
            admin_token: None,
        };
        let mut state = State::new(
            Db::open(&Options { url, connections: 2 }).await.unwrap(),
            Clock::mock(from_micros(0)),
            Links::new("http://papers.example", Keyring::new(b"secret", &[])),
            Arc::new(IdSource::new(1)),
            Arc::new(Renderer::new().unwrap()),
            Arc::default(),
            settings,
        );
        state.random = Random::new(|bytes| {
            bytes.fill(0xab);
            true
        });
        let reader = state.into_writer().reader();
        let routes = Router::new().route("/", get(breaks));
        let router = TowerToHyperService::new(dressed(routes, &reader));
        for _ in 0..2 {
            let answer = router.call(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let page = to_bytes(answer.into_body(), 100_000).await.unwrap();
            let page = String::from_utf8(page.to_vec()).unwrap();
            assert!(page.contains("Something went wrong") && page.contains("abababab"), "{page}");
            assert!(!page.contains("secret"));
        }
    }
}
