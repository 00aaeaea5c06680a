//! The operator's switches. Each needs the session and a form made for it.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::TimeDelta;

use crate::model::DeliveryId;
use crate::store::Tx;
use crate::web::answer::{Answer, see_other};
use crate::web::failure::Failure;
use crate::web::fields::Fields;
use crate::web::state::Writer;

use super::session::Session;

/// How long a mail that is sent again may take.
const AGAIN_WITHIN: TimeDelta = TimeDelta::hours(12);
/// Characters of the reason for a pause.
const REASON: usize = 200;

/// Holds all mail back, or lets it go.
pub(in crate::web) async fn sending(State(writer): State<Writer>, headers: HeaderMap, fields: Fields) -> Answer {
    let Some(mut tx) = signed_in(&writer, &headers, &fields).await? else { return Ok(see_other("/admin")) };
    let now = writer.now();
    match fields.get("action") {
        "pause" => {
            let typed: String = fields.get("reason").trim().chars().take(REASON).collect();
            let reason = if typed.is_empty() { "paused by the operator" } else { &typed };
            tx.set_sending(true, reason, now).await?;
            finish(&writer, tx, "paused", "/admin?done=paused".to_owned()).await
        }
        "resume" => {
            drop(tx);
            writer.resume_sending().await?;
            finished(&writer, "resumed", "/admin?done=resumed")
        }
        "reopen" => {
            // It may have been opened since the page was shown.
            let done = if tx.reopen_group(fields.get("group")).await? { "reopened" } else { "refused" };
            finish(&writer, tx, done, format!("/admin?done={done}")).await
        }
        _ => Err(Failure::NotFound),
    }
}

/// Sends a mail again, or settles what became of it.
pub(in crate::web) async fn delivery(
    State(writer): State<Writer>,
    Path(id): Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Answer {
    let Some(mut tx) = signed_in(&writer, &headers, &fields).await? else { return Ok(see_other("/admin")) };
    let id = DeliveryId(id.parse().map_err(|_| Failure::NotFound)?);
    let now = writer.now();
    let (is_done, done) = match fields.get("action") {
        "retry" => (tx.send_again(id, false, now + AGAIN_WITHIN, now).await?, "again"),
        "resend" => (tx.send_again(id, true, now + AGAIN_WITHIN, now).await?, "again"),
        "accepted" => (tx.settle_accepted(id, now).await?, "settled"),
        _ => return Err(Failure::NotFound),
    };
    // Its state may have changed since the page was shown.
    let done = if is_done { done } else { "refused" };
    finish(&writer, tx, done, format!("/admin/deliveries/{id}?done={done}")).await
}

async fn signed_in(writer: &Writer, headers: &HeaderMap, fields: &Fields) -> Result<Option<Tx>, Failure> {
    let mut tx = writer.begin().await?;
    let Some(session) = Session::of(writer, &mut tx, headers).await? else { return Ok(None) };
    session.check(writer, fields)?;
    Ok(Some(tx))
}

async fn finish(writer: &Writer, tx: Tx, done: &str, path: String) -> Result<Response, Failure> {
    tx.commit().await?;
    finished(writer, done, &path)
}

fn finished(writer: &Writer, done: &str, path: &str) -> Result<Response, Failure> {
    writer.ring();
    tracing::info!(done, "the operator acted");
    Ok(see_other(path))
}
