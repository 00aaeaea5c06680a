//! What machines ask for: whether we live, whether we can work, what crawlers may read, the style sheet.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::render::asset;
use crate::web::answer::{Answer, cached};
use crate::web::failure::Failure;
use crate::web::state::Reader;

const TEXT: &str = "text/plain; charset=utf-8";
/// Pages refer to a file with its hash in the query, so that a copy never grows old.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The process runs.
pub(in crate::web) async fn live() -> Response {
    ([(CONTENT_TYPE, TEXT)], "alive\n").into_response()
}

/// The database answers with the schema we know, and can be written as far as is known.
pub(in crate::web) async fn ready(State(reader): State<Reader>) -> Response {
    let unready = |text: String| (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, TEXT)], text).into_response();
    if let Some(outage) = reader.outage() {
        return unready(format!("the database cannot be written: {}\n", outage.cause));
    }
    match async { reader.read().await?.sending().await }.await {
        Ok(_) => ([(CONTENT_TYPE, TEXT)], "ready\n").into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            unready("the database does not answer\n".to_owned())
        }
    }
}

/// Links with tokens are nobody's business but their owner's.
pub(in crate::web) async fn robots(headers: HeaderMap) -> Response {
    const ROBOTS: &str = "User-agent: *\nDisallow: /admin\nDisallow: /archive/\nDisallow: /confirm/\n\
                          Disallow: /mailbox\nDisallow: /preferences/\nDisallow: /unsubscribe/\n";
    cached(&headers, TEXT, ROBOTS.into())
}

/// There is none; browsers ask all the same.
pub(in crate::web) async fn favicon() -> Response {
    (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "public, max-age=86400")]).into_response()
}

/// A file that pages refer to.
pub(in crate::web) async fn file(Path(name): Path<String>) -> Answer {
    let asset = asset(&name).ok_or(Failure::NotFound)?;
    Ok(([(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, FOREVER)], asset.body).into_response())
}
