//! Folding of characters: compatibility forms, case and diacritics go, places in the text stay.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One folded character and the bytes of the text it came from.
///
/// One written character may give several (`ﬁ`, `½`); they share its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folded {
    /// The folded character.
    pub ch: char,
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Folds `text` into `out`, which is emptied first. Texts beyond 4 GiB do not occur: the rest is cut.
pub(super) fn fold_into(text: &str, out: &mut Vec<Folded>) {
    out.clear();
    let mut chars = text.char_indices().peekable();
    while let Some((start, base)) = chars.next() {
        let Ok(first) = u32::try_from(start) else { return };
        if base.is_ascii() && chars.peek().is_none_or(|(_, next)| next.is_ascii()) {
            out.push(Folded { ch: base.to_ascii_lowercase(), start: first, end: first + 1 });
            continue;
        }
        let mut end = start + base.len_utf8();
        while let Some(&(at, mark)) = chars.peek() {
            if !continues_cluster(mark) {
                break;
            }
            end = at + mark.len_utf8();
            chars.next();
        }
        let end_byte = u32::try_from(end).unwrap_or(u32::MAX);
        fold_cluster(&text[start..end], |ch| out.push(Folded { ch, start: first, end: end_byte }));
    }
}

/// The folded form of a short text, without places.
pub(super) fn fold_str(text: &str) -> String {
    let mut folded = Vec::new();
    fold_into(text, &mut folded);
    folded.into_iter().map(|folded| folded.ch).collect()
}

/// Whether `ch` belongs to a script written without spaces between words.
pub(super) fn is_cjk(ch: char) -> bool {
    matches!(ch,
        '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30FF}'
        | '\u{3105}'..='\u{318F}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        && ch.is_alphanumeric()
}

/// Half-width katakana voice marks stand behind their letter without being combining marks.
fn continues_cluster(ch: char) -> bool {
    is_combining_mark(ch) || matches!(ch, '\u{FF9E}' | '\u{FF9F}')
}

fn fold_cluster(cluster: &str, mut push: impl FnMut(char)) {
    for composed in cluster.nfkc() {
        if is_cjk(composed) {
            push(composed);
            continue;
        }
        for part in std::iter::once(composed).nfkd() {
            for lower in part.to_lowercase() {
                fold_letter(lower, &mut push);
            }
        }
    }
}

/// What decomposition leaves: accents to drop, letters with a stroke, ligatures, signs typed in many ways.
fn fold_letter(ch: char, push: &mut impl FnMut(char)) {
    match ch {
        '\u{0300}'..='\u{036F}' => {}
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => {}
        'ß' => "ss".chars().for_each(push),
        'æ' => "ae".chars().for_each(push),
        'œ' => "oe".chars().for_each(push),
        'þ' => "th".chars().for_each(push),
        'ø' => push('o'),
        'đ' | 'ð' => push('d'),
        'ł' => push('l'),
        'ħ' => push('h'),
        'ı' => push('i'),
        'ŧ' => push('t'),
        'ς' => push('σ'),
        '‘' | '’' | 'ʼ' | '＇' => push('\''),
        '‐' | '‑' | '–' | '−' => push('-'),
        other => push(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_ligatures_and_case_are_folded() {
        for (text, folded) in [
            ("Naïve", "naive"),
            ("José Müller", "jose muller"),
            ("e\u{301}cole", "ecole"),
            ("ﬁne", "fine"),
            ("ℓ₁", "l1"),
            ("O(n²)", "o(n2)"),
            ("Straße Øre Łukasz", "strasse ore lukasz"),
            ("ＧＰＴ－４", "gpt-4"),
            ("ｶﾞ", "ガ"),
            ("한국어", "한국어"),
            ("И\u{306}", "и"),
            ("Bayes’", "bayes'"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(fold_str(text), folded, "{text}");
        }
    }

    #[test]
    fn each_folded_character_knows_its_bytes() {
        let mut folded = Vec::new();
        fold_into("aﬁé", &mut folded);
        let places: Vec<(char, u32, u32)> = folded.iter().map(|at| (at.ch, at.start, at.end)).collect();
        assert_eq!(places, [('a', 0, 1), ('f', 1, 4), ('i', 1, 4), ('e', 4, 6)]);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold_str(&text);
            prop_assert_eq!(fold_str(&once), once);
        }

        #[test]
        fn bytes_stand_on_character_boundaries(text in "\\PC{0,40}") {
            let mut folded = Vec::new();
            fold_into(&text, &mut folded);
            for at in folded {
                prop_assert!(text.get(at.start as usize..at.end as usize).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
