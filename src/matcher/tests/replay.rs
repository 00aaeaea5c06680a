//! What must hold for any input. The fuzz targets (`fuzz/`) run it too, so it asserts and takes text alone.

use crate::matcher::{Doc, Explainer, Profile, Query, check_profile};
use crate::model::{Field, PaperId, from_micros};
use crate::text::{display_line, display_paragraphs, normalised_title};

/// An interest is understood as it is shown back, or refused at a place inside it.
pub fn query(input: &str) {
    match Query::parse(input) {
        Ok(query) => {
            let printed = query.to_string();
            assert_eq!(Query::parse(&printed).as_ref(), Ok(&query), "{input:?} printed as {printed:?}");
        }
        Err(error) => assert!((1..=input.chars().count() + 1).contains(&error.column), "{input:?}: {error}"),
    }
    let report = check_profile(input);
    let understood = report.lines.iter().filter(|line| line.result.is_ok()).count();
    assert!(Profile::from_text(input).len() <= understood, "{input:?}");
}

/// The first line is an interest, the rest a paper: display text settles, and marks stand on whole characters.
pub fn texts(input: &str) {
    let (interest, rest) = input.split_once('\n').unwrap_or(("", input));
    let (title, text) = (display_line(rest), display_paragraphs(rest));
    assert_eq!(display_line(&title), title, "{rest:?}");
    assert_eq!(display_paragraphs(&text), text, "{rest:?}");
    normalised_title(&title);
    let authors: Vec<String> = title.split(", ").map(str::to_owned).collect();
    let doc = Doc {
        id: PaperId(1),
        available_at: from_micros(0),
        title: &title,
        abstract_text: &text,
        authors: &authors,
        categories: std::slice::from_ref(&title),
        trend_permille: 1000,
    };
    for reason in Explainer::new(&doc).explain(&Profile::from_text(interest)) {
        assert!(!reason.hits.is_empty(), "{input:?}");
        for (field, span) in reason.hits {
            let text = if field == Field::Abstract { &text } else { &title };
            let marked = text.get(span.start as usize..span.end as usize);
            assert!(marked.is_some_and(|marked| !marked.is_empty()), "{input:?}: {field:?} {span:?}");
        }
    }
}
