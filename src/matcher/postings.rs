//! What one interest adds to the documents of all segments, in one piece of memory.
//!
//! Ranking meets the postings of many interests once each, in no order: what costs is fetching
//! memory, so ends and postings stand together, and a posting takes four bytes.

/// The postings of one interest: for each segment where its postings end, then all postings,
/// each a document and an impact of 16 bits. Nothing at all if there are no postings, as for most rare interests.
#[derive(Debug, Default)]
pub(super) struct Postings {
    packed: Box<[u32]>,
}

impl Postings {
    /// Takes for each segment its documents with their impacts, in order.
    pub(super) fn new(segments: &[Vec<(u16, u16)>]) -> Self {
        let total: usize = segments.iter().map(Vec::len).sum();
        if total == 0 {
            return Self::default();
        }
        let mut packed = Vec::with_capacity(segments.len() + total);
        let mut end = segments.len();
        for found in segments {
            end += found.len();
            packed.push(u32::try_from(end).unwrap_or(u32::MAX));
        }
        for (doc, impact) in segments.iter().flatten() {
            packed.push(u32::from(*doc) << 16 | u32::from(*impact));
        }
        Self { packed: packed.into() }
    }

    /// The postings of one of `segments` segments for the documents from `from` to before `to`: document, impact.
    pub(super) fn within(
        &self,
        segments: usize,
        segment: usize,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = (usize, u32)> {
        let found = self.of(segments, segment);
        let first = if from == 0 { 0 } else { found.partition_point(|posting| doc(*posting) < from) };
        let rest = &found[first..];
        let rest = match rest.last() {
            Some(last) if doc(*last) >= to => &rest[..rest.partition_point(|posting| doc(*posting) < to)],
            _ => rest,
        };
        rest.iter().map(|posting| (doc(*posting), posting & 0xFFFF))
    }

    /// Whether one of `segments` segments has this document.
    pub(super) fn hit(&self, segments: usize, segment: usize, document: usize) -> bool {
        self.of(segments, segment).binary_search_by_key(&document, |posting| doc(*posting)).is_ok()
    }

    fn of(&self, segments: usize, segment: usize) -> &[u32] {
        let begin = segment.checked_sub(1).map_or(segments, |before| self.end(before));
        self.packed.get(begin..self.end(segment)).unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> usize {
        4 * self.packed.len()
    }

    fn end(&self, segment: usize) -> usize {
        self.packed.get(segment).map_or(0, |end| *end as usize)
    }
}

fn doc(posting: u32) -> usize {
    (posting >> 16) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_segment_gives_its_own_documents_of_a_range() {
        let postings = Postings::new(&[vec![(0, 7), (5, 65_535), (65_535, 1)], vec![], vec![(5, 2)]]);
        let of = |segment, from, to| postings.within(3, segment, from, to).collect::<Vec<_>>();
        assert_eq!(of(0, 0, 65_536), [(0, 7), (5, 65_535), (65_535, 1)]);
        assert_eq!(of(0, 1, 6), [(5, 65_535)]);
        assert_eq!(of(0, 1, 5), []);
        assert_eq!(of(1, 0, 65_536), []);
        assert_eq!(of(2, 5, 6), [(5, 2)]);
        let hit = |segment| [0, 1, 5, 65_535].map(|doc| postings.hit(3, segment, doc));
        assert_eq!([0, 1, 2].map(hit), [[true, false, true, true], [false; 4], [false, false, true, false]]);
    }
}
