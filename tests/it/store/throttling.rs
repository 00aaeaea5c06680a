//! What holds mail back in the database: tokens, full and closed groups, a relay that rests.

use std::collections::HashMap;

use broadsheet::model::{DeliveryKind, Timestamp};
use broadsheet::store::Db;
use broadsheet::store::deliveries::{Claim, ClaimOrder, NewDelivery, Rooms};
use chrono::TimeDelta;

use crate::support::outbox::{delivery, order, subscribe};
use crate::support::papers::{hours, noon};
use crate::support::{TestDb, both_databases};

fn later(seconds: i64) -> Timestamp {
    noon() + TimeDelta::seconds(seconds)
}

/// Stores links asked for, so many for each group, one group after the other.
async fn mails(db: &Db, groups: &[(&str, usize)]) {
    let person = subscribe(db, "ada@example.org").await;
    let mut tx = db.begin().await.expect("begins");
    for (at, (group, count)) in groups.iter().enumerate() {
        for _ in 0..*count {
            let due_at = noon() - TimeDelta::minutes(groups.len() as i64 - at as i64);
            let mail = delivery(&person, DeliveryKind::ManageLink, None);
            let mail = NewDelivery { dest_group: (*group).to_owned(), due_at, ..mail };
            assert!(tx.insert_delivery(&mail).await.expect("inserts"));
        }
    }
    tx.commit().await.expect("commits");
}

async fn claim(db: &Db, order: &ClaimOrder<'_>) -> Claim {
    let mut tx = db.begin().await.expect("begins");
    let claim = tx.claim_deliveries(order).await.expect("claims");
    tx.commit().await.expect("commits");
    claim
}

/// Claims at that many mails a second; how many came.
async fn at_rate(db: &Db, rate: u32, now: Timestamp, limit: i64) -> (usize, Claim) {
    let claim = claim(db, &ClaimOrder { rate_per_second: Some(rate), ..order("one", now, limit) }).await;
    (claim.deliveries.len(), claim)
}

/// How many of each group came.
fn by_group(claim: &Claim) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for delivery in &claim.deliveries {
        *counts.entry(delivery.dest_group.clone()).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn groups(counts: &[(&str, usize)]) -> Vec<(String, usize)> {
    counts.iter().map(|(group, count)| ((*group).to_owned(), *count)).collect()
}

both_databases! {
    async fn tokens_are_shared_by_all_nodes_and_outlive_a_restart(db: &TestDb) {
        mails(db, &[("a", 60)]).await;
        let (first, claimed) = at_rate(db, 10, noon(), 64).await;
        assert_eq!((first, claimed.lacks_tokens), (10, true), "one second's worth");
        assert_eq!(claimed.next_at, Some(noon() + TimeDelta::milliseconds(100)));
        // Another program on the same database, and one that was started anew.
        let other = Db::open(db.options()).await.expect("opens");
        assert_eq!(at_rate(&other, 10, noon(), 64).await.0, 0);
        assert_eq!(at_rate(&other, 10, later(1) - TimeDelta::milliseconds(500), 64).await.0, 5);
        other.close().await;
        let restarted = Db::open(db.options()).await.expect("opens");
        assert_eq!(at_rate(&restarted, 10, later(1), 3).await.0, 3, "no more than asked for");
        assert_eq!(at_rate(&restarted, 10, later(1), 64).await.0, 2, "the rest was not lost");
        assert_eq!(at_rate(&restarted, 10, later(3600), 64).await.0, 10, "no burst after a silence");
        restarted.close().await;
    }

    async fn a_mail_given_back_gives_its_token_back(db: &TestDb) {
        mails(db, &[("a", 9)]).await;
        let (count, claimed) = at_rate(db, 3, noon(), 9).await;
        assert_eq!(count, 3);
        let mut tx = db.begin().await.expect("begins");
        for delivery in &claimed.deliveries[..2] {
            assert!(tx.release_delivery(delivery, noon(), noon()).await.expect("releases"));
            assert!(!tx.release_delivery(delivery, noon(), noon()).await.expect("releases"), "it is not held any more");
        }
        tx.commit().await.expect("commits");
        assert_eq!(at_rate(db, 3, noon(), 9).await.0, 2);
    }

    async fn the_mails_of_full_groups_are_passed_over_however_many_stand_in_front(db: &TestDb) {
        mails(db, &[("full", 700), ("a", 3), ("b", 300), ("c", 1)]).await;
        let rooms = Rooms { known: HashMap::from([("full".to_owned(), 0), ("b".to_owned(), 5)]), others: 2 };
        let order = ClaimOrder { rooms: &rooms, ..order("one", noon(), 64) };
        assert_eq!(by_group(&claim(db, &order).await), groups(&[("a", 2), ("b", 5), ("c", 1)]));
        assert_eq!(by_group(&claim(db, &order).await), groups(&[("a", 1), ("b", 5)]));
        let none = Rooms { known: HashMap::from([("full".to_owned(), 0), ("b".to_owned(), 0)]), others: 2 };
        let nothing = claim(db, &ClaimOrder { rooms: &none, ..order }).await;
        assert_eq!((nothing.deliveries.len(), nothing.next_at), (0, None));
    }

    async fn behind_a_crowded_front_every_group_gets_its_share(db: &TestDb) {
        mails(db, &[("full", 400), ("a", 40), ("b", 40), ("c", 2)]).await;
        let rooms = Rooms { known: HashMap::from([("full".to_owned(), 0)]), others: 64 };
        let got = claim(db, &ClaimOrder { rooms: &rooms, ..order("one", noon(), 30) }).await;
        assert_eq!(by_group(&got), groups(&[("a", 10), ("b", 10), ("c", 2)]));
    }

    async fn a_relay_that_rests_is_tried_by_nobody_and_then_by_one_mail(db: &TestDb) {
        mails(db, &[("a", 9)]).await;
        let mut since = noon();
        for minutes in [1, 2, 4, 8, 15, 15] {
            let mut tx = db.begin().await.expect("begins");
            let rest = tx.rest_relay("535 5.7.8 no", since).await.expect("rests").expect("it rests now");
            assert_eq!((rest.until - since, rest.since), (TimeDelta::minutes(minutes), noon()));
            assert_eq!(tx.rest_relay("535 5.7.8 no", since).await.expect("rests"), None, "it rests already");
            tx.commit().await.expect("commits");
            let held = claim(db, &order("one", rest.until - TimeDelta::seconds(1), 9)).await;
            assert_eq!((held.deliveries.len(), held.next_at, held.resting), (0, Some(rest.until), Some(rest.clone())));
            let probe = claim(db, &order("two", rest.until, 9)).await;
            assert_eq!((probe.deliveries.len(), probe.deliveries[0].probes_relay), (1, true));
            let others = claim(db, &order("one", rest.until, 9)).await;
            assert!(others.deliveries.is_empty() && others.resting.is_some_and(|rest| rest.probing));
            since = rest.until;
        }
        let mut tx = db.begin().await.expect("begins");
        assert!(tx.relay_served().await.expect("serves"));
        assert!(!tx.relay_served().await.expect("serves"), "once");
        assert_eq!(tx.relay_rest().await.expect("reads"), None);
        tx.commit().await.expect("commits");
        let all = claim(db, &order("one", since, 9)).await;
        assert_eq!(all.deliveries.len(), 3, "of nine, six were tried");
        assert!(!all.deliveries[0].probes_relay);
    }

    async fn a_group_that_refuses_too_much_is_closed_and_tried_by_one_mail(db: &TestDb) {
        mails(db, &[("a", 9), ("b", 1)]).await;
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.count_refusals("a", (9, 9), "550 5.7.1 no", noon()).await.expect("counts"), None, "too few");
        assert_eq!(tx.count_refusals("a", (2, 46), "550 5.7.1 no", noon()).await.expect("counts"), None, "a fifth");
        // Ten minutes later it is forgotten; then nine more nodes see the same.
        assert_eq!(tx.count_refusals("a", (1, 1), "550 5.7.1 no", later(601)).await.expect("counts"), None);
        let trip = tx.count_refusals("a", (9, 20), "550 5.7.1 no", later(700)).await.expect("counts").expect("closes");
        assert_eq!((trip.refused, trip.results, trip.group.trips), (10, 21, 1));
        assert_eq!(trip.group.until, later(700) + TimeDelta::hours(1));
        assert_eq!(tx.count_refusals("a", (9, 9), "550 5.7.1 no", later(701)).await.expect("counts"), None, "closed");
        tx.commit().await.expect("commits");

        let open = claim(db, &order("one", later(702), 9)).await;
        assert_eq!((by_group(&open), open.next_at), (groups(&[("b", 1)]), Some(trip.group.until)));
        let probe = claim(db, &order("one", trip.group.until, 9)).await;
        assert_eq!((by_group(&probe), probe.deliveries[0].probes_group), (groups(&[("a", 1)]), true));
        assert!(claim(db, &order("two", trip.group.until, 9)).await.deliveries.is_empty(), "one alone");

        let mut tx = db.begin().await.expect("begins");
        let again = tx.settle_probe("a", Some("550 5.7.1 no"), trip.group.until).await.expect("settles");
        let again = again.expect("closes").group;
        assert_eq!((again.trips, again.until), (2, trip.group.until + TimeDelta::hours(2)));
        tx.commit().await.expect("commits");
        assert_eq!(claim(db, &order("one", again.until, 9)).await.deliveries.len(), 1);
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.settle_probe("a", None, again.until).await.expect("settles"), None);
        assert!(tx.closed_groups().await.expect("reads").is_empty());
        tx.commit().await.expect("commits");
        assert_eq!(claim(db, &order("one", again.until, 9)).await.deliveries.len(), 7);
    }

    async fn the_operator_opens_a_group_and_old_ones_are_forgotten(db: &TestDb) {
        let mut tx = db.begin().await.expect("begins");
        assert!(!tx.reopen_group("a").await.expect("opens"));
        assert!(tx.count_refusals("a", (20, 20), "550 5.7.1 no", noon()).await.expect("counts").is_some());
        assert_eq!(tx.prune_destinations(noon()).await.expect("prunes"), 0, "it is closed");
        assert!(tx.reopen_group("a").await.expect("opens"));
        assert!(tx.closed_groups().await.expect("reads").is_empty());
        assert_eq!(tx.prune_destinations(hours(1)).await.expect("prunes"), 1);
        tx.commit().await.expect("commits");
    }
}
