//! `evaluate`: how good the ranking is, measured on saved answers of Hugging Face, without network and database.
//!
//! Made-up readers have keywords that papers of one month share. For each day of another month they are mailed what
//! the planner would have put into their digest, knowing the papers' texts and 30 of 100 of their votes; it is judged by
//! the votes to come and by the keywords that Hugging Face gave the papers, which the matcher never sees.
//! Three simpler orders are judged in the same way. All chance comes from one seed.

mod chance;
mod gain;
mod interval;
mod orders;
mod people;
mod recall;
mod replay;
mod sample;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

pub use interval::Interval;
pub use recall::Recall;
pub use sample::Month;
use serde::Serialize;

use super::AppError;
use crate::model::LocalDate;
use gain::{gain, ndcg};
use orders::{Bm25, most_votes, newest_with_phrase};
use people::Person;
use replay::{Morning, Split};
use sample::{Sample, SamplePaper};

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation {
    /// Readers get their keywords from this month; `None`: the first there is.
    pub profiles_from: Option<Month>,
    /// They are mailed on the days of this one; `None`: the last there is.
    pub on: Option<Month>,
    /// How many readers are made up.
    pub profiles: usize,
    /// Where all chance comes from.
    pub seed: u64,
}

/// The orders compared, ours first; the last is ours again without the trend.
pub const ORDERS: [&str; 5] =
    ["broadsheet", "phrase, newest first", "BM25 alone", "visible votes alone", "broadsheet without trend"];
const COUNT: usize = ORDERS.len();

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// Month that the readers' keywords are from.
    pub profiles_from: String,
    /// Month whose days were replayed.
    pub on: String,
    /// Readers made up.
    pub profiles: usize,
    /// Where all chance came from.
    pub seed: u64,
    /// Papers of the month replayed.
    pub papers: usize,
    /// Entries of the files that are no papers, or have no votes or no date.
    pub bad_entries: usize,
    /// Pairs of reader and day on which a paper to find was listed.
    pub measured: usize,
    /// nDCG at 10 of each order over all those pairs.
    pub orders: Vec<Order>,
    /// Day by day.
    pub days: Vec<Day>,
    /// Whether keywords find what they stand in.
    pub recall: Recall,
}

/// One order, over all readers and days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Order {
    /// One of [`ORDERS`].
    pub name: &'static str,
    /// Mean nDCG at 10.
    pub ndcg: f64,
    /// By how much ours is better, with the interval of that; zero for ours.
    pub ahead: Interval,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Day {
    /// Which.
    pub date: LocalDate,
    /// Papers listed on it.
    pub papers: usize,
    /// Readers for whom there was something to find.
    pub readers: usize,
    /// Mean nDCG at 10 over those, in the order of [`ORDERS`].
    pub ndcg: [f64; COUNT],
}

/// nDCG of each order for one reader on one day, `None` with nothing to find.
type Score = Option<[f64; COUNT]>;

/// Measures the ranking on the answers in a folder.
///
/// # Errors
///
/// A folder without usable answers, a month that is not in them, a month without keywords.
pub fn evaluate(folder: &Path, what: &Evaluation) -> Result<Quality, AppError> {
    let sample = Sample::read(folder)?;
    let months = sample.months();
    let from = chosen(what.profiles_from, months.first(), &months)?;
    let on = chosen(what.on, months.last(), &months)?;
    let people = people::people(&sample, from, what.profiles, what.seed);
    if people.is_empty() {
        return Err(AppError::Failed(format!("the papers of {from} have no keywords to make up readers from")));
    }
    let splits = replay::split(&sample, what.seed);
    let dates: BTreeSet<LocalDate> = sample.of(on).map(|paper| paper.day).collect();
    let scores: Vec<Vec<Score>> = dates.iter().map(|date| of_day(&sample, &splits, *date, &people)).collect();
    let days = dates.iter().zip(&scores).map(|(date, scores)| day(&sample, *date, scores)).collect();
    Ok(Quality {
        profiles_from: from.to_string(),
        on: on.to_string(),
        profiles: people.len(),
        seed: what.seed,
        papers: sample.of(on).count(),
        bad_entries: sample.bad,
        measured: scores.iter().flatten().flatten().count(),
        orders: (0..COUNT).map(|order| over_all(&scores, order, what.seed)).collect(),
        days,
        recall: recall::recall(&sample, on),
    })
}

fn chosen(wanted: Option<Month>, usual: Option<&Month>, months: &[Month]) -> Result<Month, AppError> {
    let month = wanted.or(usual.copied()).ok_or_else(|| AppError::Failed("there are no papers in the files".into()))?;
    if months.contains(&month) {
        return Ok(month);
    }
    let known: Vec<String> = months.iter().map(Month::to_string).collect();
    Err(AppError::Usage(format!("there are no papers of {month}; there are some of {}", known.join(", "))))
}

/// How well each order serves each reader on a day.
fn of_day(sample: &Sample, splits: &[Split], date: LocalDate, people: &[Person]) -> Vec<Score> {
    let mut morning = Morning::of(sample, splits, date, true);
    let mails = morning.mails(people);
    let untrended = Morning::of(sample, splits, date, false).mails(people);
    let papers: Vec<&SamplePaper> = sample.papers[morning.day.clone()].iter().collect();
    let known: Vec<&SamplePaper> = sample.papers[morning.known.clone()].iter().collect();
    let splits = &splits[morning.day.clone()];
    let seen: Vec<u32> = splits.iter().map(|split| split.seen).collect();
    let bm25 = Bm25::of(&known);
    let by_votes = most_votes(&seen);
    let score = |(number, person): (usize, &Person)| {
        let gains: Vec<f64> =
            papers.iter().zip(splits).map(|(paper, split)| gain(person.wants(paper), split.to_come)).collect();
        let orders: [&[usize]; COUNT] = [
            &mails[number],
            &newest_with_phrase(&papers, person),
            &bm25.order(&papers, person),
            &by_votes,
            &untrended[number],
        ];
        let scores = orders.map(|order| ndcg(&gains, order));
        scores[0].is_some().then(|| scores.map(Option::unwrap_or_default))
    };
    people.iter().enumerate().map(score).collect()
}

fn day(sample: &Sample, date: LocalDate, scores: &[Score]) -> Day {
    let measured: Vec<&[f64; COUNT]> = scores.iter().flatten().collect();
    Day {
        date,
        papers: sample.papers.iter().filter(|paper| paper.day == date).count(),
        readers: measured.len(),
        ndcg: std::array::from_fn(|order| mean(measured.iter().map(|score| score[order]))),
    }
}

fn over_all(scores: &[Vec<Score>], order: usize, seed: u64) -> Order {
    let ahead = |score: &Score| score.map(|score| score[0] - score[order]);
    let differences: Vec<Vec<Option<f64>>> = scores.iter().map(|day| day.iter().map(ahead).collect()).collect();
    Order {
        name: ORDERS[order],
        ndcg: mean(scores.iter().flatten().flatten().map(|score| score[order])),
        ahead: interval::bootstrap(&differences, seed),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests;
