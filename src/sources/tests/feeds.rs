//! Feeds of journals and sites, and documents that only look like feeds.

use super::{now, read_first};
use crate::sources::{Feed, Page, Source, SourceError};

const RDF: &str = include_str!("fixtures/journal.rdf.xml");
const BLOG: &str = include_str!("fixtures/blog.atom.xml");

fn read(body: impl AsRef<[u8]>) -> Result<Page, SourceError> {
    read_first(&Feed::new("letters", "https://letters.example.org/feed").unwrap(), body)
}

#[test]
fn a_journal_feed_gives_dois_and_dates() {
    let page = read(RDF).unwrap();
    let paper = &page.papers[0];
    assert_eq!(paper.title, "Wool & weather");
    assert_eq!(paper.keys[0].as_str(), "doi:10.1000/sheep.5");
    assert_eq!(paper.authors, ["Doe, J.", "Roe, R."]);
    assert_eq!(paper.url.as_deref(), Some("https://letters.example.org/a/1"));
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-19");
    assert_eq!(paper.abstract_text, "Short & sweet.");
}

#[test]
fn a_date_to_come_is_not_believed_and_an_address_is_an_id() {
    let paper = &read(RDF).unwrap().papers[1];
    assert_eq!((paper.announced_on, paper.published_at), (None, None));
    assert_eq!(paper.keys[0].as_str(), "source:letters:https://letters.example.org/a/2");
    assert_eq!(paper.url.as_deref(), Some("https://letters.example.org/a/2"));
}

#[test]
fn an_atom_feed_gives_its_authors_link_and_own_day() {
    let paper = &read(BLOG).unwrap().papers[0];
    assert_eq!(paper.authors, ["Ada Meadow", "Bo Field"]);
    assert_eq!(paper.url.as_deref(), Some("https://example.org/1"));
    assert_eq!(paper.categories, ["grass"]);
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-19");
    assert!(paper.abstract_text.starts_with("Two\n\nwords on H2O "), "{}", paper.abstract_text);
}

#[test]
fn an_answer_of_arxivs_query_interface_is_read() {
    let page = read(
        r#"<feed xmlns:x="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title><entry>
        <id>http://arxiv.org/abs/2611.09001v2</id><title>Ewes</title><summary>  Two
        lines. </summary><author><x:affiliation>Inst. A</x:affiliation><name>Ada Meadow</name></author>
        <author><name>Bo Field</name><x:affiliation>Inst. B</x:affiliation></author><x:doi>10.1000/ewes.2</x:doi>
        <published>2026-11-18T17:00:00Z</published><x:primary_category term="cs.LG"/><category term="cs.LG"/></entry></feed>"#,
    )
    .unwrap();
    let paper = &page.papers[0];
    let keys: Vec<&str> = paper.keys.iter().map(crate::model::PaperKey::as_str).collect();
    assert_eq!(keys, ["arxiv:2611.09001", "doi:10.1000/ewes.2"]);
    assert_eq!(paper.authors, ["Ada Meadow", "Bo Field"]);
    assert_eq!(
        (paper.abstract_text.as_str(), paper.categories.as_slice()),
        ("Two lines.", ["cs.LG".to_owned()].as_slice())
    );
}

#[test]
fn a_feed_is_asked_for_at_its_own_address() {
    let feed = Feed::new("My_Letters", " https://letters.example.org/feed?x=1 ").unwrap();
    assert_eq!(feed.first_requests(now())[0].url, "https://letters.example.org/feed?x=1");
    assert_eq!(feed.name().as_str(), "my-letters");
    assert!(Feed::new("x", "file:///etc/passwd").is_err());
    assert!(Feed::new(" ", "https://letters.example.org/feed").is_err());
}

#[test]
fn a_link_is_a_key_without_the_marks_of_its_feed() {
    let item = |query: &str| {
        format!(
            "<rss><channel><item><title>T</title><link>https://a.org/1{query}</link><guid>{query}</guid></item></channel></rss>"
        )
    };
    for query in ["?rss=1", "?utm_source=feed&amp;utm_medium=rss", "?af=R#top", ""] {
        assert_eq!(read(item(query)).unwrap().papers[0].keys[0].as_str(), "source:letters:https://a.org/1", "{query}");
    }
    assert_eq!(
        read(item("?id=7&amp;rss=1")).unwrap().papers[0].keys[0].as_str(),
        "source:letters:https://a.org/1?id=7"
    );
}

#[test]
fn a_json_feed_is_read() {
    let feed = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Sheep","items":[
        {"id":7,"url":"https://example.org/7","title":"Lambs","content_html":"<p>Small.</p>","content_text":"Small.",
         "date_published":"2026-11-19T08:00:00+01:00","authors":[{"name":"Ada Meadow"}],"tags":["lambs"]},
        {"id":"8","url":"https://example.org/8"}]}"#;
    let page = read(feed).unwrap();
    let paper = &page.papers[0];
    assert_eq!((paper.title.as_str(), paper.authors[0].as_str()), ("Lambs", "Ada Meadow"));
    assert_eq!(paper.keys[0].as_str(), "source:letters:https://example.org/7");
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-19");
    assert_eq!((page.rejected[0].place.as_str(), page.total_items), ("item 2", 2));
    let other = read(r#"{"items":[]}"#).unwrap_err().to_string();
    assert_eq!(other, "expected an RSS, Atom or JSON feed, but JSON beginning with \"{\\\"items\\\":[]}\" came");
}

#[test]
fn documents_that_are_no_feeds_are_named() {
    let told = |body: &str| read(body).unwrap_err().to_string();
    assert_eq!(told(""), "expected an RSS or Atom feed, but an empty body came");
    assert_eq!(told("<html><body>"), "expected an RSS or Atom feed, but an HTML page came");
    assert_eq!(told("<opml/>"), "expected an RSS or Atom feed, but XML with the root element \"opml\" came");
    assert_eq!(told("Rate exceeded."), "expected an RSS or Atom feed, but text beginning with \"Rate exceeded.\" came");
    assert_eq!(told("<?xml version='1.0'?>"), "the XML is damaged or cut off at line 1: it ends in the middle");
}

#[test]
fn a_feed_that_is_cut_off_is_an_error() {
    for end in [60, 300, BLOG.len() / 2, BLOG.len() - 3] {
        let error = read(&BLOG[..end]).unwrap_err();
        assert!(matches!(error, SourceError::Malformed { what: "XML", .. }), "{end}: {error}");
    }
}

#[test]
fn document_types_are_refused_before_any_entity_can_grow() {
    let mut bomb = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\">");
    for level in 1..10 {
        bomb.push_str(&format!("<!ENTITY lol{level} \"{}\">", format!("&lol{};", level - 1).repeat(10)));
    }
    bomb.push_str("]><rss><channel><title>&lol9;</title></channel></rss>");
    let outside = "<!DOCTYPE rss SYSTEM \"file:///etc/passwd\"><rss><channel><title>x</title></channel></rss>";
    for body in [bomb.as_str(), outside] {
        let error = read(body).unwrap_err().to_string();
        assert!(error.contains("document type"), "{error}");
    }
}

#[test]
fn an_unknown_entity_stays_as_it_is_written() {
    let page =
        read("<rss><channel><item><title>R&D at &undeclared; &#x41;&#66;</title></item></channel></rss>").unwrap();
    let title = &page.papers[0].title;
    assert!(title.starts_with("R&D at") && title.ends_with("AB"), "{title}");
}

#[test]
fn depth_items_and_fields_are_bounded() {
    let deep = format!("<rss><channel><item><title>{}", "<b>".repeat(100_000));
    assert!(matches!(read(&deep), Err(SourceError::Malformed { .. })));
    let many = format!("<rss><channel>{}</channel></rss>", "<item/>".repeat(20_001));
    assert!(matches!(read(&many), Err(SourceError::Malformed { .. })));
    let wide = format!(
        "<rss><channel><item><title>T</title>{}</item></channel></rss>",
        "<category>c</category>".repeat(100_000)
    );
    assert_eq!(read(&wide).unwrap().papers[0].categories, ["c"]);
    let long = format!("<rss><channel><item><title>{}</title></item></channel></rss>", "é".repeat(1_000_000));
    assert!(read(&long).unwrap().papers[0].title.chars().count() <= 1_000);
}

#[test]
fn an_old_encoding_that_is_declared_is_read() {
    let latin =
        b"<?xml version='1.0' encoding='ISO-8859-1'?><rss><channel><item><title>Caf\xe9</title></item></channel></rss>";
    assert_eq!(read(latin).unwrap().papers[0].title, "Café");
    let undeclared = b"<rss><channel><item><title>Caf\xe9</title></item></channel></rss>";
    assert!(matches!(read(undeclared), Err(SourceError::NotUtf8 { .. })));
}
