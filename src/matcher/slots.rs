//! A growing list whose entries are worked out when first asked for, by any thread, and read without a lock.

use std::sync::OnceLock;

use super::row::MAX_DISTINCT;

/// The first chunk has so many places; each further chunk twice as many as the one before.
const FIRST: usize = 256;
const CHUNKS: usize = 24;

/// Places for the numbers below [`CAPACITY`]. Chunks are made when first needed and never move.
pub(super) struct Slots<T> {
    chunks: [OnceLock<Box<[OnceLock<T>]>>; CHUNKS],
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { chunks: [const { OnceLock::new() }; CHUNKS] }
    }
}

/// Numbers from here on have no place.
const CAPACITY: usize = FIRST * ((1 << CHUNKS) - 1);
// Every interest has one.
const _: () = assert!(CAPACITY >= MAX_DISTINCT as usize);

impl<T> Slots<T> {
    /// The entry, if it was worked out.
    pub(super) fn get(&self, number: usize) -> Option<&T> {
        let (chunk, place) = place(number);
        self.chunks.get(chunk)?.get()?.get(place)?.get()
    }

    /// Bytes that the places take, without what entries point at.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.iter().filter_map(OnceLock::get).map(|places| size_of_val(&**places)).sum()
    }

    /// The entry, worked out now if it was not before.
    pub(super) fn get_or_init(&self, number: usize, work: impl FnOnce() -> T) -> Option<&T> {
        let (chunk, place) = place(number);
        let places = self.chunks.get(chunk)?.get_or_init(|| (0..FIRST << chunk).map(|_| OnceLock::new()).collect());
        Some(places.get(place)?.get_or_init(work))
    }
}

/// Chunk `c` begins at `FIRST * (2^c - 1)`.
fn place(number: usize) -> (usize, usize) {
    let chunk = (number / FIRST + 1).ilog2();
    (chunk as usize, number - FIRST * ((1 << chunk) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_place_of_its_own() {
        let slots = Slots::default();
        for number in 0..5000 {
            assert_eq!(slots.get(number), None);
            assert_eq!(slots.get_or_init(number, || number), Some(&number));
        }
        assert!((0..5000).all(|number| slots.get(number) == Some(&number)));
        assert_eq!(slots.get_or_init(7, || unreachable!()), Some(&7));
    }

    #[test]
    fn numbers_beyond_the_last_place_are_not_kept() {
        assert_eq!(place(CAPACITY).0, CHUNKS);
        assert_eq!(Slots::default().get_or_init(CAPACITY, || 1), None);
    }
}
