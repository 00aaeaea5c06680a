//! The matcher, the reasons it gives, and the slow matcher agree.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::naive::Expr;
use super::*;
use crate::model::Field;

const WORDS: [&str; 12] =
    ["robot", "robots", "model", "models", "llm", "llms", "deep", "few-shot", "fewshot", "few", "plan", "planning"];
const WRITTEN: [&str; 18] = [
    "Robot",
    "robots",
    "model",
    "Models",
    "LLM",
    "LLMs",
    "deep",
    "few-shot",
    "fewshot",
    "few",
    "shot",
    "plan",
    "planning",
    "the",
    "of",
    "the",
    "filler",
    "shot-model-plan",
];

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(WORDS.to_vec())
}

/// Words of a run or phrase: at least one that is not a stop word.
fn words() -> impl Strategy<Value = Vec<&'static str>> {
    let any = prop::sample::select([&WORDS[..], &["the", "of"]].concat());
    (word(), prop::collection::vec(any, 1..4), 0..4_usize).prop_map(|(word, mut others, at)| {
        others.insert(at.min(others.len()), word);
        others
    })
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        3 => word().prop_map(Expr::Word),
        1 => word().prop_map(Expr::Exact),
        1 => prop::sample::select(vec!["rob", "few", "pla", "fewsh", "sho"]).prop_map(Expr::Prefix),
        2 => words().prop_map(Expr::Phrase),
        3 => words().prop_map(Expr::Run),
    ]
}

fn without_fields() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(2, 6, 3, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..3);
        let none = prop::collection::vec(inner.clone(), 0..2);
        prop_oneof![(some(), none).prop_map(|(all, none)| Expr::And(all, none)), some().prop_map(Expr::Or),]
    })
}

fn expression() -> impl Strategy<Value = Expr> {
    let field = prop::sample::select(vec![Field::Title, Field::Abstract]);
    let boost = prop::sample::select(vec!["2", "0.3", "10"]);
    prop_oneof![
        4 => without_fields(),
        1 => (field, without_fields()).prop_map(|(field, inner)| Expr::In(field, Box::new(inner))),
        1 => (leaf(), boost).prop_map(|(inner, boost)| Expr::Boosted(Box::new(inner), boost)),
    ]
}

fn paper() -> impl Strategy<Value = Paper> {
    let written = |most| prop::collection::vec(prop::sample::select(WRITTEN.to_vec()), 0..most);
    let authors = prop::sample::subsequence(vec!["Few Shot", "Deep Plan", "Robot Models", "Model"], 0..4);
    (written(7), written(18), authors, 500..3000_u32).prop_map(|(title, text, authors, trend)| Paper {
        text: text.join(" "),
        authors: authors.into_iter().map(str::to_owned).collect(),
        categories: vec!["few.shot".to_owned()],
        trend,
        ..Paper::titled(&title.join(" "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn ranking_reasons_and_the_grammar_agree(
        interests in prop::collection::vec(expression(), 1..3),
        exclusion in prop::option::of(without_fields()),
        papers in prop::collection::vec(paper(), 1..6),
    ) {
        let papers: Vec<Paper> = papers.into_iter().zip(1..).map(|(paper, id)| Paper { id, ..paper }).collect();
        let mut text: String = interests.iter().map(|interest| format!("{}\n", interest.text())).collect();
        if let Some(exclusion) = &exclusion {
            text += &format!("-({})\n", exclusion.text());
        }
        let profile = Profile::from_text(&text);
        prop_assume!(check_profile(&text).is_ok());
        let mut ranked = winners(&text, &papers);
        ranked.sort_unstable();
        let mut expected = Vec::new();
        for paper in &papers {
            let matches = interests.iter().any(|interest| interest.matches(paper, None));
            let excluded = exclusion.as_ref().is_some_and(|exclusion| exclusion.matches(paper, None));
            let explainer = Explainer::new(&paper.doc());
            let reasons = explainer.explain(&profile);
            prop_assert_eq!(!reasons.is_empty(), matches, "{} {:?}", text, paper);
            prop_assert_eq!(explainer.excluded(&profile), excluded, "{} {:?}", text, paper);
            prop_assert!(reasons.iter().all(|reason| !reason.hits.is_empty()), "{} {:?}", text, paper);
            if matches && !excluded {
                expected.push(paper.id);
            }
        }
        prop_assert_eq!(ranked, expected, "{}", text);
    }
}

/// So many interests meet so many papers.
const MANY: usize = 317;

#[test]
fn a_hundred_thousand_pairs_of_interest_and_paper_agree_with_the_grammar() {
    let mut runner = TestRunner::deterministic();
    let papers: Vec<Paper> = (0..MANY)
        .map(|n| Paper { id: n as i64, ..paper().new_tree(&mut runner).expect("a paper").current() })
        .collect();
    let segment = Segment::build(papers.iter().map(Paper::doc));
    let matcher = Matcher::new(vec![segment.into()]);
    let mut matched = 0;
    for _ in 0..MANY {
        let interest = expression().new_tree(&mut runner).expect("an interest").current();
        let profile = Profile::from_text(&interest.text());
        let ranking = matcher.rank(&matcher.compile(&profile), &ALWAYS, &[], MANY);
        let mut found: Vec<i64> = ranking.winners.iter().map(|winner| winner.paper.0).collect();
        found.sort_unstable();
        let refused = !check_profile(&interest.text()).is_ok();
        let expected: Vec<i64> =
            papers.iter().filter(|paper| !refused && interest.matches(paper, None)).map(|paper| paper.id).collect();
        assert_eq!(found, expected, "{}", interest.text());
        matched += found.len();
    }
    // Neither nearly nothing nor nearly everything: the pairs tell something.
    assert!((MANY * MANY / 20..MANY * MANY * 19 / 20).contains(&matched), "{matched}");
}
