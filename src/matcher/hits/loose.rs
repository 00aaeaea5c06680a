//! Loose phrases: all words in one field, near each other.
//!
//! Side by side and in order counts in full. Otherwise `n` words within `2n + 2` positions count an eighth,
//! stop words not counted among the `n`. Equal words need different places.

use super::{FULL, Hit, Mark, NEAR, chain};

/// One word of a loose phrase.
pub(super) struct Element {
    /// Where it stands, sorted, never empty.
    pub hits: Vec<Hit>,
    /// How many stop words stand before it.
    pub gap: u32,
    /// How many positions it takes.
    pub width: u32,
    /// Equal for words that hit the same places.
    pub key: String,
}

/// The occurrences of the phrase, field by field.
pub(super) fn marks(elements: &[Element]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = in_order(elements).into_iter().map(|hit| Mark { hit, weight: FULL }).collect();
    let strict: Vec<(u16, u8)> = marks.iter().map(|mark| mark.hit.place()).collect();
    let words = distinct(elements);
    let reach = elements.iter().map(|element| element.width).sum::<u32>().saturating_mul(2).saturating_add(2);
    let Some(rarest) = words.iter().map(|word| word.hits).min_by_key(|hits| hits.len()) else { return marks };
    let mut rest: Vec<Repeated<'_>> = words.clone();
    let mut here: Vec<Repeated<'_>> = Vec::with_capacity(words.len());
    let mut at: Vec<usize> = Vec::with_capacity(words.len());
    for group in rarest.chunk_by(|one, other| one.place() == other.place()) {
        let place = group[0].place();
        here.clear();
        here.extend(rest.iter_mut().map_while(|word| word.take(place)));
        if here.len() == words.len() && strict.binary_search(&place).is_err() {
            near(&here, reach, &mut at, &mut marks);
        }
    }
    marks
}

/// Adjacent and in the order asked for.
fn in_order(elements: &[Element]) -> Vec<Hit> {
    let mut elements = elements.iter();
    let mut hits = elements.next().map(|first| first.hits.clone()).unwrap_or_default();
    for element in elements {
        hits = chain(&hits, &element.hits, element.gap);
    }
    hits
}

/// A word asked for `times` times.
#[derive(Clone, Copy)]
struct Repeated<'a> {
    hits: &'a [Hit],
    times: usize,
}

impl<'a> Repeated<'a> {
    /// The hits of a place, if there are enough; what lies before it is let go.
    fn take(&mut self, place: (u16, u8)) -> Option<Self> {
        // Places come in order and mostly follow each other closely.
        let mut step = 1;
        while self.hits.get(step).is_some_and(|hit| hit.place() < place) {
            step *= 2;
        }
        let bound = self.hits.len().min(step + 1);
        let from = self.hits[..bound].partition_point(|hit| hit.place() < place);
        self.hits = &self.hits[from..];
        let count = self.hits.iter().take_while(|hit| hit.place() == place).count();
        (count >= self.times).then_some(Self { hits: &self.hits[..count], ..*self })
    }

    /// The stretch of `times` hits from the n-th on.
    fn stretch(self, at: usize) -> Option<(u32, u32, &'a [Hit])> {
        let hits = self.hits.get(at..at + self.times)?;
        Some((hits.first()?.start, hits.iter().map(|hit| hit.end).max()?, hits))
    }
}

fn distinct(elements: &[Element]) -> Vec<Repeated<'_>> {
    let mut words: Vec<(&str, Repeated<'_>)> = Vec::new();
    for element in elements {
        match words.iter_mut().find(|(key, _)| *key == element.key) {
            Some((_, word)) => word.times += 1,
            None => words.push((&element.key, Repeated { hits: &element.hits, times: 1 })),
        }
    }
    words.into_iter().map(|(_, word)| word).collect()
}

/// Finds stretches of at most `reach` positions with all words, none overlapping another.
fn near(words: &[Repeated<'_>], reach: u32, at: &mut Vec<usize>, marks: &mut Vec<Mark>) {
    at.clear();
    at.resize(words.len(), 0);
    loop {
        let mut first = (u32::MAX, 0);
        let mut end = 0;
        for (index, word) in words.iter().enumerate() {
            let Some((start, last, _)) = word.stretch(at[index]) else { return };
            first = first.min((start, index));
            end = end.max(last);
        }
        if end - first.0 > reach {
            at[first.1] += 1;
            continue;
        }
        let mut weight = NEAR;
        for (index, word) in words.iter().enumerate() {
            for hit in word.stretch(at[index]).map_or(&[][..], |(_, _, hits)| hits) {
                marks.push(Mark { hit: *hit, weight });
                weight = 0;
            }
            while word.hits.get(at[index]).is_some_and(|hit| hit.start < end) {
                at[index] += 1;
            }
        }
    }
}
