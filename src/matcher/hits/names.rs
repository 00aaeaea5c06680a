//! Names of authors and categories.
//!
//! A name matches an author when each of its parts is a different part of the author's name, in any
//! order, an initial standing for a full part on either side, and at least one full part is equal.
//! So `author:"Y. LeCun"` finds Yann LeCun and `LeCun, Yann`, and *Yann LeCun* finds `Y. LeCun`.

use super::Hit;
use crate::matcher::index::{ENTRY, WHOLE, Words, field_number};
use crate::matcher::query::leaf::is_full_part;
use crate::model::Field;

/// Real names need a handful of tries; a name made to need more does not match.
const MAX_TRIES: u32 = 4096;

/// Where a name stands; each part found is a hit.
pub(super) fn of_name(words: &Words, parts: &[String]) -> Vec<Hit> {
    let author = field_number(Field::Author);
    let authors = |hit: &Hit| hit.field == author;
    let (full, initials): (Vec<&String>, Vec<&String>) = parts.iter().partition(|part| is_full_part(part));
    let candidates: Vec<Vec<Hit>> = full
        .iter()
        .map(|part| {
            let mut hits: Vec<Hit> = words.of_surface(part).map(Hit::of).filter(authors).collect();
            let exact = hits.len();
            if let Some(initial) = part.chars().next() {
                hits.extend(words.of_surface(initial.encode_utf8(&mut [0; 4])).map(Hit::of).filter(authors));
            }
            hits[..exact].sort_unstable();
            hits[exact..].sort_unstable();
            hits
        })
        .chain(initials.iter().map(|part| {
            let mut hits: Vec<Hit> = words.of_prefix(part).map(Hit::of).filter(authors).collect();
            hits.sort_unstable();
            hits
        }))
        .collect();
    let mut entries: Vec<(u16, u32)> = Vec::new();
    for part in &full {
        entries.extend(words.of_surface(part).map(Hit::of).filter(authors).map(|hit| entry(&hit)));
    }
    entries.sort_unstable();
    entries.dedup();
    entries.into_iter().filter_map(|entry| assign(&candidates, entry)).flatten().collect()
}

fn entry(hit: &Hit) -> (u16, u32) {
    (hit.doc, hit.start / ENTRY)
}

/// A different place in `wanted` for each part, or `None`.
fn assign(candidates: &[Vec<Hit>], wanted: (u16, u32)) -> Option<Vec<Hit>> {
    let mut open: Vec<Vec<Hit>> = Vec::with_capacity(candidates.len());
    for hits in candidates {
        open.push(hits.iter().filter(|hit| entry(hit) == wanted).copied().collect());
    }
    // The parts with the least choice first: what cannot work is then seen at once.
    open.sort_by_key(Vec::len);
    let mut taken: Vec<Hit> = Vec::with_capacity(open.len());
    place(&open, &mut taken, &mut MAX_TRIES.clone()).then_some(taken)
}

/// Tries the places of each part in turn.
fn place(open: &[Vec<Hit>], taken: &mut Vec<Hit>, tries_left: &mut u32) -> bool {
    let Some(choices) = open.get(taken.len()) else { return true };
    for hit in choices {
        if *tries_left == 0 {
            return false;
        }
        *tries_left -= 1;
        if taken.iter().all(|other| hit.end <= other.start || other.end <= hit.start) {
            taken.push(*hit);
            if place(open, taken, tries_left) {
                return true;
            }
            taken.pop();
        }
    }
    false
}

/// Where a category stands.
pub(super) fn of_category(words: &Words, name: &str, below: bool) -> Vec<Hit> {
    let whole = format!("{WHOLE}{name}");
    let mut hits: Vec<Hit> = words.of_surface(&whole).map(Hit::of).collect();
    if below {
        hits.extend(words.of_prefix(&format!("{whole}.")).map(Hit::of));
    }
    hits.sort_unstable();
    hits
}
