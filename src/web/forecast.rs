//! What a profile would have found, put in words.

use crate::matcher::{Doc, Explainer, Forecast, LineForecast, Profile, Warning, trend};
use crate::model::{Field, Paper, Span};
use crate::render::pages::{ForecastView, FoundView, LineView};
use crate::render::{Marked, Words, WordsError};
use crate::shelf::Contents;

use super::failure::Failure;
use super::profile;
use super::state::Reader;

/// Papers named.
const FIRST: usize = 5;

impl Reader {
    /// What each of some profiles would have found.
    pub(super) async fn forecasts(&self, profiles: Vec<Profile>) -> Result<Vec<Forecast>, Failure> {
        let contents = self.recent_papers().await?;
        of_contents(move || profiles.iter().map(|profile| contents.forecast(profile, 0)).collect()).await
    }

    /// What a profile would have found: in words, and beside its lines.
    pub(super) async fn forecast(&self, text: &str, lines: &mut [LineView]) -> Result<Option<ForecastView>, Failure> {
        let profile = Profile::from_text(text);
        if profile.is_empty() {
            return Ok(None);
        }
        let contents = self.recent_papers().await?;
        let shelf = contents.clone();
        let asked = profile.clone();
        let forecast = of_contents(move || shelf.forecast(&asked, FIRST)).await?;
        let words = self.words();
        for line in lines {
            let Some(query) = profile::query_of(line) else { continue };
            let excludes = line.canonical.as_ref().is_some_and(|canonical| canonical.starts_with('-'));
            let canonical = if excludes { format!("-{}", query.interest()) } else { query.interest() };
            if let Some(found) = forecast.lines.iter().find(|found| found.canonical == canonical) {
                put_beside(line, words, &forecast, found)?;
            }
        }
        let ids: Vec<_> = forecast.first.iter().map(|winner| winner.paper).collect();
        let mut papers = self.read().await?.papers_by_ids(&ids).await?;
        papers.sort_by_key(|paper| ids.iter().position(|id| *id == paper.id));
        let found = papers.iter().map(|paper| FoundView {
            title: marked_title(paper, &profile, &contents),
            path: self.path(&self.links.paper(paper.id)),
        });
        Ok(Some(ForecastView { summary: summary(words, &forecast)?, papers: found.collect() }))
    }
}

/// Some papers are many when each of a hundred interests is looked for in them.
async fn of_contents<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Internal(error.to_string()))
}

fn marked_title(paper: &Paper, profile: &Profile, contents: &Contents) -> Marked {
    let explainer =
        Explainer::with_acronyms(&Doc::of(paper, trend::NEUTRAL_FACTOR), std::sync::Arc::clone(&contents.acronyms));
    let hits = explainer.explain(profile).into_iter().flat_map(|reason| reason.hits);
    let spans: Vec<Span> = hits.filter(|(field, _)| *field == Field::Title).map(|(_, span)| span).collect();
    Marked::new(&paper.title, &spans)
}

fn put_beside(line: &mut LineView, words: &Words, forecast: &Forecast, found: &LineForecast) -> Result<(), WordsError> {
    line.also.clone_from(&found.also);
    if forecast.papers == 0 {
        return Ok(());
    }
    let rate = number(forecast.tenths_a_day(found.brings), found.brings);
    line.forecast = match (found.excludes, found.hits) {
        // The warning says it.
        (false, 0) => None,
        (false, _) => {
            let percent = forecast.percent(found.brings);
            Some(words.say("lines.brings", &[("rate", &rate), ("percent", &percent)])?)
        }
        (true, _) => Some(words.say("lines.removes", &[("rate", &rate)])?),
    };
    line.warning = match found.warning {
        Some(Warning::Broad) => Some(words.say("lines.broad", &[("hits", &found.hits), ("papers", &forecast.papers)])?),
        Some(Warning::Silent) => Some(words.count("lines.silent", u64::from(forecast.days), &[])?),
        None => None,
    };
    Ok(())
}

fn summary(words: &Words, forecast: &Forecast) -> Result<String, WordsError> {
    let days = u64::from(forecast.days);
    let rate = number(forecast.tenths_a_day(forecast.found), forecast.found);
    match (forecast.papers, forecast.found) {
        (0, _) => words.say("forecast.empty", &[]),
        (papers, 0) => words.count("forecast.none", days, &[("papers", &papers)]),
        (papers, found) => {
            words.count("forecast.summary", days, &[("rate", &rate), ("found", &found), ("papers", &papers)])
        }
    }
}

/// So many papers a day, in words.
pub(super) fn rate(words: &Words, forecast: &Forecast, papers: u32) -> Result<String, WordsError> {
    words.say("forecast.rate", &[("rate", &number(forecast.tenths_a_day(papers), papers))])
}

/// Tenths as a number; what would be shown as nothing although there is something, as less than a tenth.
fn number(tenths: u32, papers: u32) -> String {
    match tenths {
        0 if papers > 0 => "< 0.1".to_owned(),
        tenths if tenths % 10 == 0 => (tenths / 10).to_string(),
        tenths => format!("{}.{}", tenths / 10, tenths % 10),
    }
}
