//! Reasons that many readers share: why a paper fits an interest is worked out once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::acronyms::Acronyms;
use super::explain::Explainer;
use super::interests::{InterestId, Interests};
use super::query::Query;
use super::row::CompiledProfile;
use super::segment::Doc;
use crate::model::{PaperId, Reason};

/// Answers kept at most, of some hundred bytes each; what is asked beyond them is worked out anew.
const MOST: usize = 200_000;

/// What is known of papers and interests. Any number of threads may ask.
#[derive(Default)]
pub struct Reasons {
    interests: Arc<Interests>,
    acronyms: Arc<Acronyms>,
    papers: RwLock<HashMap<PaperId, Arc<Explained>>>,
    kept: AtomicUsize,
}

/// A paper, and what was found in it for the interests asked about.
struct Explained {
    explainer: Explainer,
    answers: RwLock<HashMap<InterestId, Option<Arc<Answer>>>>,
}

/// Why an interest hits, and how well without its boost.
struct Answer {
    quality: u32,
    reason: Reason,
}

impl Reasons {
    /// Reasons of profiles that `interests` compiled, and that were ranked with these acronyms.
    pub fn new(interests: Arc<Interests>, acronyms: Arc<Acronyms>) -> Self {
        Self { interests, acronyms, ..Self::default() }
    }

    /// A reason for each interest of the profile that hits the paper, strongest first, as [`super::explain()`]
    /// gives them. `hit` names the interests to look at by their places, in order, as
    /// [`super::Matcher::interests_hit`] does. `doc` is read when the paper is met for the first time.
    pub fn of<'a>(
        &self,
        paper: PaperId,
        doc: impl FnOnce() -> Doc<'a>,
        profile: &CompiledProfile,
        hit: &[usize],
    ) -> Vec<Reason> {
        let (lines, _) = profile.row().split();
        if hit.is_empty() {
            return Vec::new();
        }
        let explained = self.explained(paper, doc);
        let mut found: Vec<(u32, Arc<Answer>)> = hit
            .iter()
            .filter_map(|place| lines.get(*place))
            .filter_map(|line| {
                let answer = self.answer(&explained, line.id())?;
                Some((answer.quality.saturating_mul(line.tenths()), answer))
            })
            .collect();
        found.sort_by_key(|(strength, _)| std::cmp::Reverse(*strength));
        found.into_iter().map(|(_, answer)| answer.reason.clone()).collect()
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

    fn answer(&self, explained: &Explained, interest: InterestId) -> Option<Arc<Answer>> {
        let known = explained.answers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(&interest) {
            return answer.clone();
        }
        drop(known);
        let answer = self.work_out(explained, interest).map(Arc::new);
        if self.kept.fetch_add(1, Ordering::Relaxed) < MOST {
            let mut answers = explained.answers.write().unwrap_or_else(PoisonError::into_inner);
            answers.insert(interest, answer.clone());
        }
        answer
    }

    fn work_out(&self, explained: &Explained, interest: InterestId) -> Option<Answer> {
        let text = self.interests.text(interest)?;
        let found = explained.explainer.find(&Query::parse(&text).ok()?)?;
        Some(Answer { quality: found.quality, reason: Reason { interest: text, hits: found.hits } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::tests::Paper;
    use crate::matcher::{Profile, explain};

    #[test]
    fn asked_again_the_answer_is_the_same_as_worked_out_anew() {
        let paper = Paper::titled("Zeppelins over Lakehurst: airships, zeppelins and hydrogen");
        let interests = Arc::<Interests>::default();
        let reasons = Reasons::new(Arc::clone(&interests), Arc::default());
        for text in ["zeppelins\nairships^5\nhydrogen OR helium", "airships\n-hydrogen", "robots", ""] {
            let expected = explain(&Profile::from_text(text), &paper.doc());
            let profile = interests.compile_text(text);
            for _ in 0..2 {
                assert_eq!(reasons.of(PaperId(1), || paper.doc(), &profile, &[0, 1, 2]), expected, "{text}");
            }
        }
    }
}
