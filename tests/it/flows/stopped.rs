//! Mails that must not leave: to people who did not confirm, paused, left or cannot be mailed,
//! whenever on the mail's way that becomes known.

use std::sync::Arc;

use broadsheet::app::{PersonChange, RunReport};
use broadsheet::model::DeliveryState;

use crate::support::mails::{mails, mails_to};
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const ADA: &str = "ada@example.org";
const PAPERS: [(&str, &str, &str); 2] = [
    ("2603.00001", "Diffusion models for weather", "We forecast rain."),
    ("2603.00002", "Robots that pour tea", "A policy holds the cup."),
];

/// Ada reads about diffusion models and nothing else; it is five in the morning and there are papers.
async fn with_ada(setup: &Setup) -> Service {
    let service = setup.at("2026-03-02T05:00:00Z").await;
    let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
    service.add_with(ADA, &["diffusion models"], quiet).await;
    service.import(&PAPERS).await;
    service
}

/// What a person can do while their mail is under way, and the state they are then in.
#[derive(Debug, Clone, Copy)]
enum Exit {
    Leave,
    Pause,
    Suppress,
    Erase,
}

both_databases! {
    async fn who_is_not_active_gets_nothing(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post)).await;
        for name in ["left", "paused", "suppressed"] {
            service.add(&format!("{name}@example.org"), &["diffusion models"]).await;
        }
        service.app.add_person("pending@example.org", &PersonChange::default(), true).await.expect("added");
        service.app.unsubscribe_person("left@example.org").await.expect("left");
        let link = service.app.person_link("paused@example.org").await.expect("a link");
        assert_eq!(service.post(&link, "action=pause&weeks=1").await.0, 303);
        service.app.suppress("suppressed@example.org").await.expect("suppressed");
        for day in 2..6 {
            service.pass_at(&format!("2026-03-0{day}T07:30:00Z")).await;
        }
        assert_eq!(mails_to(&post, ADA).len(), 4, "a mail a day");
        assert_eq!(mails_to(&post, "pending@example.org").len(), 1, "the question, once");
        assert_eq!(mails(&post).len(), 5, "and nobody else");

        // A pause ends by itself, a suppression does not.
        service.clock.set(instant("2026-03-08T05:00:00Z"));
        service.import(&[("2603.00009", "Diffusion models of coffee", "We stir.")]).await;
        service.pass_at("2026-03-09T07:30:00Z").await;
        assert_eq!(mails_to(&post, "paused@example.org").len(), 1);
        for gone in ["left@example.org", "suppressed@example.org"] {
            assert!(mails_to(&post, gone).is_empty(), "{gone}");
        }
        service.app.close().await;
    }

    async fn what_is_planned_stops_when_the_person_goes(db: &TestDb) {
        for exit in [Exit::Leave, Exit::Pause, Exit::Suppress, Exit::Erase] {
            let post = Server::start(Tls::None);
            let service = with_ada(&Setup::new(db, &post)).await;
            post.once(Step::Rcpt, Act::Reply("450 4.2.0 later"));
            assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.retried, 1);
            go(&service, exit).await;
            let report = service.pass_after(30).await;
            assert_eq!((report.accepted, report.waiting), (0, 0), "{exit:?}");
            assert!(mails(&post).is_empty(), "{exit:?}");
            clear(service).await;
        }
    }

    async fn a_stalled_dialogue_ends_at_the_fence_when_the_person_goes(db: &TestDb) {
        for exit in [Exit::Leave, Exit::Pause, Exit::Suppress, Exit::Erase] {
            let post = Arc::new(Server::start(Tls::None));
            let service = with_ada(&Setup::new(db, &post)).await;
            post.once(Step::Data, Act::Stall);
            let report = pass_and_go(&service, &post, exit).await;
            assert_eq!((report.accepted, report.fenced, report.waiting), (0, 1, 0), "{exit:?}");
            post.wait_until_idle();
            assert!(mails(&post).is_empty(), "the server forgot it: {exit:?}");
            clear(service).await;
        }
    }

    async fn who_goes_after_the_fence_is_not_tried_again(db: &TestDb) {
        for exit in [Exit::Leave, Exit::Pause, Exit::Suppress, Exit::Erase] {
            let post = Arc::new(Server::start(Tls::None));
            let service = with_ada(&Setup::new(db, &post).with("mail.uncertain.digest", "resend")).await;
            // The server thinks about the message, the person goes, and only then the server puts it off.
            post.once(Step::Dot, Act::StallThenReply("451 4.3.0 later, ada@example.org"));
            let report = pass_and_go(&service, &post, exit).await;
            assert_eq!((report.accepted, report.retried), (0, 1), "{exit:?}");
            assert_never_again(&service, exit).await;
            assert!(mails(&post).is_empty(), "{exit:?}");
            clear(service).await;
        }
    }

    async fn who_goes_while_a_mail_is_uncertain_gets_no_second_copy(db: &TestDb) {
        for exit in [Exit::Leave, Exit::Pause, Exit::Suppress, Exit::Erase] {
            let post = Arc::new(Server::start(Tls::None));
            let service = with_ada(&Setup::new(db, &post).with("mail.uncertain.digest", "resend")).await;
            post.once(Step::Dot, Act::AcceptThenCut);
            assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.uncertain, 1);
            go(&service, exit).await;
            assert_never_again(&service, exit).await;
            assert_eq!(mails(&post).len(), 1, "{exit:?}");
            clear(service).await;
        }
    }
}

/// A pass at seven in which the person goes while the server stalls.
async fn pass_and_go(service: &Service, post: &Arc<Server>, exit: Exit) -> RunReport {
    service.clock.set(instant("2026-03-02T07:00:00Z"));
    let waiting = Arc::clone(post);
    let (report, ()) = tokio::join!(service.pass(), async {
        tokio::task::spawn_blocking(move || waiting.wait_until_stalled(1)).await.expect("stalled");
        go(service, exit).await;
        post.release();
    });
    report
}

async fn assert_never_again(service: &Service, exit: Exit) {
    for minutes in [5, 60, 600, 1440] {
        assert_eq!(service.pass_after(minutes).await.accepted, 0, "{exit:?}");
    }
    let states: Vec<String> = service.deliveries().await.into_iter().map(|line| line.state).collect();
    let known = |state: &str| DeliveryState::from_stored(state).is_some_and(DeliveryState::is_final);
    assert!(states.iter().all(|state| known(state)), "every mail has an end: {states:?}");
}

/// Makes room for Ada to come once more.
async fn clear(service: Service) {
    service.app.unsuppress(ADA).await.ok();
    service.app.erase_person(ADA).await.ok();
    service.app.close().await;
}

async fn go(service: &Service, exit: Exit) {
    match exit {
        Exit::Leave => drop(service.app.unsubscribe_person(ADA).await.expect("left")),
        Exit::Suppress => service.app.suppress(ADA).await.expect("suppressed"),
        Exit::Erase => service.app.erase_person(ADA).await.expect("erased"),
        Exit::Pause => {
            let link = service.app.person_link(ADA).await.expect("a link");
            assert_eq!(service.post(&link, "action=pause&weeks=2").await.0, 303);
        }
    }
}
