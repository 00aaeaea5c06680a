//! Subscribers: one row a person, a plan that only one planner can advance, and states with their dues.

use broadsheet::model::{Days, Preferences, QuietDay, SubscriberId, SubscriberState};
use broadsheet::store::subscribers::{Advance, Subscriber};
use chrono::TimeDelta;

use crate::support::outbox::{due, stored, subscribe};
use crate::support::papers::{hours, noon};
use crate::support::{TestDb, both_databases};

both_databases! {
    async fn a_person_is_one_row_however_the_address_is_typed(db: &TestDb) {
        let ada = subscribe(db, "Ada@Example.org").await;
        let again = broadsheet::store::subscribers::NewSubscriber {
            id: SubscriberId(ada.id.0 + (1 << 8)),
            address: "ada@example.org".to_owned().try_into().expect("an address"),
            address_hash: String::new(),
            state: SubscriberState::Pending,
            preferences: Preferences::defaults(chrono_tz::UTC),
            consent_source: "web".to_owned(),
            consent_network: Some("hash".to_owned()),
            created_at: noon(),
        };
        let mut tx = db.begin().await.expect("begins");
        assert!(!tx.insert_subscriber(&again, None).await.expect("asks"));
        tx.commit().await.expect("commits");
        let found = db.read().await.expect("reads").subscriber_by_address(&again.address).await.expect("reads");
        assert_eq!(found, Some(ada.clone()));
        assert_eq!((ada.address.as_str(), ada.confirmed_at, ada.next_due), ("Ada@example.org", Some(noon()), Some(due(0))));
    }

    async fn what_was_chosen_reads_back_and_only_the_active_have_a_due(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let chosen = Preferences {
            profile: "diffusion models^2\n-survey".to_owned(),
            timezone: chrono_tz::Pacific::Chatham,
            send_minute: 1439,
            days: Days::WEEKDAYS,
            limit: 50,
            quiet_day: QuietDay::Note,
            trending: false,
            language: "de".to_owned(),
        };
        let mut tx = db.begin().await.expect("begins");
        tx.set_preferences(ada.id, &chosen, Some(due(3))).await.expect("stores");
        tx.commit().await.expect("commits");
        let now = stored(db, ada.id).await;
        assert_eq!((now.preferences.clone(), now.next_due, now.plan_seq), (chosen.clone(), Some(due(3)), ada.plan_seq + 1));

        for state in [SubscriberState::Unsubscribed, SubscriberState::Paused, SubscriberState::Bounced] {
            let mut tx = db.begin().await.expect("begins");
            tx.set_subscriber_state(ada.id, state, None, None, hours(1)).await.expect("set");
            // Somebody who read the person before comes late.
            tx.set_preferences(ada.id, &chosen, Some(due(3))).await.expect("stores");
            tx.commit().await.expect("commits");
            assert_eq!((stored(db, ada.id).await.state, stored(db, ada.id).await.next_due), (state, None));
        }
        assert!(db.read().await.expect("reads").due_buckets(due(9).at).await.expect("reads").is_empty());
        let counts = db.read().await.expect("reads").subscriber_counts().await.expect("counts");
        assert_eq!(counts, [(SubscriberState::Bounced, 1)]);
    }

    async fn a_plan_is_advanced_once_and_not_over_a_change(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let eve = subscribe(db, "eve@example.org").await;
        let step = |person: &Subscriber, plan_seq, days| Advance {
            subscriber: person.id,
            plan_seq,
            this: due(days),
            next: due(days + 1),
        };
        let mut tx = db.begin().await.expect("begins");
        let both = [step(&ada, ada.plan_seq, 0), step(&eve, eve.plan_seq + 1, 0)];
        assert_eq!(tx.advance_plans(&both).await.expect("advances"), [ada.id].into(), "Eve changed something");
        let again = [step(&ada, ada.plan_seq, 0), step(&eve, eve.plan_seq, 0)];
        assert_eq!(tx.advance_plans(&again).await.expect("advances"), [eve.id].into(), "Ada was planned by another");
        assert!(tx.advance_plans(&[]).await.expect("asks").is_empty());
        tx.commit().await.expect("commits");
        let planned = stored(db, ada.id).await;
        assert_eq!((planned.last_due, planned.next_due), (Some(due(0)), Some(due(1))));

        let mut tx = db.begin().await.expect("begins");
        tx.set_subscriber_state(ada.id, SubscriberState::Unsubscribed, None, None, hours(1)).await.expect("set");
        let late = [step(&ada, planned.plan_seq + 1, 1)];
        assert!(tx.advance_plans(&late).await.expect("asks").is_empty(), "who left is not planned");
        tx.commit().await.expect("commits");
    }

    async fn a_pause_ends_once_and_only_if_nothing_changed(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let mut tx = db.begin().await.expect("begins");
        tx.set_subscriber_state(ada.id, SubscriberState::Paused, None, Some(hours(5)), noon()).await.expect("set");
        tx.commit().await.expect("commits");
        let mut read = db.read().await.expect("reads");
        assert!(read.pauses_over(hours(4), 9).await.expect("reads").is_empty());
        let over = read.pauses_over(hours(5), 9).await.expect("reads").remove(0);
        drop(read);
        let mut tx = db.begin().await.expect("begins");
        tx.set_subscriber_state(ada.id, SubscriberState::Unsubscribed, None, None, hours(5)).await.expect("set");
        assert!(!tx.end_pause(ada.id, over.plan_seq, due(1), hours(5)).await.expect("asks"), "the person left meanwhile");
        tx.set_subscriber_state(ada.id, SubscriberState::Paused, None, Some(hours(5)), hours(5)).await.expect("set");
        assert!(tx.end_pause(ada.id, over.plan_seq + 2, due(1), hours(6)).await.expect("asks"));
        assert!(!tx.end_pause(ada.id, over.plan_seq + 3, due(1), hours(6)).await.expect("asks"), "it is over");
        tx.commit().await.expect("commits");
        let back = stored(db, ada.id).await;
        assert_eq!((back.state, back.next_due, back.paused_until), (SubscriberState::Active, Some(due(1)), None));
    }

    async fn pages_hold_everybody_once(db: &TestDb) {
        let mut ids = Vec::new();
        for n in 0..23 {
            ids.push(subscribe(db, &format!("reader{n}@example.org")).await.id);
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = db.read().await.expect("reads").subscribers_after(after, 4).await.expect("reads");
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|person| person.id));
        }
        let in_order = seen.is_sorted_by_key(|id| (id.bucket().0, id.0));
        let mut due_now = Vec::new();
        let mut read = db.read().await.expect("reads");
        for bucket in read.due_buckets(noon()).await.expect("reads") {
            let people = read.due_subscribers(bucket, noon(), SubscriberId(0), 99).await.expect("reads");
            due_now.extend(people.iter().map(|person| person.id));
        }
        for list in [&mut ids, &mut seen, &mut due_now] {
            list.sort_unstable();
        }
        assert!(in_order && ids == seen && ids == due_now);
        assert!(read.due_buckets(noon() - TimeDelta::seconds(1)).await.expect("reads").is_empty());
    }

    async fn renewed_links_and_forgotten_requests(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let eve = subscribe(db, "eve@example.org").await;
        let mut tx = db.begin().await.expect("begins");
        tx.renew_links(ada.id).await.expect("renews");
        tx.set_subscriber_state(eve.id, SubscriberState::Pending, None, None, hours(1)).await.expect("set");
        assert_eq!(tx.prune_pending(hours(1), 9).await.expect("prunes"), 0);
        assert_eq!(tx.prune_pending(hours(2), 9).await.expect("prunes"), 1);
        tx.commit().await.expect("commits");
        let people = db.read().await.expect("reads").subscribers_after(None, 9).await.expect("reads");
        assert_eq!(people.iter().map(|person| (person.id, person.link_generation)).collect::<Vec<_>>(), [(ada.id, ada.link_generation + 1)]);
    }
}
