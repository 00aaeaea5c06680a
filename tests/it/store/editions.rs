//! Editions: one for each date, kept as they were made, and what of them counts as shown.

use broadsheet::model::{Figures, Outcome, PaperId, Phase};
use broadsheet::store::editions::{Edition, EditionKind};

use crate::support::outbox::{claim, digest, due, edition, ended, record, subscribe};
use crate::support::papers::{hours, noon};
use crate::support::{TestDb, both_databases};

both_databases! {
    async fn an_edition_reads_back_as_it_was_made_and_a_date_has_only_one(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let made = Edition {
            kind: EditionKind::Trending,
            timezone: chrono_tz::Pacific::Chatham,
            figures: Figures { looked_at: 412, matched: 7, unknown_edition: Some(due(-1).local_date), ..Figures::default() },
            more_for_you: 3,
            ..edition(&ada, 0, &[5, 3, 9])
        };
        let mut tx = db.begin().await.expect("begins");
        assert!(tx.insert_edition(&made).await.expect("inserts"));
        assert!(!tx.insert_edition(&edition(&ada, 0, &[1])).await.expect("inserts"), "one for a date, ever");
        assert!(tx.insert_edition(&edition(&ada, 1, &[1])).await.expect("inserts"));
        tx.commit().await.expect("commits");
        let mut read = db.read().await.expect("reads");
        assert_eq!(read.edition(made.id).await.expect("reads"), Some(made.clone()));
        assert_eq!(read.edition_of_date(ada.id, due(0).local_date).await.expect("reads"), Some(made));
        assert_eq!(read.edition_of_date(ada.id, due(2).local_date).await.expect("reads"), None);
        let newest = read.editions_of(ada.id, 1).await.expect("reads");
        assert_eq!(newest.iter().map(|edition| edition.local_date).collect::<Vec<_>>(), [due(1).local_date]);
    }

    async fn shown_is_what_editions_hold_that_are_not_void(db: &TestDb) {
        let ada = subscribe(db, "ada@example.org").await;
        let eve = subscribe(db, "eve@example.org").await;
        let lost = digest(db, &ada, 0).await;
        digest(db, &eve, 0).await;
        let mut tx = db.begin().await.expect("begins");
        let missed = Edition { kind: EditionKind::Missed, void: true, ..edition(&ada, 1, &[]) };
        let silent = Edition { kind: EditionKind::Silent, ..edition(&ada, 2, &[]) };
        for each in [&missed, &silent] {
            assert!(tx.insert_edition(each).await.expect("inserts"));
        }
        tx.commit().await.expect("commits");
        let shown = db.read().await.expect("reads").shown_since(ada.id, noon()).await.expect("reads");
        let told: Vec<_> = shown.iter().map(|each| (each.local_date, each.papers.len(), each.mailed)).collect();
        assert_eq!(told, [(due(2).local_date, 0, false), (due(0).local_date, 2, true)], "newest first");
        assert_eq!(shown[1].papers, [PaperId(1), PaperId(2)]);
        assert_eq!((shown[1].window_until, shown[1].fate_unknown), (noon(), false));
        let since = db.read().await.expect("reads").shown_since(ada.id, hours(1)).await.expect("reads");
        assert_eq!(since.len(), 1, "older ones are not asked for");

        // Its delivery fails, so nobody saw it; then the operator sends it after all.
        let held = claim(db, "one", noon(), 9).await.into_iter().find(|one| one.id == lost.id).expect("claimed");
        assert!(record(db, &ended(&held, Outcome::OurFault, Phase::Rcpt, noon())).await);
        assert_eq!(db.read().await.expect("reads").shown_since(ada.id, noon()).await.expect("reads").len(), 1);
        let mut tx = db.begin().await.expect("begins");
        assert!(tx.send_again(lost.id, false, hours(12), hours(1)).await.expect("asks"));
        tx.commit().await.expect("commits");
        assert_eq!(db.read().await.expect("reads").shown_since(ada.id, noon()).await.expect("reads").len(), 2);
    }
}
