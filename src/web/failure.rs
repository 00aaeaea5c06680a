//! What can go wrong with a request, and the page that says so.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::links::TokenError;
use crate::render::RenderError;
use crate::render::pages::Message;
use crate::shelf::ShelfError;
use crate::store::StoreError;

use super::state::Reader;

/// Seconds after which a flooding network may ask again.
const RETRY_SECONDS: u32 = 3600;

/// Why a request got no answer of its own.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// Nothing is there.
    NotFound,
    /// The link is not one of ours.
    BadLink,
    /// The link was good once.
    OldLink,
    /// The path knows other methods.
    WrongMethod,
    /// The body is not what a form sends.
    NotAForm,
    /// The body is larger than any form of ours.
    TooLarge,
    /// The form was not made by us, or long ago.
    ForgedForm,
    /// The form asks for something that no button of ours does.
    UnknownAction,
    /// Sign-up is closed.
    Closed,
    /// Too many requests from one network.
    TooMany,
    /// Something we need does not answer, or took too long.
    Unavailable(String),
    /// Our own mistake.
    Internal(String),
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::BadLink => StatusCode::NOT_FOUND,
            Self::OldLink => StatusCode::GONE,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ForgedForm | Self::Closed => StatusCode::FORBIDDEN,
            Self::UnknownAction => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page's texts in the catalogue: `error.<key>.title` and `error.<key>.text`.
    fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::BadLink => "bad_link",
            Self::OldLink => "old_link",
            Self::WrongMethod => "wrong_method",
            Self::NotAForm => "not_a_form",
            Self::TooLarge => "too_large",
            Self::ForgedForm => "forged_form",
            Self::UnknownAction => "unknown_action",
            Self::Closed => "closed",
            Self::TooMany => "too_many",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// For answers made by a layer or by the router: the failure they stand for.
    fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::WrongMethod),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            StatusCode::REQUEST_TIMEOUT => Some(Self::Unavailable("the request took too long".to_owned())),
            StatusCode::BAD_REQUEST => Some(Self::NotFound),
            _ => None,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ShelfError> for Failure {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::Store(error) => error.into(),
            ShelfError::Lost(error) => Self::Internal(error.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() { Self::Unavailable(error.to_string()) } else { Self::Internal(error.to_string()) }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<crate::render::WordsError> for Failure {
    fn from(error: crate::render::WordsError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Forged => Self::BadLink,
            TokenError::Expired => Self::OldLink,
        }
    }
}

/// Gives every failure its page. A failure of ours is logged under a reference that the page shows.
pub(super) async fn error_pages(State(reader): State<Reader>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let known = response.extensions().get::<Failure>().cloned();
    let has_body = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    match known.or_else(|| Failure::of_status(response.status()).filter(|_| !has_body)) {
        Some(failure) => page(&reader, &failure, response),
        None => response,
    }
}

fn page(reader: &Reader, failure: &Failure, original: Response) -> Response {
    let reference = match failure {
        Failure::Unavailable(reason) | Failure::Internal(reason) => {
            let reference = reader.random.reference();
            tracing::error!(%reference, %reason, "a request failed");
            Some(reference)
        }
        _ => None,
    };
    let message = Message::failure(reader.words(), reader.private_frame(None), failure.key(), reference.as_deref());
    let rendered = message.map_err(RenderError::from).and_then(|page| reader.renderer.page("pages/message.html", page));
    let mut response = match rendered {
        Ok(html) => (failure.status(), Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the page of a failure cannot be rendered");
            (failure.status(), "Something went wrong.").into_response()
        }
    };
    *response.extensions_mut() = original.extensions().clone();
    if let Some(allow) = original.headers().get("allow") {
        response.headers_mut().insert("allow", allow.clone());
    }
    if matches!(failure, Failure::TooMany) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    }
    response
}
