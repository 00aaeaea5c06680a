//! From occurrences to relevance, in integers, so that every machine and thread count agrees.
//!
//! The relevance of a paper for one interest follows BM25: occurrences, weighted by field, saturate
//! (the more, the less each adds; in a long abstract each says less), and what few papers match
//! counts more. Words together say more than one word, which may mean many things. An interest is one
//! term however many words it has; of alternatives the best counts, of words that are all asked for the
//! mean. Then `impact = relevance x trend`, and the score of a paper for a profile is the sum of its
//! impacts, each times the boost of its interest.

use super::fold::is_cjk;
use super::hits::Mark;
use super::query::leaf::is_stop;
use super::query::{Leaf, What, Word};

/// Quality of a paper that consists of nothing but the interest.
pub(super) const MAX_QUALITY: u32 = 256;
/// What an occurrence counts in title, abstract, author and category.
const FIELD_WEIGHTS: [u32; 4] = [2, 1, 2, 2];
/// Half of [`MAX_QUALITY`] is reached at this weight in a text of usual length, an occurrence
/// in the abstract having [`super::hits::FULL`].
const HALF_WEIGHT: u32 = 16;
/// Words in a usual title and abstract.
const USUAL_LENGTH: u32 = 192;
/// Lengths outside these count as these.
const LENGTHS: (u32, u32) = (96, 384);
/// An interest of so many words says all that words can say.
const CLEAR: u32 = 3;
/// What an interest counts that every paper matches, in 1/256 bit.
const COMMON: u32 = 256;
/// Relevance times a neutral trend, to impacts that mostly lie between 300 and 5,000.
const IMPACT_DIVISOR: u64 = 64 * 1000;

/// The weight of a mark in its field.
pub(super) fn weight(mark: &Mark) -> u32 {
    mark.weight * FIELD_WEIGHTS.get(usize::from(mark.hit.field)).copied().unwrap_or(1)
}

/// How clear it is what a leaf means, 1 to [`CLEAR`]: the number of its words. A person is clear under any name.
pub(super) fn clearness(leaf: &Leaf) -> u32 {
    let words = match &leaf.what {
        What::Prefix(_) | What::Category { .. } => 1,
        What::Name(_) => CLEAR,
        What::Word(word) => words_in(word),
        What::Phrase(words) | What::Loose(words) => words.iter().filter(|word| !is_stop(word)).map(words_in).sum(),
    };
    words.clamp(1, CLEAR)
}

/// Its pieces; of a script without spaces, about two characters make a word.
fn words_in(word: &Word) -> u32 {
    let words = |piece: &String| if piece.starts_with(is_cjk) { piece.chars().count().div_ceil(2) } else { 1 };
    u32::try_from(word.pieces.iter().map(words).sum::<usize>()).unwrap_or(CLEAR)
}

/// How well a leaf that is so clear fits a paper of `length` words, 1 to [`MAX_QUALITY`].
pub(super) fn quality(weight: u32, length: u32, clearness: u32) -> u32 {
    let length = length.clamp(LENGTHS.0, LENGTHS.1);
    // Half of the norm is fixed, half grows with the length.
    let half = HALF_WEIGHT * (USUAL_LENGTH + length) / (2 * USUAL_LENGTH);
    let weight = weight.min(1 << 20);
    (weight * MAX_QUALITY / (weight + half) * clearness / CLEAR).max(1)
}

/// How rare an interest is that matches `matched` of `papers` papers: its information in 1/256 bit, and
/// [`COMMON`] more, since somebody asked for it.
pub(super) fn rarity(papers: u64, matched: u64) -> u32 {
    COMMON + log2_256(2 * (papers + 1)).saturating_sub(log2_256(2 * matched + 1))
}

/// What an interest adds to the score of a paper, before its boost.
pub(super) fn impact(quality: u32, rarity: u32, trend_permille: u32) -> u16 {
    let impact = u64::from(quality) * u64::from(rarity) * u64::from(trend_permille) / IMPACT_DIVISOR;
    u16::try_from(impact).unwrap_or(u16::MAX).max(1)
}

/// The binary logarithm in 1/256, exact at powers of two and never falling; 0 for 0 and 1.
fn log2_256(value: u64) -> u32 {
    let Some(whole) = value.checked_ilog2() else { return 0 };
    // Squaring the mantissa doubles its logarithm: each step gives one more binary digit.
    let mut mantissa = u128::from(value) << (63 - whole);
    let mut digits = 0;
    for _ in 0..8 {
        mantissa = (mantissa * mantissa) >> 63;
        digits <<= 1;
        if mantissa >= 1 << 64 {
            digits |= 1;
            mantissa >>= 1;
        }
    }
    whole * 256 + digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::hits::{FULL, Hit, NEAR};
    use crate::matcher::query::{Node, Query};

    fn mark(field: u8, weight: u32) -> Mark {
        Mark { hit: Hit { doc: 0, field, start: 0, end: 1 }, weight }
    }

    #[test]
    fn the_logarithm_is_exact_at_powers_and_never_falls() {
        assert_eq!([1, 2, 4, 1 << 40].map(log2_256), [0, 256, 512, 40 * 256]);
        assert_eq!(log2_256(3), 405);
        assert!((1..5000).all(|value| log2_256(value) <= log2_256(value + 1)));
        assert!(log2_256(u64::MAX) >= 63 * 256);
    }

    #[test]
    fn title_author_and_category_count_more_than_abstract() {
        let [title, text, author, category] = [0, 1, 2, 3].map(|field| weight(&mark(field, FULL)));
        assert!(title > text && author > text && category > text);
        assert!(
            weight(&mark(1, FULL)) > weight(&mark(0, NEAR)),
            "near each other in a title is not what was asked for"
        );
    }

    #[test]
    fn words_together_are_clearer_than_one_and_a_person_is_clear() {
        let of = |text: &str| match Query::parse(text).unwrap().root() {
            Node::Leaf(leaf) => clearness(leaf),
            other => panic!("{text} is no leaf: {other:?}"),
        };
        for (text, expected) in [
            ("memory", 1),
            ("transform*", 1),
            ("category:cs.*", 1),
            ("fine-tuning", 2),
            ("diffusion models", 2),
            ("state of the art", 2),
            ("\"chain of thought\"", 2),
            ("large language model", 3),
            ("vision-language-action models", 3),
            ("author:lecun", 3),
            ("扩散", 1),
            ("扩散模型", 2),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        assert!(quality(FULL, USUAL_LENGTH, 2) > quality(FULL, USUAL_LENGTH, 1));
    }

    #[test]
    fn more_occurrences_count_more_but_ever_less() {
        let steps: Vec<u32> = (1..6).map(|times| quality(times * FULL, USUAL_LENGTH, CLEAR)).collect();
        assert!(steps.is_sorted_by(|less, more| less < more));
        assert!(steps[1] - steps[0] > steps[4] - steps[3]);
        assert!(quality(u32::MAX, 0, CLEAR) <= MAX_QUALITY);
    }

    #[test]
    fn in_a_longer_text_an_occurrence_says_less() {
        assert!(quality(FULL, 100, CLEAR) > quality(FULL, 300, CLEAR));
    }

    #[test]
    fn rare_interests_count_more_and_common_ones_still_count() {
        assert!(rarity(1000, 3) > rarity(1000, 200));
        assert!(rarity(1000, 1000) > 0);
        assert!(impact(1, rarity(1, 1), 500) >= 1);
    }

    #[test]
    fn a_hundred_interests_at_the_highest_boost_fit_the_counter() {
        assert!(u32::try_from(u64::from(u16::MAX) * 100 * 100).is_ok());
    }
}
