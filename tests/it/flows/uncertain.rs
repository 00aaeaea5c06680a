//! Mails of which a lost connection left open whether the server took them.

use broadsheet::app::PersonChange;

use crate::support::mails::{mails, mails_to};
use crate::support::service::{Service, Setup};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const ADA: &str = "ada@example.org";

async fn with_ada(setup: &Setup, every: &str) -> Service {
    let service = setup.at("2026-03-02T05:00:00Z").await;
    let change = PersonChange { trending: Some(false), every: Some(every.to_owned()), ..PersonChange::default() };
    service.add_with(ADA, &["diffusion models"], change).await;
    service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
    service
}

async fn more_papers(service: &Service) {
    service.import(&[("2603.00002", "Diffusion models for tea", "We pour.")]).await;
}

both_databases! {
    async fn a_digest_is_held_and_the_next_one_says_so_with_a_link(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post), "day").await;
        post.once(Step::Dot, Act::AcceptThenCut);
        let report = service.pass_at("2026-03-02T07:10:00Z").await;
        assert_eq!((report.uncertain, report.accepted, report.waiting), (1, 0, 0));
        more_papers(&service).await;
        for minutes in [1, 29, 2, 600] {
            assert_eq!(service.pass_after(minutes).await.accepted, 0, "never doubled");
        }
        assert_eq!(service.states(ADA).await, ["uncertain"]);
        // The next digest is due before a day has passed.
        assert_eq!(service.pass_at("2026-03-03T07:05:00Z").await.accepted, 1);
        let [first, second] = &mails_to(&post, ADA)[..] else { panic!("one mail a day") };
        assert!(second.text.contains("Yesterday’s edition may not have reached you"), "{}", second.text);
        assert!(!first.text.contains("may not have reached you"));
        assert!(second.html.contains("for tea") && !second.html.contains("for weather"), "it may have been seen");
        let notice = second.html.split("may not have reached you").nth(1).expect("a notice");
        let link = notice.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
        let (status, page) = service.get(link).await;
        assert!(status == 200 && page.contains("for weather"), "{status} {link}");

        assert_eq!(service.pass_at("2026-03-03T07:11:00Z").await.accepted, 0);
        assert_eq!(service.states(ADA).await, ["unknown", "accepted"]);
        service.import(&[("2603.00003", "Diffusion models for ants", "We crawl.")]).await;
        assert_eq!(service.pass_at("2026-03-04T07:05:00Z").await.accepted, 1);
        assert!(!mails_to(&post, ADA)[2].text.contains("may not have reached you"), "said once");
        service.app.close().await;
    }

    async fn an_unknown_edition_of_last_week_is_told_by_its_date(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post), "mon").await;
        post.once(Step::Dot, Act::AcceptThenCut);
        assert_eq!(service.pass_at("2026-03-02T07:10:00Z").await.uncertain, 1);
        assert_eq!(service.pass_at("2026-03-03T07:11:00Z").await.accepted, 0);
        assert_eq!(service.states(ADA).await, ["unknown"]);
        more_papers(&service).await;
        assert_eq!(service.pass_at("2026-03-09T07:05:00Z").await.accepted, 1);
        let second = &mails_to(&post, ADA)[1];
        assert!(second.text.contains("may not have reached you"), "{}", second.text);
        service.app.close().await;
    }

    async fn a_confirmation_goes_once_more_after_half_an_hour(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        post.always(Step::Dot, Act::AcceptThenCut);
        service.post("/subscribe", &format!("email={ADA}")).await;
        assert_eq!(service.pass().await.uncertain, 1);
        assert_eq!(service.pass_after(29).await.uncertain, 0);
        assert_eq!(service.pass_after(2).await.uncertain, 1);
        for minutes in [31, 300, 1440, 60] {
            assert_eq!(service.pass_after(minutes).await.uncertain, 0, "only once");
        }
        let [first, second] = &mails(&post)[..] else { panic!("two copies") };
        assert_eq!(first.message_id, second.message_id);
        assert_eq!(first.bytes, second.bytes);
        assert_eq!(service.states(ADA).await, ["unknown"]);
        service.app.close().await;
    }

    async fn a_digest_under_resend_goes_once_more(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post).with("mail.uncertain.digest", "resend"), "day").await;
        post.once(Step::Dot, Act::Cut);
        assert_eq!(service.pass_at("2026-03-02T07:10:00Z").await.uncertain, 1);
        assert!(mails(&post).is_empty());
        assert_eq!(service.pass_after(31).await.accepted, 1);
        assert_eq!(service.states(ADA).await, ["accepted"]);
        assert_eq!(mails(&post).len(), 1);
        service.app.close().await;
    }

    async fn the_operator_settles_what_is_open(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = with_ada(&Setup::new(db, &post), "day").await;
        service.add("bob@example.org", &["diffusion models"]).await;
        post.once(Step::Dot, Act::Cut);
        post.once(Step::Dot, Act::AcceptThenCut);
        assert_eq!(service.pass_at("2026-03-02T07:10:00Z").await.uncertain, 2);
        let open = service.app.list_deliveries(Some("uncertain"), None, 9).await.expect("listed");
        let arrived = mails(&post)[0].message_id.clone();
        for line in &open {
            assert!(service.app.retry_delivery(line.id).await.is_err(), "settle is for these");
            service.app.settle_delivery(line.id, line.message_id == arrived).await.expect("settled");
            assert!(service.app.settle_delivery(line.id, true).await.is_err(), "settled already");
        }
        assert_eq!(service.pass_after(1).await.accepted, 1);
        let all = mails(&post);
        assert_eq!(all.len(), 2);
        assert_ne!(all[0].message_id, all[1].message_id);
        assert!(service.deliveries().await.iter().all(|line| line.state == "accepted"));
        service.app.close().await;
    }
}
