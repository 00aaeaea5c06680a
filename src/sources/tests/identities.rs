//! Ids as people and programs write them.

use proptest::prelude::*;

use crate::sources::identity::{arxiv_id, doi, keys_of};

#[test]
fn arxiv_ids_are_found_in_all_their_spellings() {
    let cases = [
        ("2508.00950", "2508.00950", None),
        (" 2508.00950v2 ", "2508.00950", Some(2)),
        ("arXiv:2508.00950v12", "2508.00950", Some(12)),
        ("ARXIV: 0704.0001", "0704.0001", None),
        ("oai:arXiv.org:math/0309136v3", "math/0309136", Some(3)),
        ("https://arxiv.org/abs/2508.00950", "2508.00950", None),
        ("http://www.arxiv.org/pdf/2508.00950v1.pdf", "2508.00950", Some(1)),
        ("https://export.arxiv.org/html/2508.00950v3?x=1#s", "2508.00950", Some(3)),
        ("https://huggingface.co/papers/2508.00950", "2508.00950", None),
        ("https://www.alphaxiv.org/abs/2508.00950v2", "2508.00950", Some(2)),
        ("10.48550/arXiv.2508.00950", "2508.00950", None),
        ("https://doi.org/10.48550/ARXIV.HEP-TH/9901001", "hep-th/9901001", None),
        ("math.GT/0309136v2", "math/0309136", Some(2)),
        ("cs/0112017", "cs/0112017", None),
        ("2508.00950.", "2508.00950", None),
    ];
    for (text, id, version) in cases {
        assert_eq!(arxiv_id(text), Some((id.to_owned(), version)), "{text}");
    }
}

#[test]
fn what_only_looks_like_an_arxiv_id_is_none() {
    let cases = [
        "",
        "2508",
        "2513.00950",
        "2500.00950",
        "0703.0001",
        "2508.009",
        "2508.0095000",
        "2508.00950v0",
        "2508.00950v",
        "math/030913",
        "math/03091366",
        "a/0309136",
        "https://example.org/abs/2508.00950",
        "https://arxiv.org/list/cs.CL",
        "version 2508.00950",
        "2508.00950v99999999999",
        "10.1000/2508.00950",
        "v1",
        "v",
        "é2508.00950",
    ];
    for text in cases {
        assert_eq!(arxiv_id(text), None, "{text}");
    }
}

#[test]
fn dois_are_normalised() {
    let cases = [
        ("10.1000/ABC.5", "10.1000/abc.5"),
        ("doi:10.1000/abc.5,", "10.1000/abc.5"),
        ("https://dx.doi.org/10.1000/abc%285%29", "10.1000/abc(5)"),
        ("see https://doi.org/10.1002/(SICI)1097-0258(19980815)17:15.", "10.1002/(sici)1097-0258(19980815)17:15"),
        ("(10.1000/abc)", "10.1000/abc"),
        ("https://journal.example.org/doi/10.1000.10/abc?rss=1", "10.1000.10/abc"),
        ("https://www.biorxiv.org/content/10.1101/2026.11.18.000001v2.full.pdf", "10.1101/2026.11.18.000001"),
        ("10.1101/2026.11.18.000001v1", "10.1101/2026.11.18.000001"),
        ("10.1000/keeps.v2", "10.1000/keeps.v2"),
    ];
    for (text, expected) in cases {
        assert_eq!(doi(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "10.1000", "10.1000/", "10.12/abc", "110.1000/abc", "1.10.1000/abc", "10.abcd/x", "version 10.5/6"]
    {
        assert_eq!(doi(text), None, "{text}");
    }
}

#[test]
fn keys_are_each_found_once_and_arxiv_comes_first() {
    let keys =
        keys_of(["10.1000/x", "https://doi.org/10.1000/X", "10.48550/arXiv.2508.00950", "2508.00950v2", "nothing"]);
    let keys: Vec<&str> = keys.iter().map(crate::model::PaperKey::as_str).collect();
    assert_eq!(keys, ["arxiv:2508.00950", "doi:10.1000/x"]);
}

proptest! {
    #[test]
    fn no_text_breaks_the_search_for_ids(text in any::<String>()) {
        let _ = (arxiv_id(&text), doi(&text));
    }

    #[test]
    fn a_found_id_is_found_again_unchanged(text in "[a-z./:0-9v-]{0,24}|(arxiv:)?[0-9]{4}\\.[0-9]{4,5}(v[0-9])?|10\\.[0-9]{3,5}/[a-z().%0-9]{0,9}") {
        if let Some((id, _)) = arxiv_id(&text) {
            prop_assert_eq!(arxiv_id(&id), Some((id.clone(), None)));
        }
        if let Some(found) = doi(&text).filter(|found| !found.contains('%')) {
            prop_assert_eq!(doi(&found), Some(found.clone()));
        }
    }
}
