use proptest::prelude::*;

use super::*;
use crate::model::{PaperId, PaperKey, Signals, SourceName, from_micros};

fn paper(title: &str, authors: &[&str]) -> Paper {
    Paper {
        id: PaperId(1),
        revision: 1,
        key: PaperKey::arxiv("2508.00950"),
        title: title.to_owned(),
        abstract_text: String::new(),
        authors: authors.iter().map(|name| (*name).to_owned()).collect(),
        categories: vec!["cs.CL".to_owned(), "cs.AI".to_owned()],
        sources: vec![SourceName::new("arxiv")],
        published_at: None,
        first_seen_at: from_micros(0),
        available_at: from_micros(0),
        backfill: false,
        withdrawn: false,
        url: None,
        pdf_url: None,
        code_url: None,
        project_url: None,
        signals: Signals::default(),
    }
}

fn lines(offers: &[OfferView]) -> Vec<&str> {
    offers.iter().map(|offer| offer.line.as_str()).collect()
}

#[test]
fn more_offers_name_phrases_authors_and_the_category() {
    let paper = paper("FlashThing: Sparse Attention for Long Documents", &["Ada Ay", "Bo Be", "Cy Ce", "Di De"]);
    let offers = more_offers("", &paper);
    assert_eq!(
        lines(&offers),
        [
            "\"FlashThing\"",
            "\"Sparse Attention\"",
            "author:\"Ada Ay\"",
            "author:\"Di De\"",
            "author:\"Bo Be\"",
            "category:cs.CL"
        ]
    );
}

#[test]
fn what_the_profile_has_is_not_offered_again() {
    let paper = paper("Sparse Attention", &["Ada Ay"]);
    let offers = more_offers("author: \"ada ay\"\ncategory:cs.CL", &paper);
    assert!(!lines(&offers).iter().any(|line| line.starts_with("category:")), "{offers:?}");
}

#[test]
fn less_offers_halve_the_interest_that_hit() {
    let profile = "graph networks\n(sparse attention OR pruning)^0.8\n-survey";
    let interest = Query::parse("sparse attention OR pruning").unwrap().interest();
    let offers = less_offers(profile, &paper("On Pruning", &["Ada Ay"]), &[interest]);
    assert_eq!(offers[0].kind, "weaker");
    assert_eq!(offers[0].former.as_deref(), Some("(sparse attention OR pruning)^0.8"));
    let edited = apply(profile, std::iter::once(offers[0].value.as_str())).unwrap();
    assert_eq!(edited, format!("graph networks\n{}\n-survey", offers[0].line));
    assert!(offers[0].line.ends_with("^0.4"), "{}", offers[0].line);
}

#[test]
fn the_weakest_interest_is_not_weakened_further() {
    let offers = less_offers("pruning^0.1", &paper("x", &[]), &["pruning".to_owned()]);
    assert!(offers.iter().all(|offer| offer.kind != "weaker"), "{offers:?}");
}

#[test]
fn an_edit_that_no_offer_makes_is_refused() {
    for edit in ["", "delete:1", "add:", "add:titel:(", "replace:x:a", "replace:1", "add:a\nb OR"] {
        assert!(apply("pruning", std::iter::once(edit)).is_err(), "{edit:?}");
    }
}

#[test]
fn an_edit_for_a_line_that_changed_meanwhile_does_nothing() {
    assert_eq!(
        apply("pruning\ngraphs", ["replace:1:graphs^0.5", "replace:9:graphs^0.5"].into_iter()).unwrap(),
        "pruning\ngraphs"
    );
}

#[test]
fn a_hostile_title_offers_nothing_that_breaks_the_language() {
    for title in ["\"\" OR (", "a of the", "title:x^999", "\u{201c}Quoted\u{201d} \"things\" \\", "((((((((((((("] {
        for offer in more_offers("", &paper(title, &["\" OR x", "^", ""])) {
            assert!(apply("", std::iter::once(offer.value.as_str())).is_ok(), "{title:?} {offer:?}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_paper_is_called_every_offer_can_be_taken(
        title in "\\PC{0,60}",
        author in "\\PC{0,20}",
        profile in "[a-z]{3,8}(\n-?[a-z]{3,8}){0,3}",
    ) {
        let paper = paper(&title, &[&author]);
        for offer in more_offers(&profile, &paper).into_iter().chain(less_offers(&profile, &paper, &[])) {
            let edited = apply(&profile, std::iter::once(offer.value.as_str())).unwrap();
            prop_assert!(edited.starts_with(&profile) && edited.lines().count() == profile.lines().count() + 1);
        }
    }
}
