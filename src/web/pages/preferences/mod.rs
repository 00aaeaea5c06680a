//! A subscriber's own page: interests, schedule, pause, links. Reached by a link, without a password.

mod act;
mod form;

pub(in crate::web) use act::act;

use axum::extract::{Path, Query, State};
use chrono::Weekday;
use serde::Deserialize;

use crate::links::Purpose;
use crate::model::{Days, Preferences, QuietDay, SubscriberState};
use crate::render::pages::{DayChoice, EditionView, Message, PreferencesPage, Wishes, zone_groups};
use crate::store::Read;
use crate::store::subscribers::Subscriber;
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::people::{is_subscribed, owner};
use crate::web::profile;
use crate::web::state::{Desk, Reader};

/// Editions listed.
const EDITIONS: i64 = 7;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    done: Option<String>,
}

/// The page with everything as it is saved.
pub(in crate::web) async fn show(
    State(reader): State<Reader>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let verified = reader.verify(Purpose::Preferences, &token)?;
    // Before a connection is held: this may need one of its own.
    reader.acronyms().await?;
    let mut read = reader.read().await?;
    let person = owner(&mut read, verified).await?;
    if !is_subscribed(&person) {
        return not_subscribed(&reader);
    }
    let mut page = page(&reader, &mut read, &person, &token, Shown::saved(&person)).await?;
    if matches!(asked.done.as_deref(), Some("saved" | "undone")) {
        drop(read);
        page.forecast = reader.forecast(&page.wishes.profile, &mut page.lines).await?;
    }
    page.done = match asked.done.as_deref() {
        Some(done @ ("saved" | "paused" | "resumed" | "undone" | "sending")) => {
            Some(reader.words().say(&format!("preferences.done.{done}"), &[])?)
        }
        _ => None,
    };
    reader.page("pages/preferences.html", page)
}

fn not_subscribed(desk: &Desk) -> Answer {
    desk.page("pages/message.html", Message::not_subscribed(desk.words(), desk.private_frame(Some("manage")))?)
}

/// What the form shows: what is saved, or what was typed where that differs.
struct Shown {
    wishes: Wishes,
    days: Option<Vec<Weekday>>,
    quiet_day: Option<QuietDay>,
}

impl Shown {
    fn saved(person: &Subscriber) -> Self {
        Self { wishes: Wishes::saved(&person.preferences), days: None, quiet_day: None }
    }
}

async fn page(
    desk: &Desk,
    read: &mut Read,
    person: &Subscriber,
    token: &str,
    shown: Shown,
) -> Result<PreferencesPage, Failure> {
    let (words, now, saved) = (desk.words(), desk.now(), &person.preferences);
    let moment = |at| PreferencesPage::moment(words, at, saved);
    let mut reading = profile::read(&shown.wishes.profile);
    profile::add_synonyms(&mut reading.lines, &desk.shelf.known_acronyms());
    let today = now.with_timezone(&saved.timezone).date_naive();
    let editions = read.editions_of(person.id, EDITIONS).await?;
    let archive = |edition| desk.path(&desk.links.archive(edition, person.link_generation, now));
    let is_paused = person.state == SubscriberState::Paused;
    Ok(PreferencesPage {
        frame: desk.private_frame(Some("manage")),
        address: person.address.to_string(),
        action: format!("/preferences/{token}"),
        unsubscribe: desk.path(&desk.links.unsubscribe(person.id)),
        done: None,
        is_refused: shown.wishes.is_refused() || !reading.is_good(),
        only_exclusions: reading.only_exclusions,
        lines: reading.lines,
        forecast: None,
        wishes: shown.wishes,
        zones: zone_groups(),
        days: day_choices(saved, shown.days),
        quiet_days: PreferencesPage::quiet_day_choices(words, shown.quiet_day.unwrap_or(saved.quiet_day))?,
        next: person.next_due.filter(|_| !is_paused).map(|due| moment(due.at)).transpose()?,
        is_paused,
        pause_error: None,
        paused_until: person.paused_until.filter(|_| is_paused).map(moment).transpose()?,
        pauses: PreferencesPage::pause_choices(words, now, saved)?,
        todays_edition: editions.iter().find(|edition| edition.local_date == today).map(|edition| archive(edition.id)),
        editions: editions
            .iter()
            .filter(|edition| edition.kind.is_mailed())
            .map(|edition| EditionView {
                date: edition.local_date.to_string(),
                papers: edition.items.len() as u64,
                path: archive(edition.id),
            })
            .collect(),
    })
}

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

fn day_choices(saved: &Preferences, typed: Option<Vec<Weekday>>) -> Vec<DayChoice> {
    let chosen = |day: Weekday| typed.as_ref().map_or_else(|| saved.days.contains(day), |typed| typed.contains(&day));
    let number = |day: Weekday| u8::try_from(day.number_from_monday()).unwrap_or(1);
    WEEK.into_iter().map(|(value, day)| DayChoice { value, number: number(day), chosen: chosen(day) }).collect()
}

fn weekday(name: &str) -> Option<Weekday> {
    WEEK.into_iter().find(|(known, _)| *known == name).map(|(_, day)| day)
}

fn chosen_days(days: &[Weekday]) -> Option<Days> {
    Days::from_days(days.iter().copied())
}
