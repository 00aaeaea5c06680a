//! From an address typed by anybody to a confirmed subscription, and what nobody can do with it.

use broadsheet::app::PersonChange;
use broadsheet::model::EmailAddress;
use broadsheet::store::signups::{Signup, SignupKind};

use crate::support::mails::{mails, mails_to};
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Server, Tls};
use crate::support::{TestDb, both_databases};

const ADA: &str = "ada@example.org";

async fn subscribe(service: &Service, email: &str) -> (u16, String) {
    service.post("/subscribe", &format!("email={email}&interests=diffusion+models&timezone=Asia%2FKathmandu")).await
}

/// A request as it would come from some network.
async fn request_from(service: &Service, network: &str, email: &str) {
    let inner = &service.app.service;
    let address = EmailAddress::parse(email).expect("an address");
    let now = service.clock.now();
    let signup = Signup {
        id: inner.ids.next(now, address.bucket()),
        kind: SignupKind::Subscribe,
        address,
        interests: String::new(),
        timezone: None,
        send_minute: None,
        language: "en".to_owned(),
        door: "web".to_owned(),
        network: network.to_owned(),
        received_at: now,
    };
    let mut tx = inner.db.begin().await.expect("begins");
    tx.insert_signup(&signup).await.expect("recorded");
    tx.commit().await.expect("commits");
}

both_databases! {
    async fn a_form_leads_to_one_confirmation_and_that_to_digests(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        let (status, answer) = subscribe(&service, ADA).await;
        assert_eq!(status, 200);
        assert!(mails(&post).is_empty(), "a request never talks to a mail server");
        let report = service.pass().await;
        assert_eq!((report.signups, report.accepted), (1, 1));
        assert_eq!(service.pass().await.signups, 0);
        let [mail] = &mails_to(&post, ADA)[..] else { panic!("one mail") };
        assert!(mail.one_click.is_empty() && !mail.text.contains("diffusion"), "no stranger's words: {}", mail.text);

        let link = mail.link("confirm");
        assert_eq!(service.get(&link).await.0, 200);
        assert_eq!(service.app.show_person(ADA).await.expect("shown").state, "pending", "looking confirms nothing");
        assert_eq!(service.post(&link, "").await.0, 200);
        let person = service.app.show_person(ADA).await.expect("shown");
        assert_eq!((person.state.as_str(), person.timezone.as_str()), ("active", "Asia/Kathmandu"));
        assert_eq!(person.interests, ["diffusion models"]);
        assert_eq!(person.next_due_at.as_deref(), Some("2026-03-03T01:15:00Z"), "seven in Kathmandu");
        assert_eq!(service.post(&link, "").await.0, 200, "pressing twice is harmless");
        service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
        assert_eq!(service.pass_at("2026-03-03T01:15:00Z").await.accepted, 1);

        // The door says the same whoever asks, and the person is reminded at most once in thirty days.
        assert_eq!(subscribe(&service, ADA).await, (200, answer));
        service.pass().await;
        for minutes in [0, 60 * 24 * 15] {
            service.clock.advance(std::time::Duration::from_secs(60 * minutes));
            subscribe(&service, "Ada@Example.org").await;
            service.pass().await;
        }
        let reminders = |mails: &[crate::support::mails::Mail]| {
            mails.iter().filter(|mail| mail.text.contains("already")).count()
        };
        assert_eq!(reminders(&mails_to(&post, ADA)), 1);
        service.clock.advance(std::time::Duration::from_secs(3600 * 24 * 16));
        subscribe(&service, ADA).await;
        service.pass().await;
        assert_eq!(reminders(&mails_to(&post, ADA)), 2);
        service.app.close().await;
    }

    async fn an_address_and_a_network_can_cause_only_so_many_mails(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("signup.per_address_per_day", "3").with("signup.per_network_per_hour", "5");
        let service = setup.at("2026-03-02T05:00:00Z").await;
        for n in 0..8 {
            request_from(&service, &format!("network {n}"), "victim@example.org").await;
            service.pass_after(10).await;
        }
        assert_eq!(mails(&post).len(), 3, "from however many networks");
        service.clock.advance(std::time::Duration::from_secs(24 * 3600));
        request_from(&service, "network 1", "victim@example.org").await;
        service.pass().await;
        assert_eq!(mails(&post).len(), 4, "a day later again");

        for n in 0..9 {
            request_from(&service, "one", &format!("victim{n}@example.org")).await;
        }
        service.pass().await;
        assert_eq!(mails(&post).len(), 4 + 5, "to however many addresses");
        request_from(&service, "another", "victim8@example.org").await;
        assert_eq!(service.pass().await.accepted, 1, "others are not held up");
        service.clock.advance(std::time::Duration::from_secs(3601));
        request_from(&service, "one", "victim7@example.org").await;
        assert_eq!(service.pass().await.accepted, 1);
        service.app.close().await;
    }

    async fn the_door_does_not_tell_who_is_known(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        for name in ["active", "paused", "left", "suppressed"] {
            service.add(&format!("{name}@example.org"), &[]).await;
        }
        let link = service.app.person_link("paused@example.org").await.expect("a link");
        service.post(&link, "action=pause&weeks=4").await;
        service.app.unsubscribe_person("left@example.org").await.expect("left");
        service.app.suppress("suppressed@example.org").await.expect("suppressed");
        service.app.add_person("pending@example.org", &PersonChange::default(), true).await.expect("added");
        service.pass().await;
        let before = mails(&post).len();
        for page in ["/subscribe", "/manage"] {
            let mut answers = Vec::new();
            for name in ["active", "paused", "left", "suppressed", "pending", "nobody"] {
                answers.push(service.post(page, &format!("email={name}@example.org")).await);
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{page}");
        }
        service.pass().await;
        let mut to: Vec<String> = mails(&post).split_off(before).into_iter().map(|mail| mail.to).collect();
        to.sort();
        let expected = ["active", "active", "left", "nobody", "paused", "paused", "pending"];
        assert_eq!(to, expected.map(|name| format!("{name}@example.org")), "a reminder and a link, or a confirmation");
        // Asking changes nothing for those who left; confirming does.
        assert_eq!(service.app.show_person("left@example.org").await.expect("shown").state, "unsubscribed");
        service.app.close().await;
    }

    async fn a_confirmation_link_ends_after_two_days_and_with_the_person(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        subscribe(&service, ADA).await;
        service.pass().await;
        let link = mails(&post)[0].link("confirm");
        service.clock.advance(std::time::Duration::from_secs(49 * 3600));
        assert!(service.post(&link, "").await.0 >= 400);
        assert_eq!(service.app.show_person(ADA).await.expect("shown").state, "pending");
        // Asking again is a new beginning.
        service.clock.advance(std::time::Duration::from_secs(40 * 3600));
        subscribe(&service, ADA).await;
        service.pass().await;
        service.pass_after(60 * 24).await;
        let fresh = mails(&post)[1].link("confirm");
        assert_eq!(service.get(&fresh).await.0, 200, "nobody is forgotten while their link lives");
        service.pass_after(60 * 24 * 5).await;
        assert!(service.app.show_person(ADA).await.is_err(), "who never confirms is forgotten");
        service.app.close().await;
    }

    async fn only_whom_the_operator_lets_in_can_subscribe(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("signup.mode", "domains").with("signup.domains", "lab.example, uni.example");
        let service = setup.at("2026-03-02T05:00:00Z").await;
        for address in ["a@lab.example", "b@Uni.Example", "c@sub.lab.example", "d@example.org", "e@notlab.example"] {
            subscribe(&service, address).await;
            request_from(&service, "somewhere", address).await;
        }
        service.pass().await;
        let mut to: Vec<String> = mails(&post).into_iter().map(|mail| mail.to).collect();
        to.sort();
        to.dedup();
        assert_eq!(to, ["a@lab.example", "b@uni.example"]);
        service.app.close().await;

        let service = Setup::new(db, &post).with("signup.mode", "closed").at("2026-03-04T05:00:00Z").await;
        let before = mails(&post).len();
        assert!(subscribe(&service, "f@lab.example").await.0 >= 400);
        request_from(&service, "somewhere", "f@lab.example").await;
        service.pass().await;
        assert_eq!(mails(&post).len(), before);
        service.app.add_person("f@lab.example", &PersonChange::default(), true).await.expect("the operator may");
        service.pass().await;
        assert_eq!(mails(&post).len(), before + 1);
        service.app.close().await;
    }
}
