//! Chance that can be repeated: the same seed and the same name give the same numbers on every machine.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
/// 64 bits of state, one output for each, good enough to draw samples and useless for secrets.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// The sequence that belongs to a seed and a name. Sequences of different names have nothing to do
    /// with each other, so that one more draw for one paper changes nothing for the next.
    pub(super) fn of(seed: u64, name: &str) -> Self {
        let mut chance = Self(seed);
        for byte in name.bytes() {
            chance.0 = chance.next() ^ u64::from(byte);
        }
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, 0 when that is 0. Its bias is below `bound` in 2^64.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * (bound as u128);
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    /// One of the items, if there is any.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// How many of `count` things are kept when each is kept with this percentage, whatever the others.
    pub(super) fn thin(&mut self, count: u32, percent: usize) -> u32 {
        (0..count).map(|_| u32::from(self.below(100) < percent)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first outputs of the authors' reference program for the seed 1234567.
        let mut chance = Chance(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| chance.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn names_and_seeds_have_sequences_of_their_own() {
        let draw = |seed, name| {
            let mut chance = Chance::of(seed, name);
            (0..8).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, "votes"), draw(1, "votes"));
        assert_ne!(draw(1, "votes"), draw(2, "votes"));
        assert_ne!(draw(1, "votes"), draw(1, "profiles"));
    }

    #[test]
    fn thinning_keeps_about_the_share_asked_for() {
        let mut chance = Chance::of(7, "thinning");
        let kept = chance.thin(100_000, 30);
        assert!((29_500..30_500).contains(&kept), "{kept}");
        assert_eq!((chance.thin(0, 30), chance.thin(50, 100), chance.thin(50, 0)), (0, 50, 0));
        assert_eq!(chance.below(0), 0);
    }
}
