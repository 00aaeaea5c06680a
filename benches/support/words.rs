//! A made-up language: common words by Zipf's law, and topics with words and pairs of words of their own.

use super::dice::Dice;

/// Words that any text is made of.
const COMMON: usize = 6_000;
/// Subjects that papers are about and people read about.
const TOPICS: usize = 240;
/// Words of a topic, and pairs of them.
const OWN_WORDS: usize = 10;
const OWN_PAIRS: usize = 6;

const BEGINNINGS: [&str; 16] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "tr"];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
const ENDINGS: [&str; 8] = ["n", "r", "x", "l", "m", "k", "d", "p"];

/// The words there are.
pub struct Words {
    common: Vec<String>,
    topics: Vec<Topic>,
}

/// What one subject is called.
pub struct Topic {
    /// Words that hardly occur elsewhere, the most frequent first.
    pub words: Vec<String>,
    /// Words that stand side by side.
    pub pairs: Vec<String>,
}

impl Words {
    /// The same words every time.
    pub fn new() -> Self {
        let common: Vec<String> = (0..COMMON).map(word).collect();
        let topics = (0..TOPICS).map(|topic| {
            let words: Vec<String> = (0..OWN_WORDS).map(|own| word(COMMON + topic * OWN_WORDS + own)).collect();
            let pair = |own: usize| format!("{} {}", words[own], words[(own * 3 + 1) % OWN_WORDS]);
            Topic { pairs: (0..OWN_PAIRS).map(pair).collect(), words }
        });
        Self { topics: topics.collect(), common }
    }

    /// A subject, a popular one more likely.
    pub fn topic(&self, dice: &mut Dice) -> &Topic {
        let before = dice.below(TOPICS) + 1;
        &self.topics[dice.below(before)]
    }

    /// `count` words, about every fourth of them from the subjects.
    pub fn text(&self, dice: &mut Dice, topics: &[&Topic], count: usize) -> String {
        let mut text = String::with_capacity(count * 7);
        for place in 0..count {
            if place > 0 {
                text.push_str(if dice.below(18) == 0 { ". " } else { " " });
            }
            let topic = *dice.pick(topics);
            let next = match dice.below(8) {
                0 => &topic.words[dice.rank(OWN_WORDS)],
                1 => dice.pick(&topic.pairs),
                _ => &self.common[dice.rank(COMMON)],
            };
            text.push_str(next);
        }
        text
    }
}

/// The word of that number: two or three syllables.
fn word(number: usize) -> String {
    let syllables = BEGINNINGS.len() * VOWELS.len();
    let mut word = String::new();
    let mut rest = number;
    for _ in 0..2 {
        let syllable = rest % syllables;
        rest /= syllables;
        word.push_str(BEGINNINGS[syllable / VOWELS.len()]);
        word.push_str(VOWELS[syllable % VOWELS.len()]);
    }
    word.push_str(BEGINNINGS[rest % BEGINNINGS.len()]);
    word.push_str(VOWELS[number % VOWELS.len()]);
    word.push_str(ENDINGS[number % ENDINGS.len()]);
    word
}
