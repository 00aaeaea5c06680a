//! The most telling sentences of an abstract: those that the interests hit, and the one with the result.

use crate::model::Span;

use super::marks::{Marked, merged};

/// At most this many sentences are chosen.
const SENTENCES: usize = 3;
/// Bytes of an abstract that are looked at; real ones have two thousand.
const LONGEST: usize = 20_000;
/// Characters of context before the first hit when a single long sentence has to be cut.
const LEAD_IN: usize = 80;
/// Words after which a sentence tends to say what was done or found.
const RESULT_CUES: [&str; 12] = [
    "we show",
    "we find",
    "we propose",
    "we introduce",
    "we present",
    "we prove",
    "outperform",
    "achiev",
    "improve",
    "results",
    "demonstrate",
    "state-of-the-art",
];
/// Words whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 16] =
    ["e.g", "i.e", "et al", "cf", "vs", "fig", "figs", "eq", "eqs", "sec", "no", "resp", "approx", "dr", "prof", "etc"];

/// The excerpt of `text` in at most about `budget` characters, sentences in their order, gaps shown as "…".
/// A budget of 0 gives nothing.
pub(super) fn excerpt(text: &str, sentences: &Sentences, spans: impl Iterator<Item = Span>, budget: usize) -> Marked {
    if budget == 0 {
        return Marked::default();
    }
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let hits = merged(text, spans);
    if sentences.whole.length <= budget {
        return assembled(text, &[sentences.whole.range], &hits);
    }
    let all = &sentences.all;
    let mut ranked: Vec<usize> = (0..all.len()).collect();
    ranked.sort_by_cached_key(|at| (std::cmp::Reverse(all[*at].weight(*at, &hits)), *at));

    let mut chosen = Vec::new();
    let mut room = budget;
    for at in ranked {
        let cost = all[at].length + usize::from(!chosen.is_empty()) * 3;
        if chosen.len() < SENTENCES && cost <= room {
            room -= cost;
            chosen.push(at);
        } else if chosen.is_empty() {
            return assembled(text, &[shortened(text, all[at].range, &hits, budget)], &hits);
        }
    }
    chosen.sort_unstable();
    let ranges: Vec<_> = chosen.into_iter().map(|at| all[at].range).collect();
    assembled(text, &ranges, &hits)
}

/// Where the sentences of an abstract are and what they are worth, whoever reads it: worked out once for all readers.
#[derive(Debug, Clone)]
pub struct Sentences {
    whole: Sentence,
    all: Vec<Sentence>,
}

#[derive(Debug, Clone)]
struct Sentence {
    range: (usize, usize),
    /// In characters.
    length: usize,
    /// Whether it tells a result.
    result: bool,
}

impl Sentences {
    /// The sentences of an abstract.
    pub fn of(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(LONGEST)];
        let whole = Sentence::of(text, trimmed(text, (0, text.len())));
        Self { all: sentences(text).into_iter().map(|range| Sentence::of(text, range)).collect(), whole }
    }
}

impl Sentence {
    fn of(text: &str, range: (usize, usize)) -> Self {
        let part = &text[range.0..range.1];
        let lower = part.to_lowercase();
        Self { range, length: part.chars().count(), result: RESULT_CUES.iter().any(|cue| lower.contains(cue)) }
    }

    /// How much it tells as the `at`-th of its abstract: its hits first, then whether it states a result or opens it.
    fn weight(&self, at: usize, hits: &[(usize, usize)]) -> usize {
        let within = hits.iter().filter(|hit| hit.0 >= self.range.0 && hit.0 < self.range.1).count();
        within.min(4) * 4 + usize::from(self.result) * 3 + usize::from(at == 0) * 2
    }
}

/// Byte ranges of the sentences, without the white space between them.
fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if ends_sentence(&text[start..at], c, &text[end..]) {
            found.push(trimmed(text, (start, end)));
            start = end;
        }
    }
    found.push(trimmed(text, (start, text.len())));
    found.retain(|(start, end)| start < end);
    found
}

fn ends_sentence(before: &str, c: char, after: &str) -> bool {
    match c {
        '。' | '！' | '？' => true,
        '\n' => after.starts_with('\n'),
        '!' | '?' => after.starts_with(char::is_whitespace),
        '.' => {
            let next = after.trim_start().chars().next();
            let starts_anew = next.is_none_or(|next| !next.is_lowercase() && !matches!(next, ',' | ';' | ')'));
            after.starts_with(char::is_whitespace) && starts_anew && !is_abbreviated(before)
        }
        _ => false,
    }
}

/// Whether the text ends in an abbreviation or in an initial such as the "J" of "J. Doe".
fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    if word.chars().count() == 1 && word.chars().all(char::is_uppercase) {
        return true;
    }
    ABBREVIATIONS.iter().any(|known| match known.split_once(' ') {
        Some((first, last)) => {
            word.eq_ignore_ascii_case(last) && before[..before.len() - word.len()].trim_end().ends_with(first)
        }
        None => word.eq_ignore_ascii_case(known),
    })
}

/// The part of a sentence that fits: from its beginning, or from shortly before its first hit.
fn shortened(text: &str, range: (usize, usize), hits: &[(usize, usize)], budget: usize) -> (usize, usize) {
    let budget = budget.saturating_sub(2).max(1);
    let end_after = |start: usize| {
        let end = nth_char(&text[start..range.1], budget).map_or(range.1, |at| start + at);
        if end == range.1 { end } else { last_gap(text, start, end).unwrap_or(end) }
    };
    let first_hit = hits.iter().find(|hit| hit.0 >= range.0 && hit.0 < range.1).map(|hit| hit.0);
    let start = match first_hit {
        Some(hit) if hit >= end_after(range.0) => {
            let lead_in = LEAD_IN.min(budget / 4);
            let near = text[range.0..hit].char_indices().rev().nth(lead_in).map_or(range.0, |(at, _)| range.0 + at);
            text[near..hit].find(char::is_whitespace).map_or(near, |gap| near + gap)
        }
        _ => range.0,
    };
    trimmed(text, (start, end_after(start)))
}

/// Where the character of this number begins, counted from 0.
fn nth_char(text: &str, number: usize) -> Option<usize> {
    match text.is_ascii() {
        true => (number < text.len()).then_some(number),
        false => text.char_indices().nth(number).map(|(at, _)| at),
    }
}

fn last_gap(text: &str, start: usize, end: usize) -> Option<usize> {
    text[start..end].rfind(char::is_whitespace).map(|gap| start + gap).filter(|gap| *gap > start)
}

/// Joins the ranges, with "…" where text is left out between them or a sentence is cut.
fn assembled(text: &str, ranges: &[(usize, usize)], hits: &[(usize, usize)]) -> Marked {
    let mut shown = Marked::with_room(ranges.iter().map(|range| range.1 - range.0 + "  … ".len()).sum());
    let mut previous: Option<usize> = None;
    for range in ranges {
        match previous {
            Some(end) if text[end..range.0].trim().is_empty() => shown.push(" ", false),
            Some(_) => shown.push(" … ", false),
            None if starts_inside(text, range.0) => shown.push("…", false),
            None => {}
        }
        shown.push_range(text, *range, hits);
        previous = Some(range.1);
    }
    let cut = previous.is_some_and(|end| end < text.trim_end().len() && !text[..end].ends_with(['.', '!', '?', '。']));
    if cut {
        shown.push(" …", false);
    }
    shown
}

fn starts_inside(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end();
    !before.is_empty() && !before.ends_with(['.', '!', '?', '。', '！', '？'])
}

fn trimmed(text: &str, range: (usize, usize)) -> (usize, usize) {
    let part = &text[range.0..range.1];
    let start = range.0 + part.len() - part.trim_start().len();
    (start, (range.0 + part.trim_end().len()).max(start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|(start, end)| &text[start..end]).collect()
    }

    fn excerpt(text: &str, spans: &[Span], budget: usize) -> Marked {
        super::excerpt(text, &Sentences::of(text), spans.iter().copied(), budget)
    }

    fn span_of(text: &str, word: &str) -> Span {
        let start = text.find(word).unwrap();
        Span { start: start as u32, end: (start + word.len()) as u32 }
    }

    #[test]
    fn decimals_abbreviations_and_initials_do_not_end_a_sentence() {
        let text = "We gain 3.5 points, e.g. on GLUE. Following Smith et al. (2020), J. Doe agrees! See Fig. 2. Done";
        assert_eq!(
            split(text),
            [
                "We gain 3.5 points, e.g. on GLUE.",
                "Following Smith et al. (2020), J. Doe agrees!",
                "See Fig. 2.",
                "Done"
            ]
        );
        assert_eq!(split("第一句。第二句。"), ["第一句。", "第二句。"]);
    }

    #[test]
    fn a_short_abstract_is_shown_whole() {
        let text = "One. Two.\n\nThree.";
        assert_eq!(excerpt(text, &[span_of(text, "Two")], 400).starred(), "One. *Two*.  Three.");
    }

    #[test]
    fn the_sentence_that_was_hit_is_chosen_and_gaps_are_shown() {
        let filler = "Nothing of note is said in this sentence at all, whatever one may hope for.";
        let text = format!("Opening line here. {filler} {filler} The retina is segmented. {filler}");
        let shown = excerpt(&text, &[span_of(&text, "retina")], 60);
        assert_eq!(shown.starred(), "Opening line here. … The *retina* is segmented.");
    }

    #[test]
    fn a_long_sentence_is_cut_around_its_hit() {
        let text = format!("{} needle {}", "word ".repeat(200).trim_end(), "tail ".repeat(200).trim_end());
        let shown = excerpt(&text, &[span_of(&text, "needle")], 120);
        assert!(
            shown.starred().starts_with("…word") && shown.starred().contains(" *needle* tail"),
            "{}",
            shown.starred()
        );
        assert!(shown.starred().ends_with("tail …"));
    }

    #[test]
    fn no_budget_shows_nothing() {
        assert_eq!(excerpt("Some text.", &[], 0), Marked::default());
    }

    proptest! {
        #[test]
        fn an_excerpt_stays_near_its_budget(
            text in "[a-zA-Zα。.!? \n-]{0,500}",
            spans in prop::collection::vec((0_u32..600, 0_u32..600), 0..6),
            budget in 1_usize..200,
        ) {
            let spans: Vec<Span> = spans.into_iter().map(|(start, end)| Span { start, end }).collect();
            let shown = excerpt(&text, &spans, budget);
            prop_assert!(shown.plain().chars().count() <= budget + 6, "{}", shown.plain());
        }
    }
}
