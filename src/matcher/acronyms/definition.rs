//! Definitions of acronyms in a text, found as A. Schwartz and M. Hearst describe in "A simple algorithm
//! for identifying abbreviation definitions in biomedical text" (Pacific Symposium on Biocomputing 2003):
//! the letters of the acronym are looked for from its end backwards in the words beside the parenthesis.

/// The longest acronym, in characters.
const MAX_SHORT: usize = 10;
/// Bytes of text beside a parenthesis that are looked at.
const REACH: usize = 200;

/// Calls `found` with each acronym, without its plural s, and its long form as written.
pub(super) fn definitions<'a>(text: &'a str, mut found: impl FnMut(&'a str, &'a str)) {
    for (open, _) in text.match_indices('(') {
        let inside = &text[open + 1..];
        let reach = inside.floor_char_boundary(REACH.min(inside.len()));
        let Some(close) = inside[..reach].find([')', '(']).filter(|at| inside[*at..].starts_with(')')) else {
            continue;
        };
        let inside = inside[..close].split([',', ';']).next().unwrap_or_default().trim();
        let before = &text[..open];
        let from = before.ceil_char_boundary(before.len().saturating_sub(REACH));
        // A definition does not reach over the end of a sentence or into another parenthesis.
        let before = before[from..].rsplit(['(', ')', ';', ':', '\n']).next().unwrap_or_default();
        let before = before.rsplit(". ").next().unwrap_or_default().trim_end();
        if let Some(short) = acronym(inside) {
            if let Some(long) = long_form(short, last_words(before, short)) {
                found(short, long);
            }
        } else if let Some(short) = before.rsplit(' ').next().and_then(acronym)
            && long_form(short, inside) == Some(inside)
        {
            found(short, inside);
        }
    }
}

/// An acronym without its plural s: letters and digits, at least two of them capital letters.
fn acronym(text: &str) -> Option<&str> {
    let text = match text.strip_suffix('s') {
        Some(singular) if singular.ends_with(|last: char| last.is_ascii_uppercase()) => singular,
        _ => text,
    };
    let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
    let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (letters && capitals >= 2 && text.len() <= MAX_SHORT).then_some(text)
}

/// As many words from the end as a definition of `short` can have.
fn last_words<'a>(text: &'a str, short: &str) -> &'a str {
    let most = (short.len() + 5).min(short.len() * 2);
    text.rmatch_indices(' ').nth(most - 1).map_or(text, |(space, _)| &text[space + 1..])
}

/// The shortest end of `text` in which the letters of `short` stand in order, the first at the beginning of a word.
fn long_form<'a>(short: &str, text: &'a str) -> Option<&'a str> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = chars.len();
    for (index, wanted) in short.bytes().enumerate().rev() {
        let starts_word = |at: usize| at == 0 || !chars[at - 1].1.is_alphanumeric();
        let fits =
            |at: &usize| chars[*at].1.eq_ignore_ascii_case(&char::from(wanted)) && (index > 0 || starts_word(*at));
        at = (0..at).rev().find(fits)?;
    }
    let before = text[..chars[at].0].char_indices().rev();
    let apart = |(_, ch): &(usize, char)| ch.is_whitespace() || matches!(ch, '—' | '–' | '/' | '"' | '“' | '‘');
    let first = before.into_iter().find(apart).map_or(0, |(place, ch)| place + ch.len_utf8());
    let long = &text[first..];
    let contains_short = long.split(|ch: char| !ch.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(short));
    (long.len() > short.len() && !contains_short).then_some(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        definitions(text, |short, long| pairs.push((short, long)));
        pairs
    }

    #[test]
    fn definitions_are_found_on_both_sides_of_a_parenthesis() {
        for (text, expected) in [
            ("We study large language models (LLMs).", &[("LLM", "large language models")][..]),
            ("by Chain-of-Thought (CoT) prompting", &[("CoT", "Chain-of-Thought")]),
            ("RAG (retrieval-augmented generation) helps", &[("RAG", "retrieval-augmented generation")]),
            (
                "reinforcement learning from human feedback (RLHF, for short)",
                &[("RLHF", "reinforcement learning from human feedback")],
            ),
            ("3D Gaussian Splatting (3DGS)", &[("3DGS", "3D Gaussian Splatting")]),
            ("the state of the art (SOTA)", &[("SOTA", "state of the art")]),
            ("networks (GNNs) on graphs (see Figure 2)", &[]),
            ("We end. Large models (LM) win", &[("LM", "Large models")]),
            ("vision (i) and language (ii)", &[]),
            ("new models—Generative Adversarial Networks (GANs)", &[("GAN", "Generative Adversarial Networks")]),
            ("(LLMs)", &[]),
            ("an LLM (LLM)", &[]),
            ("open (never closed LLM", &[]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_of_parentheses_costs_no_more_than_its_length() {
        assert_eq!(found(&"a (AA".repeat(20_000)), []);
        assert_eq!(found(&"(".repeat(200_000)), []);
    }
}
