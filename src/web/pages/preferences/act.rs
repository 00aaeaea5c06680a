//! What the buttons of the page do.

use axum::extract::{Path, State};
use chrono::TimeDelta;

use crate::links::Purpose;
use crate::model::SubscriberState;
use crate::render::pages::Message;
use crate::store::Tx;
use crate::store::subscribers::{DueAt, Subscriber};
use crate::web::answer::{Answer, see_other};
use crate::web::failure::Failure;
use crate::web::fields::Fields;
use crate::web::people::{changed_due, first_due, is_subscribed, owner};
use crate::web::profile;
use crate::web::state::Writer;

use super::{Shown, form};

/// Acts on one of the page's forms; the link is the permission.
pub(in crate::web) async fn act(State(writer): State<Writer>, Path(token): Path<String>, fields: Fields) -> Answer {
    if fields.get("action") == "preview" {
        return preview(&writer, &token, &fields).await;
    }
    let verified = writer.verify(Purpose::Preferences, &token)?;
    let mut tx = writer.begin().await?;
    let person = owner(&mut tx, verified).await?;
    if !is_subscribed(&person) {
        return super::not_subscribed(&writer);
    }
    let done = match fields.get("action") {
        "save" => match form::read(writer.words(), &fields, &person.preferences)? {
            Ok(preferences) => {
                save(&writer, &mut tx, Subscriber { preferences, ..person }).await?;
                "saved"
            }
            Err(shown) => {
                let page = super::page(&writer, &mut tx, &person, &token, *shown).await?;
                return writer.refused("pages/preferences.html", page);
            }
        },
        "undo" => {
            undo(&writer, &mut tx, person, fields.get("profile")).await?;
            "undone"
        }
        "pause" => match form::pause_weeks(&fields) {
            Some(weeks) => {
                pause(&writer, &mut tx, &person, weeks).await?;
                "paused"
            }
            None => return no_such_pause(&writer, &mut tx, &person, &token).await,
        },
        "resume" => {
            resume(&writer, &mut tx, &person).await?;
            "resumed"
        }
        "send-now" => match send_now(&writer, &mut tx, &person).await? {
            Some(edition) => return Ok(see_other(&edition)),
            None => "sending",
        },
        "renew-links" => {
            tx.renew_links(person.id).await?;
            tx.commit().await?;
            return renewed(&writer, person);
        }
        _ => return Err(Failure::UnknownAction),
    };
    tx.commit().await?;
    writer.ring();
    Ok(see_other(&format!("/preferences/{token}?done={done}")))
}

/// Shows what the interests would have found, and saves nothing. Reads only: a forecast may take a while.
async fn preview(writer: &Writer, token: &str, fields: &Fields) -> Answer {
    let verified = writer.verify(Purpose::Preferences, token)?;
    let mut read = writer.read().await?;
    let person = owner(&mut read, verified).await?;
    if !is_subscribed(&person) {
        return super::not_subscribed(writer);
    }
    match form::read(writer.words(), fields, &person.preferences)? {
        Ok(preferences) => {
            let draft = Subscriber { preferences, ..person };
            let mut page = super::page(writer, &mut read, &draft, token, Shown::saved(&draft)).await?;
            drop(read);
            page.forecast = writer.forecast(&page.wishes.profile, &mut page.lines).await?;
            page.done = Some(writer.words().say("preferences.previewed", &[])?);
            writer.page("pages/preferences.html", page)
        }
        Err(shown) => {
            let page = super::page(writer, &mut read, &person, token, *shown).await?;
            writer.refused("pages/preferences.html", page)
        }
    }
}

async fn save(writer: &Writer, tx: &mut Tx, person: Subscriber) -> Result<(), Failure> {
    let due = changed_due(&person, writer.now());
    Ok(tx.set_preferences(person.id, &person.preferences, due).await?)
}

/// Puts a former profile back, as the page after a change offers.
async fn undo(writer: &Writer, tx: &mut Tx, mut person: Subscriber, former: &str) -> Result<(), Failure> {
    let former = profile::tidy(former);
    if !profile::read(&former).is_good() {
        return Err(Failure::ForgedForm);
    }
    person.preferences.profile = former;
    save(writer, tx, person).await
}

/// Stops the digests until a day, those on their way included; other mails may go.
async fn pause(writer: &Writer, tx: &mut Tx, person: &Subscriber, weeks: i64) -> Result<(), Failure> {
    let now = writer.now();
    let until = now + TimeDelta::weeks(weeks);
    tx.set_subscriber_state(person.id, SubscriberState::Paused, None, Some(until), now).await?;
    tx.suppress_digests(person.id, now).await?;
    Ok(())
}

async fn no_such_pause(writer: &Writer, tx: &mut Tx, person: &Subscriber, token: &str) -> Answer {
    let mut page = super::page(writer, tx, person, token, Shown::saved(person)).await?;
    page.is_refused = true;
    page.pause_error = Some(writer.words().say("form.error.choice", &[])?);
    writer.refused("pages/preferences.html", page)
}

async fn resume(writer: &Writer, tx: &mut Tx, person: &Subscriber) -> Result<(), Failure> {
    if person.state == SubscriberState::Paused {
        let now = writer.now();
        let due = first_due(person, now);
        tx.end_pause(person.id, person.plan_seq, due, now).await?;
    }
    Ok(())
}

/// Makes today's edition due now; or, when it is made already, tells where it can be read.
async fn send_now(writer: &Writer, tx: &mut Tx, person: &Subscriber) -> Result<Option<String>, Failure> {
    let now = writer.now();
    let local_date = now.with_timezone(&person.preferences.timezone).date_naive();
    if let Some(edition) = tx.edition_of_date(person.id, local_date).await? {
        let link = writer.links.archive(edition.id, person.link_generation, now);
        return Ok(Some(writer.path(&link)));
    }
    if person.state == SubscriberState::Active {
        let due = DueAt { local_date, at: now };
        tx.set_preferences(person.id, &person.preferences, Some(due)).await?;
    }
    Ok(None)
}

fn renewed(writer: &Writer, mut person: Subscriber) -> Answer {
    person.link_generation += 1;
    let fresh = writer.preferences_path(&person);
    let frame = writer.private_frame(Some("manage"));
    writer.page("pages/message.html", Message::links_renewed(writer.words(), frame, fresh)?)
}
