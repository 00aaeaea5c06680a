//! From a folded word to the key under which its forms meet.
//!
//! Porter2, with three corrections that matter for papers: words that it throws together although
//! readers of papers tell them apart (*transformer* and *transform*, *positional* and *positive*),
//! irregular plurals, and plurals of acronyms, which have no vowel for it to find (*LLMs*).

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// Longer words are identifiers or rubbish; they are their own stem.
const MAX_STEMMED: usize = 40;

/// Words too common to look for. They keep their positions and count inside quotes.
const STOP_WORDS: [&str; 46] = [
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "for", "from", "had", "has", "have", "if",
    "in", "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "such", "than", "that", "the", "their",
    "then", "there", "these", "they", "this", "to", "was", "we", "were", "which", "will", "with", "you",
];

/// Words with a key of their own, sorted. A key that no word can have ends in `_`.
const EXCEPTIONS: [(&str, &str); 57] = [
    ("activation", "activation_"),
    ("activations", "activation_"),
    ("analyses", "analysi"),
    ("animal", "animal_"),
    ("animals", "animal_"),
    ("behaviour", "behavior"),
    ("behavioural", "behavior"),
    ("behaviours", "behavior"),
    ("colour", "color"),
    ("colours", "color"),
    ("corpora", "corpus"),
    ("cpus", "cpu"),
    ("criteria", "criterion"),
    ("embed", "embed"),
    ("embeds", "embed"),
    ("gpus", "gpu"),
    ("hypotheses", "hypothesi"),
    ("indices", "index"),
    ("matrices", "matrix"),
    ("mice", "mous"),
    ("neighbour", "neighbor"),
    ("neighbourhood", "neighborhood"),
    ("neighbourhoods", "neighborhood"),
    ("neighbouring", "neighbor"),
    ("neighbours", "neighbor"),
    ("npus", "npu"),
    ("objective", "objective_"),
    ("objectives", "objective_"),
    ("organ", "organ_"),
    ("organic", "organic_"),
    ("organs", "organ_"),
    ("phenomena", "phenomenon"),
    ("positive", "positive_"),
    ("positives", "positive_"),
    ("positivity", "positive_"),
    ("relation", "relation_"),
    ("relational", "relation_"),
    ("relations", "relation_"),
    ("relationship", "relation_"),
    ("relationships", "relation_"),
    ("relativistic", "relativity_"),
    ("relativity", "relativity_"),
    ("rls", "rl"),
    ("schemata", "schema"),
    ("spectra", "spectrum"),
    ("syntheses", "synthesi"),
    ("theses", "thesi"),
    ("tpus", "tpu"),
    ("transformer", "transformer_"),
    ("transformers", "transformer_"),
    ("universe", "universe_"),
    ("universes", "universe_"),
    ("universities", "university_"),
    ("university", "university_"),
    ("vertices", "vertex"),
    ("vms", "vm"),
    ("vortices", "vortex"),
];

/// Whether a folded word is too common to look for.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The key of a folded word: words with equal keys match.
pub(super) struct Stems(Stemmer);

impl Default for Stems {
    fn default() -> Self {
        Self::new()
    }
}

impl Stems {
    /// Stems of English words; words in other alphabets are their own stem.
    pub(super) fn new() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }

    /// The key of `word`.
    pub(super) fn of<'a>(&self, word: &'a str) -> Cow<'a, str> {
        if word.len() < 3 || word.len() > MAX_STEMMED || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Cow::Borrowed(word);
        }
        if let Ok(at) = EXCEPTIONS.binary_search_by(|(form, _)| form.cmp(&word)) {
            return Cow::Borrowed(EXCEPTIONS[at].1);
        }
        if let Some(singular) = acronym_of_plural(word) {
            return Cow::Borrowed(singular);
        }
        match word.split_once("isation") {
            Some((root, ending @ ("" | "s" | "al"))) if root.len() > 3 => {
                Cow::Owned(self.0.stem(&format!("{root}ization{ending}")).into_owned())
            }
            _ => self.0.stem(word),
        }
    }
}

/// `llms` to `llm`: a word without vowels is an acronym, and its `s` a plural.
fn acronym_of_plural(word: &str) -> Option<&str> {
    let singular = word.strip_suffix('s')?;
    let acronym = word.len() >= 4 && !singular.ends_with('s') && !singular.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    acronym.then_some(singular)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
        let mut forms: Vec<&str> = EXCEPTIONS.iter().map(|(form, _)| *form).collect();
        assert!(forms.is_sorted(), "{forms:?}");
        forms.dedup();
        assert_eq!(forms.len(), EXCEPTIONS.len());
    }

    #[test]
    fn forms_of_one_word_meet() {
        let stems = Stems::new();
        for forms in [
            &["transformer", "transformers"][..],
            &["llm", "llms"],
            &["gpu", "gpus"],
            &["model", "models", "modeling", "modelling"],
            &["optimization", "optimisation", "optimizations"],
            &["embedding", "embeddings", "embed", "embeds", "embedded"],
            &["matrix", "matrices"],
            &["analysis", "analyses"],
            &["hypothesis", "hypotheses"],
            &["behavior", "behaviour", "behavioural"],
            &["corpus", "corpora"],
            &["gan", "gans"],
            &["policy", "policies"],
            &["neighbor", "neighbours"],
            &["relation", "relations", "relational"],
            &["mouse", "mice"],
        ] {
            for form in forms {
                assert_eq!(stems.of(form), stems.of(forms[0]), "{form}");
            }
        }
    }

    #[test]
    fn words_that_readers_tell_apart_stay_apart() {
        let stems = Stems::new();
        for (one, other) in [
            ("transformer", "transformation"),
            ("universe", "university"),
            ("organic", "organization"),
            ("organ", "organize"),
            ("animal", "animation"),
            ("positive", "positional"),
            ("objective", "object"),
            ("relativity", "related"),
            ("relation", "related"),
            ("news", "new"),
            ("tts", "tt"),
            ("gpt2", "gpt2s"),
        ] {
            assert_ne!(stems.of(one), stems.of(other), "{one} {other}");
        }
    }
}
