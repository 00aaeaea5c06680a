//! Mail scanners follow every link, more than once; nothing may come of it.

use axum::http::StatusCode;
use broadsheet::model::SubscriberState;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use super::site::Site;

/// Every row of every table, as text.
async fn everything(site: &Site) -> Vec<String> {
    let mut connection = SqliteConnection::connect(&site.db.options().url).await.expect("connects");
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY name";
    let mut all = Vec::new();
    for table in sqlx::query(tables).fetch_all(&mut connection).await.expect("reads") {
        let table: String = table.get(0);
        let columns = format!("SELECT group_concat(name, ', ') FROM pragma_table_info('{table}')");
        let columns: String =
            sqlx::query_scalar(AssertSqlSafe(columns)).fetch_one(&mut connection).await.expect("reads");
        let rows = format!("SELECT json_array({columns}) FROM {table}");
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut connection).await.expect("reads");
        all.extend(rows.into_iter().map(|row| format!("{table} {row}")));
    }
    all.sort();
    all
}

#[tokio::test]
async fn looking_changes_nothing() {
    let folder = tempfile::TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("1@x.eml"), "Subject: hi\r\n\r\nhello").expect("writes");
    let site = Site::with(|settings| {
        settings.mailbox = Some(folder.path().to_owned());
        settings.admin_token = Some("t".repeat(40));
    })
    .await;
    let papers = site.papers().await;
    let pending = site.person("new@example.org", SubscriberState::Pending, "").await;
    let active = site.person("ada@example.org", SubscriberState::Active, "pruning").await;
    let preferences = site.preferences(&active);
    let now = site.clock.now();
    let paths = [
        "/".to_owned(),
        "/papers".to_owned(),
        "/papers?date=2026-11-22".to_owned(),
        format!("/papers/{}", papers[0]),
        "/subscribe".to_owned(),
        "/manage".to_owned(),
        site.path(&site.links.confirm(pending.id, pending.link_generation, now)),
        preferences.clone(),
        format!("{preferences}?action=pause&weeks=4&done=saved"),
        format!("{preferences}?List-Unsubscribe=One-Click"),
        format!("{preferences}/more/{}", papers[0]),
        format!("{preferences}/less/{}?edit=add:x", papers[0]),
        site.path(&site.links.unsubscribe(active.id)),
        format!("{}?List-Unsubscribe=One-Click", site.path(&site.links.unsubscribe(active.id))),
        "/archive/x".to_owned(),
        "/feed.atom".to_owned(),
        "/feed.json".to_owned(),
        "/livez".to_owned(),
        "/readyz".to_owned(),
        "/robots.txt".to_owned(),
        "/favicon.ico".to_owned(),
        "/static/style.css".to_owned(),
        "/static/zone.js".to_owned(),
        "/mailbox".to_owned(),
        "/mailbox/1@x.eml".to_owned(),
        "/mailbox/1@x.eml/raw".to_owned(),
        "/admin".to_owned(),
        "/admin/deliveries".to_owned(),
        "/admin/deliveries/1".to_owned(),
        "/nothing".to_owned(),
    ];
    let before = everything(&site).await;
    assert!(before.len() > 10, "there is something that could change");
    for path in &paths {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let head = site.head(path).await;
            assert_eq!(head.body, "", "{path}");
            let get = site.get(path).await;
            assert_eq!(head.status, get.status, "{path}");
            statuses.push(get.status);
        }
        assert!(!statuses.contains(&StatusCode::METHOD_NOT_ALLOWED) && statuses.windows(2).all(|two| two[0] == two[1]));
    }
    assert_eq!(everything(&site).await, before);
    assert!(!site.was_rung().await);
}
