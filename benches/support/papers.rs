//! Papers that nobody wrote, about as long as real ones.

use broadsheet::model::{IncomingPaper, PaperKey, SignalPoint, Signals, SourceName, Timestamp};
use broadsheet::scheduler::ingest::{Route, store_history, store_papers};
use broadsheet::store::Db;
use chrono::TimeDelta;

use super::dice::Dice;
use super::words::{Topic, Words};

const CATEGORIES: [&str; 8] = ["cs.CL", "cs.LG", "cs.CV", "cs.AI", "stat.ML", "cs.RO", "cs.IR", "eess.AS"];

/// `count` papers from the seed.
pub fn make(count: usize, seed: u64) -> Vec<IncomingPaper> {
    let words = Words::new();
    let mut dice = Dice::new(seed);
    (0..count).map(|number| paper(&words, &mut dice, number)).collect()
}

/// Takes in `per_day` papers for each of `days` days that end `now`, spread over the day, with signals
/// read four times a day for every third of them.
pub async fn seed(db: &Db, now: Timestamp, per_day: usize, days: usize) {
    let papers = make(per_day * days, 1);
    let mut dice = Dice::new(2);
    for (number, page) in papers.chunks(per_day.div_ceil(24)).enumerate() {
        let age = TimeDelta::hours(1) * i32::try_from(number + 1).expect("few");
        store_papers(db, page, Route::Source, now - age).await.expect("stored");
        for paper in page.iter().step_by(3) {
            store_history(db, paper, &history(&mut dice, now - age, now)).await.expect("stored");
        }
    }
    db.analyze().await.expect("analyzed");
}

fn history(dice: &mut Dice, since: Timestamp, now: Timestamp) -> Vec<SignalPoint> {
    let pace = dice.rank(40);
    let mut upvotes = 0;
    let mut points = Vec::new();
    let mut at = since;
    while at <= now {
        upvotes += dice.below(pace + 1);
        let signals = Signals { upvotes: u32::try_from(upvotes).ok(), ..Signals::default() };
        points.push(SignalPoint { at, signals });
        at += TimeDelta::hours(6);
    }
    points
}

fn paper(words: &Words, dice: &mut Dice, number: usize) -> IncomingPaper {
    let topics: Vec<&Topic> = (0..=dice.below(3)).map(|_| words.topic(dice)).collect();
    let title_words = 5 + dice.below(6);
    let abstract_words = 110 + dice.below(80);
    let author = |dice: &mut Dice| {
        let name = words.text(dice, &[words.topic(&mut Dice::new(7))], 2).replace('.', "");
        name.split(' ')
            .map(|part| format!("{}{} ", part[..1].to_uppercase(), &part[1..]))
            .collect::<String>()
            .trim()
            .to_owned()
    };
    IncomingPaper {
        source: SourceName::new(SourceName::ARXIV),
        keys: vec![PaperKey::arxiv(&format!("2603.{number:05}"))],
        title: words.text(dice, &topics, title_words).replace('.', ":"),
        abstract_text: words.text(dice, &topics, abstract_words),
        authors: (0..=dice.below(6)).map(|_| author(dice)).collect(),
        categories: (0..=dice.below(2)).map(|_| (*dice.pick(&CATEGORIES)).to_owned()).collect(),
        published_at: None,
        announced_on: None,
        announce_type: None,
        url: Some(format!("https://arxiv.org/abs/2603.{number:05}")),
        code_url: None,
        project_url: None,
        withdrawn: false,
        signals: Signals::default(),
    }
}
