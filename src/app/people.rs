//! What the operator does with subscribers.

use std::str::FromStr;

use chrono_tz::Tz;

use super::rows::SubscriberLine;
use super::{App, AppError};
use crate::digest::schedule::next_due;
use crate::matcher::check_profile;
use crate::model::subscriber::parse_send_time;
use crate::model::{Days, EmailAddress, Preferences, QuietDay, SubscriberId, SubscriberState, Timestamp};
use crate::scheduler::{plan, signup};
use crate::store::signups::{Signup, SignupKind};
use crate::store::subscribers::{DueAt, NewSubscriber, Subscriber};

/// What is to be different about a person; what is `None` stays as it is, or gets its default.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// Interests and exclusions; replaces all there were.
    pub interests: Option<Vec<String>>,
    /// Zone name.
    pub timezone: Option<String>,
    /// `HH:MM`.
    pub time: Option<String>,
    /// `day`, `weekdays`, `mon,thu`.
    pub every: Option<String>,
    /// Papers under *For you*.
    pub limit: Option<u16>,
    /// `nothing`, `note`, `trending`.
    pub quiet_day: Option<String>,
    /// Whether *Trending* is wanted.
    pub trending: Option<bool>,
    /// Language tag.
    pub language: Option<String>,
}

impl PersonChange {
    /// Applies the change, or says what in it makes no sense.
    pub(super) fn apply(&self, prefs: &mut Preferences) -> Result<(), AppError> {
        let usage = AppError::Usage;
        if let Some(interests) = &self.interests {
            prefs.profile = profile_text(interests)?;
        }
        if let Some(name) = &self.timezone {
            let zone = Tz::from_str(name);
            prefs.timezone = zone.map_err(|_| {
                usage(format!("timezone: {name:?} is not in the time zone database; use for instance Europe/Berlin"))
            })?;
        }
        if let Some(time) = &self.time {
            prefs.send_minute = parse_send_time(time).map_err(|error| usage(format!("time: {error}")))?;
        }
        if let Some(every) = &self.every {
            prefs.days = Days::from_str(every).map_err(|error| usage(format!("every: {error}")))?;
        }
        if let Some(limit) = self.limit {
            if !(1..=Preferences::MAX_LIMIT).contains(&limit) {
                return Err(usage(format!("limit: {limit} is not from 1 to {}", Preferences::MAX_LIMIT)));
            }
            prefs.limit = limit;
        }
        if let Some(choice) = &self.quiet_day {
            let known = QuietDay::from_stored(choice);
            prefs.quiet_day =
                known.ok_or_else(|| usage(format!("quiet_day: {choice:?} is not nothing, note or trending")))?;
        }
        if let Some(trending) = self.trending {
            prefs.trending = trending;
        }
        if let Some(language) = &self.language {
            prefs.language.clone_from(language);
        }
        Ok(())
    }
}

/// Joins interests into a profile, or names every line that cannot be understood.
fn profile_text(interests: &[String]) -> Result<String, AppError> {
    let lines: Vec<&str> = interests.iter().flat_map(|interest| interest.lines()).map(str::trim).collect();
    let text = lines.join("\n");
    let report = check_profile(&text);
    let problems: Vec<String> = report
        .errors()
        .map(|(line, error)| {
            let hint = error.suggestion.as_ref().map_or(String::new(), |hint| format!("; try `{hint}`"));
            format!("interest {:?}, column {}: {}{hint}", line.text, error.column, error.message)
        })
        .collect();
    if problems.is_empty() { Ok(text) } else { Err(AppError::Usage(problems.join("\n"))) }
}

/// Reads an address as typed.
pub(super) fn address(text: &str) -> Result<EmailAddress, AppError> {
    EmailAddress::parse(text).map_err(|error| AppError::Usage(format!("{text:?}: {error}")))
}

impl App {
    fn default_preferences(&self) -> Preferences {
        let settings = &self.service.settings;
        Preferences {
            send_minute: settings.send_minute,
            limit: settings.limit,
            ..Preferences::defaults(settings.timezone)
        }
    }

    /// The subscriber with that address.
    pub(super) async fn person(&self, email: &str) -> Result<Subscriber, AppError> {
        let address = address(email)?;
        let found = self.service.db.read().await?.subscriber_by_address(&address).await?;
        found.ok_or_else(|| AppError::Failed(format!("{address} is not a subscriber; `subscribers list` shows who is")))
    }

    /// Adds a subscriber by the operator's word: active at once, or, with `pending`, asked to confirm by mail.
    pub async fn add_person(
        &self,
        email: &str,
        change: &PersonChange,
        pending: bool,
    ) -> Result<SubscriberLine, AppError> {
        let state = if pending { SubscriberState::Pending } else { SubscriberState::Active };
        self.add_person_as(email, change, state, true).await
    }

    pub(super) async fn add_person_as(
        &self,
        email: &str,
        change: &PersonChange,
        state: SubscriberState,
        ask: bool,
    ) -> Result<SubscriberLine, AppError> {
        let address = address(email)?;
        let mut prefs = self.default_preferences();
        change.apply(&mut prefs)?;
        let now = self.service.clock.now();
        let hash = self.service.links.keys().address_hash(&address.canonical());
        let mut tx = self.service.db.begin().await?;
        if tx.is_suppressed(address.bucket(), &hash).await? {
            return Err(AppError::Failed(format!(
                "{address} is suppressed; `suppressions remove {address}` lets it be mailed again"
            )));
        }
        let due = (state == SubscriberState::Active).then(|| first_due(&prefs, now));
        match tx.subscriber_by_address(&address).await? {
            Some(known) if matches!(known.state, SubscriberState::Active | SubscriberState::Paused) => {
                return Err(AppError::Failed(format!("{address} is subscribed already; use `subscribers set`")));
            }
            Some(known) => {
                tx.set_preferences(known.id, &prefs, None).await?;
                let due = due
                    .map(|_| plan::due_after_change(&Subscriber { preferences: prefs.clone(), ..known.clone() }, now));
                tx.set_subscriber_state(known.id, state, due, None, now).await?;
            }
            None => {
                let new = NewSubscriber {
                    id: SubscriberId(self.service.ids.next(now, address.bucket())),
                    address: address.clone(),
                    address_hash: hash,
                    state,
                    preferences: prefs,
                    consent_source: "operator".to_owned(),
                    consent_network: None,
                    created_at: now,
                };
                tx.insert_subscriber(&new, due).await?;
            }
        }
        let ask = ask && state == SubscriberState::Pending;
        if ask {
            tx.insert_signup(&self.operator_signup(&address, now)).await?;
        }
        tx.commit().await?;
        if ask {
            signup::run(&self.service).await?;
        }
        self.service.bell.notify_one();
        self.show_person(email).await
    }

    fn operator_signup(&self, address: &EmailAddress, now: Timestamp) -> Signup {
        Signup {
            id: self.service.ids.next(now, address.bucket()),
            kind: SignupKind::Subscribe,
            address: address.clone(),
            interests: String::new(),
            timezone: None,
            send_minute: None,
            language: "en".to_owned(),
            door: "operator".to_owned(),
            network: String::new(),
            received_at: now,
        }
    }

    /// Changes what a subscriber gets and when.
    pub async fn set_person(&self, email: &str, change: &PersonChange) -> Result<SubscriberLine, AppError> {
        let mut person = self.person(email).await?;
        change.apply(&mut person.preferences)?;
        let now = self.service.clock.now();
        let due = (person.state == SubscriberState::Active).then(|| plan::due_after_change(&person, now));
        let mut tx = self.service.db.begin().await?;
        tx.set_preferences(person.id, &person.preferences, due).await?;
        tx.commit().await?;
        self.show_person(email).await
    }

    /// One subscriber.
    pub async fn show_person(&self, email: &str) -> Result<SubscriberLine, AppError> {
        Ok(SubscriberLine::of(&self.person(email).await?))
    }

    /// All subscribers, a page at a time, each given to `print`.
    pub async fn each_person(&self, mut print: impl FnMut(SubscriberLine)) -> Result<(), AppError> {
        let mut after = None;
        loop {
            let page = self.service.db.read().await?.subscribers_after(after, 500).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            page.iter().map(SubscriberLine::of).for_each(&mut print);
        }
    }

    /// The link with which a subscriber changes their preferences.
    pub async fn person_link(&self, email: &str) -> Result<String, AppError> {
        let person = self.person(email).await?;
        Ok(self.service.links.preferences(person.id, person.link_generation, self.service.clock.now()))
    }

    /// Ends a subscription; open mails to the person are stopped.
    pub async fn unsubscribe_person(&self, email: &str) -> Result<SubscriberLine, AppError> {
        let person = self.person(email).await?;
        let now = self.service.clock.now();
        let mut tx = self.service.db.begin().await?;
        tx.set_subscriber_state(person.id, SubscriberState::Unsubscribed, None, None, now).await?;
        tx.suppress_deliveries(person.id, now).await?;
        tx.commit().await?;
        self.show_person(email).await
    }

    /// Removes everything kept of a person; only the keyed hash in suppressions and deliveries stays.
    pub async fn erase_person(&self, email: &str) -> Result<(), AppError> {
        let person = self.person(email).await?;
        let mut tx = self.service.db.begin().await?;
        tx.erase_subscriber(&person, self.service.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Everything kept of a person, as one JSON object.
    pub async fn export_person(&self, email: &str) -> Result<serde_json::Value, AppError> {
        let person = self.person(email).await?;
        let mut read = self.service.db.read().await?;
        let editions = read.editions_of(person.id, i64::MAX).await?;
        let editions: Vec<serde_json::Value> = editions
            .iter()
            .map(|edition| {
                serde_json::json!({
                    "date": edition.local_date,
                    "kind": edition.kind.as_str(),
                    "due_at": super::rows::instant(edition.due_at),
                    "papers": edition.items.iter().map(|item| item.paper.0).collect::<Vec<_>>(),
                })
            })
            .collect();
        let filter = crate::store::deliveries::DeliveryFilter {
            subscriber: Some(person.id),
            limit: i64::MAX,
            ..Default::default()
        };
        let deliveries: Vec<super::DeliveryLine> =
            read.deliveries(&filter).await?.into_iter().map(super::DeliveryLine::of).collect();
        let mut export = serde_json::to_value(SubscriberLine::of(&person)).unwrap_or_default();
        if let Some(fields) = export.as_object_mut() {
            fields.insert("editions".to_owned(), editions.into());
            fields.insert("deliveries".to_owned(), serde_json::to_value(deliveries).unwrap_or_default());
        }
        Ok(export)
    }
}

fn first_due(prefs: &Preferences, now: Timestamp) -> DueAt {
    let due = next_due(prefs, None, now);
    DueAt { local_date: due.local_date, at: due.at }
}
