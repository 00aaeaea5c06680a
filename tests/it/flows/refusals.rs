//! What a mail server refuses, now or for good, and what follows for the mail and for the person.

use aws_lc_rs::digest::{SHA256, digest};
use broadsheet::app::{DeliveryLine, PersonChange};

use crate::support::mails::{mails, mails_to};
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

async fn with_readers(setup: &Setup, readers: &[&str]) -> Service {
    let service = setup.at("2026-03-02T05:00:00Z").await;
    for email in readers {
        let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
        service.add_with(email, &["diffusion models"], quiet).await;
    }
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    service
}

async fn only_delivery(service: &Service) -> DeliveryLine {
    let [line] = &service.deliveries().await[..] else { panic!("one delivery") };
    line.clone()
}

both_databases! {
    async fn a_mail_put_off_at_any_step_comes_later_byte_for_byte(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_readers(&Setup::new(db, &post), &[ADA]).await;
        service.clock.set(instant("2026-03-02T07:00:00Z"));
        let steps = [Step::Mail, Step::Rcpt, Step::Data, Step::Dot];
        let mut shas = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            post.once(step, Act::Reply("451 4.3.0 not now"));
            let report = service.pass().await;
            assert_eq!((report.retried, report.accepted, report.waiting), (1, 0, 1), "{step:?}");
            let line = only_delivery(&service).await;
            assert_eq!((line.state.as_str(), line.attempts), ("retry_wait", number as i64 + 1), "{step:?}");
            let wait = instant(&line.not_before) - service.clock.now();
            assert!((20..=3600 + 20).contains(&wait.num_seconds()), "{wait}");
            assert_eq!(service.pass().await.retried, 0, "not before its time");
            service.clock.set(instant(&line.not_before) + chrono::TimeDelta::seconds(1));
            shas.extend(line.body_sha256);
        }
        assert_eq!(service.pass().await.accepted, 1);
        let line = only_delivery(&service).await;
        let [mail] = &mails(&post)[..] else { panic!("one mail") };
        assert_eq!(mail.message_id, line.message_id);
        let sha = data_encoding::HEXLOWER.encode(digest(&SHA256, &mail.bytes).as_ref());
        assert_eq!(line.body_sha256.as_deref(), Some(sha.as_str()));
        assert_eq!(shas, [sha], "the bytes were the same at the fence before");
        let (_, tries) = service.app.show_delivery(line.id).await.expect("shown");
        let phases: Vec<&str> = tries.iter().map(|attempt| attempt.phase.as_str()).collect();
        assert_eq!(phases, ["mail", "rcpt", "data", "dot", "dot"]);
        service.app.close().await;
    }

    async fn a_dead_address_is_never_mailed_again(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_readers(&Setup::new(db, &post), &[ADA, BOB]).await;
        post.for_recipient(ADA, Step::Rcpt, Act::Reply("550 5.1.1 no such user"));
        // A link was asked for too, and waits behind a server that is busy.
        service.post("/manage", &format!("email={ADA}")).await;
        post.once(Step::Mail, Act::Reply("451 4.3.0 busy"));
        assert_eq!(service.pass_at("2026-03-02T06:59:58Z").await.retried, 1);
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!((report.accepted, report.rejected, report.waiting), (1, 1, 0));
        let mut states = service.states(ADA).await;
        states.sort();
        assert_eq!(states, ["rejected", "suppressed"]);
        assert_eq!(service.app.show_person(ADA).await.expect("shown").state, "bounced");
        assert_eq!(service.app.list_suppressions(9).await.expect("listed")[0].reason, "bounced");
        // Neither the form nor the operator brings mail there again.
        service.post("/subscribe", &format!("email={ADA}")).await;
        assert!(service.app.add_person(ADA, &PersonChange::default(), false).await.is_err());
        service.pass_at("2026-03-03T07:00:00Z").await;
        assert_eq!(service.states(ADA).await.len(), 2);
        assert_eq!(mails_to(&post, ADA).len(), 0);
        service.app.close().await;
    }

    async fn our_own_faults_blame_nobody_and_the_papers_come_the_next_day(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_readers(&Setup::new(db, &post), &[ADA]).await;
        assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.accepted, 1);
        service.import(&[("2603.00002", "Diffusion models for tea", "We pour.")]).await;
        for (day, reply) in (3..).zip(["550 5.7.1 policy", "554 5.6.0 content", "552 5.3.4 too big", "550 5.1.8 sender"]) {
            post.once(Step::Dot, Act::Reply(reply));
            let report = service.pass_at(&format!("2026-03-0{day}T07:00:00Z")).await;
            assert_eq!((report.planned, report.rejected, report.waiting), (1, 1, 0), "{reply}");
        }
        assert!(service.app.list_suppressions(9).await.expect("listed").is_empty());
        assert_eq!(service.app.show_person(ADA).await.expect("shown").state, "active");
        assert_eq!(service.pass_at("2026-03-07T07:00:00Z").await.accepted, 1);
        let [_, mail] = &mails(&post)[..] else { panic!("two mails") };
        assert!(mail.html.contains("for tea") && !mail.html.contains("for weather"), "what nobody saw is still new: {}", mail.text);
        service.app.close().await;
    }

    async fn three_soft_bounces_in_a_row_end_it_and_a_success_forgets_them(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_readers(&Setup::new(db, &post).with("digest.limit", "5"), &[ADA]).await;
        let mut day = 2;
        for (bounces, state) in [(2, "active"), (3, "bounced")] {
            for _ in 0..bounces {
                service.import(&[(&format!("2603.1000{day}"), &format!("Diffusion models of day {day}"), "We try.")]).await;
                post.once(Step::Rcpt, Act::Reply("552 5.2.2 mailbox full"));
                assert_eq!(service.pass_at(&format!("2026-03-{day:02}T07:00:00Z")).await.rejected, 1);
                day += 1;
            }
            assert_eq!(service.app.show_person(ADA).await.expect("shown").state, state);
            let report = service.pass_at(&format!("2026-03-{day:02}T07:00:00Z")).await;
            assert_eq!(report.accepted, u32::from(state == "active"));
            day += 1;
        }
        service.app.close().await;
    }

    async fn a_relay_that_does_not_greet_costs_no_mail_an_attempt(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_readers(&Setup::new(db, &post), &[ADA, BOB]).await;
        post.always(Step::Greeting, Act::Reply("421 4.3.2 no service"));
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!((report.accepted, report.retried, report.waiting), (0, 0, 2));
        for line in service.deliveries().await {
            assert_eq!((line.state.as_str(), line.attempts), ("ready", 0));
            assert!(instant(&line.not_before) > service.clock.now(), "the relay is left alone");
        }
        let connections = post.connections();
        service.pass().await;
        assert_eq!(post.connections(), connections);
        post.always(Step::Greeting, Act::Reply("220 at last"));
        assert_eq!(service.pass_after(2).await.accepted, 2);
        service.app.close().await;
    }

    async fn a_relay_that_ends_a_long_connection_gets_the_rest_on_another(db: &TestDb) {
        let post = Server::start(Tls::None);
        let readers: Vec<String> = (0..6).map(|n| format!("reader{n}@example.org")).collect();
        let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
        let service = with_readers(&Setup::new(db, &post), &readers).await;
        // The third mail of a connection finds it closed; then one finds it gone without a word.
        for act in [Act::Usual, Act::Usual, Act::Reply("421 4.7.0 enough"), Act::Usual, Act::Usual, Act::Cut] {
            post.once(Step::Mail, act);
        }
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!((report.accepted, report.waiting), (6, 0), "{report:?}");
        assert_eq!(post.connections(), 3);
        assert!(service.deliveries().await.iter().all(|line| line.attempts == 1), "no try was charged for it");
        service.app.close().await;
    }

    async fn a_connection_lost_before_the_dot_is_a_retry(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_readers(&Setup::new(db, &post), &[ADA]).await;
        service.clock.set(instant("2026-03-02T07:00:00Z"));
        for step in [Step::Mail, Step::Rcpt, Step::Data] {
            post.once(step, Act::Cut);
            assert_eq!(service.pass().await.uncertain, 0, "{step:?}");
            let line = only_delivery(&service).await;
            assert_eq!(line.state, "retry_wait", "{step:?}");
            // The mail may be tried again within seconds; its group is left alone for some minutes.
            service.clock.set(instant(&line.not_before) + chrono::TimeDelta::minutes(10));
        }
        assert_eq!(service.pass().await.accepted, 1);
        assert_eq!(mails(&post).len(), 1);
        service.app.close().await;
    }
}
