//! Leaving: by a button on a page, or by the mail program's own button (RFC 8058).

use axum::extract::{Path, State};

use crate::links::Purpose;
use crate::model::{SubscriberId, SubscriberState};
use crate::render::pages::{Message, UnsubscribePage};
use crate::store::StoreError;
use crate::web::answer::Answer;
use crate::web::state::{Reader, Writer};

/// Shows the button.
pub(in crate::web) async fn ask(State(reader): State<Reader>, Path(token): Path<String>) -> Answer {
    reader.verify(Purpose::Unsubscribe, &token)?;
    let page = UnsubscribePage { frame: reader.private_frame(None), action: format!("/unsubscribe/{token}") };
    reader.page("pages/unsubscribe.html", page)
}

/// Stops everything at once, whatever the body says: no cookie, no form token, no question (RFC 8058, 3.2).
///
/// For a link of ours the answer is the same whether somebody left, had left before, or is not known any more.
/// A link that was cut short on its way stops nothing, and says so.
pub(in crate::web) async fn act(State(writer): State<Writer>, Path(token): Path<String>) -> Answer {
    let verified = writer.verify(Purpose::Unsubscribe, &token)?;
    leave(&writer, SubscriberId(verified.id)).await?;
    let message = Message::unsubscribed(writer.words(), writer.private_frame(None))?;
    writer.page("pages/message.html", message)
}

async fn leave(writer: &Writer, id: SubscriberId) -> Result<(), StoreError> {
    let mut tx = writer.begin().await?;
    let Some(person) = tx.subscriber(id).await? else { return Ok(()) };
    let now = writer.now();
    // A bounced or complaining address gets nothing already, and keeps the better reason.
    if matches!(person.state, SubscriberState::Pending | SubscriberState::Active | SubscriberState::Paused) {
        tx.set_subscriber_state(id, SubscriberState::Unsubscribed, None, None, now).await?;
    }
    tx.suppress_deliveries(id, now).await?;
    tx.commit().await?;
    writer.ring();
    Ok(())
}
