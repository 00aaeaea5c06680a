//! The second half of a subscription: the address proves itself.

use axum::extract::{Path, State};

use crate::links::Purpose;
use crate::model::SubscriberState;
use crate::render::RenderError;
use crate::render::pages::{ConfirmPage, Message};
use crate::store::subscribers::Subscriber;
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::people::{first_due, is_subscribed, owner};
use crate::web::state::{Desk, Reader, Writer};

/// Shows the button. Looking at the link confirms nothing: mail scanners look at every link.
pub(in crate::web) async fn ask(State(reader): State<Reader>, Path(token): Path<String>) -> Answer {
    let verified = reader.verify(Purpose::Confirm, &token)?;
    let person = owner(&mut reader.read().await?, verified).await?;
    match person.state {
        SubscriberState::Pending | SubscriberState::Unsubscribed => {
            let page = ConfirmPage {
                frame: reader.private_frame(None),
                address: person.address.to_string(),
                action: format!("/confirm/{token}"),
            };
            reader.page("pages/confirm.html", page)
        }
        _ => outcome(&reader, &person, false),
    }
}

/// Makes the subscriber active, once; pressing again only says so.
pub(in crate::web) async fn act(State(writer): State<Writer>, Path(token): Path<String>) -> Answer {
    let verified = writer.verify(Purpose::Confirm, &token)?;
    let mut tx = writer.begin().await?;
    let mut person = owner(&mut tx, verified).await?;
    let is_new = matches!(person.state, SubscriberState::Pending | SubscriberState::Unsubscribed);
    if is_new && tx.is_suppressed(person.id.bucket(), &person.address_hash).await? {
        person.state = SubscriberState::Bounced;
        return outcome(&writer, &person, false);
    }
    if is_new {
        let (now, state) = (writer.now(), SubscriberState::Active);
        person.next_due = Some(first_due(&person, now));
        person.state = state;
        tx.set_subscriber_state(person.id, state, person.next_due, None, now).await?;
        tx.commit().await?;
        writer.ring();
    }
    outcome(&writer, &person, is_new)
}

fn outcome(desk: &Desk, person: &Subscriber, is_new: bool) -> Answer {
    let frame = desk.private_frame(None);
    let preferences = desk.preferences_path(person);
    let message = match (is_subscribed(person), is_new) {
        (true, true) => Message::subscribed(
            desk.words(),
            frame,
            preferences,
            person.next_due.map(|due| due.at),
            &person.preferences,
        ),
        (true, false) => Message::already_confirmed(desk.words(), frame, preferences),
        (false, _) => Message::cannot_be_mailed(desk.words(), frame),
    };
    desk.page("pages/message.html", message.map_err(RenderError::from).map_err(Failure::from)?)
}
