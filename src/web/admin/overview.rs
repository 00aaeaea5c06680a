//! Everything at a glance.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use chrono::TimeDelta;
use serde::Deserialize;

use crate::model::{DeliveryState, RunOutcome};
use crate::render::pages::{ClosedView, CountView, OutageView, OverviewPage, RelayView, RunView, SourceView};
use crate::store::runs::{FetchRun, SourceStatus};
use crate::store::throttle::{ClosedGroup, RelayRest};
use crate::store::{Read, StoreError};
use crate::web::answer::Answer;
use crate::web::state::Reader;

use super::session::{Session, login_page};
use super::shown;

/// Visits to sources that are listed.
const RUNS: u32 = 12;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    done: Option<String>,
}

/// The figures, or the form to sign in.
pub(in crate::web) async fn show(
    State(reader): State<Reader>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let mut read = reader.read().await?;
    let Some(session) = Session::of(&reader, &mut read, &headers).await? else { return login_page(&reader) };
    let now = reader.now();
    let sending = read.sending().await?;
    let page = OverviewPage {
        frame: reader.private_frame(None),
        form_token: session.form_token(&reader),
        done: done(asked.done.as_deref()),
        outage: reader.outage().map(|outage| OutageView { since: shown(outage.since), cause: outage.cause }),
        is_paused: sending.paused,
        pause_reason: sending.reason,
        paused_since: shown(sending.since),
        relay: read.relay_rest().await?.map(relay),
        closed: read.closed_groups().await?.into_iter().map(closed).collect(),
        papers: read.paper_count().await?,
        newest_paper: read.latest_available_at().await?.map(shown),
        subscribers: subscribers(&mut read).await?,
        deliveries: deliveries(&mut read).await?,
        sign_ups: sign_ups(&mut read, now - TimeDelta::days(1)).await?,
        oldest_ready: read.oldest_ready(now).await?.map(shown),
        oldest_uncertain: read.oldest_uncertain().await?.map(shown),
        sources: read.source_states().await?.into_iter().map(source).collect(),
        runs: read.runs(None, RUNS).await?.into_iter().map(run).collect(),
    };
    reader.page("pages/admin/overview.html", page)
}

/// The outcomes that a page may be told by its address.
pub(super) fn done(asked: Option<&str>) -> Option<&'static str> {
    let known = ["paused", "resumed", "again", "settled", "refused", "reopened"];
    asked.and_then(|asked| known.into_iter().find(|known| *known == asked))
}

async fn subscribers(read: &mut Read) -> Result<Vec<CountView>, StoreError> {
    let counts = read.subscriber_counts().await?;
    Ok(counts.into_iter().map(|(state, count)| figure(state.as_str(), count, None)).collect())
}

async fn deliveries(read: &mut Read) -> Result<Vec<CountView>, StoreError> {
    let counts = read.delivery_counts().await?;
    let of_state = |wanted: DeliveryState| counts.iter().filter(move |(_, state, _)| state == wanted.as_str());
    Ok(DeliveryState::ALL
        .into_iter()
        .map(|state| (state, of_state(state).map(|(_, _, count)| count).sum::<i64>()))
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| figure(state.as_str(), count, Some(format!("/admin/deliveries?state={state}"))))
        .collect())
}

async fn sign_ups(read: &mut Read, since: crate::model::Timestamp) -> Result<Vec<CountView>, StoreError> {
    let outcomes = read.signup_outcomes(since).await?;
    Ok(outcomes.into_iter().map(|(outcome, count)| figure(&outcome, count, None)).collect())
}

pub(super) fn figure(name: &str, count: i64, path: Option<String>) -> CountView {
    CountView { name: name.replace('_', " "), count: count.unsigned_abs(), path }
}

fn relay(rest: RelayRest) -> RelayView {
    RelayView { since: shown(rest.since), until: shown(rest.until), reason: rest.reason, is_probing: rest.probing }
}

fn closed(group: ClosedGroup) -> ClosedView {
    let (since, until) = (shown(group.since), shown(group.until));
    ClosedView { group: group.dest_group, since, until, reason: group.reason }
}

fn source(status: SourceStatus) -> SourceView {
    SourceView {
        name: status.source.display().to_owned(),
        failing_since: status.failing_since.map(shown),
        last_success: status.last_success_at.map(shown),
        last_new: status.last_new_at.map(shown),
        next_due: status.next_due_at.map(shown),
    }
}

fn run(run: FetchRun) -> RunView {
    RunView {
        source: run.source.display().to_owned(),
        started: shown(run.started_at),
        outcome: run.outcome.map(RunOutcome::as_str),
        is_failed: run.outcome == Some(RunOutcome::Failed),
        items: run.counts.items,
        new_papers: run.counts.new_papers,
        rejected: run.counts.rejected,
        error: run.error,
    }
}
