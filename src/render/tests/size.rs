use super::*;
use crate::model::{Field, Item, Paper, PaperId, Span};

/// An edition of `count` papers like the first sample, each with texts of the given lengths.
fn edition(count: usize, title: &str, sentence: &str, abstract_chars: usize) -> DigestSample {
    let mut sample = DigestSample::rich();
    let (item, paper) = sample.papers[0].clone();
    let abstract_text: String = sentence.repeat(abstract_chars).chars().take(abstract_chars).collect();
    let hits = |field, text: &str| {
        text.match_indices("network").take(6).map(move |(at, word)| (field, span(at, word))).collect::<Vec<_>>()
    };
    let made = |n: usize| -> (Item, Paper) {
        let (mut item, mut paper) = (item.clone(), paper.clone());
        paper.id = PaperId(1_000_000 + n as i64);
        item.paper = paper.id;
        paper.title = title.to_owned();
        paper.abstract_text = abstract_text.clone();
        item.reasons[0].hits = [hits(Field::Title, title), hits(Field::Abstract, &abstract_text)].concat();
        (item, paper)
    };
    sample.papers = (0..count).map(made).collect();
    sample
}

fn span(at: usize, word: &str) -> Span {
    Span { start: at as u32, end: (at + word.len()) as u32 }
}

const TITLE: &str = "A Long but Believable Title about network Depth, network Width, and What Happens Between the Two of \
    Them When Nobody Looks";
const SENTENCE: &str =
    "We show that every network of the deep kind learns what the shallow network cannot, by 3.5 points. ";

#[test]
fn twenty_five_papers_with_the_longest_usual_texts_stay_under_60_kb() {
    let mail = rendered(&edition(25, TITLE, SENTENCE, 1_920));
    assert!(mail.html.len() < 60_000, "{} bytes", mail.html.len());
    assert_eq!(mail.dropped_papers, 0);
    assert!(mail.html.contains("We show that every"));
}

#[test]
fn abstracts_are_shortened_before_papers_are_dropped() {
    let mail = rendered(&edition(38, TITLE, SENTENCE, 1_920));
    assert!(mail.html.len() <= 80_000);
    assert_eq!(mail.dropped_papers, 0);
    assert_eq!(mail.html.matches("<h3").count(), 38);
}

#[test]
fn the_tail_is_dropped_and_counted_when_nothing_else_helps() {
    let hostile = "\"<&'\u{10FFFF}\"".repeat(60);
    for count in [50, 400] {
        let mail = rendered(&edition(count, &hostile, &hostile, 5_000));
        let shown = mail.html.matches("<h3").count();
        assert!(mail.html.len() <= 80_000, "{} bytes", mail.html.len());
        assert!(shown > 5 && mail.dropped_papers == count - shown);
        let more = format!("{} more papers on the site", 12 + mail.dropped_papers);
        assert!(mail.html.contains(&more) && mail.text.contains(&more), "{more}");
    }
}

#[test]
fn a_mail_too_large_without_papers_is_an_error() {
    let mut sample = DigestSample::rich();
    sample.site.postal_address = Some("x".repeat(90_000));
    let items = sample.items();
    let error = super::super::digest(&RENDERER, &sample.input(&items)).unwrap_err();
    assert!(matches!(error, RenderError::TooLarge { limit: 80_000, .. }), "{error}");
}
