//! What is noted of every request: its route's template and its status, never its address or its token.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::state::Reader;

/// The path of a route as written in the table, with `{token}` where a token stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template(pub &'static str);

/// The labels of a counted request.
type Labels = Vec<(&'static str, String)>;

/// Requests answered since the start.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) requests: Family<Labels, Counter>,
}

impl Counters {
    fn count(&self, route: &'static str, method: &str, status: u16) {
        let labels = vec![("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
        self.requests.get_or_create(&labels).inc();
    }
}

/// Counts and logs a request when it is answered.
pub(super) async fn observe(State(reader): State<Reader>, request: Request, next: Next) -> Response {
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let begun = reader.now();
    let response = next.run(request).await;
    let route = response.extensions().get::<Template>().map_or("unmatched", |template| template.0);
    let status = response.status().as_u16();
    let millis = (reader.now() - begun).num_milliseconds();
    tracing::info!(%method, route, status, millis, "answered");
    reader.counters.count(route, &method, status);
    response
}
