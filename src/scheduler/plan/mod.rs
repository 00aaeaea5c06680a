//! Planning: who is due gets an edition for their local date, with its mail in the outbox.
//!
//! Edition, delivery and next due time are written in one transaction that compares and swaps the
//! subscriber's `plan_seq`, so any number of nodes may plan the same people and nothing doubles.
//! Papers are read once per pass; nothing here waits for a source.

mod edition;
mod library;

use std::sync::Arc;

use chrono::TimeDelta;

pub use edition::{Draft, Reader};
pub use library::Library;

use super::faults::KillPoint;
use super::{PassError, Service};
use crate::digest::schedule::{self, Due, LastEdition};
use crate::model::{Bucket, DeliveryId, DeliveryKind, EditionId, Figures, SubscriberId, Timestamp};
use crate::store::deliveries::NewDelivery;
use crate::store::editions::{Edition, EditionKind};
use crate::store::subscribers::{DueAt, Subscriber};
use crate::store::{StoreError, Tx};

/// People read at a time, from one bucket.
const PAGE: i64 = 100;
/// People matched and written at a time.
const BATCH: usize = 64;
/// No paper is eligible beyond this, so editions of this time say what was shown.
pub const SHOWN_DAYS: i64 = 30;
/// After a longer absence of the service, days before this are not recorded one by one.
const RECORDED_MISSES: TimeDelta = TimeDelta::days(14);

/// What a pass came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Editions with a mail.
    pub planned: u32,
    /// Quiet editions without one.
    pub silent: u32,
    /// Dates for which it was too late.
    pub missed: u32,
}

/// Plans everyone who is due.
pub async fn run(service: &Arc<Service>) -> Result<Report, PassError> {
    let now = service.clock.now();
    end_pauses(service, now).await?;
    let mut report = Report::default();
    let buckets = service.db.read().await?.due_buckets(now).await?;
    if buckets.is_empty() {
        return Ok(report);
    }
    let library = Arc::new(Library::load(service, now).await?);
    let mut batch = Vec::new();
    for bucket in buckets {
        let mut after = SubscriberId(0);
        loop {
            let readers = read_page(service, bucket, now, after).await?;
            let Some(last) = readers.last() else { break };
            after = last.subscriber.id;
            batch.extend(readers);
            if batch.len() >= BATCH {
                plan_batch(service, &library, std::mem::take(&mut batch), now, &mut report).await?;
            }
        }
    }
    plan_batch(service, &library, batch, now, &mut report).await?;
    Ok(report)
}

/// People whose pause is over are active again.
async fn end_pauses(service: &Service, now: Timestamp) -> Result<(), StoreError> {
    loop {
        let back = service.db.read().await?.pauses_over(now, PAGE).await?;
        if back.is_empty() {
            return Ok(());
        }
        let mut tx = service.db.begin().await?;
        for person in back {
            // As of the pause's end, so that no edition is lost between it and the next pass.
            let due = due_after_change(&person, person.paused_until.unwrap_or(now));
            tx.end_pause(person.id, person.plan_seq, due, now).await?;
        }
        tx.commit().await?;
    }
}

/// The next due of somebody whose settings or state changed at `now`.
pub fn due_after_change(person: &Subscriber, now: Timestamp) -> DueAt {
    let current = person.next_due.map(|due| Due { local_date: due.local_date, at: due.at });
    let due = schedule::after_change(&person.preferences, last_edition(person), current, now);
    DueAt { local_date: due.local_date, at: due.at }
}

fn last_edition(person: &Subscriber) -> Option<LastEdition> {
    person.last_due.map(|last| LastEdition { local_date: last.local_date, due: last.at })
}

/// Plans one batch of people in one transaction, whatever buckets they live in.
async fn plan_batch(
    service: &Arc<Service>,
    library: &Arc<Library>,
    readers: Vec<Reader>,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), PassError> {
    let due = catch_up(service, readers, now, report).await?;
    let shelf = Arc::clone(library);
    let drafts = tokio::task::spawn_blocking(move || shelf.draft_all(due, now)).await?;
    let mut tx = service.db.begin().await?;
    for draft in drafts {
        write_edition(service, &mut tx, draft, now, report).await?;
    }
    service.faults.pass(KillPoint::Planning).await;
    tx.commit().await?;
    service.faults.pass(KillPoint::Planned).await;
    Ok(())
}

/// Records the dates it is too late for. Returns who is due, among them those whose newest date is not missed.
async fn catch_up(
    service: &Service,
    readers: Vec<Reader>,
    now: Timestamp,
    report: &mut Report,
) -> Result<Vec<Reader>, StoreError> {
    let (missed, mut due): (Vec<Reader>, Vec<Reader>) =
        readers.into_iter().partition(|reader| is_missed(&reader.subscriber, now));
    if missed.is_empty() {
        return Ok(due);
    }
    let mut tx = service.db.begin().await?;
    for mut reader in missed {
        let current = record_misses(service, &mut tx, &mut reader.subscriber, now, report).await?;
        if current && reader.subscriber.next_due.is_some_and(|due| schedule::is_due(due.at, now)) {
            due.push(reader);
        }
    }
    tx.commit().await?;
    Ok(due)
}

async fn read_page(
    service: &Service,
    bucket: Bucket,
    now: Timestamp,
    after: SubscriberId,
) -> Result<Vec<Reader>, StoreError> {
    let mut read = service.db.read().await?;
    let people = read.due_subscribers(bucket, now, after, PAGE).await?;
    let mut readers = Vec::with_capacity(people.len());
    for subscriber in people {
        let shown = read.shown_since(subscriber.id, now - TimeDelta::days(SHOWN_DAYS)).await?;
        readers.push(Reader { subscriber, shown });
    }
    Ok(readers)
}

/// The due that an edition made at `now` would be for: the stored one, or the first that is not missed.
pub fn current_due(person: &Subscriber, now: Timestamp) -> Option<DueAt> {
    let mut due = person.next_due?;
    while schedule::missed(due.at, now) {
        due = next_after(person, due, due.at.max(now - RECORDED_MISSES));
    }
    Some(due)
}

fn is_missed(person: &Subscriber, now: Timestamp) -> bool {
    person.next_due.is_some_and(|due| schedule::missed(due.at, now))
}

fn next_after(person: &Subscriber, this: DueAt, after: Timestamp) -> DueAt {
    let last = LastEdition { local_date: this.local_date, due: this.at };
    let next = schedule::next_due(&person.preferences, Some(last), after);
    DueAt { local_date: next.local_date, at: next.at }
}

async fn write_edition(
    service: &Service,
    tx: &mut Tx,
    draft: Draft,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), StoreError> {
    let person = draft.subscriber;
    let Some(this) = person.next_due else { return Ok(()) };
    let next = next_after(&person, this, this.at);
    if !tx.advance_plan(person.id, person.plan_seq, this, next).await? {
        return Ok(());
    }
    let mut edition = draft.edition;
    edition.id = EditionId(service.ids.next(now, person.id.bucket()));
    if !tx.insert_edition(&edition).await? {
        return Ok(());
    }
    if !edition.kind.is_mailed() {
        report.silent += 1;
        return Ok(());
    }
    tx.insert_delivery(&digest_delivery(service, &person, &edition, this, next, now)).await?;
    report.planned += 1;
    Ok(())
}

fn digest_delivery(
    service: &Service,
    person: &Subscriber,
    edition: &Edition,
    this: DueAt,
    next: DueAt,
    now: Timestamp,
) -> NewDelivery {
    let id = DeliveryId(service.ids.next(now, person.id.bucket()));
    NewDelivery {
        id,
        kind: DeliveryKind::Digest,
        idempotency_key: format!("digest:{}:{}", person.id, edition.local_date),
        subscriber: Some(person.id),
        edition: Some(edition.id),
        address: person.address.as_str().to_owned(),
        address_hash: person.address_hash.clone(),
        dest_group: person.address.domain().to_owned(),
        payload: "{}".to_owned(),
        message_id: format!("{id}@{}", service.settings.message_domain),
        due_at: this.at,
        expires_at: schedule::expires_at(this.at, next.at),
        created_at: now,
    }
}

/// Records every date that is too late to serve, until one is due or in the future; `person` moves along.
///
/// `false`: somebody else planned them, or they changed something.
async fn record_misses(
    service: &Service,
    tx: &mut Tx,
    person: &mut Subscriber,
    now: Timestamp,
    report: &mut Report,
) -> Result<bool, StoreError> {
    while let Some(this) = person.next_due.filter(|due| schedule::missed(due.at, now)) {
        let next = next_after(person, this, this.at.max(now - RECORDED_MISSES));
        if !tx.advance_plan(person.id, person.plan_seq, this, next).await? {
            return Ok(false);
        }
        (person.plan_seq, person.last_due, person.next_due) = (person.plan_seq + 1, Some(this), Some(next));
        tx.insert_edition(&missed_edition(service, person, this, now)).await?;
        tracing::warn!(subscriber = %person.id, date = %this.local_date, "a digest was missed: the service was not running");
        report.missed += 1;
    }
    Ok(true)
}

fn missed_edition(service: &Service, person: &Subscriber, this: DueAt, now: Timestamp) -> Edition {
    Edition {
        id: EditionId(service.ids.next(now, person.id.bucket())),
        subscriber: person.id,
        local_date: this.local_date,
        kind: EditionKind::Missed,
        due_at: this.at,
        planned_at: now,
        window_after: this.at,
        window_until: this.at,
        timezone: person.preferences.timezone,
        items: Vec::new(),
        figures: Figures::default(),
        more_for_you: 0,
        void: true,
    }
}
