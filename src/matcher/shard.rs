//! Many compiled profiles side by side: about 50 bytes each for ten interests.

use super::interests::Interests;
use super::row::{Line, Row, RowBuilder};
use crate::model::SubscriberId;

/// A part of all profiles, to be ranked by one thread.
#[derive(Debug, Default)]
pub struct Shard {
    people: Vec<SubscriberId>,
    /// For each of them, where its lines end.
    ends: Vec<u32>,
    lines: Vec<Line>,
    row: RowBuilder,
}

impl Shard {
    /// Adds a profile as its writer wrote it; lines that cannot be understood are passed over.
    pub fn push_text(&mut self, interests: &Interests, person: SubscriberId, text: &str) {
        self.row.clear();
        interests.read_into(&mut self.row, text);
        self.lines.extend(self.row.lines());
        self.people.push(person);
        self.ends.push(u32::try_from(self.lines.len()).unwrap_or(u32::MAX));
    }

    /// How many profiles there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The profiles in the order they were added, and whose they are.
    pub fn rows(&self) -> impl Iterator<Item = (SubscriberId, Row<'_>)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends).map(|(from, to)| from as usize..*to as usize);
        let rows = ranges.map(|range| Row(self.lines.get(range).unwrap_or_default()));
        self.people.iter().copied().zip(rows)
    }

    /// Gives back memory that was set aside for more.
    pub fn shrink(&mut self) {
        self.people.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.lines.shrink_to_fit();
    }

    /// Bytes that the profiles take.
    pub fn bytes(&self) -> usize {
        size_of::<SubscriberId>() * self.people.capacity() + 4 * (self.ends.capacity() + self.lines.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::Profile;

    #[test]
    fn a_shard_gives_back_what_was_put_in() {
        let interests = Interests::default();
        let texts = ["robots^2\n-survey", "", "llm agents\nrobots\nrobots^3", "-survey"];
        let mut shard = Shard::default();
        for (text, id) in texts.into_iter().zip(1..) {
            shard.push_text(&interests, SubscriberId(id), text);
        }
        assert_eq!(shard.len(), 4);
        for ((person, row), (text, id)) in shard.rows().zip(texts.into_iter().zip(1..)) {
            assert_eq!(person, SubscriberId(id));
            assert_eq!(row, interests.compile(&Profile::from_text(text)).row());
        }
    }
}
