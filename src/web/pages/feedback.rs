//! "More like this" and "less like this": edits of the profile that a paper suggests, made on POST, with undo.

mod offers;

use axum::extract::{Path, State};

use crate::links::Purpose;
use crate::matcher::Profile;
use crate::model::{Paper, PaperId};
use crate::render::pages::{FeedbackPage, Message, OfferView, UndoPage};
use crate::store::Read;
use crate::store::subscribers::Subscriber;
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::fields::Fields;
use crate::web::forecast::rate;
use crate::web::people::{changed_due, is_subscribed, owner};
use crate::web::state::{Desk, Reader, Writer};

use offers::{apply, less_offers, more_offers};

/// Editions looked through for the reasons a paper was shown: it can only be in one of the last.
const EDITIONS: i64 = 40;

/// Offers interests made from the paper.
pub(in crate::web) async fn more(State(reader): State<Reader>, Path(asked): Path<(String, String)>) -> Answer {
    show(&reader, asked, true).await
}

/// Offers to weaken what found the paper, or to exclude.
pub(in crate::web) async fn less(State(reader): State<Reader>, Path(asked): Path<(String, String)>) -> Answer {
    show(&reader, asked, false).await
}

async fn show(reader: &Reader, (token, paper): (String, String), more: bool) -> Answer {
    let verified = reader.verify(Purpose::Preferences, &token)?;
    let mut read = reader.read().await?;
    let person = owner(&mut read, verified).await?;
    if !is_subscribed(&person) {
        return not_subscribed(reader);
    }
    let paper = find(&mut read, &paper).await?;
    let offers = if more {
        drop(read);
        with_forecasts(reader, more_offers(&person.preferences.profile, &paper)).await?
    } else {
        let interests = interests_that_hit(&mut read, &person, paper.id).await?;
        less_offers(&person.preferences.profile, &paper, &interests)
    };
    let path = if more { "more" } else { "less" };
    let page = FeedbackPage {
        frame: reader.private_frame(Some("manage")),
        more,
        title: paper.title.clone(),
        paper: reader.path(&reader.links.paper(paper.id)),
        action: format!("/preferences/{token}/{path}/{}", paper.id),
        preferences: format!("/preferences/{token}"),
        offers,
    };
    reader.page("pages/feedback.html", page)
}

/// Says of each offer what it would bring.
async fn with_forecasts(reader: &Reader, mut offers: Vec<OfferView>) -> Result<Vec<OfferView>, Failure> {
    let profiles = offers.iter().map(|offer| Profile::from_text(&offer.line)).collect();
    for (offer, forecast) in offers.iter_mut().zip(reader.forecasts(profiles).await?) {
        offer.forecast = (forecast.papers > 0).then(|| rate(reader.words(), &forecast, forecast.found)).transpose()?;
    }
    Ok(offers)
}

/// Makes the chosen edits and shows them, with a form that takes them back.
pub(in crate::web) async fn act(
    State(writer): State<Writer>,
    Path((token, _paper)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let verified = writer.verify(Purpose::Preferences, &token)?;
    let mut tx = writer.begin().await?;
    let mut person = owner(&mut tx, verified).await?;
    if !is_subscribed(&person) {
        return not_subscribed(&writer);
    }
    let former = person.preferences.profile.clone();
    let edited = apply(&former, fields.all("edit"))?;
    let page = UndoPage {
        frame: writer.private_frame(Some("manage")),
        added: lines_of_one_only(&edited, &former),
        removed: lines_of_one_only(&former, &edited),
        former: former.clone(),
        action: format!("/preferences/{token}"),
    };
    if edited != former {
        person.preferences.profile = edited;
        let due = changed_due(&person, writer.now());
        tx.set_preferences(person.id, &person.preferences, due).await?;
        tx.commit().await?;
    }
    writer.page("pages/undo.html", page)
}

fn lines_of_one_only(one: &str, other: &str) -> Vec<String> {
    one.lines()
        .filter(|line| !line.is_empty() && !other.lines().any(|known| known == *line))
        .map(str::to_owned)
        .collect()
}

fn not_subscribed(desk: &Desk) -> Answer {
    desk.page("pages/message.html", Message::not_subscribed(desk.words(), desk.private_frame(Some("manage")))?)
}

async fn find(read: &mut Read, paper: &str) -> Result<Paper, Failure> {
    let id = PaperId(paper.parse().map_err(|_| Failure::NotFound)?);
    read.paper(id).await?.ok_or(Failure::NotFound)
}

/// The interests for which the paper was shown to this person, in canonical form.
async fn interests_that_hit(read: &mut Read, person: &Subscriber, paper: PaperId) -> Result<Vec<String>, Failure> {
    for edition in read.editions_of(person.id, EDITIONS).await? {
        let shown: Vec<PaperId> = edition.items.iter().map(|item| item.paper).collect();
        let now_known_as = read.resolve_merged(&shown).await?;
        if let Some(place) = now_known_as.iter().position(|known| *known == paper) {
            let reasons = &edition.items[place].reasons;
            return Ok(reasons.iter().map(|reason| reason.interest.clone()).collect());
        }
    }
    Ok(Vec::new())
}
