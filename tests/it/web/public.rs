//! Pages for everybody.

use axum::http::{Method, StatusCode};

use super::site::Site;

#[tokio::test]
async fn the_front_page_shows_todays_papers_and_the_form() {
    let site = Site::new().await;
    site.papers().await;
    let page = site.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("home", page.content());
}

#[tokio::test]
async fn the_front_page_of_an_empty_service_says_so() {
    let site = Site::new().await;
    assert!(site.get("/").await.body.contains("There are no papers yet."));
}

#[tokio::test]
async fn a_day_has_neighbours_that_have_papers() {
    let site = Site::new().await;
    site.papers().await;
    let page = site.get("/papers?date=2026-11-22").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!("day", page.content());
}

#[tokio::test]
async fn days_and_pages_that_are_not_there_are_not_found() {
    let site = Site::new().await;
    site.papers().await;
    for path in [
        "/papers?date=2026-11-24",
        "/papers?date=2026-09-01",
        "/papers?date=yesterday",
        "/papers?page=0",
        "/papers?page=2",
        "/papers?page=99999999999999999999",
        "/papers?page=x",
        "/papers/99",
        "/papers/x",
        "/papers/-1",
        "/nothing",
        "/static/../Cargo.toml",
        "/static/x.css",
        "/admin",
        "/mailbox",
        "/%00",
    ] {
        let page = site.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("Nothing here"), "{path}");
    }
    assert_eq!(site.get("/papers?date=2026-11-20").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_paper_has_a_page_in_which_nothing_of_it_is_markup() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let page = site.get(&format!("/papers/{}", papers[0])).await;
    assert!(!page.body.contains("<Attention>") && !page.body.contains("<b>"));
    insta::assert_snapshot!("paper", page.content());
}

#[tokio::test]
async fn a_public_page_that_did_not_change_is_not_sent_again() {
    let site = Site::new().await;
    site.papers().await;
    for path in ["/", "/papers", "/papers/1", "/feed.atom", "/feed.json", "/subscribe", "/robots.txt"] {
        let first = site.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.len() > 10 && first.header("cache-control").starts_with("public"), "{path}");
        let again = site.send(Method::GET, path, &[("if-none-match", &tag)], "").await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (StatusCode::NOT_MODIFIED, "", &*tag));
        let other = site.send(Method::GET, path, &[("if-none-match", "\"other\"")], "").await;
        assert_eq!(other.body, first.body);
    }
}

#[tokio::test]
async fn every_page_says_when_no_mail_leaves() {
    let site = Site::with(|settings| settings.no_mail_leaves = true).await;
    for path in ["/", "/papers", "/subscribe", "/manage", "/nothing", "/confirm/x"] {
        assert!(site.get(path).await.body.contains("No mail leaves this server"), "{path}");
    }
}

#[tokio::test]
async fn no_link_comes_from_the_host_header() {
    let site = Site::new().await;
    site.papers().await;
    for path in ["/", "/papers", "/feed.atom", "/feed.json", "/nothing"] {
        assert!(!site.get(path).await.body.contains("evil.example"), "{path}");
    }
}

#[tokio::test]
async fn health_is_told_in_one_word() {
    let site = Site::new().await;
    assert_eq!(site.get("/livez").await.body, "alive\n");
    assert_eq!(site.get("/readyz").await.body, "ready\n");
    site.db.close().await;
    assert_eq!(site.get("/livez").await.status, StatusCode::OK);
    let page = site.get("/readyz").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!page.body.contains("sqlx"), "{}", page.body);
}

#[tokio::test]
async fn a_failure_of_ours_shows_a_reference_and_nothing_else() {
    let site = Site::new().await;
    site.db.close().await;
    let page = site.get("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("07070707"), "{}", page.body);
    assert!(!page.body.to_lowercase().contains("pool"));
}
