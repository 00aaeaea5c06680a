//! The step of one person from edition to edition: what was missed, what is planned, what follows.

use super::super::{PassError, Service};
use super::dues::{catch_up, next_after};
use super::{Library, Reader, Report};
use crate::digest::schedule::{self, is_due};
use crate::matcher::Scratch;
use crate::model::{DeliveryId, DeliveryKind, EditionId, Figures, Timestamp, destination_group};
use crate::scheduler::faults::KillPoint;
use crate::store::deliveries::NewDelivery;
use crate::store::editions::{Edition, EditionKind};
use crate::store::subscribers::{Advance, DueAt, Subscriber};
use crate::store::{StoreError, Tx};

/// Ids are counted from a random number in each program. Where two programs count in the same place,
/// one goes on to the next numbers.
const TRIES: usize = 5;

/// What planning one person comes to.
pub(super) struct Step {
    person: Subscriber,
    advance: Advance,
    /// The dates that it is too late for, then the one that is due.
    editions: Vec<Edition>,
}

impl Step {
    /// Works out the step of somebody whose due time has come.
    pub(super) fn of(library: &Library, scratch: &mut Scratch, mut reader: Reader, now: Timestamp) -> Option<Self> {
        let (missed, current) = catch_up(&reader.subscriber, reader.subscriber.next_due?, now);
        let mut editions: Vec<Edition> =
            missed.iter().map(|due| missed_edition(&reader.subscriber, *due, now)).collect();
        let plan_seq = reader.subscriber.plan_seq;
        reader.subscriber.last_due = missed.last().copied().or(reader.subscriber.last_due);
        reader.subscriber.next_due = Some(current);
        let (person, this, next) = if is_due(current.at, now) {
            let draft = library.draft(scratch, reader, now);
            editions.push(draft.edition);
            let next = next_after(&draft.subscriber, current, current.at);
            (draft.subscriber, current, next)
        } else {
            (reader.subscriber, *missed.last()?, current)
        };
        Some(Self { advance: Advance { subscriber: person.id, plan_seq, this, next }, person, editions })
    }

    /// Rows that it adds, about.
    pub(super) fn rows(&self) -> usize {
        self.editions.len() + 1
    }

    fn digest(&self, service: &Service, edition: &Edition, now: Timestamp) -> NewDelivery {
        let person = &self.person;
        let id = DeliveryId(service.ids.next(now, person.id.bucket()));
        NewDelivery {
            id,
            kind: DeliveryKind::Digest,
            idempotency_key: format!("digest:{}:{}", person.id, edition.local_date),
            subscriber: Some(person.id),
            edition: Some(edition.id),
            address: person.address.as_str().to_owned(),
            address_hash: person.address_hash.clone(),
            dest_group: destination_group(person.address.domain()).to_owned(),
            payload: "{}".to_owned(),
            message_id: format!("{id}@{}", service.settings.message_domain),
            due_at: edition.due_at,
            expires_at: schedule::expires_at(edition.due_at, self.advance.next.at),
            created_at: now,
        }
    }
}

/// Writes some steps in one transaction, each whole or not at all: somebody else may have been quicker.
pub(super) async fn write(service: &Service, steps: &mut [Step], now: Timestamp) -> Result<Report, PassError> {
    for _ in 1..TRIES {
        match try_write(service, steps, now).await {
            Err(error) if error.is_duplicate() => tracing::debug!(%error, "ids are taken"),
            written => return Ok(written?),
        }
    }
    Ok(try_write(service, steps, now).await?)
}

async fn try_write(service: &Service, steps: &mut [Step], now: Timestamp) -> Result<Report, StoreError> {
    for edition in steps.iter_mut().flat_map(|step| &mut step.editions) {
        edition.id = EditionId(service.ids.next(now, edition.subscriber.bucket()));
    }
    let mut tx = service.db.begin_replayable().await?;
    match fill(service, &mut tx, steps, now).await {
        Ok(report) => {
            service.faults.pass(KillPoint::Planning).await;
            tx.commit().await?;
            service.faults.pass(KillPoint::Planned).await;
            Ok(report)
        }
        Err(error) => {
            // Waited for: the next try would pass over people whom this one still holds. What failed first is told.
            tx.roll_back().await.ok();
            Err(error)
        }
    }
}

async fn fill(service: &Service, tx: &mut Tx, steps: &[Step], now: Timestamp) -> Result<Report, StoreError> {
    let advances: Vec<Advance> = steps.iter().map(|step| step.advance).collect();
    let won = tx.advance_plans(&advances).await?;
    let won: Vec<&Step> = steps.iter().filter(|step| won.contains(&step.person.id)).collect();
    let added = tx.insert_editions(won.iter().flat_map(|step| &step.editions)).await?;
    let mut report = Report::default();
    let mut digests = Vec::with_capacity(won.len());
    for (step, edition) in won.iter().flat_map(|step| step.editions.iter().map(move |edition| (step, edition))) {
        match edition.kind {
            EditionKind::Missed => report.missed += 1,
            _ if !added.contains(&edition.id) => {}
            kind if kind.is_mailed() => digests.push(step.digest(service, edition, now)),
            _ => report.silent += 1,
        }
    }
    tx.insert_deliveries(&digests).await?;
    report.planned += u32::try_from(digests.len()).unwrap_or(u32::MAX);
    Ok(report)
}

fn missed_edition(person: &Subscriber, this: DueAt, now: Timestamp) -> Edition {
    Edition {
        id: EditionId(0),
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
