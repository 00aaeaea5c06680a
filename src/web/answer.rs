//! Pages as answers: private ones are never kept, public ones are kept for a moment and checked by their hash.

use aws_lc_rs::digest;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use data_encoding::HEXLOWER;
use serde::Serialize;

use super::failure::Failure;
use super::state::Desk;

/// How long a public page may be shown without asking again.
const PUBLIC: &str = "public, max-age=60";

/// What handlers answer.
pub(super) type Answer = Result<Response, Failure>;

impl Desk {
    /// A page that is not kept anywhere.
    pub fn page(&self, template: &str, context: impl Serialize) -> Answer {
        Ok(Html(self.renderer.page(template, context)?).into_response())
    }

    /// A form that was not filled in as it should be.
    pub fn refused(&self, template: &str, context: impl Serialize) -> Answer {
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(self.renderer.page(template, context)?)).into_response())
    }

    /// A page for everybody.
    pub fn public_page(&self, asked: &HeaderMap, template: &str, context: impl Serialize) -> Answer {
        Ok(cached(asked, "text/html; charset=utf-8", self.renderer.page(template, context)?.into_bytes()))
    }
}

/// Bytes for everybody, or 304 when the browser has them.
pub(super) fn cached(asked: &HeaderMap, content_type: &'static str, body: Vec<u8>) -> Response {
    let hash = HEXLOWER.encode(&digest::digest(&digest::SHA256, &body).as_ref()[..16]);
    let tag = format!("\"{hash}\"");
    let has_it = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| {
        tags.split(',').any(|known| known.trim() == "*" || known.trim().trim_start_matches("W/") == tag)
    });
    let mut response = if has_it { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    if !has_it {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(PUBLIC));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// After a form did its work: the page to look at, so that a reload does not send the form again.
pub(super) fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}
