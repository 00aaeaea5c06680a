//! Reasons: the right interests, the right letters.

use proptest::prelude::*;
use unicode_normalization::char::is_combining_mark;

use super::*;
use crate::model::{Field, Reason};

/// What the query language takes for a quotation mark.
const QUOTATION_MARKS: [char; 8] = ['"', '“', '”', '„', '‟', '«', '»', '＂'];

fn marked(paper: &Paper, reasons: &[Reason]) -> Vec<(String, Vec<(Field, String)>)> {
    let show = |reason: &Reason| {
        let texts = reason.hits.iter().map(|(field, span)| {
            let text = match field {
                Field::Title => paper.title.clone(),
                Field::Abstract => paper.text.clone(),
                Field::Author => paper.authors.join(", "),
                Field::Category => paper.categories.join(", "),
            };
            (*field, text[span.start as usize..span.end as usize].to_owned())
        });
        (reason.interest.clone(), texts.collect())
    };
    reasons.iter().map(show).collect()
}

fn reasons(profile: &str, paper: &Paper) -> Vec<(String, Vec<(Field, String)>)> {
    marked(paper, &explain(&Profile::from_text(profile), &paper.doc()))
}

fn sample() -> Paper {
    Paper {
        text: "We ﬁne-tune naïve agents.\n\nAgents of several kinds plan; β-VAEs and 大模型 help. Not Café Münster."
            .to_owned(),
        authors: vec!["Ada Lovelace".to_owned(), "LeCun, Yann".to_owned()],
        categories: vec!["cs.CL".to_owned(), "stat.ML".to_owned()],
        ..Paper::titled("Fine-Tuning LLM Agents")
    }
}

#[test]
fn marks_stand_on_the_written_letters() {
    use Field::{Abstract, Author, Category, Title};
    for (interest, expected) in [
        ("agents", vec![(Title, "Agents"), (Abstract, "agents"), (Abstract, "Agents")]),
        ("llm agents", vec![(Title, "LLM Agents")]),
        ("fine-tuning", vec![(Title, "Fine-Tuning"), (Abstract, "ﬁne-tune")]),
        ("finetune", vec![(Title, "Fine-Tuning"), (Abstract, "ﬁne-tune")]),
        ("naive", vec![(Abstract, "naïve")]),
        ("agents plan", vec![(Abstract, "Agents"), (Abstract, "plan")]),
        ("beta-vae", vec![(Abstract, "β-VAEs")]),
        ("模型", vec![(Abstract, "模型")]),
        ("cafe munster", vec![(Abstract, "Café Münster")]),
        ("author:\"Y. LeCun\"", vec![(Author, "LeCun"), (Author, "Yann")]),
        ("yann lecun", vec![(Author, "LeCun"), (Author, "Yann")]),
        ("cat:stat.*", vec![(Category, "stat.ML")]),
        ("cs.cl", vec![(Category, "cs.CL")]),
        ("tun*", vec![(Title, "Tuning"), (Abstract, "tune")]),
        ("llm AND (naive OR absent)", vec![(Title, "LLM"), (Abstract, "naïve")]),
        ("llm -absent", vec![(Title, "LLM")]),
    ] {
        let seen = reasons(interest, &sample());
        let hits: Vec<(Field, &str)> = match seen.as_slice() {
            [] => vec![],
            [(_, hits)] => hits.iter().map(|(field, text)| (*field, text.as_str())).collect(),
            more => panic!("{more:?}"),
        };
        assert_eq!(hits, expected, "{interest}");
    }
}

#[test]
fn marks_stand_on_the_letters_that_tex_became() {
    let written = r#"Sparse $\ell_1$ na\"{\i}ve $\beta$-VAEs and \textbf{k-NN} for Schr\"odinger"#;
    let title = crate::text::display_line(written);
    let paper = Paper::titled(&title);
    for (interest, expected) in [
        ("L1", &["ℓ₁"][..]),
        ("naive", &["naïve"]),
        ("beta-VAE", &["β-VAEs"]),
        ("kNN", &["k-NN"]),
        ("schrodinger", &["Schrödinger"]),
        ("sparse l1", &["Sparse ℓ₁"]),
    ] {
        let seen = reasons(interest, &paper);
        let hits: Vec<&str> = seen.iter().flat_map(|(_, hits)| hits).map(|(_, text)| text.as_str()).collect();
        assert_eq!(hits, expected, "{interest} in {title}");
    }
}

#[test]
fn the_strongest_reason_comes_first_and_carries_no_boost() {
    let seen: Vec<String> =
        reasons("naive\nllm agents\nabsent\nplan^9", &sample()).into_iter().map(|one| one.0).collect();
    assert_eq!(seen, ["plan", "llm agents", "naive"]);
}

#[test]
fn an_exclusion_is_no_reason_and_is_asked_for_apart() {
    let profile = Profile::from_text("agents\n-llm");
    let paper = sample();
    let explainer = Explainer::new(&paper.doc());
    assert_eq!(explainer.explain(&profile).len(), 1);
    assert!(explainer.excluded(&profile));
    assert!(!explainer.excluded(&Profile::from_text("agents\n-robots")));
}

#[test]
fn a_long_text_names_a_bounded_number_of_places() {
    let paper = Paper { text: "robot ".repeat(5000), ..Paper::titled("") };
    assert_eq!(explain(&Profile::from_text("robots"), &paper.doc())[0].hits.len(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_word_of_a_title_finds_its_paper_and_is_marked(title in "\\PC{1,40}", text in "\\PC{0,40}") {
        let authors = title.split(',').map(str::to_owned).collect();
        let paper = Paper { text, authors, categories: vec![title.clone()], ..Paper::titled(&title) };
        // A quotation mark inside a word would end the quotation around it.
        let plain = |word: &&str| !word.starts_with(is_combining_mark) && !word.contains(QUOTATION_MARKS);
        for word in title.split_whitespace().filter(plain) {
            let quoted = format!("\"{word}\"");
            let Ok(query) = Query::parse(&quoted) else { continue };
            let reasons = explain(&Profile::from_text(&quoted), &paper.doc());
            prop_assert_eq!(reasons.len(), 1, "{} read as {}", word, query);
            // Cutting the texts checks that every mark stands on character boundaries.
            let marks = marked(&paper, &reasons);
            prop_assert!(marks[0].1.iter().any(|(field, text)| *field == Field::Title && !text.is_empty()));
        }
    }
}
