//! Edits of a profile that a paper suggests, as pure functions from profile and paper to lines.
//!
//! An edit travels through the form as `add:LINE`, or with the number of the line it takes the place of as
//! `replace:3:LINE`. It is checked again when it comes back.

use crate::matcher::{Boost, Query};
use crate::model::Paper;
use crate::render::pages::OfferView;
use crate::web::failure::Failure;
use crate::web::profile;

/// Authors offered, first and last ones first: those who stand for the work.
const AUTHORS: usize = 3;
/// Phrases of the title offered.
const PHRASES: usize = 2;
/// The most edits one form makes.
const MOST_EDITS: usize = 20;

/// Words that no phrase begins, ends or contains.
const SMALL: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "beyond", "by", "can", "do", "does", "for", "from", "how", "in", "into",
    "is", "it", "its", "more", "new", "not", "of", "on", "or", "our", "over", "that", "the", "their", "through", "to",
    "toward", "towards", "under", "using", "via", "we", "what", "when", "where", "which", "why", "with", "without",
];

/// Interests made from the paper that the profile does not have yet.
pub(super) fn more_offers(profile: &str, paper: &Paper) -> Vec<OfferView> {
    let phrases = phrases(&paper.title).into_iter().map(|phrase| ("phrase", quoted(&phrase)));
    let authors = notable(&paper.authors).map(|name| ("author", format!("author:{}", quoted(name))));
    let category = paper.categories.first().map(|name| ("category", format!("category:{name}")));
    additions(profile, phrases.chain(authors).chain(category))
}

/// Ways to see less of it: weaker interests first, then exclusions.
pub(super) fn less_offers(profile: &str, paper: &Paper, interests: &[String]) -> Vec<OfferView> {
    let mut offers: Vec<OfferView> = interests.iter().filter_map(|interest| weaker(profile, interest)).collect();
    let phrases = phrases(&paper.title).into_iter().map(|phrase| ("without_phrase", format!("-{}", quoted(&phrase))));
    let authors = notable(&paper.authors).map(|name| ("without_author", format!("-author:{}", quoted(name))));
    offers.extend(additions(profile, phrases.chain(authors)));
    offers
}

fn additions(profile: &str, lines: impl Iterator<Item = (&'static str, String)>) -> Vec<OfferView> {
    let mut known: Vec<String> = profile::read(profile).lines.into_iter().filter_map(|line| line.canonical).collect();
    let mut offers: Vec<OfferView> = Vec::new();
    for (kind, line) in lines {
        let Some(canonical) = profile::canonical(&line).filter(|canonical| !known.contains(canonical)) else {
            continue;
        };
        known.push(canonical);
        offers.push(OfferView { value: format!("add:{line}"), kind, line, former: None, forecast: None });
    }
    offers
}

/// The line of the profile that is this interest, counting half as much.
fn weaker(profile: &str, interest: &str) -> Option<OfferView> {
    let found = profile::read(profile).lines.into_iter().find_map(|line| {
        let query = Query::parse(&line.text).ok()?;
        (query.interest() == interest).then_some((line, query.boost()))
    });
    let (line, boost) = found?;
    let halved = Boost::from_tenths((boost.tenths() / 2).max(1)).filter(|halved| *halved != boost)?;
    let weaker = profile::canonical(&format!("({interest})^{}.{}", halved.tenths() / 10, halved.tenths() % 10))?;
    let value = format!("replace:{}:{weaker}", line.number);
    Some(OfferView { value, kind: "weaker", line: weaker, former: Some(line.text), forecast: None })
}

/// The profile with the chosen edits made.
///
/// # Errors
///
/// [`Failure::ForgedForm`] for an edit that no offer of ours makes, or too many lines.
pub(super) fn apply<'a>(former: &str, edits: impl Iterator<Item = &'a str>) -> Result<String, Failure> {
    let mut lines: Vec<String> = former.lines().map(str::to_owned).collect();
    for edit in edits.take(MOST_EDITS) {
        if let Some(line) = edit.strip_prefix("add:") {
            let is_one_line = !line.contains(['\n', '\r']) && profile::canonical(line).is_some();
            if !is_one_line {
                return Err(Failure::ForgedForm);
            }
            if !lines.iter().any(|known| known == line) {
                lines.push(line.to_owned());
            }
        } else if let Some((number, line)) = edit.strip_prefix("replace:").and_then(|rest| rest.split_once(':')) {
            let line = profile::canonical(line).ok_or(Failure::ForgedForm)?;
            let place: usize = number.parse().map_err(|_| Failure::ForgedForm)?;
            let interest = Query::parse(&line).map_err(|_| Failure::ForgedForm)?.interest();
            let same = |text: &String| Query::parse(text.trim()).is_ok_and(|query| query.interest() == interest);
            // The profile may have changed since the form was shown; then there is nothing to weaken.
            if let Some(text) = place.checked_sub(1).and_then(|at| lines.get_mut(at)).filter(|text| same(text)) {
                *text = line;
            }
        } else {
            return Err(Failure::ForgedForm);
        }
    }
    let edited = lines.join("\n");
    if profile::read(&edited).is_good() || !profile::read(former).is_good() {
        Ok(edited)
    } else {
        Err(Failure::TooLarge)
    }
}

/// First and last authors before those between.
fn notable(authors: &[String]) -> impl Iterator<Item = &str> {
    let last = authors.len().saturating_sub(1);
    let mut order: Vec<usize> = (0..authors.len()).collect();
    order.sort_by_key(|at| usize::from(*at != 0 && *at != last));
    order.into_iter().map(|at| authors[at].as_str()).take(AUTHORS)
}

/// The most telling phrases of a title: runs of words between small ones, the name before a colon first.
fn phrases(title: &str) -> Vec<String> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for part in title.split([':', ',', ';', '?', '!', '(', ')', '—', '–']) {
        let words: Vec<&str> = part.split_whitespace().collect();
        found.extend(
            words
                .split(|word| is_small(word))
                .filter(|run| !run.is_empty())
                .map(|run| run[run.len().saturating_sub(3)..].to_vec()),
        );
    }
    let has_name = title.split_once(':').is_some_and(|(name, _)| name.split_whitespace().count() == 1);
    let mut order: Vec<usize> = (0..found.len()).collect();
    let weight = |run: &[&str]| run.len().min(3) * 100 + run.iter().map(|word| word.chars().count()).sum::<usize>();
    order.sort_by_key(|at| (usize::from(*at != 0 || !has_name), std::cmp::Reverse(weight(&found[*at])), *at));
    order
        .into_iter()
        .map(|at| found[at].join(" ").replace(['"', '“', '”'], ""))
        .filter(|phrase| phrase.chars().count() >= 3)
        .take(PHRASES)
        .collect()
}

fn is_small(word: &str) -> bool {
    SMALL.contains(&word.to_lowercase().as_str())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', ""))
}

#[cfg(test)]
mod tests;
