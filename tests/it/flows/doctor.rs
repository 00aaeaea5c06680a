//! What the operator is told about the health of a service.

use broadsheet::app::{Finding, Health};
use broadsheet::store::Strain;

use crate::support::TestDb;
use crate::support::mails::mails;
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};

async fn finding(service: &Service, check: &str) -> Finding {
    let findings = service.app.examine().await;
    findings.into_iter().find(|finding| finding.check == check).unwrap_or_else(|| panic!("{check} is not looked at"))
}

#[tokio::test]
async fn a_healthy_service_has_nothing_bad_and_sends_nothing() {
    let (db, post) = (TestDb::sqlite().await, Server::start(Tls::None));
    let service = Setup::new(&db, &post).at("2026-03-02T07:00:00Z").await;
    let findings = service.app.examine().await;
    assert!(findings.iter().all(|finding| finding.state != Health::Bad), "{findings:?}");
    assert!(mails(&post).is_empty());
    let commands = post.commands();
    assert!(commands.last().is_some_and(|last| last == "QUIT"), "{commands:?}");
    assert!(!commands.iter().any(|line| line.starts_with("MAIL")), "{commands:?}");
    service.app.close().await;
}

#[tokio::test]
async fn what_keeps_mail_from_leaving_is_bad() {
    let (db, post) = (TestDb::sqlite().await, Server::start(Tls::None));
    let service = Setup::new(&db, &post).at("2026-03-02T07:00:00Z").await;
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;

    post.once(Step::Greeting, Act::Reply("554 5.7.1 go away"));
    let relay = finding(&service, "relay").await;
    assert!(relay.state == Health::Bad && relay.found.contains("go away"), "{relay:?}");

    service.app.pause_sending("a look around").await.expect("paused");
    let sending = finding(&service, "sending").await;
    assert!(sending.state == Health::Bad && sending.found.contains("a look around"), "{sending:?}");

    service.app.service.db.strain(Strain::ReadOnly).await.expect("strained");
    let database = finding(&service, "database").await;
    assert!(database.state == Health::Bad && database.found.contains("it is read-only"), "{database:?}");
    service.app.service.db.strain(Strain::None).await.expect("mended");

    service.clock.set(instant("2026-03-01T07:00:00Z"));
    let clock = finding(&service, "clock").await;
    assert!(clock.state == Health::Bad && clock.found.contains("2026-03-02T07:00:00Z"), "{clock:?}");
    service.app.close().await;
}
