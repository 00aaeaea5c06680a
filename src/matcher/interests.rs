//! The distinct interests of all profiles, each with a number, and what lines of profiles mean.
//!
//! Most lines are written by many people, so a line is parsed once and then looked up.
//! Any number of threads may read profiles at once.

use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

use super::profile::{self, Interest, MAX_INTERESTS, Profile};
use super::query::Boost;
use super::row::{CompiledProfile, Line, MAX_DISTINCT, RowBuilder};

/// The number of a distinct interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct InterestId(pub u32);

/// The distinct interests noted so far. Profiles compiled by it fit every [`super::Matcher`] made with it.
#[derive(Default)]
pub struct Interests {
    table: RwLock<Table>,
}

impl Interests {
    /// Notes the interests of a profile.
    pub fn compile(&self, profile: &Profile) -> CompiledProfile {
        let mut row = RowBuilder::default();
        let add = |one: &Interest| self.number(&one.canonical).map(|id| (id, one.boost.tenths()));
        for (id, tenths) in profile.interests.iter().filter_map(add) {
            row.push(Line::interest(id, tenths));
        }
        for (id, _) in profile.exclusions.iter().filter_map(add) {
            row.push(Line::exclusion(id));
        }
        row.finish()
    }

    /// [`Profile::from_text`] and [`Interests::compile`] in one, without reading known lines again.
    pub fn compile_text(&self, text: &str) -> CompiledProfile {
        let mut row = RowBuilder::default();
        self.read_into(&mut row, text);
        row.finish()
    }

    /// Reads the lines of a profile, as [`Profile::from_text`] does.
    pub(super) fn read_into(&self, row: &mut RowBuilder, text: &str) {
        let mut known = self.table.read().unwrap_or_else(PoisonError::into_inner);
        for (_, line) in profile::lines(text) {
            if row.len() == MAX_INTERESTS {
                break;
            }
            let meaning = match known.meaning(line) {
                Some(meaning) => meaning,
                None => {
                    drop(known);
                    let meaning = self.learn(line);
                    known = self.table.read().unwrap_or_else(PoisonError::into_inner);
                    meaning
                }
            };
            if let Some(line) = meaning {
                row.push(line);
            }
        }
    }

    /// Parses a line and remembers what it means.
    fn learn(&self, text: &str) -> Option<Line> {
        let one = Profile::from_text(text);
        let interest = one
            .interests
            .first()
            .and_then(|interest| Some(Line::interest(self.number(&interest.canonical)?, interest.boost.tenths())));
        let meaning = interest.or_else(|| Some(Line::exclusion(self.number(&one.exclusions.first()?.canonical)?)));
        self.table.write().unwrap_or_else(PoisonError::into_inner).note(text, meaning);
        meaning
    }

    /// The number of an interest, given if it has none yet; `None` once there are more than can be told apart.
    fn number(&self, canonical: &str) -> Option<InterestId> {
        let found = self.table.read().unwrap_or_else(PoisonError::into_inner).number(canonical);
        found.or_else(|| self.table.write().unwrap_or_else(PoisonError::into_inner).intern(canonical))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.read().unwrap_or_else(PoisonError::into_inner).canonical.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the texts and their table take.
    pub fn bytes(&self) -> usize {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.texts.capacity()
            + size_of::<Entry>() * table.entries.capacity()
            + 8 * table.slots.capacity()
            + 4 * table.canonical.capacity()
    }

    /// The canonical text of an interest.
    pub(super) fn text(&self, id: InterestId) -> Option<String> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let entry = *table.canonical.get(id.0 as usize)?;
        Some(table.text(&table.entries[entry as usize]).to_owned())
    }
}

/// Lines and their meanings: an open hash table over one long text, because a table of strings of
/// their own would take three times the memory.
#[derive(Default)]
struct Table {
    texts: String,
    entries: Vec<Entry>,
    /// The upper half of a hash, and one more than the place of the entry; 0 where nothing is.
    slots: Vec<u64>,
    /// For each interest the entry of its canonical text.
    canonical: Vec<u32>,
    hasher: RandomState,
}

struct Entry {
    start: u32,
    length: u16,
    meaning: Option<Line>,
}

const HASH_PART: u64 = 0xFFFF_FFFF_0000_0000;

impl Table {
    fn text(&self, entry: &Entry) -> &str {
        let start = entry.start as usize;
        self.texts.get(start..start + usize::from(entry.length)).unwrap_or_default()
    }

    /// What a line is known to mean.
    fn meaning(&self, line: &str) -> Option<Option<Line>> {
        self.find(line).map(|entry| self.entries[entry].meaning)
    }

    /// The number of an interest: its canonical text is also a line, and means the interest.
    fn number(&self, canonical: &str) -> Option<InterestId> {
        self.meaning(canonical).flatten().filter(|line| !line.is_exclusion()).map(Line::id)
    }

    fn find(&self, line: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(line);
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            let entry = (slot as u32 as usize).checked_sub(1)?;
            if slot & HASH_PART == hash & HASH_PART && self.text(&self.entries[entry]) == line {
                return Some(entry);
            }
            at = (at + 1) & mask;
        }
    }

    /// Remembers a line, unless the texts are longer than can be pointed at: then it is parsed each time.
    fn note(&mut self, line: &str, meaning: Option<Line>) -> Option<usize> {
        if let Some(known) = self.find(line) {
            return Some(known);
        }
        let length = u16::try_from(line.len()).ok()?;
        let start = u32::try_from(self.texts.len()).ok()?;
        let entry = self.entries.len();
        self.texts.push_str(line);
        self.entries.push(Entry { start, length, meaning });
        if self.entries.len() * 2 > self.slots.len() {
            self.grow();
        } else {
            self.place(entry);
        }
        Some(entry)
    }

    fn intern(&mut self, canonical: &str) -> Option<InterestId> {
        if let Some(known) = self.number(canonical) {
            return Some(known);
        }
        let id = u32::try_from(self.canonical.len()).ok().filter(|id| *id < MAX_DISTINCT).map(InterestId)?;
        let meaning = Some(Line::interest(id, Boost::NEUTRAL.tenths()));
        let entry = self.note(canonical, meaning)?;
        self.entries[entry].meaning = meaning;
        self.canonical.push(u32::try_from(entry).ok()?);
        Some(id)
    }

    fn grow(&mut self) {
        let size = (self.entries.len() * 4).next_power_of_two().max(64);
        self.slots.clear();
        self.slots.resize(size, 0);
        (0..self.entries.len()).for_each(|entry| self.place(entry));
    }

    fn place(&mut self, entry: usize) {
        let hash = self.hasher.hash_one(self.text(&self.entries[entry]));
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = hash & HASH_PART | (entry as u64 + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_interests_have_one_number_however_written() {
        let interests = Interests::default();
        for profile in ["LLM agents\nrobots", "llm agents^2", "“LLM” AND robots", "-Robots"] {
            interests.compile_text(profile);
            interests.compile(&Profile::from_text(profile));
        }
        assert_eq!(interests.len(), 3);
    }

    #[test]
    fn a_number_leads_back_to_its_text() {
        let interests = Interests::default();
        for n in 0..500 {
            let row = interests.compile_text(&format!("Topic{n}^3\n-Other{n}"));
            let texts = row.row().0.iter().map(|line| interests.text(line.id()).unwrap());
            assert_eq!(texts.collect::<Vec<_>>(), [format!("topic{n}"), format!("other{n}")]);
        }
        assert_eq!(interests.text(InterestId(1000)), None);
    }

    #[test]
    fn a_profile_read_line_by_line_is_the_same_profile() {
        let interests = Interests::default();
        let text = "# topics\nRobots^2\n titel:x\n-survey\nrobots\n-surveys\n\nllm agents\nROBOTS^3";
        let expected = interests.compile(&Profile::from_text(text));
        for _ in 0..2 {
            assert_eq!(interests.compile_text(text), expected);
        }
        let long: String = (0..150).map(|n| format!("topic{n}\n")).collect();
        assert_eq!(interests.compile_text(&long), interests.compile(&Profile::from_text(&long)));
        let huge = "x".repeat(70_000);
        assert!(interests.compile_text(&huge).is_empty());
    }
}
