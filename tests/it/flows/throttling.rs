//! A relay or one group of destinations in distress: what it costs the others, and what the operator hears.

use std::sync::Arc;
use std::time::Duration;

use broadsheet::app::{PersonChange, RunReport};

use crate::support::mails::mails_to;
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const OPERATOR: &str = "ops@example.com";

fn addresses(domain: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("reader{number}@{domain}")).collect()
}

/// All of these people are due at 07:00.
async fn with_readers(service: &Service, readers: &[&Vec<String>]) {
    for email in readers.iter().copied().flatten() {
        let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
        service.add_with(email, &["diffusion models"], quiet).await;
    }
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
}

/// A pass that goes on while the test looks at the server.
fn begin_pass(service: &Arc<Service>) -> tokio::task::JoinHandle<RunReport> {
    let service = Arc::clone(service);
    tokio::spawn(async move { service.pass().await })
}

async fn close(service: Arc<Service>) {
    Arc::into_inner(service).expect("nobody else").app.close().await;
}

/// Mails that were offered to somebody of this domain.
fn offered(post: &Server, domain: &str) -> usize {
    post.commands().iter().filter(|line| line.starts_with("RCPT") && line.contains(domain)).count()
}

fn taken(post: &Server, domain: &str) -> usize {
    post.journal().iter().filter(|mail| mail.to[0].ends_with(domain)).count()
}

both_databases! {
    async fn a_group_that_stalls_leaves_the_others_their_sessions(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("mail.connections", "2").at("2026-03-02T05:00:00Z").await;
        let (slow, quick) = (addresses("gmail.com", 8), addresses("example.org", 12));
        with_readers(&service, &[&slow, &quick]).await;
        slow.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Stall));
        service.clock.set(instant("2026-03-02T07:00:00Z"));
        let service = Arc::new(service);
        let pass = begin_pass(&service);
        post.wait_until_stalled(1);
        // From now on its dialogues are slow; others may be open in their place.
        service.clock.advance(Duration::from_secs(11));
        post.wait_until_taken(quick.len());
        assert_eq!(taken(&post, "example.org"), quick.len());
        assert!(offered(&post, "gmail.com") <= 4, "{}", offered(&post, "gmail.com"));
        slow.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Usual));
        post.release();
        let first = pass.await.expect("a pass").accepted;
        // What was given back meanwhile goes with the next pass.
        assert_eq!(first + service.pass().await.accepted, 20);
        close(service).await;
    }

    async fn a_group_that_limits_is_left_alone_and_then_tried_by_one_mail(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("mail.connections", "4").at("2026-03-02T05:00:00Z").await;
        let (limited, quick) = (addresses("gmail.com", 30), addresses("example.org", 12));
        with_readers(&service, &[&limited, &quick]).await;
        limited.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Reply("421 4.7.28 slow down")));
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!(report.accepted as usize, quick.len());
        let tried = offered(&post, "gmail.com");
        assert!(tried <= 10, "{tried}");
        service.pass_after(0).await;
        assert_eq!(offered(&post, "gmail.com"), tried, "it is left alone");
        service.pass_after(1).await;
        assert_eq!(offered(&post, "gmail.com"), tried + 1, "one alone");
        limited.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Usual));
        // Those that were put off have a time of their own.
        let mut accepted = 0;
        for _ in 0..12 {
            accepted += service.pass_after(10).await.accepted;
        }
        assert_eq!(accepted as usize, limited.len());
        service.app.close().await;
    }

    async fn greylisting_and_refusals_of_one_group_cost_the_others_nothing(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("mail.connections", "3").at("2026-03-02T05:00:00Z").await;
        let (grey, strict, quick) = (addresses("grey.example", 9), addresses("strict.example", 9), addresses("example.org", 9));
        with_readers(&service, &[&grey, &strict, &quick]).await;
        grey.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Reply("450 4.7.1 greylisted")));
        strict.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Reply("550 5.7.1 policy")));
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!((report.accepted, report.retried, report.rejected), (9, 9, 9), "each was tried once");
        assert!(service.app.sending().await.expect("told").closed.is_empty(), "nine refusals are too few");
        service.app.close().await;
    }

    async fn a_refused_login_rests_the_relay_burns_no_attempt_and_is_told_once(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("mail.connections", "3").with("admin.email", OPERATOR)
            .at("2026-03-02T05:00:00Z").await;
        with_readers(&service, &[&addresses("example.org", 5)]).await;
        post.always(Step::Greeting, Act::Reply("554 5.7.1 not from you"));
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!((report.accepted, report.retried, report.rejected), (0, 0, 0));
        let lines = service.deliveries().await;
        assert!(lines.iter().all(|line| line.attempts == 0 && line.state == "ready"), "{lines:?}");
        assert!(service.app.sending().await.expect("told").relay.is_some_and(|told| told.contains("not from you")));
        let seen = post.connections();
        service.pass().await;
        assert_eq!(post.connections(), seen, "it is left alone");
        for minutes in [1, 2, 4, 8, 15, 15] {
            assert_eq!(service.pass_after(minutes).await.accepted, 0);
        }
        assert_eq!(post.connections(), seen + 6, "one mail tries it each time");
        assert_eq!(service.states(OPERATOR).await, ["ready"], "one alert for one outage");
        post.always(Step::Greeting, Act::Usual);
        assert_eq!(service.pass_after(15).await.accepted, 6);
        let [alert] = &mails_to(&post, OPERATOR)[..] else { panic!("one alert") };
        assert!(alert.text.contains("554 5.7.1 not from you") && alert.text.contains("2026-03-02 07:00"), "{}", alert.text);
        assert_eq!(service.app.sending().await.expect("told").relay, None);
        service.app.close().await;
    }

    async fn a_group_that_refuses_by_policy_is_closed_and_the_operator_told(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("admin.email", OPERATOR).at("2026-03-02T05:00:00Z").await;
        let (refusing, quick) = (addresses("gmail.com", 40), addresses("example.org", 2));
        with_readers(&service, &[&refusing, &quick]).await;
        refusing.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Reply("550 5.7.26 unauthenticated")));
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!(report.accepted, 3, "the two others, and the alert");
        // Ten close it; what other sessions were told meanwhile comes on top, and depends on the machine.
        assert!((10..refusing.len() as u32).contains(&report.rejected), "{}", report.rejected);
        let [alert] = &mails_to(&post, OPERATOR)[..] else { panic!("one alert") };
        assert!(alert.text.contains("google") && alert.text.contains("5.7.26"), "{}", alert.text);
        assert!(!String::from_utf8_lossy(&alert.bytes).contains("List-Unsubscribe"));
        assert!(service.app.list_suppressions(9).await.expect("listed").is_empty(), "nobody is to blame");
        let status = service.app.sending().await.expect("told");
        assert!(status.closed.len() == 1 && status.closed[0].starts_with("google since"), "{:?}", status.closed);
        let tried = offered(&post, "gmail.com");
        assert_eq!(service.pass_after(59).await.rejected, 0, "the others wait");
        let probe = service.pass_after(2).await;
        assert_eq!((probe.rejected, probe.accepted), (1, 1), "one tries; the second alert goes");
        assert_eq!(offered(&post, "gmail.com"), tried + 1);
        refusing.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Usual));
        assert_eq!(service.pass_after(60).await.accepted, 0, "it is closed for longer now");
        let rest = refusing.len() as u32 - report.rejected - 1;
        assert_eq!(service.pass_after(61).await.accepted, rest, "one is taken and the others follow");
        service.app.close().await;
    }

    async fn the_operator_lets_mail_go_to_a_closed_group(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        with_readers(&service, &[&addresses("gmail.com", 3)]).await;
        let mut tx = service.app.service.db.begin().await.expect("begins");
        let now = instant("2026-03-02T06:59:00Z");
        assert!(tx.count_refusals("google", (20, 20), "550 5.7.1 no", now).await.expect("counts").is_some());
        tx.commit().await.expect("commits");
        assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.accepted, 0);
        assert!(service.app.reopen_destination("example.org").await.is_err());
        service.app.reopen_destination("google").await.expect("opens");
        assert_eq!(service.pass().await.accepted, 3);
        service.app.close().await;
    }

    async fn two_nodes_together_keep_to_the_rate(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("mail.rate_per_second", "4").with("mail.connections", "2");
        let one = setup.at("2026-03-02T05:00:00Z").await;
        with_readers(&one, &[&addresses("example.org", 12)]).await;
        one.clock.set(instant("2026-03-02T07:00:00Z"));
        let clock = one.clock.clone();
        let nodes = [Arc::new(one), Arc::new(setup.under(clock.clone()).await)];
        let passes = [begin_pass(&nodes[0]), begin_pass(&nodes[1])];
        for seconds in 1..=3 {
            post.wait_until_taken(4 * seconds);
            assert_eq!(post.journal().len(), 4 * seconds);
            clock.advance(Duration::from_secs(1));
        }
        for (pass, node) in passes.into_iter().zip(nodes) {
            pass.await.expect("a pass");
            close(node).await;
        }
    }
}
