//! Words as the measure sees them, on purpose not by the analyser that is measured: case, hyphens and the
//! plural -s are ignored, nothing else.

/// A text as words, in the two ways in which a hyphen can be ignored.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// `few-shot` is `few shot`.
    apart: String,
    /// `pre-training` is `pretraining`.
    joined: String,
}

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let apart = folded(&text.replace(is_hyphen, " "));
        let joined = folded(&text.replace(is_hyphen, ""));
        Self { apart, joined }
    }

    /// Whether there is no word at all.
    pub(super) fn is_empty(&self) -> bool {
        self.apart.trim().is_empty()
    }

    /// Whether the words of `other` stand in these, one after the other.
    pub(super) fn hold(&self, other: &Self) -> bool {
        !other.is_empty() && (self.apart.contains(&other.apart) || self.joined.contains(&other.joined))
    }

    /// Equal for texts that differ only in what is ignored.
    pub(super) fn key(&self) -> String {
        self.apart.replace(' ', "")
    }

    /// Each word, hyphens taken as spaces.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.apart.split_whitespace()
    }
}

fn is_hyphen(ch: char) -> bool {
    matches!(ch, '-' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}')
}

/// Words in small letters without their plural -s, each between spaces.
fn folded(text: &str) -> String {
    let mut words = String::from(" ");
    for word in text.split(|ch: char| !ch.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        words.push_str(singular(&word));
        words.push(' ');
    }
    words
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(singular) if singular.chars().count() > 1 && !singular.ends_with('s') => singular,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_hyphens_and_plurals_are_ignored() {
        let text = Words::of("Few-shot Prompting of LLMs: pre-training, fine tuning and Chain-of-Thought.");
        for keyword in ["few shot", "few-shot prompting", "LLM", "pretraining", "fine-tuning", "chain of thoughts"] {
            assert!(text.hold(&Words::of(keyword)), "{keyword}");
        }
        for keyword in ["shot few", "ought", "tune", "prompting LLM", "", "--"] {
            assert!(!text.hold(&Words::of(keyword)), "{keyword}");
        }
    }

    #[test]
    fn keywords_that_differ_in_these_only_are_equal() {
        for (one, other) in [("Diffusion models", "diffusion-model"), ("pre-training", "Pretraining")] {
            assert_eq!(Words::of(one).key(), Words::of(other).key());
        }
        assert_ne!(Words::of("loss").key(), Words::of("los").key());
    }
}
