//! arXiv's feeds.

use super::{now, read_first};
use crate::model::{AnnounceType, IncomingPaper};
use crate::sources::arxiv::split_authors;
use crate::sources::{Arxiv, Page, Source, SourceError};

const RSS: &str = include_str!("fixtures/arxiv.rss.xml");
const ATOM: &str = include_str!("fixtures/arxiv.atom.xml");

fn source(categories: &[&str]) -> Result<Arxiv, SourceError> {
    let categories: Vec<String> = categories.iter().map(|category| (*category).to_owned()).collect();
    Arxiv::new("https://rss.arxiv.org", &categories)
}

fn read(body: &str) -> Result<Page, SourceError> {
    read_first(&source(&["cs.CL", "cs.LG"]).unwrap(), body)
}

fn keys(paper: &IncomingPaper) -> Vec<&str> {
    paper.keys.iter().map(crate::model::PaperKey::as_str).collect()
}

#[test]
fn categories_are_joined_by_plus_in_small_groups() {
    let source = source(&["cs.CL", "cs.LG", "cs.cl", "math", "cond-mat.str-el"]).unwrap();
    let urls: Vec<String> = source.first_requests(now()).into_iter().map(|request| request.url).collect();
    assert_eq!(urls, ["https://rss.arxiv.org/rss/cs.CL+cs.LG+math", "https://rss.arxiv.org/rss/cond-mat.str-el"]);
    let pace = source.pace().unwrap();
    assert_eq!((pace.gate, pace.every.as_secs()), ("arxiv", 3));
}

#[test]
fn what_is_no_category_is_refused() {
    for category in ["", "cs.", "cs.CL+cs.LG", "../etc", "cs.CL?x", "cs CL", "2508.00950"] {
        assert!(source(&[category]).is_err(), "{category}");
    }
    assert!(source(&[]).is_err());
}

#[test]
fn new_papers_are_read_by_namespace_whatever_the_prefix() {
    let page = read(RSS).unwrap();
    let paper = &page.papers[0];
    assert_eq!(keys(paper), ["arxiv:2611.10001"]);
    assert_eq!(paper.announce_type, Some(AnnounceType::New));
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-20");
    assert_eq!(paper.authors, ["Mira Lindqvist", "Otto Berg Jr.", "Lin Wei III"]);
    assert_eq!(paper.categories, ["cs.LG", "stat.ML"]);
    assert!(paper.abstract_text.starts_with("We sing to optimisers. Abstract: and again"), "{}", paper.abstract_text);
    assert!(paper.title.contains("& Other Cases"), "{}", paper.title);
    // The feed's link was wrong; the id is right.
    assert_eq!(paper.url.as_deref(), Some("https://arxiv.org/abs/2611.10001"));
}

#[test]
fn cross_lists_and_replacements_say_so() {
    let page = read(RSS).unwrap();
    let (cross, old) = (&page.papers[1], &page.papers[2]);
    assert_eq!(
        (cross.announce_type, cross.abstract_text.as_str()),
        (Some(AnnounceType::Cross), "A folded description.")
    );
    // Without a date of its own the item has the date of its feed.
    assert_eq!(cross.announced_on.unwrap().to_string(), "2026-11-20");
    assert_eq!(old.announce_type, Some(AnnounceType::ReplaceCross));
    assert_eq!(keys(old), ["arxiv:math/0309999", "doi:10.1000/song.7"]);
    assert!(old.withdrawn);
}

#[test]
fn an_item_without_an_id_is_rejected_with_its_place() {
    let page = read(RSS).unwrap();
    assert_eq!((page.papers.len(), page.total_items), (3, 4));
    assert_eq!(page.rejected[0].place, "item 4");
}

#[test]
fn the_atom_form_is_read_alike() {
    let page = read(ATOM).unwrap();
    let paper = &page.papers[0];
    assert_eq!(keys(paper), ["arxiv:2611.10007"]);
    assert_eq!(paper.announce_type, Some(AnnounceType::New));
    assert_eq!(paper.announced_on.unwrap().to_string(), "2026-11-20");
    assert_eq!(paper.authors, ["Nora Quiet", "Sam Still"]);
    assert_eq!(paper.categories, ["cs.CL"]);
    assert_eq!(paper.abstract_text, "We parse in a low voice.");
}

fn without_items() -> String {
    let (start, end) = (RSS.find("<item>").unwrap(), RSS.rfind("</item>").unwrap() + "</item>".len());
    format!("{}{}", &RSS[..start], &RSS[end..])
}

#[test]
fn an_empty_feed_is_no_failure() {
    assert_eq!(read(&without_items()).unwrap(), Page::default());
}

#[test]
fn an_error_in_the_form_of_a_feed_is_an_error() {
    let body = without_items()
        .replace("cs.CL, cs.LG updates on arXiv.org", "Feed error for query: https://rss.arxiv.org/rss/foo")
        .replace("cs.CL, cs.LG updates on the arXiv.org e-print archive.", "Bad archive 'foo'.");
    assert_eq!(read(&body), Err(SourceError::Refused("Bad archive 'foo'.".to_owned())));
}

#[test]
fn a_feed_at_the_cap_warns_that_papers_are_missing() {
    let item = "<item><title>T</title><guid>oai:arXiv.org:2611.10001v1</guid></item>";
    let page = read(&without_items().replace("</channel>", &format!("{}</channel>", item.repeat(2_000)))).unwrap();
    assert_eq!((page.papers.len(), page.warnings.len()), (2_000, 1));
    assert!(page.warnings[0].contains("fewer categories"), "{}", page.warnings[0]);
}

#[test]
fn names_are_split_outside_parentheses() {
    assert_eq!(split_authors("A. One (X, Y), B. Two"), ["A. One", "B. Two"]);
    assert_eq!(split_authors("A. One, Sr., B. Two II"), ["A. One Sr.", "B. Two II"]);
    assert_eq!(split_authors("Jr., A. One"), ["Jr.", "A. One"]);
    assert_eq!(split_authors("A. One, B. Two (lost"), ["A. One", "B. Two"]);
    assert_eq!(split_authors(") A. One)), B. Two"), ["A. One", "B. Two"]);
    assert!(split_authors(" , ,").is_empty());
}
