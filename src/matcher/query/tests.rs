use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    match Query::parse(text) {
        Ok(query) => query.to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn refused(text: &str) -> QueryError {
    match Query::parse(text) {
        Ok(query) => panic!("{text} was read as {query}"),
        Err(error) => error,
    }
}

#[test]
fn what_was_understood_is_shown_in_canonical_form() {
    for (text, expected) in [
        ("Diffusion", "diffusion"),
        ("diffusion   Models", "diffusion models"),
        ("the transformers", "transformers"),
        ("Attention is all you need", "attention is all you need"),
        ("“Large Language Model”", "\"large language model\""),
        ("\"few-shot\"", "few-shot"),
        ("test-time AND scaling", "test-time AND scaling"),
        ("TCP/IP", "tcp-ip"),
        ("β-VAE", "beta-vae"),
        ("ti:diffusion models", "title:diffusion AND models"),
        ("abs:(flow matching)", "abstract:(flow matching)"),
        ("title:(a1 OR b1)", "title:a1 OR title:b1"),
        ("diffusion -survey", "diffusion -survey"),
        ("NOT survey AND diffusion", "diffusion -survey"),
        ("diffusion -survey medical", "diffusion -(survey medical)"),
        ("diffusion NOT \"medical images\"", "diffusion -\"medical images\""),
        ("diffusion ANDNOT (survey OR review)", "diffusion -(survey OR review)"),
        ("(a1 OR b1) (c1 OR d1)", "(a1 OR b1) AND (c1 OR d1)"),
        ("((a1 OR b1) OR c1)", "a1 OR b1 OR c1"),
        ("diffusion models^2", "diffusion models^2"),
        ("diffusion^2 models", "diffusion^2 AND models"),
        ("robots^1.0", "robots"),
        ("robots^.5", "robots^0.5"),
        ("(a1 OR b1)^10", "(a1 OR b1)^10"),
        ("a1^2 OR b1", "a1^2 OR b1"),
        ("transf* models", "transf* AND models"),
        ("=LLM agents", "=llm agents"),
        ("author:Lipton", "author:lipton"),
        ("author:\"LeCun, Yann\"", "author:\"yann lecun\""),
        ("au:(Y. LeCun)", "author:\"y lecun\""),
        ("cat:cs.CL", "category:cs.cl"),
        ("category:(cs.* OR stat.ML)", "category:cs.* OR category:stat.ml"),
        ("cat:\"Machine Learning\"", "category:\"machine learning\""),
        ("title: diffusion", "title:diffusion"),
        ("speech & language", "speech language"),
        ("2024:2025 reviews", "2024-2025 reviews"),
        ("（大模型 OR 扩散模型）", "大模型 OR 扩散模型"),
        ("a1 - b1", ""),
    ] {
        if expected.is_empty() {
            refused(text);
        } else {
            assert_eq!(canonical(text), expected, "{text}");
            assert_eq!(canonical(expected), expected, "{text}");
        }
    }
}

#[test]
fn an_error_says_where_and_what_was_probably_meant() {
    for (text, column, suggestion) in [
        ("titel:diffusion", 1, Some("title:")),
        ("robots autor:Thrun", 8, Some("author:")),
        ("arxiv:2301.1", 1, None),
        ("authors:Thrun", 1, Some("author:")),
        ("by:Thrun", 1, Some("author:")),
        ("topic:cs.CL", 1, Some("category:")),
        ("Summary:robots", 1, Some("abstract:")),
        ("-survey", 1, None),
        ("(NOT survey) robots", 2, None),
        ("a1 OR -b1", 1, None),
        ("the of", 1, None),
        ("", 1, None),
        ("?!", 1, None),
        ("\"of the\"", 1, None),
        ("ab*", 1, None),
        ("C*-algebra", 1, None),
        ("=foo*", 1, None),
        ("*", 1, None),
        ("few-sho*", 1, None),
        ("robots^0", 7, Some("^2")),
        ("robots^11", 7, Some("^2")),
        ("robots^1.25", 7, Some("^2")),
        ("robots^", 7, Some("^2")),
        ("robots^-1", 7, Some("^2")),
        ("robots^2^3", 9, None),
        ("^2 robots", 1, Some("word^2")),
        ("robots -survey^2", 9, None),
        ("(robots", 1, None),
        ("robots)", 7, None),
        ("()", 2, None),
        ("\"robots", 1, None),
        ("robots AND", 11, None),
        ("OR robots", 1, None),
        ("robots NOT NOT arms", 12, None),
        ("title:", 1, None),
        ("title:(author:x)", 8, None),
        ("llm, agents", 4, Some("OR")),
        ("llm | agents", 5, Some("OR")),
        ("llm && agents", 5, Some("AND")),
        ("!survey llm", 1, Some("-word")),
        ("llm or agents", 5, Some("OR")),
        ("llm not agents", 5, Some("NOT")),
        ("\"a b\" and \"c d\"", 7, Some("AND")),
        ("\"large model\"~3", 14, None),
        ("robots - arms", 8, Some("-word")),
        ("author:Y.", 8, Some("author:\"A. Lovelace\"")),
        ("category:*", 10, Some("category:cs.CL")),
    ] {
        let error = refused(text);
        assert_eq!(error.column, column, "{text}: {error}");
        assert_eq!(error.suggestion.as_deref(), suggestion, "{text}: {error}");
    }
}

#[test]
fn mixed_operators_are_refused_with_both_readings() {
    let error = refused("llm AND agents OR robots");
    assert_eq!(error.column, 16);
    assert!(error.message.contains("(llm AND agents) OR robots"), "{error}");
    assert!(error.message.contains("llm AND (agents OR robots)"), "{error}");
    assert!(refused("\"a b\" c OR d").message.contains("mixed"));
    assert!(Query::parse("large models OR small models").is_ok());
}

#[test]
fn overlong_interests_are_refused_as_typed_and_as_written_out() {
    assert!(Query::parse(&"a1 ".repeat(85)).is_ok());
    assert_eq!(refused(&"abcdefg ".repeat(40)).column, MAX_QUERY_CHARS + 1);
    let fields = (0..35).map(|n| format!("a{n}")).collect::<Vec<_>>().join(" OR ");
    assert!(refused(&format!("abs:({fields})")).message.contains("written out"));
    assert!(Query::parse(&"x".repeat(5_000_000)).is_err());
}

#[test]
fn deep_nesting_is_refused() {
    assert!(Query::parse(&format!("{}a1{}", "(".repeat(16), ")".repeat(16))).is_ok());
    assert!(refused(&format!("{}a1{}", "(".repeat(100), ")".repeat(100))).message.contains("deep"));
}

#[test]
fn the_boost_of_the_whole_is_not_part_of_the_key() {
    let query = Query::parse("(a1 OR b1^2)^3.5").expect("valid");
    assert_eq!((query.interest().as_str(), query.boost().tenths()), ("a1 OR b1^2", 35));
}

fn round_trips(text: &str) -> Result<(), TestCaseError> {
    if let Ok(query) = Query::parse(text) {
        let printed = query.to_string();
        let again = Query::parse(&printed);
        prop_assert_eq!(again.as_ref(), Ok(&query), "{} printed as {}", text, printed);
        prop_assert_eq!(again.map(|query| query.to_string()), Ok(printed));
    } else if let Err(error) = Query::parse(text) {
        prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{}", error);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read_and_printed_or_refused(text in "\\PC{0,80}") {
        round_trips(&text)?;
    }

    #[test]
    fn texts_of_the_language_keep_their_meaning(
        parts in prop::collection::vec(prop::sample::select(vec![
            "llm", "Agents", "few-shot", "C++", "GPT-4", "of", "the", "=LLM", "transf*", "β-VAE", "大模型", "naïve",
            "\"", "\"", "(", ")", "(", ")", " AND ", " OR ", " NOT ", " -", "^2", "^0.5", "title:", "author:", "cat:",
            "cs.CL", "cs.*", "Y. ", "LeCun", ", ", " ", " ", " ", "'s", ".", "/", "½", "ﬁ", "\u{301}", "#", "+",
        ]), 1..16),
    ) {
        round_trips(&parts.concat())?;
        round_trips(&parts.join(" "))?;
    }
}
