//! Figures for Prometheus.

use broadsheet::model::SubscriberState;

use super::site::Site;

#[tokio::test]
async fn figures_come_from_the_database_and_the_answers() {
    let site = Site::new().await;
    site.papers().await;
    let person = site.person("ada@example.org", SubscriberState::Active, "").await;
    site.get("/").await;
    site.get(&site.preferences(&person)).await;
    site.get("/nothing").await;
    site.post("/subscribe", "email=b@example.org").await;
    let text = site.metrics().await.body;
    for line in [
        "broadsheet_subscribers{state=\"active\"} 1",
        "broadsheet_subscribers{state=\"paused\"} 0",
        "broadsheet_signups_last_day{outcome=\"open\"} 1",
        "broadsheet_sending_paused 0",
        "broadsheet_uncertain_deliveries 0",
        "broadsheet_oldest_ready_seconds 0",
        "broadsheet_papers 3",
        "broadsheet_http_requests_total{route=\"/\",method=\"GET\",status=\"200\"} 1",
        "broadsheet_http_requests_total{route=\"/preferences/{token}\",method=\"GET\",status=\"200\"} 1",
        "broadsheet_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"} 1",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    let token = site.preferences(&person).replace("/preferences/", "");
    assert!(!text.contains(&token));
}

#[tokio::test]
async fn the_pages_do_not_show_the_figures() {
    let site = Site::new().await;
    assert_eq!(site.get("/metrics").await.status, axum::http::StatusCode::NOT_FOUND);
}
