//! Mails on their way, and one of them with everything that was tried.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::model::{DeliveryId, DeliveryState, EmailAddress};
use crate::render::pages::{AttemptView, DeliveriesPage, DeliveryPage, DeliveryView};
use crate::store::deliveries::{AttemptRow, DeliveryFilter, DeliveryRow};
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::state::Reader;

use super::overview::{done, figure};
use super::session::{Session, login_page};
use super::shown_micros;

/// Deliveries on the page; the command line lists more.
const LISTED: usize = 200;
/// Attempts shown of one delivery, the last ones.
const ATTEMPTS: usize = 100;

#[derive(Deserialize)]
pub(in crate::web) struct Filter {
    #[serde(default)]
    state: Option<String>,
}

/// The newest deliveries, all or those in one state.
pub(in crate::web) async fn list(
    State(reader): State<Reader>,
    Query(asked): Query<Filter>,
    headers: HeaderMap,
) -> Answer {
    let mut read = reader.read().await?;
    if Session::of(&reader, &mut read, &headers).await?.is_none() {
        return login_page(&reader);
    }
    let state = match asked.state.as_deref().filter(|state| !state.is_empty()) {
        Some(name) => Some(DeliveryState::from_stored(name).ok_or(Failure::NotFound)?),
        None => None,
    };
    let limit = i64::try_from(LISTED + 1).unwrap_or(i64::MAX);
    let mut rows = read.deliveries(&DeliveryFilter { state, limit, ..DeliveryFilter::default() }).await?;
    let is_cut = rows.len() > LISTED;
    rows.truncate(LISTED);
    let page = DeliveriesPage {
        frame: reader.private_frame(None),
        states: DeliveryState::ALL
            .into_iter()
            .map(|state| figure(state.as_str(), 0, Some(format!("/admin/deliveries?state={state}"))))
            .collect(),
        state: state.map(|state| state.as_str().replace('_', " ")).unwrap_or_default(),
        deliveries: rows.iter().map(view).collect(),
        is_cut,
    };
    reader.page("pages/admin/deliveries.html", page)
}

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    done: Option<String>,
}

/// One delivery with its attempts and what can be done about it.
pub(in crate::web) async fn show(
    State(reader): State<Reader>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let mut read = reader.read().await?;
    let Some(session) = Session::of(&reader, &mut read, &headers).await? else { return login_page(&reader) };
    let id = DeliveryId(id.parse().map_err(|_| Failure::NotFound)?);
    let row = read.delivery(id).await?.ok_or(Failure::NotFound)?;
    let tries = read.attempts(id).await?;
    let state = DeliveryState::from_stored(&row.state);
    let page = DeliveryPage {
        frame: reader.private_frame(None),
        form_token: session.form_token(&reader),
        done: done(asked.done.as_deref()),
        delivery: view(&row),
        message_id: row.message_id.clone(),
        expires: shown_micros(row.expires_at),
        not_before: shown_micros(row.not_before),
        resends: row.resends,
        sha256: row.body_sha256.clone(),
        attempts: tries[tries.len().saturating_sub(ATTEMPTS)..].iter().map(attempt).collect(),
        can_retry: matches!(state, Some(DeliveryState::Rejected | DeliveryState::Expired | DeliveryState::RetryWait)),
        can_settle: matches!(state, Some(DeliveryState::Uncertain | DeliveryState::Unknown)),
    };
    reader.page("pages/admin/delivery.html", page)
}

fn view(row: &DeliveryRow) -> DeliveryView {
    let address = EmailAddress::parse(&row.address).map_or_else(|_| "(erased)".to_owned(), |address| address.masked());
    DeliveryView {
        id: row.id,
        path: format!("/admin/deliveries/{}", row.id),
        kind: row.kind.replace('_', " "),
        state: row.state.replace('_', " "),
        address,
        due: shown_micros(row.due_at),
        since: shown_micros(row.state_at),
        attempts: row.attempts,
        reply: reply(row.last_code, row.last_enhanced.as_deref(), row.last_reply.as_deref().unwrap_or_default()),
    }
}

fn attempt(row: &AttemptRow) -> AttemptView {
    AttemptView {
        at: shown_micros(row.at),
        phase: row.phase.clone(),
        outcome: row.outcome.replace('_', " "),
        reply: reply(row.code, row.enhanced.as_deref(), &row.reply),
    }
}

fn reply(code: Option<i64>, enhanced: Option<&str>, text: &str) -> String {
    let code = code.map(|code| code.to_string());
    let parts = [code.as_deref(), enhanced, Some(text).filter(|text| !text.is_empty())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
