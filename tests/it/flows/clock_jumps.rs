//! A clock that jumps: no date gets a second edition, and none is skipped without a record.

use std::collections::BTreeMap;

use broadsheet::app::PersonChange;
use broadsheet::model::LocalDate;
use broadsheet::scheduler::{Stop, deliver, plan};
use broadsheet::store::editions::{Edition, EditionKind};
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::support::apps::{Plan, TestApp, at};
use crate::support::databases::for_all;
use crate::support::{TestDb, both_databases};

/// The clocks of New York change on March 8, those of Berlin on the 29th, those of Lord Howe by half an hour on April 5.
const STARTS: [&str; 3] = ["2026-03-06T20:00:00Z", "2026-03-27T20:00:00Z", "2026-04-03T20:00:00Z"];
const ZONES: [&str; 5] = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Kiritimati"];

/// What happens to a service.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// The clock moves by so many minutes, either way.
    Jump(i64),
    Plan,
    Send,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let minutes = prop_oneof![Just(60), Just(-60), Just(24 * 60), Just(-24 * 60), -90..90_i64, Just(13 * 60)];
    let event = prop_oneof![3 => minutes.prop_map(Event::Jump), 2 => Just(Event::Plan), 1 => Just(Event::Send)];
    prop::collection::vec(event, 4..24)
}

async fn happen(service: &TestApp, event: Event) {
    match event {
        Event::Jump(minutes) => service.clock.set(service.clock.now() + TimeDelta::minutes(minutes)),
        Event::Plan => drop(plan::run(&service.app.service).await.expect("plans")),
        Event::Send => drop(deliver::run(&service.app.service, &Stop::never()).await.expect("sends")),
    }
}

/// Every edition, by reader, the oldest date first.
async fn editions(service: &TestApp) -> BTreeMap<String, Vec<Edition>> {
    let mut read = service.app.service.db.read().await.expect("reads");
    let mut found = BTreeMap::new();
    for person in read.subscribers_after(None, 100).await.expect("reads") {
        let mut editions = read.editions_of(person.id, 100).await.expect("reads");
        editions.reverse();
        found.insert(person.address.to_string(), editions);
    }
    found
}

/// What must hold of everything that one reader got.
fn check(reader: &str, editions: &[Edition], last: LocalDate) -> Result<(), TestCaseError> {
    let dates: Vec<LocalDate> = editions.iter().map(|edition| edition.local_date).collect();
    for pair in dates.windows(2) {
        prop_assert_eq!(pair[0].succ_opt(), Some(pair[1]), "{}: {:?}", reader, &dates);
    }
    prop_assert!(dates.last().is_some_and(|date| *date >= last), "{}: {:?} end too early", reader, &dates);
    for edition in editions {
        let late = edition.planned_at - edition.due_at;
        let in_time = (TimeDelta::zero()..TimeDelta::hours(12)).contains(&late);
        prop_assert_eq!(edition.kind == EditionKind::Missed, !in_time, "{}: {:?}", reader, edition);
    }
    Ok(())
}

async fn survives(db: &TestDb, start: &str, events: Vec<Event>) -> Result<(), TestCaseError> {
    let service = Plan::new(db, start).build().await;
    for zone in ZONES {
        let change = PersonChange {
            timezone: Some(zone.to_owned()),
            time: Some("02:30".to_owned()),
            quiet_day: Some("note".to_owned()),
            ..PersonChange::default()
        };
        let name = zone.replace('/', ".").to_lowercase();
        service.subscribe(&format!("{name}@example.org"), &["zeppelins"], change).await;
    }
    for event in events {
        happen(&service, event).await;
    }
    // In the end the clock is right again, and three quiet days pass.
    let calm = at(start).max(service.clock.now()) + TimeDelta::hours(1);
    for hour in 0..72 / 6 {
        service.clock.set(calm + TimeDelta::hours(6 * hour));
        happen(&service, Event::Plan).await;
        happen(&service, Event::Send).await;
    }
    let last = (service.clock.now() - TimeDelta::hours(24)).date_naive();
    let mut mailed = 0;
    for (reader, editions) in editions(&service).await {
        check(&reader, &editions, last)?;
        mailed += editions.iter().filter(|edition| edition.kind.is_mailed()).count();
    }
    let deliveries = service.app.list_deliveries(None, None, 1000).await.expect("lists");
    prop_assert_eq!(deliveries.len(), mailed, "one mail for each edition");
    let open = deliveries.iter().filter(|mail| !["accepted", "expired"].contains(&mail.state.as_str())).count();
    prop_assert_eq!(open, 0, "{:?}", deliveries);
    for table in ["attempts", "deliveries", "editions", "subscribers"] {
        db.execute(&format!("DELETE FROM {table}")).await;
    }
    service.app.close().await;
    Ok(())
}

both_databases! {
    async fn no_jump_of_the_clock_doubles_or_loses_a_date(db: &TestDb) {
        for_all(16, (prop::sample::select(STARTS.to_vec()), events()), |(start, events)| survives(db, start, events));
    }

    async fn a_day_forward_and_back_between_planning_and_sending_changes_no_date(db: &TestDb) {
        use Event::{Jump, Plan, Send};
        for jump in [60, -60, 24 * 60, -24 * 60] {
            for start in STARTS {
                let events = vec![Jump(11 * 60), Plan, Jump(jump), Send, Plan, Jump(-jump), Plan, Send];
                survives(db, start, events).await.unwrap_or_else(|failure| panic!("{start}, {jump}: {failure}"));
            }
        }
    }
}
