//! The hot function: the best of a profile's counters.
//!
//! Counters are folded into the maxima of many stripes. The k-th largest maximum is no more than the k-th
//! largest counter, so what is below it cannot win; it is found by counting, and picking what is not below
//! takes no branch that depends on the data. Only a few more than k are left to be sorted.
//!
//! The same code is compiled twice, for every machine and for those with AVX2. All of it is integers.

/// Which compilation of the hot function runs. The results do not differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kernel {
    /// The fastest this machine has.
    #[default]
    Fastest,
    /// The one that runs everywhere.
    Portable,
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
        pick(counters, k, keys)
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

#[inline(always)]
fn pick(counters: &mut [u32], k: usize, keys: &mut [u64]) -> Picked {
    if k <= ROW / 2 { pick_in::<ROW>(counters, k, keys) } else { pick_in::<MANY>(counters, k, keys) }
}

#[inline(always)]
fn pick_in<const N: usize>(counters: &mut [u32], k: usize, keys: &mut [u64]) -> Picked {
    let mut maxima = [0_u32; N];
    let mut matched = 0;
    for row in counters.chunks(N) {
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
