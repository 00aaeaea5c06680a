use proptest::prelude::*;

use super::*;

fn pieces(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    Analyser::default().pieces(text, |piece| out.push(piece.text.to_owned()));
    out
}

fn tokens(text: &str) -> Vec<(String, u32, u8)> {
    let mut out = Vec::new();
    Analyser::default().tokens(text, 0, |token| out.push((token.text.to_owned(), token.position, token.width)));
    out
}

#[test]
fn words_of_papers_are_cut_as_readers_would() {
    for (text, expected) in [
        ("GPT-4 and C++, not C#.", &["gpt", "4", "and", "c++", "not", "c#"][..]),
        ("k-NN β-VAE ℓ1 3D naïve", &["k", "nn", "beta", "vae", "l1", "3d", "naive"]),
        ("the reader's, readers', don't, O'Reilly", &["the", "reader", "readers", "dont", "oreilly"]),
        ("Llama 3.1 at 4.5% (v1.5)", &["llama", "3.1", "at", "4.5", "v1.5"]),
        ("TCP/IP Q&A node.js A+B", &["tcp", "ip", "q", "a", "node", "js", "a", "b"]),
        ("GPT模型 한국어", &["gpt", "模型", "한국어"]),
        ("π0 αβ τ²-bench", &["pi0", "αβ", "tau2", "bench"]),
        ("C++11 F# C#x", &["c++", "11", "f#", "c", "x"]),
        ("\u{1D15E} \u{301}", &[]),
        ("x²+½", &["x2", "1", "2"]),
    ] {
        assert_eq!(pieces(text), expected, "{text}");
    }
}

#[test]
fn hyphenated_words_are_also_indexed_in_one() {
    let expected = [("pre", 0, 1), ("training", 1, 1), ("pretraining", 0, 2), ("data", 2, 1)];
    assert_eq!(tokens("pre-training data"), expected.map(|(text, at, width)| (text.to_owned(), at, width)));
    let joined: Vec<String> =
        tokens("non-auto-regressive 3-4").into_iter().filter(|(_, _, width)| *width > 1).map(|token| token.0).collect();
    assert_eq!(joined, ["nonauto", "autoregressive", "nonautoregressive"]);
}

#[test]
fn runs_without_spaces_are_single_characters_pairs_and_the_whole() {
    let texts: Vec<(String, u32)> = tokens("大模型 x").into_iter().map(|(text, at, _)| (text, at)).collect();
    let expected = [("大", 0), ("大模", 0), ("模", 1), ("模型", 1), ("型", 2), ("大模型", 0), ("x", 3)];
    assert_eq!(texts, expected.map(|(text, at)| (text.to_owned(), at)));
}

#[test]
fn a_paragraph_break_keeps_words_apart() {
    let at: Vec<u32> = tokens("deep\n\nlearning").into_iter().map(|(_, at, _)| at).collect();
    assert_eq!(at, [0, 2]);
}

#[test]
fn places_are_those_of_the_written_letters() {
    let text = "Über ﬁne-tuning of naïve C++";
    let mut found = Vec::new();
    Analyser::default().tokens(text, 0, |token| {
        found.push((token.text.to_owned(), text[token.start as usize..token.end as usize].to_owned()));
    });
    let expected = [
        ("uber", "Über"),
        ("fine", "ﬁne"),
        ("tuning", "tuning"),
        ("finetuning", "ﬁne-tuning"),
        ("of", "of"),
        ("naive", "naïve"),
        ("c++", "C++"),
    ];
    assert_eq!(found, expected.map(|(folded, written)| (folded.to_owned(), written.to_owned())));
}

proptest! {
    #[test]
    fn any_text_gives_words_in_place(text in "\\PC{0,60}") {
        let mut last = 0;
        Analyser::default().tokens(&text, 0, |token| {
            assert!(!token.text.is_empty() && token.start < token.end);
            assert!(text.get(token.start as usize..token.end as usize).is_some());
            if token.width == 1 {
                assert!(token.position >= last);
                last = token.position;
            }
        });
    }

    #[test]
    fn pieces_are_their_own_pieces(text in "[a-zA-ZéßΩβ0-9+#.'’ 大模カ-]{0,30}") {
        for piece in pieces(&text) {
            prop_assert_eq!(pieces(&piece), vec![piece.clone()], "{}", piece);
        }
    }
}
