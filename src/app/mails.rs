//! What the operator does with mails: look at one before it goes, see what became of others.

use std::sync::Arc;

use chrono::TimeDelta;

use super::people::address;
use super::rows::{AttemptLine, DeliveryLine, SuppressionLine};
use super::{App, AppError};
use crate::matcher::Scratch;
use crate::model::{DeliveryId, DeliveryState, LocalDate, SubscriberState};
use crate::scheduler::deliver::{Composer, Prepared, Sample};
use crate::scheduler::plan::{Library, Reader, SHOWN_DAYS, current_due};
use crate::store::deliveries::DeliveryFilter;

/// A mail sent again by the operator is worth sending for this long.
const SECOND_LIFE: TimeDelta = TimeDelta::hours(12);

/// The mail that would go out.
pub struct Preview {
    /// Its subject.
    pub subject: String,
    /// Its text part.
    pub text: String,
    /// Its HTML part.
    pub html: String,
    /// The whole message as it would go over the wire.
    pub message: Vec<u8>,
}

impl App {
    /// The mail a person would get now. Sends nothing, records nothing.
    pub async fn preview(&self, email: &str) -> Result<Preview, AppError> {
        let mut subscriber = self.person(email).await?;
        let now = self.service.clock.now();
        subscriber.next_due = current_due(&subscriber, now);
        let since = now - TimeDelta::days(SHOWN_DAYS);
        let shown = self.service.db.read().await?.shown_since(subscriber.id, since).await?;
        let library = Library::load(&self.service, now).await?;
        let reader = Reader { subscriber, shown };
        let (library, draft) = tokio::task::spawn_blocking(move || {
            let draft = library.draft(&mut Scratch::default(), reader, now);
            (library, draft)
        })
        .await
        .map_err(|error| AppError::Failed(error.to_string()))?;
        let papers = draft.edition.items.iter().filter_map(|item| library.paper(item.paper).cloned());
        let papers = papers.map(|paper| Arc::new(Prepared::of(paper))).collect();
        let reader = Arc::new(draft.subscriber.into());
        let sample = Sample { reader, edition: Some((Arc::new(draft.edition), papers)) };
        let (composed, draft) = Composer::new(&self.service).preview(sample, now).await?;
        Ok(Preview {
            subject: draft.subject,
            text: draft.text,
            html: draft.html,
            message: composed.message.into_bytes(),
        })
    }

    /// Deliveries, newest first.
    pub async fn list_deliveries(
        &self,
        state: Option<&str>,
        edition_date: Option<LocalDate>,
        limit: i64,
    ) -> Result<Vec<DeliveryLine>, AppError> {
        let state = state
            .map(|name| {
                let known = || DeliveryState::ALL.map(DeliveryState::as_str).join(", ");
                DeliveryState::from_stored(&name.replace('-', "_"))
                    .ok_or_else(|| AppError::Usage(format!("{name:?} is not a state; there are: {}", known())))
            })
            .transpose()?;
        let filter = DeliveryFilter { state, edition_date, subscriber: None, limit };
        let rows = self.service.db.read().await?.deliveries(&filter).await?;
        Ok(rows.into_iter().map(DeliveryLine::of).collect())
    }

    /// One delivery with every try at it.
    pub async fn show_delivery(&self, id: i64) -> Result<(DeliveryLine, Vec<AttemptLine>), AppError> {
        let id = DeliveryId(id);
        let mut read = self.service.db.read().await?;
        let row = read.delivery(id).await?.ok_or_else(|| AppError::Failed(format!("there is no delivery {id}")))?;
        let attempts = read.attempts(id).await?.into_iter().map(AttemptLine::of).collect();
        Ok((DeliveryLine::of(row), attempts))
    }

    /// Tries a mail again that was rejected, expired or put off.
    pub async fn retry_delivery(&self, id: i64) -> Result<(), AppError> {
        self.send_again(DeliveryId(id), false, "is not rejected, expired or waiting for a retry").await
    }

    /// Settles a mail whose fate is open: it arrived, or it is to be sent once more.
    pub async fn settle_delivery(&self, id: i64, arrived: bool) -> Result<(), AppError> {
        let id = DeliveryId(id);
        if !arrived {
            return self.send_again(id, true, "is not uncertain or unknown").await;
        }
        let mut tx = self.service.db.begin().await?;
        if !tx.settle_accepted(id, self.service.clock.now()).await? {
            return Err(AppError::Failed(format!("delivery {id} is not uncertain or unknown")));
        }
        Ok(tx.commit().await?)
    }

    async fn send_again(&self, id: DeliveryId, from_uncertain: bool, refused: &str) -> Result<(), AppError> {
        let now = self.service.clock.now();
        let mut tx = self.service.db.begin().await?;
        if !tx.send_again(id, from_uncertain, now + SECOND_LIFE, now).await? {
            return Err(AppError::Failed(format!("delivery {id} {refused}")));
        }
        tx.commit().await?;
        self.service.bell.notify_one();
        Ok(())
    }

    /// The newest suppressions.
    pub async fn list_suppressions(&self, limit: i64) -> Result<Vec<SuppressionLine>, AppError> {
        let rows = self.service.db.read().await?.suppressions(limit).await?;
        Ok(rows.into_iter().map(SuppressionLine::of).collect())
    }

    /// Never mails this address again, whoever asks; what is on its way there is stopped.
    pub async fn suppress(&self, email: &str) -> Result<(), AppError> {
        let address = address(email)?;
        let hash = self.service.links.keys().address_hash(&address.canonical());
        let now = self.service.clock.now();
        let mut tx = self.service.db.begin().await?;
        tx.suppress(address.bucket(), &hash, "operator", "command", now).await?;
        if let Some(person) = tx.subscriber_by_address(&address).await? {
            tx.set_subscriber_state(person.id, SubscriberState::Unsubscribed, None, None, now).await?;
            tx.suppress_deliveries(person.id, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Lets an address be mailed again.
    pub async fn unsuppress(&self, email: &str) -> Result<(), AppError> {
        let address = address(email)?;
        let hash = self.service.links.keys().address_hash(&address.canonical());
        let mut tx = self.service.db.begin().await?;
        if !tx.unsuppress(address.bucket(), &hash).await? {
            return Err(AppError::Failed(format!("{address} is not suppressed")));
        }
        Ok(tx.commit().await?)
    }
}
