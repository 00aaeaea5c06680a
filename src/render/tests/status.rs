use super::*;
use crate::model::{SourceFigures, SourceName, SourceState};

fn line(sources: &[(&str, u32, SourceState)], looked_at: u32, matched: u32) -> String {
    let mut sample = DigestSample::rich();
    sample.figures.looked_at = looked_at;
    sample.figures.matched = matched;
    sample.figures.sources = sources
        .iter()
        .map(|(name, papers, state)| SourceFigures {
            source: SourceName::new(name),
            papers: *papers,
            state: *state,
            since: None,
        })
        .collect();
    let text = rendered(&sample).text;
    let status = text.split("====\n").nth(1).unwrap().split("Read on the web").next().unwrap();
    status.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn good_days_name_what_was_looked_at() {
    use SourceState::Fresh;
    assert_eq!(
        line(&[("arxiv", 1_411, Fresh), ("hugging-face", 1, Fresh)], 1_412, 7),
        "1,412 new papers from arXiv and Hugging Face; 7 match your interests."
    );
    assert_eq!(line(&[("arxiv", 1, Fresh)], 1, 1), "One new paper from arXiv; one matches your interests.");
    assert_eq!(line(&[("arxiv", 9, Fresh)], 9, 0), "9 new papers from arXiv; none of them matches your interests.");
}

#[test]
fn silence_is_told_apart() {
    use SourceState::{Holiday, Late, Quiet, Unreachable, Weekend};
    let nothing = "No new papers since your last edition.";
    let says =
        |sources: &[(&str, u32, SourceState)]| line(sources, 0, 0).strip_prefix(nothing).unwrap().trim().to_owned();
    assert_eq!(says(&[("arxiv", 0, Quiet)]), "arXiv announced nothing today.");
    assert_eq!(
        says(&[("arxiv", 0, Weekend), ("hugging-face", 0, Weekend)]),
        "arXiv and Hugging Face announce nothing at the weekend."
    );
    assert_eq!(says(&[("arxiv", 0, Holiday)]), "arXiv announced nothing today (holiday).");
    assert_eq!(
        says(&[("arxiv", 0, Late)]),
        "arXiv is late: it still shows its previous list, and new papers will follow."
    );
    assert_eq!(says(&[("arxiv", 0, Unreachable)]), "arXiv could not be reached; its papers will follow.");
}

#[test]
fn an_outage_says_since_when_on_the_readers_clock() {
    let mut sample = DigestSample::unreachable();
    let status = |sample: &DigestSample| rendered(sample).text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(status(&sample).contains("Hugging Face could not be reached since 06:00; its papers will follow."));
    let since = sample.figures.sources.iter_mut().find_map(|source| source.since.as_mut()).unwrap();
    *since -= chrono::Duration::days(2);
    assert!(status(&sample).contains("since Saturday 06:00;"));
    let since = sample.figures.sources.iter_mut().find_map(|source| source.since.as_mut()).unwrap();
    *since -= chrono::Duration::days(30);
    assert!(status(&sample).contains("since 22 Oct 07:00;"));
}
