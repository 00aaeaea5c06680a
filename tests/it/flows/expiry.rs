//! Mails that come too late: the relay was down, or the service was.

use broadsheet::app::PersonChange;

use crate::support::mails::mails;
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const ADA: &str = "ada@example.org";

async fn with_ada(setup: &Setup) -> Service {
    let service = setup.at("2026-03-02T05:00:00Z").await;
    let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
    service.add_with(ADA, &["diffusion models"], quiet).await;
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    service
}

/// Dates and kinds of Ada's editions, the oldest first.
async fn editions(service: &Service) -> Vec<(String, String)> {
    let export = service.app.export_person(ADA).await.expect("exported");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let lines = export["editions"].as_array().expect("a list").iter();
    lines.map(|edition| (text(&edition["date"]), text(&edition["kind"]))).rev().collect()
}

both_databases! {
    async fn a_relay_that_is_down_for_long_costs_an_edition_but_no_paper(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post)).await;
        post.always(Step::Greeting, Act::Cut);
        assert_eq!(service.pass_at("2026-03-02T07:00:00Z").await.waiting, 1);
        for _ in 0..13 {
            assert_eq!(service.pass_after(60).await.accepted, 0);
        }
        assert_eq!(service.states(ADA).await, ["expired"]);
        let id = service.deliveries().await[0].id;
        post.always(Step::Greeting, Act::Usual);
        assert_eq!(service.pass_after(1).await.accepted, 0, "nobody wants it any more");
        service.import(&[("2603.00002", "Diffusion models for tea", "We pour.")]).await;
        assert_eq!(service.pass_at("2026-03-03T07:00:00Z").await.accepted, 1);
        let [mail] = &mails(&post)[..] else { panic!("one mail") };
        assert!(mail.html.contains("for weather") && mail.html.contains("for tea"), "{}", mail.text);
        // The operator may still send the old one.
        service.app.retry_delivery(id).await.expect("ready again");
        assert_eq!(service.pass().await.accepted, 1);
        assert_eq!(service.states(ADA).await, ["accepted", "accepted"]);
        service.app.close().await;
    }

    async fn after_days_without_service_each_date_is_missed_and_one_edition_catches_up(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post)).await;
        service.pass_at("2026-03-02T07:00:00Z").await;
        service.import(&[("2603.00002", "Diffusion models for tea", "We pour.")]).await;
        service.app.close().await;

        let service = Setup::new(db, &post).at("2026-03-06T08:30:00Z").await;
        service.import(&[("2603.00003", "Diffusion models for ants", "We crawl.")]).await;
        let report = service.pass().await;
        assert_eq!((report.missed, report.planned, report.accepted), (3, 1, 1), "{report:?}");
        let expected = [("02", "normal"), ("03", "missed"), ("04", "missed"), ("05", "missed"), ("06", "normal")]
            .map(|(day, kind)| (format!("2026-03-{day}"), kind.to_owned()));
        assert_eq!(editions(&service).await, expected);
        let mail = &mails(&post)[1];
        assert!(mail.html.contains("for tea") && mail.html.contains("for ants"), "{}", mail.text);
        assert!(!mail.html.contains("for weather"));
        let again = service.pass_after(60).await;
        assert_eq!((again.missed, again.planned), (0, 0));
        assert_eq!(service.pass_at("2026-03-07T08:30:00Z").await.missed, 0, "and the days go on");
        service.app.close().await;
    }

    async fn whoever_runs_it_once_a_day_misses_no_day_after_an_outage(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post)).await;
        for day in [2, 3, 7, 8, 9] {
            service.import(&[(&format!("2603.0010{day}"), &format!("Diffusion models of day {day}"), "We try.")]).await;
            let report = service.pass_at(&format!("2026-03-{day:02}T08:00:00Z")).await;
            assert_eq!((report.accepted, report.missed), (1, if day == 7 { 3 } else { 0 }), "day {day}");
        }
        service.app.close().await;
    }

    async fn a_paused_service_sends_nothing_until_it_is_resumed(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post)).await;
        service.app.pause_sending("a look around").await.expect("paused");
        let report = service.pass_at("2026-03-02T07:00:00Z").await;
        assert_eq!((report.planned, report.accepted, report.waiting), (1, 0, 1));
        assert_eq!((post.connections(), service.states(ADA).await), (0, vec!["ready".to_owned()]));
        assert_eq!(service.app.sending().await.expect("read").claimable, 1);
        service.app.resume_sending().await.expect("resumed");
        assert_eq!(service.pass_after(5).await.accepted, 1);
        service.app.close().await;
    }

    async fn a_pause_in_mid_run_stops_at_the_fence_and_loses_nothing(db: &TestDb) {
        let post = std::sync::Arc::new(Server::start(Tls::None));
        let service = with_ada(&Setup::new(db, &post)).await;
        for n in 0..9 {
            service.add(&format!("reader{n}@example.org"), &["diffusion models"]).await;
        }
        post.once(Step::Data, Act::Usual);
        post.once(Step::Data, Act::Stall);
        service.clock.set("2026-03-02T07:00:00Z".parse().expect("an instant"));
        let waiting = post.clone();
        let (report, ()) = tokio::join!(service.pass(), async {
            tokio::task::spawn_blocking(move || waiting.wait_until_stalled(1)).await.expect("stalled");
            service.app.pause_sending("stop").await.expect("paused");
            post.release();
        });
        assert_eq!((report.accepted, report.waiting), (1, 9), "{report:?}");
        assert_eq!(mails(&post).len(), 1);
        assert!(service.deliveries().await.iter().all(|line| ["ready", "accepted"].contains(&line.state.as_str())));
        service.app.resume_sending().await.expect("resumed");
        assert_eq!(service.pass_after(1).await.accepted, 9);
        service.app.close().await;
    }
}
