//! Long series of one kind of accident, in any size: small for the tests, full for `cargo bench --bench kills`.

pub mod cuts;
pub mod kills;
pub mod program;
pub mod race;

use broadsheet::clock::Clock;
use broadsheet::model::{Days, EmailAddress, Preferences, SubscriberId, SubscriberState};
use broadsheet::store::Db;
use broadsheet::store::subscribers::{DueAt, NewSubscriber};
use chrono::{TimeDelta, Weekday};

use super::service::{Service, Setup, instant};

/// A Monday. Everybody is served at seven on Mondays, so that nobody is due again while the dust settles.
pub const DUE: &str = "2026-03-02T07:00:00Z";
/// The day after, when whatever was uncertain at [`DUE`] has become unknown.
pub const DAY_AFTER: &str = "2026-03-03T09:00:00Z";

/// Numbers without a pattern, the same in every run (the constants of Knuth's MMIX).
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to `limit - 1`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

/// The address of a reader.
pub fn email(number: usize) -> String {
    // A domain of their own each: no reader's mail waits for another's.
    format!("reader@institute{number}.example.org")
}

/// A service under a clock that shows [`DUE`], with this many readers who are due, and one paper for them.
pub async fn with_readers(setup: &Setup, count: usize) -> Service {
    with_these_readers(setup, &(0..count).map(email).collect::<Vec<_>>()).await
}

/// The same for these addresses.
pub async fn with_these_readers(setup: &Setup, addresses: &[String]) -> Service {
    let service = setup.under(Clock::mock(instant(DUE) - TimeDelta::hours(2))).await;
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    for some in addresses.chunks(1000) {
        let mut tx = service.app.service.db.begin().await.expect("begins");
        for address in some {
            let due = DueAt { local_date: instant(DUE).date_naive(), at: instant(DUE) };
            assert!(tx.insert_subscriber(&reader(&service, address), Some(due)).await.expect("inserts"));
        }
        tx.commit().await.expect("commits");
    }
    service.app.service.db.analyze().await.expect("analyzes");
    service.clock.set(instant(DUE));
    service
}

fn reader(service: &Service, address: &str) -> NewSubscriber {
    let address = EmailAddress::parse(address).expect("an address");
    let days = Days::from_days([Weekday::Mon]).expect("a day");
    let profile = "diffusion models".to_owned();
    NewSubscriber {
        id: SubscriberId(service.app.service.ids.next(service.clock.now(), address.bucket())),
        address_hash: service.app.service.links.keys().address_hash(&address.canonical()),
        address,
        state: SubscriberState::Active,
        preferences: Preferences { days, profile, ..Preferences::defaults(chrono_tz::UTC) },
        consent_source: "operator".to_owned(),
        consent_network: None,
        created_at: service.clock.now(),
    }
}

/// How many deliveries are in any of these states.
pub async fn count_in(db: &Db, states: &[&str]) -> usize {
    let counts = db.read().await.expect("reads").delivery_counts().await.expect("counts");
    let of = |(_, state, count): (String, String, i64)| if states.contains(&state.as_str()) { count } else { 0 };
    usize::try_from(counts.into_iter().map(of).sum::<i64>()).expect("a count")
}
