//! Feeds, read as feed readers do.

use super::site::Site;

#[tokio::test]
async fn the_atom_feed_reads_back_with_every_text_as_it_was() {
    let site = Site::new().await;
    site.papers().await;
    let feed = site.get("/feed.atom").await;
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    let mut reader = quick_xml::Reader::from_str(&feed.body);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            quick_xml::events::Event::Start(tag) => names.push(tag.name().as_ref().to_owned()),
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(names.iter().filter(|name| *name == "entry").count(), 3);
    insta::assert_snapshot!("atom", feed.body);
}

#[tokio::test]
async fn the_json_feed_is_json_with_stable_ids() {
    let site = Site::new().await;
    let papers = site.papers().await;
    let feed: serde_json::Value = serde_json::from_str(&site.get("/feed.json").await.body).expect("JSON");
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["feed_url"], "http://papers.example/feed.json");
    let items = feed["items"].as_array().expect("items");
    assert_eq!(items.len(), 3);
    assert_eq!(items[0]["id"], format!("http://papers.example/papers/{}", papers[0]));
    assert_eq!(items[0]["title"], "Sparse <Attention> & Friends");
}

#[tokio::test]
async fn a_feed_without_papers_stays_the_same() {
    let site = Site::new().await;
    let first = site.get("/feed.atom").await.body;
    site.clock.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(site.get("/feed.atom").await.body, first);
}
