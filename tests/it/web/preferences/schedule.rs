//! Pausing, going on, and not waiting for the next morning.

use axum::http::StatusCode;
use broadsheet::model::{EditionId, Figures, SubscriberState};
use broadsheet::store::editions::{Edition, EditionKind};
use broadsheet::store::subscribers::Subscriber;

use super::super::site::Site;

#[tokio::test]
async fn a_pause_has_an_end_and_can_be_ended() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let path = site.preferences(&person);
    assert_eq!(site.post(&path, "action=pause&weeks=2").await.status, StatusCode::SEE_OTHER);
    let paused = site.reload(person.id).await;
    assert_eq!((paused.state, paused.next_due), (SubscriberState::Paused, None));
    assert_eq!(paused.paused_until, Some(site.clock.now() + chrono::TimeDelta::weeks(2)));
    insta::assert_snapshot!("preferences_paused", site.get(&format!("{path}?done=paused")).await.content());

    assert_eq!(site.post(&path, "action=resume").await.status, StatusCode::SEE_OTHER);
    let resumed = site.reload(person.id).await;
    assert_eq!((resumed.state, resumed.paused_until), (SubscriberState::Active, None));
    assert_eq!(resumed.next_due, person.next_due);
}

#[tokio::test]
async fn a_pause_of_weeks_that_are_not_offered_is_refused() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    for weeks in ["", "3", "-1", "for ever"] {
        let answer = site.post(&site.preferences(&person), &format!("action=pause&weeks={weeks}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{weeks}");
        assert!(answer.body.contains("id=\"weeks-error\">Choose one of these."), "{weeks}");
        assert_eq!(site.reload(person.id).await, person, "{weeks}");
    }
}

#[tokio::test]
async fn saving_during_a_pause_does_not_end_it() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let path = site.preferences(&person);
    site.post(&path, "action=pause&weeks=4").await;
    let paused = site.reload(person.id).await;
    let form = "action=save&profile=pruning&timezone=UTC&time=07:00&days=mon&limit=10";
    assert_eq!(site.post(&path, form).await.status, StatusCode::SEE_OTHER);
    let saved = site.reload(person.id).await;
    assert_eq!((saved.state, saved.paused_until, saved.next_due), (paused.state, paused.paused_until, None));
    assert_eq!(saved.preferences.profile, "pruning");
}

#[tokio::test]
async fn todays_edition_can_be_had_at_once() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let answer = site.post(&site.preferences(&person), "action=send-now").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let due = site.reload(person.id).await.next_due.expect("due");
    assert_eq!((due.local_date.to_string().as_str(), due.at), ("2026-11-23", site.clock.now()));
    assert!(site.was_rung().await);
}

async fn edition(site: &Site, person: &Subscriber) -> EditionId {
    let now = site.clock.now();
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
        items: Vec::new(),
        figures: Figures::default(),
        more_for_you: 0,
        void: false,
    };
    let mut tx = site.db.begin().await.expect("begins");
    assert!(tx.insert_edition(&edition).await.expect("inserts"));
    tx.commit().await.expect("commits");
    edition.id
}

#[tokio::test]
async fn an_edition_that_is_made_already_is_read_on_the_web() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    edition(&site, &person).await;
    let answer = site.post(&site.preferences(&person), "action=send-now").await;
    assert!(answer.header("location").starts_with("/archive/"), "{}", answer.header("location"));
    assert_eq!(site.get(answer.header("location")).await.status, StatusCode::OK);
    assert_eq!(site.reload(person.id).await.next_due, person.next_due);
    assert!(site.get(&site.preferences(&person)).await.body.contains("Read it here"));
}

#[tokio::test]
async fn an_archive_link_ends_with_the_persons_other_links() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let id = edition(&site, &person).await;
    let link = site.path(&site.links.archive(id, person.link_generation, site.clock.now()));
    let page = site.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("/preferences/"), "a link to read must not become one to change");
    site.post(&site.preferences(&person), "action=renew-links").await;
    assert_eq!(site.get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_unknown_button_does_nothing() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    for form in ["action=explode", "action=", ""] {
        let answer = site.post(&site.preferences(&person), form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains("That is none of the buttons"), "{form}");
    }
    assert_eq!(site.reload(person.id).await, person);
    assert!(!site.was_rung().await);
}
