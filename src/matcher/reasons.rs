//! Reasons that many readers share: why a paper fits an interest is worked out once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::acronyms::Acronyms;
use super::explain::{Explainer, Found};
use super::profile::{Interest, Profile};
use super::segment::Doc;
use crate::model::{PaperId, Reason};

/// Answers kept at most, of some hundred bytes each; what is asked beyond them is worked out anew.
const MOST: usize = 200_000;

/// What is known of papers and interests. Any number of threads may ask.
#[derive(Default)]
pub struct Reasons {
    acronyms: Arc<Acronyms>,
    papers: RwLock<HashMap<PaperId, Arc<Explained>>>,
    kept: AtomicUsize,
}

/// A paper, and what was found in it for the interests asked about, by their canonical texts.
struct Explained {
    explainer: Explainer,
    answers: RwLock<HashMap<Box<str>, Option<Arc<Found>>>>,
}

impl Reasons {
    /// Reasons of interests that were ranked with these acronyms.
    pub fn with_acronyms(acronyms: Arc<Acronyms>) -> Self {
        Self { acronyms, ..Self::default() }
    }

    /// A reason for each interest of the profile that hits the paper, strongest first, as [`super::explain()`]
    /// gives them. `doc` is read when the paper is met for the first time.
    pub fn of<'a>(&self, paper: PaperId, doc: impl FnOnce() -> Doc<'a>, profile: &Profile) -> Vec<Reason> {
        if profile.is_empty() {
            return Vec::new();
        }
        let explained = self.explained(paper, doc);
        let mut hits: Vec<(u32, &str, Arc<Found>)> = profile
            .interests
            .iter()
            .filter_map(|interest| {
                let found = self.answer(&explained, interest)?;
                Some((found.strength(interest), interest.canonical.as_str(), found))
            })
            .collect();
        hits.sort_by_key(|(strength, ..)| std::cmp::Reverse(*strength));
        hits.into_iter().map(|(_, interest, found)| found.reason(interest)).collect()
    }

    fn explained<'a>(&self, paper: PaperId, doc: impl FnOnce() -> Doc<'a>) -> Arc<Explained> {
        let known = self.papers.read().unwrap_or_else(PoisonError::into_inner).get(&paper).map(Arc::clone);
        known.unwrap_or_else(|| {
            let explainer = Explainer::with_acronyms(&doc(), Arc::clone(&self.acronyms));
            let new = Arc::new(Explained { explainer, answers: RwLock::default() });
            let mut papers = self.papers.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(papers.entry(paper).or_insert(new))
        })
    }

    fn answer(&self, explained: &Explained, interest: &Interest) -> Option<Arc<Found>> {
        let known = explained.answers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(interest.canonical.as_str()) {
            return answer.clone();
        }
        drop(known);
        let answer = explained.explainer.find(interest).map(Arc::new);
        if self.kept.fetch_add(1, Ordering::Relaxed) < MOST {
            let mut answers = explained.answers.write().unwrap_or_else(PoisonError::into_inner);
            answers.insert(interest.canonical.as_str().into(), answer.clone());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::explain;
    use crate::matcher::tests::Paper;

    #[test]
    fn asked_again_the_answer_is_the_same_as_worked_out_anew() {
        let paper = Paper::titled("Zeppelins over Lakehurst: airships, zeppelins and hydrogen");
        let reasons = Reasons::default();
        for text in ["zeppelins\nairships^5\nhydrogen OR helium", "airships\n-hydrogen", "robots", ""] {
            let profile = Profile::from_text(text);
            for _ in 0..2 {
                assert_eq!(reasons.of(PaperId(1), || paper.doc(), &profile), explain(&profile, &paper.doc()), "{text}");
            }
        }
    }
}
