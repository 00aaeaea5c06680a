//! Erasing a person: nothing is left of them but keyed hashes, wherever their mails stood.

use broadsheet::app::PersonChange;

use crate::support::mails::{mails, mails_to};
use crate::support::service::Setup;
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const ADA: &str = "Ada.Lovelace@analytical.example";
const TRACES: [&str; 3] = ["lovelace", "analytical", "babbage"];

both_databases! {
    async fn nothing_is_left_of_an_erased_person_but_hashes(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).with("signup.per_address_per_day", "9").at("2026-03-02T05:00:00Z").await;
        // She came by the form, got digests, and her mails stand wherever a mail can stand.
        service.post("/subscribe", &format!("email={ADA}&interests=babbage+engines")).await;
        service.pass().await;
        service.post(&mails(&post)[0].link("confirm"), "").await;
        service.import(&[("2603.00001", "Looms that weave leaves", "We weave.")]).await;
        service.pass_at("2026-03-02T07:00:00Z").await;
        let unsubscribe = mails(&post)[1].one_click.clone();
        let preferences = service.app.person_link(ADA).await.expect("a link");
        for (hour, reply) in [(8, "550 5.7.1 <ada.lovelace@analytical.example> not here"), (9, "451 4.3.0 lovelace later")] {
            post.once(Step::Dot, Act::Reply(reply));
            service.post("/manage", &format!("email={ADA}")).await;
            service.pass_at(&format!("2026-03-02T{hour:02}:00:00Z")).await;
        }
        post.once(Step::Dot, Act::AcceptThenCut);
        service.post("/manage", &format!("email={ADA}")).await;
        assert_eq!(service.pass().await.uncertain, 1);
        service.post("/manage", &format!("email={ADA}")).await;
        assert!(traces(db).await.len() > 3, "there is something to erase");

        service.app.erase_person(ADA).await.expect("erased");
        assert_eq!(traces(db).await, Vec::<String>::new());
        assert!(service.app.show_person(ADA).await.is_err());
        assert_eq!(service.app.list_suppressions(9).await.expect("listed").len(), 0);

        // Her old links answer, and do nothing; nothing more is sent, however long we wait.
        let sent = mails(&post).len();
        for minutes in [5, 35, 60 * 24, 60 * 24] {
            service.pass_after(minutes).await;
        }
        assert_eq!(mails(&post).len(), sent);
        assert_eq!(service.post(&unsubscribe, "List-Unsubscribe=One-Click").await.0, 200);
        assert!(service.get(&preferences).await.0 >= 400);
        assert_eq!(traces(db).await, Vec::<String>::new());
        service.app.close().await;
    }

    async fn who_was_erased_may_come_back_as_a_stranger(db: &TestDb) {
        let post = Server::start(Tls::None);
        let service = Setup::new(db, &post).at("2026-03-02T05:00:00Z").await;
        service.import(&[("2603.00001", "Looms that weave leaves", "We weave.")]).await;
        for day in [2, 3] {
            let quiet = PersonChange { trending: Some(false), ..PersonChange::default() };
            service.add_with(ADA, &["looms"], quiet).await;
            service.pass_at(&format!("2026-03-0{day}T07:00:00Z")).await;
            service.app.erase_person(ADA).await.expect("erased");
        }
        let got = mails_to(&post, "Ada.Lovelace@analytical.example");
        assert_eq!(got.len(), 2);
        assert!(got.iter().all(|mail| mail.html.contains("weave leaves")), "what was shown is forgotten too");
        let old = got[0].one_click.clone();
        service.add(ADA, &["looms"]).await;
        assert_eq!(service.post(&old, "").await.0, 200);
        assert_eq!(service.app.show_person(ADA).await.expect("shown").state, "active", "the old link was another's");

        // A suppression outlives the person.
        service.app.suppress(ADA).await.expect("suppressed");
        service.app.erase_person(ADA).await.expect("erased");
        assert!(service.app.add_person(ADA, &PersonChange::default(), false).await.is_err());
        assert_eq!(traces(db).await, Vec::<String>::new());
        service.app.unsuppress(ADA).await.expect("no longer suppressed");
        service.add(ADA, &[]).await;
        service.app.close().await;
    }
}

/// Rows of any table that name her, as `table: row`.
async fn traces(db: &TestDb) -> Vec<String> {
    let rows = db.dump().await;
    let names = |row: &String| TRACES.iter().any(|trace| row.to_lowercase().contains(trace));
    rows.into_iter().filter(names).collect()
}
