//! Synthetic papers and profiles, the same in every run.
//!
//! Words follow Zipf's law, and some of them stand together more often than chance, so that phrases are found.
//! Interests are a long list in order of popularity; popular ones ask for frequent words.

use broadsheet::matcher::Doc;
use broadsheet::model::{PaperId, Timestamp, from_micros};

/// Words that texts are made of.
const WORDS: usize = 150_000;
/// Words that stand together.
const PHRASES: usize = 60_000;
/// Different interests that anybody might have.
pub const UNIVERSE: usize = 176_000;
const CATEGORIES: [&str; 12] =
    ["cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.RO", "cs.HC", "cs.SD", "cs.CR", "cs.IR", "cs.NE", "eess.AS", "stat.ML"];
/// 2026-03-02, a Monday.
const MONDAY: i64 = 1_772_409_600_000_000;

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    /// A rank below `count` with a chance of about `1 / (rank + offset)`.
    fn zipf(&mut self, count: usize, offset: f64) -> usize {
        let rank = offset * ((1.0 + count as f64 / offset).powf(self.fraction()) - 1.0);
        (rank as usize).min(count - 1)
    }
}

/// The word of a rank: no two alike, none with an ending that stemming takes off.
pub fn word(rank: usize) -> String {
    const FIRST: [&str; 16] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "t", "v", "z", "br", "kr", "tr"];
    const SECOND: [&str; 4] = ["a", "o", "u", "ai"];
    let (mut rest, mut word) = (rank + 64, String::new());
    while rest > 0 {
        word.push_str(FIRST[rest % 16]);
        word.push_str(SECOND[rest / 16 % 4]);
        rest /= 64;
    }
    word.push('k');
    word
}

fn phrase(rank: usize) -> Vec<usize> {
    let mut dice = Dice(rank as u64 ^ 0x5EED);
    (0..2 + usize::from(rank.is_multiple_of(3))).map(|_| 100 + dice.zipf(20_000, 60.0)).collect()
}

pub fn author(rank: usize) -> String {
    format!("{} {}", word(200 + rank % 700), word(1000 + rank))
}

/// A paper that owns its texts.
pub struct Paper {
    pub id: i64,
    pub title: String,
    pub text: String,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub trend: u32,
    pub at: Timestamp,
}

impl Paper {
    pub fn doc(&self) -> Doc<'_> {
        Doc {
            id: PaperId(self.id),
            available_at: self.at,
            title: &self.title,
            abstract_text: &self.text,
            authors: &self.authors,
            categories: &self.categories,
            trend_permille: self.trend,
        }
    }
}

fn text(dice: &mut Dice, length: usize) -> String {
    let mut words: Vec<usize> = Vec::new();
    while words.len() < length {
        match dice.below(100) {
            0..8 => words.extend(phrase(dice.zipf(PHRASES, 40.0))),
            _ => words.push(dice.zipf(WORDS, 6.0)),
        }
    }
    let mut text = String::new();
    for (place, rank) in words.into_iter().enumerate() {
        if place > 0 {
            text.push_str(if place % 17 == 0 { ". " } else { " " });
        }
        text.push_str(&word(rank));
    }
    text
}

/// So many papers, spread over `days` days.
pub fn papers(count: usize, days: usize) -> Vec<Paper> {
    let mut dice = Dice(1);
    (0..count)
        .map(|number| Paper {
            id: number as i64 + 1,
            title: text(&mut dice, 9),
            text: text(&mut dice, 200),
            authors: (0..3 + dice.below(4)).map(|_| author(dice.zipf(30_000, 200.0))).collect(),
            categories: vec![CATEGORIES[dice.zipf(12, 4.0)].to_owned(), CATEGORIES[dice.zipf(12, 4.0)].to_owned()],
            trend: 500 + (2500.0 * dice.fraction().powi(4)) as u32,
            at: from_micros(MONDAY + (number * days * 24 / count) as i64 * 3_600_000_000),
        })
        .collect()
}

/// The interest of a rank of popularity.
pub fn interest(rank: usize) -> String {
    let mut dice = Dice(rank as u64 ^ 0xFACE);
    let near = |dice: &mut Dice| word(200 + rank * 2 / 3 + dice.below(30));
    let some = PHRASES.min(20 + rank / 2 + 1);
    match dice.below(20) {
        0..10 => word(200 + rank * 2 / 3),
        10..13 => phrase(rank / 3).into_iter().map(word).collect::<Vec<_>>().join(" "),
        13..15 => format!("\"{}\"", phrase(rank / 3).into_iter().map(word).collect::<Vec<_>>().join(" ")),
        15 => format!("{} OR {}", near(&mut dice), near(&mut dice)),
        16 => format!(
            "{} ({} OR \"{}\")",
            near(&mut dice),
            near(&mut dice),
            phrase(dice.below(some)).into_iter().map(word).collect::<Vec<_>>().join(" ")
        ),
        17 => format!("{} NOT {}", near(&mut dice), word(40 + dice.below(200))),
        18 => format!("title:{}", word(40 + rank / 2)),
        _ if rank.is_multiple_of(3) => format!("cat:{} {}", CATEGORIES[rank % 12], near(&mut dice)),
        _ => format!("author:\"{}\"", author(rank / 8)),
    }
}

/// The profile of a person: ten lines, of which one in thirty excludes.
pub fn profile(person: usize, universe: &[String]) -> String {
    let mut dice = Dice(person as u64 ^ 0xBEEF_0000);
    let mut lines = String::with_capacity(256);
    for number in 0..10 {
        let interest = &universe[dice.zipf(universe.len(), 10.0)];
        let lot = dice.below(30);
        match lot {
            0 if number > 0 => lines.push_str(&format!("-({interest})\n")),
            1..5 => lines.push_str(&format!("({interest})^{}\n", [2, 3, 4, 5][lot - 1])),
            _ => lines.push_str(&format!("{interest}\n")),
        }
    }
    lines
}
