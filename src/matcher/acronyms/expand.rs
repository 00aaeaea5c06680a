//! A query with the acronyms of a table beside its words.

use super::{Acronyms, Synonym};
use crate::matcher::query::{Leaf, Node, What, Word};
use crate::model::Field;

impl Acronyms {
    /// The tree to evaluate in place of `node`.
    ///
    /// Words that are an acronym get their long forms beside them; words that are together a long form
    /// are taken for one word with the acronym beside it. Words near each other may also be so without it.
    pub(in crate::matcher) fn expand(&self, node: &Node) -> Node {
        if self.is_empty() {
            return node.clone();
        }
        match node {
            Node::And(parts) => Node::And(parts.iter().map(|part| self.expand(part)).collect()),
            Node::Or(parts) => Node::Or(parts.iter().map(|part| self.expand(part)).collect()),
            Node::Not(inner) => Node::Not(Box::new(self.expand(inner))),
            Node::Boosted(inner, boost) => Node::Boosted(Box::new(self.expand(inner)), *boost),
            Node::Leaf(leaf) => self.expand_leaf(leaf),
        }
    }

    fn expand_leaf(&self, leaf: &Leaf) -> Node {
        let of = |what: What| Node::Leaf(Leaf { field: leaf.field, what });
        if matches!(leaf.field, Some(Field::Author | Field::Category)) {
            return Node::Leaf(leaf.clone());
        }
        match &leaf.what {
            What::Word(word) => of(What::Word(self.gathered(std::slice::from_ref(word)).remove(0))),
            What::Phrase(words) => of(What::Phrase(self.gathered(words))),
            What::Loose(words) => {
                let mut gathered = self.gathered(words);
                let strict = gathered.len() < words.len();
                let what = if gathered.len() == 1 { What::Word(gathered.remove(0)) } else { What::Loose(gathered) };
                match strict {
                    true => Node::Or(vec![of(what), Node::Leaf(leaf.clone())]),
                    false => of(what),
                }
            }
            _ => Node::Leaf(leaf.clone()),
        }
    }

    /// The words, those of a long form in one; longer forms go before shorter ones.
    fn gathered(&self, words: &[Word]) -> Vec<Word> {
        let mut gathered = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let (word, taken) = self.long_form_at(&words[at..]).unwrap_or_else(|| (self.with_long(&words[at]), 1));
            gathered.push(word);
            at += taken;
        }
        gathered
    }

    fn long_form_at(&self, words: &[Word]) -> Option<(Word, usize)> {
        let mut pieces: Vec<String> = Vec::new();
        let mut found = None;
        for (index, word) in words.iter().enumerate() {
            pieces.extend(word.pieces.iter().cloned());
            if word.exact || pieces.len() > self.longest {
                break;
            }
            if let Some(short) = self.short_of.get(&self.key(&pieces)) {
                let also = vec![short.clone()];
                found = Some((Word { pieces: pieces.clone(), exact: false, also }, index + 1));
            }
        }
        found
    }

    fn with_long(&self, word: &Word) -> Word {
        let mut word = word.clone();
        if let ([piece], false) = (word.pieces.as_slice(), word.exact) {
            word.also = self.long_of.get(self.stems.of(piece).as_ref()).cloned().unwrap_or_default();
        }
        word
    }
}

/// How the words beside the words of a tree are written, the most usual of each, without repetition.
pub(super) fn synonyms(node: &Node, found: &mut Vec<String>) {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| synonyms(part, found)),
        Node::Not(inner) | Node::Boosted(inner, _) => synonyms(inner, found),
        Node::Leaf(leaf) => {
            let words = match &leaf.what {
                What::Word(word) => std::slice::from_ref(word),
                What::Phrase(words) | What::Loose(words) => words,
                _ => &[],
            };
            for Synonym { written, .. } in words.iter().filter_map(|word| word.also.first()) {
                if !found.contains(written) {
                    found.push(written.clone());
                }
            }
        }
    }
}
