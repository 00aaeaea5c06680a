//! Showing and saving what somebody chose.

use axum::http::StatusCode;
use broadsheet::model::{Days, QuietDay, SubscriberState};

use super::super::site::Site;

const GOOD: &str = "action=save&profile=Few-Shot+learning%0D%0A%0D%0A-survey%0D%0A&timezone=Asia/Tokyo&time=06:30\
                    &days=mon&days=thu&limit=25&quiet_day=note";

#[tokio::test]
async fn the_page_shows_what_is_saved_and_how_it_was_understood() {
    let site = Site::new().await;
    let person =
        site.person("ada@example.org", SubscriberState::Active, "Few-Shot learning\ntitel:x\n# a note\n-survey").await;
    insta::assert_snapshot!("preferences", site.get(&site.preferences(&person)).await.content());
}

#[tokio::test]
async fn everything_that_is_good_is_saved_and_moves_the_next_edition() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let path = site.preferences(&person);
    let answer = site.post(&path, GOOD).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, &*format!("{path}?done=saved")));
    let saved = site.reload(person.id).await;
    let chosen = &saved.preferences;
    assert_eq!(chosen.profile, "Few-Shot learning\n\n-survey");
    assert_eq!((chosen.timezone, chosen.send_time().as_str()), (chrono_tz::Asia::Tokyo, "06:30"));
    assert_eq!((chosen.days, chosen.limit), ("mon,thu".parse::<Days>().expect("days"), 25));
    assert_eq!((chosen.quiet_day, chosen.trending), (QuietDay::Note, false));
    assert_eq!(saved.next_due.expect("due").at.to_rfc3339(), "2026-11-25T21:30:00+00:00");
    assert!(saved.plan_seq > person.plan_seq && site.was_rung().await);
    assert!(site.get(&format!("{path}?done=saved")).await.body.contains("Saved."));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_what_was_typed_and_nothing_is_saved() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let form =
        "action=save&profile=good+words%0Atitel:x%3Cb%3E&timezone=Mars/Base&time=25:00&limit=0&quiet_day=nothing";
    let answer = site.post(&site.preferences(&person), form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    insta::assert_snapshot!("preferences_refused", answer.content());
    assert_eq!(site.reload(person.id).await, person);
}

#[tokio::test]
async fn choices_that_are_not_offered_are_refused_beside_their_field() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    for (change, error) in [
        (("quiet_day=note", "quiet_day=sometimes"), "id=\"quiet-error\">Choose one of these."),
        (("quiet_day=note", "quiet_day="), "id=\"quiet-error\">Choose one of these."),
        (("days=thu", "days=someday"), "id=\"days-error\">Choose the days from the list."),
    ] {
        let answer = site.post(&site.preferences(&person), &GOOD.replace(change.0, change.1)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}");
        assert!(answer.body.contains(error) && answer.body.contains("Few-Shot learning"), "{}", answer.content());
        assert_eq!(site.reload(person.id).await, person, "{change:?}");
    }
}

#[tokio::test]
async fn too_many_interests_are_refused() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let many: Vec<String> = (0..101).map(|number| format!("word{number}")).collect();
    let form = GOOD.replace("Few-Shot+learning", &many.join("%0A"));
    assert_eq!(site.post(&site.preferences(&person), &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = GOOD.replace("Few-Shot+learning", &"x+".repeat(30_000));
    let answer = site.post(&site.preferences(&person), &long).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("this is too long"));
    assert_eq!(site.reload(person.id).await.preferences.profile, "");
}

#[tokio::test]
async fn renewed_links_end_the_old_ones() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let old = site.preferences(&person);
    let answer = site.post(&old, "action=renew-links").await;
    assert_eq!(answer.status, StatusCode::OK);
    let fresh = answer.body.split("href=\"").find(|rest| rest.starts_with("/preferences/")).expect("a link");
    assert_eq!(site.get(fresh.split('"').next().expect("a path")).await.status, StatusCode::OK);
    assert_eq!(site.get(&old).await.status, StatusCode::GONE);
    assert_eq!(site.post(&old, GOOD).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn whoever_left_has_nothing_to_set() {
    for state in [SubscriberState::Unsubscribed, SubscriberState::Pending, SubscriberState::Bounced] {
        let site = Site::new().await;
        let person = site.person("ada@example.org", state, "").await;
        let path = site.preferences(&person);
        for answer in [site.get(&path).await, site.post(&path, GOOD).await, site.post(&path, "action=resume").await] {
            assert!(answer.body.contains("This subscription has ended"), "{state:?}");
        }
        assert_eq!(site.reload(person.id).await, person);
    }
}

#[tokio::test]
async fn a_link_lasts_sixty_days() {
    let site = Site::new().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    let path = site.preferences(&person);
    site.clock.advance(std::time::Duration::from_secs(61 * 86_400));
    assert_eq!(site.get(&path).await.status, StatusCode::GONE);
}
