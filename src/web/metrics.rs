//! Figures for Prometheus, read from the database when they are asked for.
//!
//! They are served by a listener of their own, so that whoever may read pages may not read these.

use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::model::{DeliveryState, SubscriberState, Timestamp};
use crate::store::{Read, StoreError};

use super::state::{Reader, State};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, String)>;

/// `/metrics`, to be served apart from the pages.
pub fn metrics_router(state: State) -> Router {
    let reader = state.into_writer().reader();
    Router::new().route("/metrics", get(show)).with_state(reader)
}

async fn show(extract::State(reader): extract::State<Reader>) -> Response {
    let answered = async {
        let mut read = reader.read().await?;
        figures(&reader, &mut read).await
    };
    let mut text = String::new();
    match answered.await {
        Ok(registry) if encode(&mut text, &registry).is_ok() => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Ok(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(error) => {
            tracing::warn!(%error, "the figures cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

async fn figures(reader: &Reader, read: &mut Read) -> Result<Registry, StoreError> {
    let now = reader.now();
    let mut registry = Registry::with_prefix("broadsheet");
    registry.register("http_requests", "Requests answered, by route and status", reader.counters.requests.clone());
    deliveries(&mut registry, read, now).await?;
    people(&mut registry, read, now).await?;
    sources(&mut registry, read, now).await?;
    let paused = single(&mut registry, "sending_paused", "1 while all mail is held back");
    paused.set(i64::from(read.sending().await?.paused));
    let writable =
        single(&mut registry, "database_writable", "0 while nothing can be written, which holds all mail back");
    writable.set(i64::from(reader.outage().is_none()));
    let resting = single(&mut registry, "relay_resting", "1 while the relay cannot be used");
    resting.set(i64::from(read.relay_rest().await?.is_some()));
    let closed = family(&mut registry, "destination_closed", "1 for each group of destinations that refused too much");
    for group in read.closed_groups().await? {
        closed.get_or_create(&vec![("group", group.dest_group)]).set(1);
    }
    let papers = single(&mut registry, "papers", "Papers stored");
    papers.set(i64::try_from(read.paper_count().await?).unwrap_or(i64::MAX));
    Ok(registry)
}

async fn deliveries(registry: &mut Registry, read: &mut Read, now: Timestamp) -> Result<(), StoreError> {
    let by_state = family(registry, "deliveries", "Mails of the outbox, by kind and state");
    let mut uncertain = 0;
    for (kind, state, count) in read.delivery_counts().await? {
        if state == DeliveryState::Uncertain.as_str() {
            uncertain += count;
        }
        by_state.get_or_create(&vec![("kind", kind), ("state", state)]).set(count);
    }
    single(registry, "uncertain_deliveries", "Mails whose fate a crash left open").set(uncertain);
    let oldest = single(registry, "oldest_ready_seconds", "How long the mail that waits longest has been due");
    oldest.set(age(read.oldest_ready(now).await?, now));
    let oldest = single(registry, "oldest_uncertain_seconds", "How long the oldest mail of uncertain fate is that");
    oldest.set(age(read.oldest_uncertain().await?, now));
    Ok(())
}

async fn people(registry: &mut Registry, read: &mut Read, now: Timestamp) -> Result<(), StoreError> {
    let by_state = family(registry, "subscribers", "Addresses, by state");
    for state in SubscriberState::ALL {
        by_state.get_or_create(&vec![("state", state.as_str().to_owned())]).set(0);
    }
    for (state, count) in read.subscriber_counts().await? {
        by_state.get_or_create(&vec![("state", state.as_str().to_owned())]).set(count);
    }
    let by_outcome = family(registry, "signups_last_day", "Requests of the last 24 hours, by what became of them");
    for (outcome, count) in read.signup_outcomes(now - TimeDelta::days(1)).await? {
        by_outcome.get_or_create(&vec![("outcome", outcome)]).set(count);
    }
    Ok(())
}

async fn sources(registry: &mut Registry, read: &mut Read, now: Timestamp) -> Result<(), StoreError> {
    let ages = family(registry, "source_last_success_seconds", "How long ago a source last answered");
    let failing = family(registry, "source_failing", "1 while a source cannot be read");
    for source in read.source_states().await? {
        let labels: Labels = vec![("source", source.source.to_string())];
        failing.get_or_create(&labels).set(i64::from(source.failing_since.is_some()));
        if source.last_success_at.is_some() {
            ages.get_or_create(&labels).set(age(source.last_success_at, now));
        }
    }
    Ok(())
}

fn family(registry: &mut Registry, name: &str, help: &str) -> Family<Labels, Gauge> {
    let family = Family::<Labels, Gauge>::default();
    registry.register(name, help, family.clone());
    family
}

fn single(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge: Gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

/// Seconds since an instant; 0 when there is none.
fn age(since: Option<Timestamp>, now: Timestamp) -> i64 {
    since.map_or(0, |since| (now - since).num_seconds().max(0))
}
