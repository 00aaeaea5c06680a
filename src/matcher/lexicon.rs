//! A sorted list of words in one piece of memory: a string of its own for each would take four times as much.

use std::ops::Range;

/// Words in the order of their bytes, each once; a word is known by its place.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    text: Box<str>,
    /// For each word where it ends.
    ends: Box<[u32]>,
}

impl Lexicon {
    /// Takes words in order, each once.
    pub(super) fn of_sorted<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut text = String::new();
        let mut ends = Vec::new();
        for word in words {
            text.push_str(word);
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self { text: text.into(), ends: ends.into() }
    }

    /// The place of a word.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        let at = self.before(|known| known < word);
        (at < self.ends.len() && self.word(at) == word).then_some(at)
    }

    /// The places of the words that begin so.
    pub(super) fn beginning_with(&self, prefix: &str) -> Range<usize> {
        let from = self.before(|known| known < prefix);
        from..self.before(|known| known < prefix || known.starts_with(prefix))
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + size_of_val(&*self.ends)
    }

    fn word(&self, at: usize) -> &str {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[from..self.ends[at] as usize]
    }

    /// How many words fulfil what the first ones fulfil.
    fn before(&self, fulfils: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if fulfils(self.word(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_themselves_and_by_their_beginning() {
        let words = Lexicon::of_sorted(["", "model", "models", "mouse", "über"].into_iter());
        assert_eq!((words.find("model"), words.find("mode"), words.find("über")), (Some(1), None, Some(4)));
        assert_eq!((words.beginning_with("mod"), words.beginning_with("x").len()), (1..3, 0));
        assert_eq!(words.beginning_with(""), 0..5);
        assert_eq!(Lexicon::default().find("model"), None);
    }
}
