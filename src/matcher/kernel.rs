//! The hot function: the best of a profile's counters.
//!
//! Counters are folded into the maxima of many stripes. The k-th largest maximum is no more than the k-th
//! largest counter, so what is below it cannot win; it is found by counting, and picking what is not below
//! takes no branch that depends on the data. Only a few more than k are left to be sorted.
//!
//! The same code is compiled twice, for every machine and for those with AVX2. All of it is integers.

/// Which form of the hot function runs. The results do not differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kernel {
    /// The fastest this machine has.
    #[default]
    Fastest,
    /// The fastest that runs everywhere.
    Portable,
    /// Takes everything that matched, and leaves the rest to sorting: what the others are compared with.
    Plain,
}

/// Counters come in multiples of this; what is left over is zero.
pub(super) const ROW: usize = 128;
/// Stripes for so many winners and more.
const MANY: usize = 512;
/// Counting for the bound stops when so many more than needed are above it: sorting them is cheaper.
const SPARE: usize = 6;

impl Kernel {
    /// Finds the counters that may be among the best `k` and sets all of them to zero.
    ///
    /// Returns how many were above zero. `keys` begins with [`key`]s, the best `k` surely among them, in no order,
    /// and [`Picked::keys`] says how many.
    pub(super) fn pick(self, counters: &mut [u32], k: usize, keys: &mut Vec<u64>) -> Picked {
        if keys.len() <= counters.len() {
            keys.resize(counters.len() + 1, 0);
        }
        #[cfg(target_arch = "x86_64")]
        if self == Self::Fastest && std::arch::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the processor was just asked whether it has the feature")]
            // SAFETY: `pick_avx2` needs AVX2 and nothing else, and the line above saw that it is there.
            return unsafe { pick_avx2(counters, k, keys) };
        }
        if self == Self::Plain { pick_all(counters, keys) } else { pick(counters, k, keys) }
    }
}

/// What the hot function found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picked {
    /// How many counters were above zero.
    pub matched: u32,
    /// How many keys were written.
    pub keys: usize,
}

/// Orders by score, then by place, the best being the smallest.
pub(super) fn key(score: u32, place: usize) -> u64 {
    u64::from(!score) << 32 | place as u64
}

/// The place and the score of a key.
pub(super) fn of_key(key: u64) -> (usize, u32) {
    ((key & 0xFFFF_FFFF) as usize, !((key >> 32) as u32))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn pick_avx2(counters: &mut [u32], k: usize, keys: &mut [u64]) -> Picked {
    pick(counters, k, keys)
}

fn pick_all(counters: &mut [u32], keys: &mut [u64]) -> Picked {
    let mut found = 0;
    for (place, score) in counters.iter_mut().enumerate().filter(|(_, score)| **score > 0) {
        keys[found] = key(std::mem::take(score), place);
        found += 1;
    }
    Picked { matched: u32::try_from(found).unwrap_or(u32::MAX), keys: found }
}

#[inline(always)]
fn pick(counters: &mut [u32], k: usize, keys: &mut [u64]) -> Picked {
    if k <= ROW / 2 { pick_in::<ROW>(counters, k, keys) } else { pick_in::<MANY>(counters, k, keys) }
}

#[inline(always)]
fn pick_in<const N: usize>(counters: &mut [u32], k: usize, keys: &mut [u64]) -> Picked {
    let mut maxima = [0_u32; N];
    let mut matched = 0;
    let (rows, rest) = counters.as_chunks::<N>();
    for row in rows.iter().map(<[u32; N]>::as_slice).chain([rest]) {
        for (most, score) in maxima.iter_mut().zip(row) {
            *most = (*most).max(*score);
        }
        matched += row.iter().map(|score| u32::from(*score > 0)).sum::<u32>();
    }
    let bound = bound(&maxima, k);
    let mut stripes = [0_u16; N];
    let mut count = 0;
    for (stripe, most) in maxima.iter().enumerate() {
        stripes[count] = stripe as u16;
        count += usize::from(*most >= bound);
    }
    let mut found = 0;
    for &stripe in &stripes[..count] {
        for place in (usize::from(stripe)..counters.len()).step_by(N) {
            keys[found] = key(counters[place], place);
            found += usize::from(counters[place] >= bound);
        }
    }
    counters.fill(0);
    Picked { matched, keys: found }
}

/// A bound, at least 1, below which nothing is among the best `k`: at least `k` maxima are not below it, if so many are above zero.
#[inline(always)]
fn bound<const N: usize>(maxima: &[u32; N], k: usize) -> u32 {
    let above = |bound: u32| maxima.iter().map(|most| u32::from(*most >= bound)).sum::<u32>() as usize;
    // At least k are not below `low` (or it is 1), and fewer than k not below `high`.
    let (mut low, mut high) = (1, maxima.iter().fold(0, |most, one| most.max(*one)).saturating_add(1));
    let mut middle = maxima.iter().map(|most| most / N as u32).sum::<u32>();
    while high - low > 1 {
        let guess = middle.clamp(low + 1, high - 1);
        let count = above(guess);
        if count < k {
            high = guess;
        } else {
            low = guess;
            if count <= k + SPARE {
                break;
            }
        }
        middle = low + (high - low) / 2;
    }
    low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KERNELS: [Kernel; 3] = [Kernel::Plain, Kernel::Portable, Kernel::Fastest];

    /// The best `k` as places and scores, and how many matched.
    fn best(kernel: Kernel, counters: &[u32], k: usize) -> (Vec<(usize, u32)>, u32) {
        let (mut counters, mut keys) = (counters.to_vec(), Vec::new());
        let picked = kernel.pick(&mut counters, k, &mut keys);
        assert!(counters.iter().all(|score| *score == 0), "counters are cleared");
        keys.truncate(picked.keys);
        keys.sort_unstable();
        (keys.into_iter().take(k).map(of_key).collect(), picked.matched)
    }

    fn sorted(counters: &[u32], k: usize) -> Vec<(usize, u32)> {
        let mut all: Vec<(usize, u32)> = counters.iter().copied().enumerate().filter(|(_, score)| *score > 0).collect();
        all.sort_by_key(|(place, score)| (u32::MAX - score, *place));
        all.truncate(k);
        all
    }

    #[test]
    fn nothing_and_ties_and_the_highest_scores_are_ranked() {
        for counters in [vec![], vec![0; 300], vec![7; 1000], vec![u32::MAX - 1; 700], vec![1], (0..5000).collect()] {
            for k in [0, 1, 40, 64, 65, 200, 256, 6000] {
                for kernel in KERNELS {
                    assert_eq!(best(kernel, &counters, k).0, sorted(&counters, k), "{kernel:?} {k}");
                }
            }
        }
    }

    #[test]
    fn only_a_few_more_than_asked_for_are_left_to_sort() {
        let counters: Vec<u32> = (0..1024_u32).map(|n| n.wrapping_mul(2_654_435_761) >> 12).collect();
        let mut keys = Vec::new();
        assert!(Kernel::Fastest.pick(&mut counters.clone(), 40, &mut keys).keys < 80);
    }

    proptest! {
        #[test]
        fn every_kernel_picks_the_same(
            counters in prop::collection::vec(prop_oneof![2 => Just(0_u32), 1 => 1..50_u32, 1 => 1..700_000_000_u32], 0..1500),
            k in 0..300_usize,
        ) {
            let expected = sorted(&counters, k);
            let matched = counters.iter().filter(|score| **score > 0).count();
            for kernel in KERNELS {
                prop_assert_eq!(&best(kernel, &counters, k), &(expected.clone(), u32::try_from(matched).unwrap()));
            }
        }
    }
}
