//! The status line: what was looked at, what came of it, and which source kept silent why.

use chrono_tz::Tz;

use crate::model::{Figures, LocalDate, SourceFigures, SourceState};

use super::catalogue::{Words, WordsError};
use super::dates;
use super::escape::folded;

/// The states a reader should hear about, in the order they are told.
const TOLD: [(SourceState, &str); 5] = [
    (SourceState::Weekend, "status.weekend"),
    (SourceState::Holiday, "status.holiday"),
    (SourceState::Quiet, "status.quiet"),
    (SourceState::Late, "status.late"),
    (SourceState::Unreachable, "status.unreachable"),
];

/// "412 new papers from arXiv and Hugging Face; 7 match your interests." and what the sources did.
pub(super) fn status(words: &Words, figures: &Figures, zone: Tz, today: LocalDate) -> Result<String, WordsError> {
    let mut sentences = vec![looked_at(words, figures)?];
    for (state, key) in TOLD {
        let (dated, plain): (Vec<_>, Vec<_>) = figures
            .sources
            .iter()
            .filter(|source| source.state == state)
            .partition(|source| state == SourceState::Unreachable && source.since.is_some());
        for source in dated {
            let Some(since) = source.since else { continue };
            let since = dates::since(words, since, zone, today)?;
            sentences.push(words.say("status.unreachable_since", &[("source", &name(source)), ("since", &since)])?);
        }
        if !plain.is_empty() {
            let names: Vec<String> = plain.iter().map(|source| name(source)).collect();
            sentences.push(words.count(key, names.len() as u64, &[("sources", &words.list(&names)?)])?);
        }
    }
    Ok(sentences.join(" "))
}

fn looked_at(words: &Words, figures: &Figures) -> Result<String, WordsError> {
    if figures.looked_at == 0 {
        return words.say("status.nothing", &[]);
    }
    let names: Vec<String> = figures.sources.iter().filter(|source| source.papers > 0).map(name).collect();
    let papers = match names.is_empty() {
        true => words.count("status.papers", figures.looked_at.into(), &[])?,
        false => words.count("status.papers_from", figures.looked_at.into(), &[("sources", &words.list(&names)?)])?,
    };
    let outcome = match (figures.has_interests, figures.matched) {
        (false, _) => words.say("status.reading", &[])?,
        (true, 0) => words.say("status.none_match", &[])?,
        (true, matched) => words.count("status.match", matched.into(), &[])?,
    };
    words.say("status.line", &[("papers", &papers), ("outcome", &outcome)])
}

fn name(source: &SourceFigures) -> String {
    folded(source.source.display())
}
