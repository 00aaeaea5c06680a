//! What a dialogue told of the relay or of a group, where that has to hold over all nodes and restarts:
//! the relay is left alone, a group is closed, the operator is told.
//!
//! The rules stand in [`crate::store::throttle`]; here they meet the outbox.

use chrono::TimeDelta;

use super::super::Service;
use super::throttle::{Signal, Tally};
use crate::model::{Alert, DeliveryId, DeliveryKind, OPERATOR_GROUP, Timestamp};
use crate::store::deliveries::{Claimed, NewDelivery};
use crate::store::throttle::{RelayRest, Trip};
use crate::store::{StoreError, Tx};

/// An alert is worth sending for this long.
const ALERT_LIFE: TimeDelta = TimeDelta::hours(24);
/// A relay that rests for longer is worth an alert.
const LONG_REST: TimeDelta = TimeDelta::minutes(10);

/// After each dialogue: counts refusals over all nodes and settles what the mail was sent to find out.
///
/// Without a tally, and for a mail that probes nothing, it does nothing. Returns whether the group is closed now.
pub(super) async fn note(
    service: &Service,
    delivery: &Claimed,
    signal: Signal,
    tally: Option<Tally>,
    reply: &str,
) -> Result<bool, StoreError> {
    let answered = matches!(signal, Signal::Served | Signal::Refused57);
    let settles = answered && delivery.probes_group;
    let serves = delivery.probes_relay && (answered || signal == Signal::Pushed);
    if tally.is_none() && !settles && !serves {
        return Ok(false);
    }
    let now = service.clock.now();
    let reply = without_addresses(reply);
    let reply = reply.as_str();
    let mut tx = service.db.begin().await?;
    if serves && tx.relay_served().await? {
        tracing::info!("the relay serves again");
    }
    let mut trip = None;
    if settles {
        let refused = (signal == Signal::Refused57).then_some(reply);
        trip = tx.settle_probe(&delivery.dest_group, refused, now).await?;
    }
    if let Some(tally) = tally {
        let counts = (i64::from(tally.refused), i64::from(tally.results));
        trip = tx.count_refusals(&tally.group, counts, reply, now).await?.or(trip);
    }
    let closes = trip.is_some();
    if let Some(Trip { group, refused, results }) = trip {
        let (until, reason) = (group.until, group.reason);
        tracing::error!(group = group.dest_group, %until, reason, "a destination refuses too much and is closed");
        let alert = Alert::GroupClosed { group: group.dest_group, until, reason, refused, results };
        queue_alert(service, &mut tx, &alert, now).await?;
    }
    tx.commit().await?;
    Ok(closes)
}

/// A refusal often quotes the recipient, who is nobody's business when it is told of the whole group.
fn without_addresses(reply: &str) -> String {
    let words = reply.split(' ').map(|word| if word.contains('@') { "(address)" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The relay cannot be used: no connection, no TLS, no login. No node tries until its rest ends.
pub(super) async fn relay_failed(service: &Service, reason: &str) -> Result<(), StoreError> {
    let now = service.clock.now();
    let mut tx = service.db.begin().await?;
    if let Some(rest) = tx.rest_relay(reason, now).await? {
        tracing::error!(until = %rest.until, since = %rest.since, reason, "the relay cannot be used and is left alone");
        if rest.length() > LONG_REST {
            let RelayRest { since, reason, .. } = rest;
            queue_alert(service, &mut tx, &Alert::RelayDown { since, reason }, now).await?;
        }
    }
    tx.commit().await
}

/// Puts an alert into the outbox, once for each thing it is about, if the operator wants any.
async fn queue_alert(service: &Service, tx: &mut Tx, alert: &Alert, now: Timestamp) -> Result<(), StoreError> {
    let Some(operator) = &service.settings.operator else { return Ok(()) };
    let id = DeliveryId(service.ids.next(now, operator.bucket()));
    tx.insert_delivery(&NewDelivery {
        id,
        kind: DeliveryKind::Alert,
        idempotency_key: alert.idempotency_key(now),
        subscriber: None,
        edition: None,
        address: operator.to_string(),
        address_hash: service.links.keys().address_hash(&operator.canonical()),
        dest_group: OPERATOR_GROUP.to_owned(),
        payload: serde_json::to_string(alert).unwrap_or_default(),
        message_id: format!("{id}@{}", service.settings.message_domain),
        due_at: now,
        expires_at: now + ALERT_LIFE,
        created_at: now,
    })
    .await?;
    Ok(())
}
