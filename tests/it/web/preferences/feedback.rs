//! "More like this", "less like this", and taking it back.

use axum::http::StatusCode;
use broadsheet::model::{EditionId, Field, Figures, Item, Reason, Section, Span, SubscriberState};
use broadsheet::store::editions::{Edition, EditionKind};

use super::super::site::Site;

#[tokio::test]
async fn more_offers_lines_that_one_button_adds_and_another_takes_back() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "graphs").await;
    let (path, preferences) = (format!("{}/more/{}", site.preferences(&person), papers[1]), site.preferences(&person));
    insta::assert_snapshot!("more", site.get(&path).await.content());
    let page = site.post(&path, "edit=add%3Aauthor%3A%22Ada+Ay%22&edit=add%3Acategory%3Acs.LG").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("undo", page.content());
    assert_eq!(site.reload(person.id).await.preferences.profile, "graphs\nauthor:\"Ada Ay\"\ncategory:cs.LG");
    let undone = site.post(&preferences, "action=undo&profile=graphs").await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    assert_eq!(site.reload(person.id).await.preferences.profile, "graphs");
}

#[tokio::test]
async fn less_offers_to_weaken_the_interest_that_found_the_paper() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "graphs\npruning").await;
    let now = site.clock.now();
    let reason = Reason { interest: "pruning".to_owned(), hits: vec![(Field::Title, Span { start: 0, end: 7 })] };
    let item = Item {
        paper: papers[1],
        revision: 1,
        section: Section::ForYou,
        score: 7,
        reasons: vec![reason],
        upvotes: None,
        upvotes_gained: None,
    };
    let edition = Edition {
        id: EditionId(person.id.0 + 512),
        subscriber: person.id,
        local_date: now.date_naive(),
        kind: EditionKind::Normal,
        due_at: now,
        planned_at: now,
        window_after: now - chrono::TimeDelta::days(1),
        window_until: now,
        timezone: chrono_tz::Europe::Berlin,
        items: vec![item],
        figures: Figures::default(),
        more_for_you: 0,
        void: false,
    };
    let mut tx = site.db.begin().await.expect("begins");
    assert!(tx.insert_edition(&edition).await.expect("inserts"));
    tx.commit().await.expect("commits");

    let archive = site.get(&site.links.archive(edition.id, person.link_generation, now)).await;
    insta::assert_snapshot!("archive", archive.content());
    let path = format!("{}/less/{}", site.preferences(&person), papers[1]);
    insta::assert_snapshot!("less", site.get(&path).await.content());
    site.post(&path, "edit=replace%3A2%3Apruning%5E0.5").await;
    assert_eq!(site.reload(person.id).await.preferences.profile, "graphs\npruning^0.5");
}

#[tokio::test]
async fn nothing_but_offers_can_be_sent_back() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "graphs").await;
    let path = format!("{}/more/{}", site.preferences(&person), papers[0]);
    for form in ["edit=delete%3A1", "edit=add%3A%28", "edit=add%3Aa%0Ab"] {
        assert_eq!(site.post(&path, form).await.status, StatusCode::FORBIDDEN, "{form}");
    }
    let undo = site.post(&site.preferences(&person), "action=undo&profile=titel:x").await;
    assert_eq!(undo.status, StatusCode::FORBIDDEN);
    assert!(site.post(&path, "").await.body.contains("Nothing has changed"));
    assert_eq!(site.get(&format!("{}/more/99", site.preferences(&person))).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.reload(person.id).await, person);
}
