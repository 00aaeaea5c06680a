//! The outbox: claims in order, the fence and what refuses it, and what follows from an outcome.

use broadsheet::model::{DeliveryKind, DeliveryState, Outcome, Phase, SubscriberState};
use broadsheet::store::deliveries::{DeliveryFilter, UncertainPolicy};
use chrono::TimeDelta;

use crate::support::outbox::{
    claim, delivery, digest, due, ended, fence, record, state, stored, subscribe, transactional,
};
use crate::support::papers::{hours, noon};
use crate::support::{TestDb, both_databases};

both_databases! {
    async fn claims_take_the_urgent_first_and_nothing_twice(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let news = digest(db, &ada, 0).await;
        let link = transactional(db, &ada).await;
        let mut tx = db.begin().await.expect("begins");
        assert!(!tx.insert_delivery(&link).await.expect("inserts"), "one key, one mail");
        let early = delivery(&ada, DeliveryKind::Confirmation, None);
        let early = broadsheet::store::deliveries::NewDelivery { due_at: hours(1), ..early };
        assert!(tx.insert_delivery(&early).await.expect("inserts"));
        tx.commit().await.expect("commits");

        let first = claim(db, "one", noon(), 1).await;
        assert_eq!(first.iter().map(|one| one.id).collect::<Vec<_>>(), [link.id]);
        assert_eq!((first[0].epoch, first[0].kind, first[0].message_id.as_str()), (1, DeliveryKind::ManageLink, link.message_id.as_str()));
        let second = claim(db, "two", noon(), 9).await;
        assert_eq!(second.iter().map(|one| one.id).collect::<Vec<_>>(), [news.id], "one is taken, one is not due");
        assert!(claim(db, "one", noon(), 9).await.is_empty());
        let mut read = db.read().await.expect("reads");
        assert_eq!(read.waiting_deliveries(noon()).await.expect("counts"), (0, 1));
        let mut owners = read.lease_owners().await.expect("reads");
        owners.sort();
        assert_eq!(owners, ["one", "two"]);
    }

    async fn a_lease_given_back_or_broken_can_be_claimed_anew(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let news = digest(db, &ada, 0).await;
        let old = claim(db, "one", noon(), 1).await.remove(0);
        let mut tx = db.begin().await.expect("begins");
        assert!(tx.release_delivery(&old, hours(1), noon()).await.expect("releases"));
        assert!(!tx.release_delivery(&old, hours(2), noon()).await.expect("releases"), "it is not held any more");
        tx.commit().await.expect("commits");
        assert!(claim(db, "one", noon(), 1).await.is_empty(), "not before the time it was given back for");
        let held = claim(db, "one", hours(1), 1).await.remove(0);

        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.break_leases("one", false, hours(1)).await.expect("breaks"), (0, 0), "the lease still holds");
        assert_eq!(tx.break_leases("two", true, hours(1)).await.expect("breaks"), (0, 0), "another's");
        assert_eq!(tx.break_leases("one", false, hours(2)).await.expect("breaks"), (1, 0));
        tx.commit().await.expect("commits");
        let again = claim(db, "two", hours(2), 1).await.remove(0);
        assert_eq!((held.epoch, again.epoch), (2, 3));
        assert!(!fence(db, &held, hours(2)).await, "an older epoch");
        assert!(!record(db, &ended(&held, Outcome::OurFault, Phase::Rcpt, hours(2))).await);
        assert!(fence(db, &again, hours(2)).await);
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.break_leases("two", true, hours(2)).await.expect("breaks"), (0, 1));
        tx.commit().await.expect("commits");
        assert_eq!(state(db, news.id).await, "uncertain");
    }

    async fn the_fence_refuses_what_must_not_leave(db: &TestDb) {
        let refusals = ["nothing", "expired", "suppressed", "left", "paused", "erased", "sending"];
        for (number, refusal) in refusals.into_iter().enumerate() {
            let person = subscribe(db, &format!("reader{number}@example.org")).await;
            let news = digest(db, &person, 0).await;
            let held = claim(db, "one", noon(), 1).await.remove(0);
            let mut tx = db.begin().await.expect("begins");
            match refusal {
                "suppressed" => {
                    let bucket = person.id.bucket();
                    tx.suppress(bucket, &person.address_hash, "operator", "test", noon()).await.expect("suppresses");
                }
                "left" => tx.set_subscriber_state(person.id, SubscriberState::Unsubscribed, None, None, noon()).await.expect("set"),
                "paused" => tx.set_subscriber_state(person.id, SubscriberState::Paused, None, None, noon()).await.expect("set"),
                "erased" => tx.erase_subscriber(&person, noon()).await.expect("erases"),
                "sending" => tx.set_sending(true, "test", noon()).await.expect("sets"),
                _ => {}
            }
            tx.commit().await.expect("commits");
            let now = if refusal == "expired" { hours(12) } else { noon() };
            assert_eq!(fence(db, &held, now).await, refusal == "nothing", "{refusal}");
            let counted = record(db, &ended(&held, Outcome::Fenced, Phase::Fence, now)).await;
            let expected = match refusal {
                "expired" => "expired",
                // Whoever says that it stopped has sent no dot, even if the fence had let it pass.
                "nothing" | "sending" => "ready",
                _ => "suppressed",
            };
            assert_eq!((state(db, news.id).await.as_str(), counted), (expected, refusal != "erased"));
            let edition = db.read().await.expect("reads").edition(news.edition.expect("an edition")).await.expect("reads");
            let void = edition.is_none_or(|edition| edition.void);
            assert_eq!(void, !["nothing", "sending"].contains(&refusal), "{refusal}");
        }
    }

    async fn an_outcome_counts_once_and_moves_what_depends_on_it(db: &TestDb) {
        for (number, (outcome, expected, void)) in [
            (Outcome::Accepted, "accepted", false),
            (Outcome::Retry, "retry_wait", false),
            (Outcome::OurFault, "rejected", true),
            (Outcome::SoftBounce, "rejected", true),
            (Outcome::AddressDead, "rejected", true),
            (Outcome::Uncertain, "uncertain", false),
        ]
        .into_iter()
        .enumerate()
        {
            let person = subscribe(db, &format!("reader{number}@example.org")).await;
            let news = digest(db, &person, 0).await;
            let held = claim(db, "one", noon(), 9).await.into_iter().find(|one| one.id == news.id).expect("claimed");
            let other = transactional(db, &person).await;
            assert!(fence(db, &held, noon()).await);
            let mark = ended(&held, outcome, Phase::Dot, noon());
            assert!(record(db, &mark).await, "{outcome:?}");
            assert!(!record(db, &mark).await || outcome == Outcome::Uncertain, "{outcome:?} counts once");
            assert_eq!(state(db, news.id).await, expected);
            let mut read = db.read().await.expect("reads");
            let row = read.delivery(news.id).await.expect("reads").expect("there");
            assert_eq!((row.attempts, row.last_phase.as_deref(), row.last_reply.as_deref()), (1, Some("dot"), Some("a reply")));
            assert_eq!(read.attempts(news.id).await.expect("reads").len(), 1);
            let edition = read.edition(news.edition.expect("an edition")).await.expect("reads").expect("there");
            assert_eq!(edition.void, void, "{outcome:?}");
            drop(read);
            let dead = outcome == Outcome::AddressDead;
            assert_eq!(stored(db, person.id).await.state == SubscriberState::Bounced, dead);
            assert_eq!(state(db, other.id).await, if dead { "suppressed" } else { "ready" });
            let suppressed = db.read().await.expect("reads").is_suppressed(person.id.bucket(), &person.address_hash).await;
            assert_eq!(suppressed.expect("reads"), dead);
        }
    }

    async fn a_retry_that_would_come_too_late_is_the_end(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let news = digest(db, &ada, 0).await;
        let held = claim(db, "one", hours(11), 1).await.remove(0);
        let mut mark = ended(&held, Outcome::Retry, Phase::Rcpt, hours(11));
        mark.retry_at = hours(12);
        assert!(record(db, &mark).await);
        assert_eq!(state(db, news.id).await, "expired");
        assert!(db.read().await.expect("reads").shown_since(ada.id, noon()).await.expect("reads").is_empty());
    }

    async fn three_soft_bounces_in_a_row_are_one_dead_address(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        for (day, (outcome, expected)) in (0..).zip([
            (Outcome::SoftBounce, SubscriberState::Active),
            (Outcome::SoftBounce, SubscriberState::Active),
            (Outcome::Accepted, SubscriberState::Active),
            (Outcome::SoftBounce, SubscriberState::Active),
            (Outcome::SoftBounce, SubscriberState::Active),
            (Outcome::SoftBounce, SubscriberState::Bounced),
        ]) {
            digest(db, &ada, day).await;
            let held = claim(db, "one", noon(), 1).await.remove(0);
            assert!(fence(db, &held, noon()).await);
            assert!(record(db, &ended(&held, outcome, Phase::Dot, noon())).await);
            assert_eq!(stored(db, ada.id).await.state, expected, "day {day}");
        }
    }

    async fn policies_settle_what_is_uncertain_by_kind_and_age(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let (news, link) = (digest(db, &ada, 0).await, transactional(db, &ada).await);
        for held in claim(db, "one", noon(), 9).await {
            assert!(fence(db, &held, noon()).await);
            assert!(record(db, &ended(&held, Outcome::Uncertain, Phase::Dot, noon())).await);
        }
        let half_past = noon() + TimeDelta::minutes(30);
        let mut tx = db.begin().await.expect("begins");
        let before = noon() - TimeDelta::seconds(1);
        assert_eq!(tx.settle_uncertain(true, UncertainPolicy::Resend, before, half_past).await.expect("settles"), 0);
        assert_eq!(tx.settle_uncertain(true, UncertainPolicy::Resend, noon(), half_past).await.expect("settles"), 1);
        assert_eq!(tx.settle_uncertain(false, UncertainPolicy::Hold, noon(), hours(24)).await.expect("settles"), 1);
        tx.commit().await.expect("commits");
        assert_eq!((state(db, news.id).await.as_str(), state(db, link.id).await.as_str()), ("unknown", "ready"));
        let mut read = db.read().await.expect("reads");
        assert!(read.shown_since(ada.id, noon()).await.expect("reads")[0].fate_unknown);
        assert_eq!(read.delivery(link.id).await.expect("reads").expect("there").resends, 1);
        drop(read);

        // The second copy is as uncertain as the first: there is no third.
        let held = claim(db, "one", half_past, 1).await.remove(0);
        assert!(fence(db, &held, half_past).await);
        assert!(record(db, &ended(&held, Outcome::Uncertain, Phase::Dot, half_past)).await);
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.settle_uncertain(true, UncertainPolicy::Resend, hours(1), hours(2)).await.expect("settles"), 0);
        assert!(!tx.send_again(link.id, false, hours(20), hours(2)).await.expect("asks"), "settling is for these");
        assert!(tx.send_again(link.id, true, hours(20), hours(2)).await.expect("asks"));
        assert!(tx.settle_accepted(news.id, hours(2)).await.expect("settles"));
        assert!(!tx.settle_accepted(link.id, hours(2)).await.expect("settles"), "it is on its way again");
        tx.commit().await.expect("commits");
        let filter = DeliveryFilter {
            state: Some(DeliveryState::Accepted),
            edition_date: Some(due(0).local_date),
            subscriber: Some(ada.id),
            limit: 9,
        };
        let listed = db.read().await.expect("reads").deliveries(&filter).await;
        assert_eq!(listed.expect("lists").iter().map(|row| row.id).collect::<Vec<_>>(), [news.id.0]);
    }

    async fn a_reply_that_comes_late_counts_and_silence_does_not(db: &TestDb) {
        for (number, (outcome, expected)) in [
            (Outcome::Accepted, "accepted"),
            (Outcome::OurFault, "rejected"),
            (Outcome::Retry, "expired"),
            (Outcome::Uncertain, "unknown"),
        ]
        .into_iter()
        .enumerate()
        {
            let person = subscribe(db, &format!("reader{number}@example.org")).await;
            let news = digest(db, &person, 0).await;
            let held = claim(db, "one", noon(), 1).await.remove(0);
            assert!(fence(db, &held, noon()).await);
            let mut tx = db.begin().await.expect("begins");
            assert_eq!(tx.break_leases("one", true, noon()).await.expect("breaks"), (0, 1));
            assert_eq!(tx.settle_uncertain(false, UncertainPolicy::Hold, noon(), hours(24)).await.expect("settles"), 1);
            tx.commit().await.expect("commits");
            record(db, &ended(&held, outcome, Phase::Dot, hours(25))).await;
            assert_eq!(state(db, news.id).await, expected, "{outcome:?}");
        }
    }

    async fn a_late_acceptance_stops_the_second_copy(db: &TestDb) {
        for claimed_again in [false, true] {
            let person = subscribe(db, &format!("{claimed_again}@example.org")).await;
            let news = digest(db, &person, 0).await;
            let held = claim(db, "one", noon(), 1).await.remove(0);
            assert!(fence(db, &held, noon()).await);
            let mut tx = db.begin().await.expect("begins");
            tx.break_leases("one", true, noon()).await.expect("breaks");
            assert!(tx.send_again(news.id, true, hours(12), hours(1)).await.expect("asks"));
            tx.commit().await.expect("commits");
            let second = if claimed_again { claim(db, "two", hours(1), 1).await } else { Vec::new() };
            assert!(record(db, &ended(&held, Outcome::Accepted, Phase::Dot, hours(1))).await);
            for copy in second {
                assert!(!fence(db, &copy, hours(1)).await);
            }
            assert_eq!(state(db, news.id).await, "accepted");
            assert!(claim(db, "two", hours(1), 1).await.is_empty());
        }
    }

    async fn a_mail_that_cannot_be_read_holds_up_no_other(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let (bad, good) = (transactional(db, &ada).await, digest(db, &ada, 0).await);
        db.execute(&format!("UPDATE deliveries SET address = 'nobody' WHERE id = {}", bad.id)).await;
        assert_eq!(claim(db, "one", noon(), 9).await.iter().map(|one| one.id).collect::<Vec<_>>(), [good.id]);
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.expire_deliveries(hours(12), 9).await.expect("expires"), 2, "it ends like any other");
        tx.commit().await.expect("commits");
    }

    async fn old_deliveries_go_and_open_ones_stay_with_their_editions(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let old = digest(db, &ada, 0).await;
        let held = claim(db, "one", noon(), 1).await.remove(0);
        assert!(fence(db, &held, noon()).await);
        let open = digest(db, &ada, 1).await;
        let late = hours(24 * 40);
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.prune_deliveries(late, 9).await.expect("prunes"), 0);
        assert_eq!(tx.prune_editions(late, 9).await.expect("prunes"), 0);
        tx.commit().await.expect("commits");
        assert!(record(db, &ended(&held, Outcome::Accepted, Phase::Dot, noon())).await);
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(tx.prune_deliveries(late, 9).await.expect("prunes"), 1);
        assert_eq!(tx.prune_editions(late, 9).await.expect("prunes"), 1);
        tx.commit().await.expect("commits");
        let mut read = db.read().await.expect("reads");
        assert!(read.delivery(old.id).await.expect("reads").is_none());
        assert!(read.attempts(old.id).await.expect("reads").is_empty());
        assert!(read.edition(open.edition.expect("an edition")).await.expect("reads").is_some());
    }
}
