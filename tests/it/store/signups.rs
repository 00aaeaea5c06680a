//! Requests as they came in: taken in order, closed once, counted by what they led to.

use broadsheet::model::EmailAddress;
use broadsheet::store::signups::{Signup, SignupKind};

use crate::support::papers::{hours, noon};
use crate::support::{TestDb, both_databases};

fn request(id: i64, email: &str, network: &str, hour: i64) -> Signup {
    Signup {
        id,
        kind: if id % 2 == 0 { SignupKind::Manage } else { SignupKind::Subscribe },
        address: EmailAddress::parse(email).expect("an address"),
        interests: "diffusion models\n-survey".to_owned(),
        timezone: Some("Asia/Kathmandu".to_owned()),
        send_minute: Some(450),
        language: "en".to_owned(),
        door: "web".to_owned(),
        network: network.to_owned(),
        received_at: hours(hour),
    }
}

both_databases! {
    async fn requests_are_taken_in_order_and_closed_once(db: &TestDb) {
        let first = request(2, "Ada@example.org", "a", 0);
        let mut tx = db.begin().await.expect("begins");
        for each in [&request(1, "eve@example.org", "a", 1), &first, &request(3, "bob@example.org", "b", 2)] {
            tx.insert_signup(each).await.expect("inserts");
        }
        tx.commit().await.expect("commits");
        let open = db.read().await.expect("reads").open_signups(2).await.expect("reads");
        assert_eq!(open.iter().map(|each| each.id).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(format!("{:?}", open[0]), format!("{first:?}"), "everything reads back");
        let mut tx = db.begin().await.expect("begins");
        assert!(tx.finish_signup(&first, "mailed_link", hours(3)).await.expect("closes"));
        assert!(!tx.finish_signup(&first, "limited", hours(3)).await.expect("closes"), "another was quicker");
        tx.commit().await.expect("commits");
        let mut read = db.read().await.expect("reads");
        let mut outcomes = read.signup_outcomes(noon()).await.expect("reads");
        outcomes.sort();
        assert_eq!(outcomes, [("mailed_link".to_owned(), 1), ("open".to_owned(), 2)]);
    }

    async fn mails_are_counted_by_address_and_network_since_an_instant(db: &TestDb) {
        let mut tx = db.begin().await.expect("begins");
        let rows = [
            (1, "ada@example.org", "a", 0, "mailed_confirmation"),
            (2, "ADA@example.org", "b", 1, "mailed_link"),
            (3, "ada@example.org", "a", 2, "limited"),
            (4, "eve@example.org", "a", 3, "mailed_reminder"),
        ];
        for (id, email, network, hour, outcome) in rows {
            let each = request(id, email, network, hour);
            tx.insert_signup(&each).await.expect("inserts");
            assert!(tx.finish_signup(&each, outcome, hours(hour)).await.expect("closes"));
        }
        let ada = EmailAddress::parse("ada@example.org").expect("an address");
        assert_eq!(tx.mailed_signups_of_address(&ada, noon()).await.expect("counts"), 2, "in whatever case");
        assert_eq!(tx.mailed_signups_of_address(&ada, hours(1)).await.expect("counts"), 1);
        assert_eq!(tx.mailed_signups_of_network("a", noon()).await.expect("counts"), 2);
        assert_eq!(tx.signups_of_network("a", noon()).await.expect("counts"), 3);
        tx.commit().await.expect("commits");
    }

    async fn only_closed_requests_grow_old(db: &TestDb) {
        let mut tx = db.begin().await.expect("begins");
        for id in 1..=5 {
            let each = request(id, "ada@example.org", "a", id);
            tx.insert_signup(&each).await.expect("inserts");
            if id != 1 {
                assert!(tx.finish_signup(&each, "limited", hours(id)).await.expect("closes"));
            }
        }
        assert_eq!(tx.prune_signups(hours(5), 2).await.expect("prunes"), 2);
        assert_eq!(tx.prune_signups(hours(5), 2).await.expect("prunes"), 1);
        tx.commit().await.expect("commits");
        let left = db.read().await.expect("reads").signups_of_network("a", noon()).await.expect("counts");
        assert_eq!(left, 2, "the open one and the new one");
    }
}
