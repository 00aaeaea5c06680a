//! Deciding what becomes of a request to subscribe or to get one's link.
//!
//! The request was recorded alike whoever it concerns. Only here are limits, suppressions and the state
//! of the address looked at, and the only thing that may follow is a mail to that address.

use std::str::FromStr;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{PassError, Service, SignupRule};
use crate::matcher::check_profile;
use crate::model::{
    DeliveryId, DeliveryKind, Preferences, SubscriberId, SubscriberState, Timestamp, destination_group,
};
use crate::store::deliveries::NewDelivery;
use crate::store::signups::{Signup, SignupKind};
use crate::store::subscribers::{NewSubscriber, Subscriber};
use crate::store::{StoreError, Tx};

/// Requests looked at in one pass.
const BATCH: i64 = 200;
/// "You are already subscribed" is said at most once in this time.
const REMIND_AFTER: TimeDelta = TimeDelta::days(30);
/// How long a transactional mail is worth sending.
const TRANSACTIONAL_LIFE: TimeDelta = TimeDelta::hours(12);

/// What a pass came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests closed.
    pub handled: u32,
    /// Mails that follow from them.
    pub mailed: u32,
}

/// Closes open requests until there are none.
pub async fn run(service: &Service) -> Result<Report, PassError> {
    let mut report = Report::default();
    loop {
        let open = service.db.read().await?.open_signups(BATCH).await?;
        if open.is_empty() {
            return Ok(report);
        }
        for signup in open {
            let outcome = handle(service, &signup).await?;
            report.handled += 1;
            report.mailed += u32::from(outcome.starts_with("mailed"));
        }
    }
}

async fn handle(service: &Service, signup: &Signup) -> Result<&'static str, StoreError> {
    let now = service.clock.now();
    let mut tx = service.db.begin().await?;
    let outcome = decide(service, &mut tx, signup, now).await?;
    if tx.finish_signup(signup, outcome, now).await? {
        tx.commit().await?;
    }
    Ok(outcome)
}

async fn decide(service: &Service, tx: &mut Tx, signup: &Signup, now: Timestamp) -> Result<&'static str, StoreError> {
    let by_operator = signup.door == "operator";
    if !by_operator && is_over_limit(service, tx, signup, now).await? {
        return Ok("limited");
    }
    let hash = service.links.keys().address_hash(&signup.address.canonical());
    if tx.is_suppressed(signup.address.bucket(), &hash).await? {
        return Ok("suppressed");
    }
    let known = tx.subscriber_by_address(&signup.address).await?;
    match (signup.kind, known) {
        (SignupKind::Manage, Some(person)) if is_subscribed(&person) => {
            mail(service, tx, &person, DeliveryKind::ManageLink, &format!("manage:{}", signup.id), now).await?;
            Ok("mailed_link")
        }
        (SignupKind::Manage, _) => Ok("not_subscribed"),
        (SignupKind::Subscribe, Some(person)) if is_subscribed(&person) => {
            remind(service, tx, &person, signup, now).await
        }
        (SignupKind::Subscribe, _) if !by_operator && !service.settings.signup.admits(&signup.address) => {
            Ok(if service.settings.signup == SignupRule::Closed { "closed" } else { "other_domain" })
        }
        (SignupKind::Subscribe, Some(person)) => {
            let prefs = preferences(service, signup);
            if person.state == SubscriberState::Pending && !prefs.profile.is_empty() {
                tx.set_preferences(person.id, &prefs, None).await?;
            }
            confirm(service, tx, &person, signup, now).await
        }
        (SignupKind::Subscribe, None) => {
            let id = SubscriberId(service.ids.next(now, signup.address.bucket()));
            let new = NewSubscriber {
                id,
                address: signup.address.clone(),
                address_hash: hash,
                state: SubscriberState::Pending,
                preferences: preferences(service, signup),
                consent_source: signup.door.clone(),
                consent_network: Some(signup.network.clone()).filter(|network| !network.is_empty()),
                created_at: now,
            };
            if !tx.insert_subscriber(&new, None).await? {
                return Ok("raced");
            }
            let Some(person) = tx.subscriber(id).await? else { return Ok("raced") };
            confirm(service, tx, &person, signup, now).await
        }
    }
}

fn is_subscribed(person: &Subscriber) -> bool {
    matches!(person.state, SubscriberState::Active | SubscriberState::Paused)
}

async fn is_over_limit(service: &Service, tx: &mut Tx, signup: &Signup, now: Timestamp) -> Result<bool, StoreError> {
    let to_address = tx.mailed_signups_of_address(&signup.address, now - TimeDelta::days(1)).await?;
    let from_network = tx.mailed_signups_of_network(&signup.network, now - TimeDelta::hours(1)).await?;
    Ok(to_address >= service.settings.per_address_per_day || from_network >= service.settings.per_network_per_hour)
}

async fn confirm(
    service: &Service,
    tx: &mut Tx,
    person: &Subscriber,
    signup: &Signup,
    now: Timestamp,
) -> Result<&'static str, StoreError> {
    mail(service, tx, person, DeliveryKind::Confirmation, &format!("confirm:{}", signup.id), now).await?;
    Ok("mailed_confirmation")
}

async fn remind(
    service: &Service,
    tx: &mut Tx,
    person: &Subscriber,
    signup: &Signup,
    now: Timestamp,
) -> Result<&'static str, StoreError> {
    let kind = DeliveryKind::AlreadySubscribed;
    let told = tx.deliveries_to(person.id.bucket(), &person.address_hash, kind, now - REMIND_AFTER).await?;
    if told > 0 {
        return Ok("already_subscribed");
    }
    mail(service, tx, person, kind, &format!("already:{}", signup.id), now).await?;
    Ok("mailed_reminder")
}

/// What a request asked for, with defaults where it said nothing usable.
fn preferences(service: &Service, signup: &Signup) -> Preferences {
    let settings = &service.settings;
    let zone = signup.timezone.as_deref().and_then(|name| Tz::from_str(name).ok()).unwrap_or(settings.timezone);
    let good = check_profile(&signup.interests).is_ok();
    Preferences {
        profile: if good { signup.interests.clone() } else { String::new() },
        send_minute: signup.send_minute.unwrap_or(settings.send_minute),
        limit: settings.limit,
        language: signup.language.clone(),
        ..Preferences::defaults(zone)
    }
}

/// Queues a mail that somebody asked for.
async fn mail(
    service: &Service,
    tx: &mut Tx,
    person: &Subscriber,
    kind: DeliveryKind,
    key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = DeliveryId(service.ids.next(now, person.id.bucket()));
    tx.insert_delivery(&NewDelivery {
        id,
        kind,
        idempotency_key: key.to_owned(),
        subscriber: Some(person.id),
        edition: None,
        address: person.address.as_str().to_owned(),
        address_hash: person.address_hash.clone(),
        dest_group: destination_group(person.address.domain()).to_owned(),
        payload: "{}".to_owned(),
        message_id: format!("{id}@{}", service.settings.message_domain),
        due_at: now,
        expires_at: now + TRANSACTIONAL_LIFE,
        created_at: now,
    })
    .await?;
    Ok(())
}
