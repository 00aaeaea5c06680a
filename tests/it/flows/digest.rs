//! The digest as readers get it: when it comes, how often, and what is in it.

use std::collections::{HashMap, HashSet};

use broadsheet::app::PersonChange;
use broadsheet::model::LocalDate;
use chrono::Timelike;
use chrono_tz::Tz;

use crate::support::mails::{Mail, mails, mails_to};
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Server, Tls};
use crate::support::{TestDb, both_databases};

/// Both ends of daylight saving time are in the fourteen days, and two zones with odd minutes.
const ZONES: [&str; 6] =
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Kiritimati"];
const DAYS: i64 = 14;

/// What is imported every morning: two that match, one that is excluded, one of something else.
fn papers_of(day: i64) -> [(String, String, &'static str); 4] {
    let id = |n: i64| format!("2603.{:05}", day * 10 + n);
    [
        (id(0), format!("Diffusion models for weather, part {day:02}"), "We forecast rain and wind by denoising."),
        (id(1), format!("Robots that pour tea, part {day:02}"), "A policy made of diffusion models holds the cup."),
        (
            id(2),
            format!("Diffusion models: a survey, part {day:02}"),
            "We list what was written about diffusion models.",
        ),
        (id(3), format!("Graph colouring by ants, part {day:02}"), "Ants colour graphs with few colours."),
    ]
}

async fn import_day(service: &Service, day: i64) {
    let papers = papers_of(day);
    let borrowed: Vec<_> = papers.iter().map(|(id, title, text)| (id.as_str(), title.as_str(), *text)).collect();
    service.import(&borrowed).await;
}

fn address(zone: &str) -> String {
    format!("{}@example.org", zone.to_lowercase().replace('/', "."))
}

both_databases! {
    async fn each_reader_gets_one_mail_a_local_day_at_the_right_hour(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("mail.connections", "2").at("2026-03-23T00:00:00Z").await;
        for zone in ZONES {
            let change = PersonChange { timezone: Some(zone.to_owned()), ..PersonChange::default() };
            service.add_with(&address(zone), &["diffusion models", "-survey"], change).await;
        }
        let mut came: HashMap<String, Vec<LocalDate>> = HashMap::new();
        let mut seen = 0;
        for hour in (0..DAYS * 24).step_by(3) {
            service.clock.set(instant("2026-03-23T00:00:00Z") + chrono::TimeDelta::hours(hour));
            if hour % 24 == 0 {
                import_day(&service, hour / 24).await;
            }
            assert_eq!(service.pass().await.missed, 0);
            if hour % 24 == 6 {
                let again = service.pass().await;
                assert_eq!((again.planned, again.accepted), (0, 0), "a second pass finds nothing to do");
            }
            let new = mails(&post).split_off(seen);
            seen += new.len();
            for mail in new {
                let zone: Tz = ZONES.into_iter().find(|zone| address(zone) == mail.to).expect("a reader").parse().expect("a zone");
                let local = service.clock.now().with_timezone(&zone);
                assert!((7..10).contains(&local.hour()), "{} got a mail at {local}", mail.to);
                came.entry(mail.to).or_default().push(local.date_naive());
            }
        }
        for zone in ZONES {
            let dates = &came[&address(zone)];
            let distinct: HashSet<_> = dates.iter().collect();
            assert_eq!((dates.len(), distinct.len()), (14, 14), "{zone}: {dates:?}");
            assert_no_paper_twice(&mails_to(&post, &address(zone)));
        }
        service.app.close().await;
    }

    async fn a_digest_holds_what_was_asked_for_with_the_words_marked(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        service.add("ada@example.org", &["diffusion models", "-survey"]).await;
        service.add("eve@example.org", &[]).await;
        let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
        service.add_with("bob@example.org", &["diffusion models", "-survey"], quiet).await;
        import_day(&service, 1).await;
        assert_eq!(service.pass().await.planned, 0, "nobody is due yet");
        assert_eq!(service.pass_at("2026-03-02T07:20:00Z").await.accepted, 3);
        assert_eq!(service.pass_after(60).await.accepted, 0);
        let papers = papers_of(1);
        let titles: Vec<&str> = papers.iter().map(|(_, title, _)| title.as_str()).collect();

        let [bob] = &mails_to(&post, "bob@example.org")[..] else { panic!("one mail") };
        assert_eq!(bob.titles(titles.iter().copied()), titles[..2]);
        assert!(bob.subject.contains("2 papers"), "{}", bob.subject);
        let marked: HashSet<String> = bob.marked().iter().map(|run| run.to_lowercase()).collect();
        assert_eq!(marked, HashSet::from(["diffusion models".to_owned()]), "{}", bob.html);
        assert!(bob.text.contains("*Diffusion models* for weather"), "{}", bob.text);

        let [ada] = &mails_to(&post, "ada@example.org")[..] else { panic!("one mail") };
        assert!(!ada.html.contains("survey, part"), "what is excluded is not trending either");
        let [eve] = &mails_to(&post, "eve@example.org")[..] else { panic!("one mail") };
        assert_eq!(eve.titles(titles.iter().copied()), titles, "no interests: everything that trends");
        assert!(eve.marked().is_empty());

        assert_one_click(&service, ada).await;
        service.app.close().await;
    }

    async fn a_paper_stored_while_an_edition_was_planned_is_in_the_next(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        service.add("ada@example.org", &["diffusion models"]).await;
        service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
        service.pass_at("2026-03-02T07:00:00Z").await;
        service.clock.set(instant("2026-03-02T06:59:55Z"));
        service.import(&[("2603.00002", "Diffusion models for tea", "We pour.")]).await;
        service.pass_at("2026-03-03T07:00:00Z").await;
        let [first, second] = &mails_to(&post, "ada@example.org")[..] else { panic!("two mails") };
        assert!(first.html.contains("for weather") && !first.html.contains("for tea"));
        assert!(second.html.contains("for tea") && !second.html.contains("for weather"), "{}", second.text);
        service.app.close().await;
    }

    async fn what_did_not_fit_is_listed_where_the_mail_says(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        let brief = PersonChange { limit: Some(1), trending: Some(false), ..PersonChange::default() };
        service.add_with("ada@example.org", &["diffusion models"], brief).await;
        let titles = ["Diffusion models for weather", "Diffusion models for tea", "Diffusion models for two"];
        let papers = [("2603.00001", titles[0], "Rain."), ("2603.00002", titles[1], "Leaves."), ("2603.00003", titles[2], "Both.")];
        service.import(&papers).await;
        service.pass_at("2026-03-02T07:00:00Z").await;
        let [mail] = &mails_to(&post, "ada@example.org")[..] else { panic!("one mail") };
        let archive = mail.link("archive");
        let link = format!("2 more papers on the site: {archive}#more");
        assert!(mail.text.contains(&link) && mail.html.contains(&format!("{archive}#more")), "{}", mail.text);
        let (status, page) = service.get(&archive).await;
        let (edition, more) = page.split_once("id=\"more\"").expect("a list");
        let mailed = mail.titles(titles);
        assert_eq!((status, mailed.len()), (200, 1));
        for title in titles {
            let place = if mailed.contains(&title) { edition } else { more };
            assert!(place.replace("<mark>", "").replace("</mark>", "").contains(title), "{title}: {page}");
        }
        assert!(!page.contains("more papers on the site") && !more.contains("not listed"), "{more}");
        service.app.close().await;
    }

    async fn a_changed_profile_counts_from_the_next_digest(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
        service.add_with("ada@example.org", &["ants"], quiet).await;
        import_day(&service, 1).await;
        service.pass_at("2026-03-02T07:00:00Z").await;
        let link = mails_to(&post, "ada@example.org")[0].link("preferences");
        let (status, _) = service.post(&link, "action=save&profile=robots&timezone=UTC&time=09%3A30&days=mon&days=tue&limit=5&quiet_day=nothing").await;
        assert_eq!(status, 303);
        service.clock.set(instant("2026-03-03T05:00:00Z"));
        import_day(&service, 2).await;
        assert_eq!(service.pass_at("2026-03-03T07:00:00Z").await.planned, 0, "another time was chosen");
        assert_eq!(service.pass_at("2026-03-03T09:30:00Z").await.accepted, 1);
        let second = &mails_to(&post, "ada@example.org")[1];
        assert!(second.html.contains("pour tea") && !second.html.contains("Graph colouring"), "{}", second.text);
        service.app.close().await;
    }
}

/// No title of any day stands in two mails.
fn assert_no_paper_twice(mails: &[Mail]) {
    let mut told = HashSet::new();
    for mail in mails {
        for (_, title, _) in (0..DAYS).flat_map(papers_of) {
            if !mail.titles([title.as_str()]).is_empty() {
                assert!(told.insert(title.clone()), "{title} came twice to {}", mail.to);
            }
        }
    }
    assert!(told.len() >= 2 * (mails.len() - 1), "{} titles in {} mails", told.len(), mails.len());
    assert!(!told.iter().any(|title| title.contains("survey")));
}

/// The mail program's own button works, and looking at its link does nothing.
async fn assert_one_click(service: &Service, mail: &Mail) {
    assert!(mail.one_click.starts_with("https://papers.example.org/unsubscribe/"), "{}", mail.one_click);
    assert_eq!(service.get(&mail.one_click).await.0, 200);
    assert_eq!(service.app.show_person(&mail.to).await.expect("shown").state, "active");
    assert_eq!(service.post(&mail.one_click, "List-Unsubscribe=One-Click").await.0, 200);
    let person = service.app.show_person(&mail.to).await.expect("shown");
    assert_eq!((person.state.as_str(), person.next_due_at), ("unsubscribed", None));
}
