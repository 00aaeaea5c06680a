//! A query against an index: which documents it matches, how well, and where.

use super::hits::{self, Mark};
use super::index::Index;
use super::query::Node;
use super::score::{clearness, quality, weight};
use super::stem::Stems;

/// A document and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub doc: u16,
    /// At least 1.
    pub quality: u32,
}

/// The documents that match, in their order.
pub(super) fn matches(index: &Index, stems: &Stems, node: &Node) -> Vec<Match> {
    match node {
        Node::Leaf(leaf) => {
            let marks = hits::of_leaf(index, stems, leaf);
            let groups = marks.chunk_by(|one, other| one.hit.doc == other.hit.doc);
            groups.map(|group| of_document(index, group, clearness(leaf))).collect()
        }
        Node::Boosted(inner, boost) => {
            let mut found = matches(index, stems, inner);
            for one in &mut found {
                one.quality = (one.quality.saturating_mul(boost.tenths()) / 10).max(1);
            }
            found
        }
        Node::Or(parts) => {
            let found = parts.iter().map(|part| matches(index, stems, part));
            found.reduce(|one, other| either(&one, &other)).unwrap_or_default()
        }
        Node::And(parts) => all(index, stems, parts),
        // Stands only inside an `And`, which sees to it.
        Node::Not(_) => Vec::new(),
    }
}

fn of_document(index: &Index, marks: &[Mark], clearness: u32) -> Match {
    let doc = marks[0].hit.doc;
    let total = marks.iter().map(weight).fold(0, u32::saturating_add);
    let length = index.lengths.get(usize::from(doc)).copied().unwrap_or(0);
    Match { doc, quality: quality(total, length, clearness) }
}

fn all(index: &Index, stems: &Stems, parts: &[Node]) -> Vec<Match> {
    let mut found: Option<Vec<Match>> = None;
    let mut wanted = 0;
    for part in parts.iter().filter(|part| !matches!(part, Node::Not(_))) {
        let next = matches(index, stems, part);
        found = Some(match found {
            None => next,
            Some(found) => both(&found, &next),
        });
        wanted += 1;
    }
    let mut found = found.unwrap_or_default();
    for part in parts {
        if let (Node::Not(inner), false) = (part, found.is_empty()) {
            let refused = matches(index, stems, inner);
            found.retain(|one| refused.binary_search_by_key(&one.doc, |other| other.doc).is_err());
        }
    }
    for one in &mut found {
        one.quality = (one.quality / wanted.max(1)).max(1);
    }
    found
}

/// Documents in both, their qualities added.
fn both(one: &[Match], other: &[Match]) -> Vec<Match> {
    let mut found = Vec::new();
    let mut other = other.iter().peekable();
    for first in one {
        while other.peek().is_some_and(|second| second.doc < first.doc) {
            other.next();
        }
        if let Some(second) = other.peek().filter(|second| second.doc == first.doc) {
            found.push(Match { doc: first.doc, quality: first.quality.saturating_add(second.quality) });
        }
    }
    found
}

/// Documents in any of the two, with the better quality.
fn either(one: &[Match], other: &[Match]) -> Vec<Match> {
    let mut found: Vec<Match> = one.iter().chain(other).copied().collect();
    found.sort_unstable_by_key(|one| (one.doc, std::cmp::Reverse(one.quality)));
    found.dedup_by_key(|one| one.doc);
    found
}

/// Where the query hits in an index of one document: every part that helps it to match.
pub(super) fn marks(index: &Index, stems: &Stems, node: &Node) -> Vec<Mark> {
    match node {
        Node::Leaf(leaf) => hits::of_leaf(index, stems, leaf),
        Node::Boosted(inner, _) => marks(index, stems, inner),
        Node::Or(parts) | Node::And(parts) => parts
            .iter()
            .filter(|part| !matches!(part, Node::Not(_)) && !matches(index, stems, part).is_empty())
            .flat_map(|part| marks(index, stems, part))
            .collect(),
        Node::Not(_) => Vec::new(),
    }
}
