use super::*;
use crate::matcher::profile::Profile;
use crate::matcher::segment::{Segment, Window};
use crate::matcher::{Explainer, Matcher, check_profile};
use crate::model::{Field, PaperId, Timestamp};
use std::sync::Arc;

use crate::matcher::tests::Paper;

/// The abstracts of papers that define what `texts` say, each often enough.
fn learned(texts: &[&str]) -> Acronyms {
    let papers = texts.iter().flat_map(|text| [*text; 5]);
    Acronyms::learn([&Definitions::of(papers.map(|text| ("", text)))])
}

fn usual() -> Arc<Acronyms> {
    Arc::new(learned(&[
        "We train large language models (LLMs).",
        "Chain-of-thought (CoT) prompting",
        "retrieval-augmented generation (RAG)",
        "mixture-of-experts (MoE) layers",
        "state of the art (SOTA)",
        "parameter-efficient fine-tuning (PEFT)",
    ]))
}

/// Whether an interest finds a title, and the letters it marks there.
fn marked(acronyms: &Arc<Acronyms>, interest: &str, title: &str) -> Option<Vec<String>> {
    assert!(check_profile(interest).is_ok(), "{interest}");
    let (profile, paper) = (Profile::from_text(interest), Paper::titled(title));
    let matcher = Matcher::new(vec![Segment::build([paper.doc()]).into()]).with_acronyms(Arc::clone(acronyms));
    let compiled = matcher.compile(&profile);
    let always = Window { after: Timestamp::MIN_UTC, until: Timestamp::MAX_UTC };
    let found = matcher.rank(&compiled, &always, &[], 5).winners.iter().any(|winner| winner.paper == PaperId(1));
    let reasons = Explainer::with_acronyms(&paper.doc(), Arc::clone(acronyms)).explain(&profile);
    assert_eq!(!reasons.is_empty(), found, "{interest} on {title:?}: reasons and ranking differ");
    let marks = reasons.into_iter().flat_map(|reason| reason.hits).map(|(field, span)| {
        assert_eq!(field, Field::Title);
        title[span.start as usize..span.end as usize].to_owned()
    });
    found.then(|| marks.collect())
}

#[test]
fn an_acronym_finds_its_long_form_and_the_long_form_the_acronym() {
    let acronyms = usual();
    for (interest, title, expected, reason) in [
        ("LLM", "Training Large Language Models", Some(&["Large Language Models"][..]), "long form, plural"),
        ("LLMs", "A large language model", Some(&["large language model"]), "from the plural"),
        ("large language model", "LLMs as judges", Some(&["LLMs"]), "the reverse"),
        ("large language models", "an LLM", Some(&["LLM"]), "from its plural"),
        ("\"large language model\"", "an LLM", Some(&["LLM"]), "inside quotes too"),
        ("LLM agents", "Agents of large language models", Some(&["Agents", "large language models"]), "in a run"),
        ("LLM agents", "Large language model agents", Some(&["Large language model agents"]), "side by side"),
        ("\"LLM agents\"", "Large language model agents", Some(&["Large language model agents"]), "in a phrase"),
        ("large language model agents", "LLM agents", Some(&["LLM agents"]), "part of a run"),
        ("large language model", "models of a large language", Some(&["models", "large", "language"]), "still a run"),
        ("chain of thought", "CoT decoding", Some(&["CoT"]), "with a stop word"),
        ("chain-of-thought", "CoT decoding", Some(&["CoT"]), "hyphenated"),
        ("CoT", "chain of thought decoding", Some(&["chain of thought"]), "other hyphens"),
        ("RAG", "retrieval augmented generation", Some(&["retrieval augmented generation"]), "some hyphens"),
        ("retrieval-augmented generation", "RAG systems", Some(&["RAG"]), "hyphen and space"),
        ("title:LLM", "large language model", Some(&["large language model"]), "in a field"),
        ("LLM -RAG", "LLMs with retrieval-augmented generation", None, "exclusions know them too"),
        ("LLM AND RAG", "Retrieval-augmented LLMs", None, "all of the long form is needed"),
        ("=LLM", "A large language model", None, "the exact word"),
        ("=LLM", "An LLM", Some(&["LLM"]), "which is itself"),
        ("=large =language =model", "An LLM", None, "exact words"),
        ("LLM*", "A large language model", None, "a beginning of words"),
        ("author:LLM", "A large language model", None, "nobody is called so"),
        ("LLM", "large vision language models", None, "the long form is strict"),
        ("language model", "LLMs", None, "part of a long form is not the acronym"),
        ("very large language model", "a very LLM", Some(&["very LLM"]), "inside a longer run"),
    ] {
        let seen = marked(&acronyms, interest, title);
        let expected = expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(seen, expected, "{interest} on {title:?}: {reason}");
    }
}

#[test]
fn what_else_is_found_is_shown_and_is_no_part_of_the_interest() {
    let acronyms = usual();
    for (interest, also) in [
        ("LLM", &["large language models"][..]),
        ("large language models", &["LLM"]),
        ("CoT AND LLMs", &["chain-of-thought", "large language models"]),
        ("robots -MoE", &["mixture-of-experts"]),
        ("=LLM", &[]),
        ("robots", &[]),
    ] {
        let query = Query::parse(interest).expect("valid");
        assert_eq!(acronyms.also(&query), also, "{interest}");
        assert_eq!(Query::parse(&query.to_string()).expect("valid"), query);
    }
    assert_eq!(acronyms.pairs()[0], ("CoT".to_owned(), "chain-of-thought".to_owned()));
}

#[test]
fn pairs_are_kept_when_papers_agree() {
    let many = |text: &'static str, times| std::iter::repeat_n(("", text), times);
    let kept = |papers: Vec<(&str, &str)>| {
        let table = Acronyms::learn([&Definitions::of(papers)]);
        table.pairs().into_iter().map(|(short, _)| short).collect::<Vec<_>>()
    };
    assert_eq!(kept(many("neural radiance field (NeRF)", 3).collect()), ["NeRF"]);
    assert!(kept(many("neural radiance field (NeRF)", 2).collect()).is_empty(), "too few papers");
    assert!(kept(many("low resolution (LR)", 4).collect()).is_empty(), "two letters need more");
    let twice = "neural radiance field (NeRF) and neural radiance field (NeRF)";
    assert!(kept(many(twice, 2).collect()).is_empty(), "a paper counts once");
    let disputed = many("self-supervised learning (SSL)", 9).chain(many("semi-supervised learning (SSL)", 3));
    assert!(kept(disputed.collect()).is_empty(), "two meanings");
    let named_twice = many("graph neural network (GNN)", 4).chain(many("graph neural network (GNW)", 4));
    assert!(kept(named_twice.collect()).is_empty(), "two acronyms");
    let everyday = many("mean average precision (MAP)", 9).chain(many("we map a scene", 4));
    assert!(kept(everyday.collect()).is_empty(), "a word in small letters");
    let written =
        many("multi-modal large language model (MLLM)", 3).chain(many("multimodal large language models (MLLMs)", 3));
    assert_eq!(kept(written.collect()), ["MLLM"], "with and without hyphen are one");
}

#[test]
fn the_table_depends_on_what_is_said_and_not_on_batches_or_their_order() {
    let texts = [
        "large language model (LLM)",
        "large language models (LLMs)",
        "graph network (GNet)",
        "low-rank adaptation (LoRA)",
        "Low-Rank Adaptation (LoRA)",
        "low rank adaptation (LoRA)",
        "large language model (LLM)",
        "rare thing (RaTh)",
    ];
    let papers = || texts.into_iter().map(|text| (text, text));
    let whole = Acronyms::learn([&Definitions::of(papers())]);
    let single: Vec<Definitions> = papers().rev().map(|paper| Definitions::of([paper])).collect();
    let apart = Acronyms::learn(&single);
    assert_eq!(format!("{whole:?}"), format!("{apart:?}"));
    assert_eq!((whole.len(), &whole.long_of), (2, &apart.long_of));
    assert_eq!(whole.short_of, apart.short_of);
}

#[test]
fn an_empty_table_changes_nothing() {
    let query = Query::parse("LLM agents").expect("valid");
    assert_eq!(&Acronyms::default().expand(query.root()), query.root());
    assert_eq!(
        &usual().expand(Query::parse("robots").expect("valid").root()),
        Query::parse("robots").expect("valid").root()
    );
}
