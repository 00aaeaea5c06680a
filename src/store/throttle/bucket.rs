//! The token bucket of a relay: how many mails may be claimed now.
//!
//! A token is one mail, counted in millionths, so that a rate in mails a second adds `rate` millionths in a
//! microsecond and nothing is lost to rounding.

use crate::model::{Timestamp, from_micros, micros};

/// A whole token.
pub(super) const TOKEN: i64 = 1_000_000;
/// A bucket holds one second's worth: the largest burst after a silence.
const HOLDS_MICROS: i64 = 1_000_000;
/// Clocks of two nodes may differ by so much; a bucket filled later than that from now belongs to a clock that was put back.
const SKEW_MICROS: i64 = 60_000_000;
/// Claims are not worth making for less than a twentieth of a second's mails.
const SHARES: i64 = 20;

/// What is in the bucket, and up to when that is reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    /// Millionths of a mail.
    pub(super) tokens: i64,
    /// Microseconds since 1970.
    pub(super) refilled_at: i64,
}

impl Bucket {
    /// The bucket at `now`, filled at `rate` mails a second.
    pub(super) fn refilled(self, rate: u32, now: Timestamp) -> Self {
        let (rate, now) = (i64::from(rate), micros(now));
        let full = rate.saturating_mul(HOLDS_MICROS).max(TOKEN);
        if self.refilled_at > now.saturating_add(SKEW_MICROS) {
            return Self { tokens: self.tokens.clamp(0, full), refilled_at: now };
        }
        // A node whose clock is behind adds nothing, and leaves the mark where it is.
        let passed = now.saturating_sub(self.refilled_at).max(0);
        let tokens = self.tokens.saturating_add(passed.saturating_mul(rate)).clamp(0, full);
        Self { tokens, refilled_at: self.refilled_at.max(now) }
    }

    /// Whole mails in it.
    pub(super) fn mails(self) -> i64 {
        self.tokens / TOKEN
    }

    /// The bucket after `mails` left it.
    pub(super) fn less(self, mails: i64) -> Self {
        Self { tokens: self.tokens.saturating_sub(mails.saturating_mul(TOKEN)), ..self }
    }

    /// When it holds enough for a claim.
    pub(super) fn ready_at(self, rate: u32) -> Timestamp {
        let rate = i64::from(rate.max(1));
        let missing = (rate / SHARES).max(1).saturating_mul(TOKEN).saturating_sub(self.tokens).max(0);
        from_micros(self.refilled_at.saturating_add(missing / rate + i64::from(missing % rate > 0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A node: how far its clock is off, and when it asks for how many mails.
    fn visits() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
        proptest::collection::vec((0..3_000_000_i64, -2_000_000..2_000_000_i64, 0..400_i64), 1..80)
    }

    proptest! {
        #[test]
        fn no_node_and_no_pause_gets_more_than_the_rate_and_one_second(rate in 1..2_000_u32, visits in visits()) {
            let start = 1_800_000_000_000_000;
            let mut bucket = Bucket { tokens: 0, refilled_at: 0 };
            let (mut time, mut taken) = (start, 0);
            for (step, skew, wanted) in visits {
                time += step;
                bucket = bucket.refilled(rate, from_micros(time + skew));
                let mails = bucket.mails().min(wanted);
                bucket = bucket.less(mails);
                taken += mails;
                // Whatever the clocks of the nodes say, within their skew: two seconds early at most.
                let allowed = i64::from(rate) * (time - start + 4_000_000) / 1_000_000 + 1 + i64::from(rate);
                prop_assert!(taken <= allowed, "{taken} of {allowed}");
            }
        }

        #[test]
        fn what_is_promised_for_later_is_there_then(rate in 1..10_000_u32, tokens in 0..2_000_000_i64) {
            let now = 1_800_000_000_000_000;
            let bucket = Bucket { tokens, refilled_at: now }.refilled(rate, from_micros(now));
            let then = bucket.ready_at(rate);
            prop_assert!(bucket.refilled(rate, then).mails() >= 1);
            prop_assert!(then <= from_micros(now + 1_000_000));
        }
    }

    #[test]
    fn the_rate_is_reached_when_asked_as_often_as_told() {
        let (rate, start) = (50, 1_800_000_000_000_000);
        let mut bucket = Bucket { tokens: 0, refilled_at: start };
        let (mut now, mut taken) = (from_micros(start), 0);
        while micros(now) < start + 60_000_000 {
            bucket = bucket.refilled(rate, now);
            taken += bucket.mails();
            bucket = bucket.less(bucket.mails());
            now = bucket.ready_at(rate);
        }
        assert!((2_990..=3_000).contains(&taken), "{taken}");
    }

    #[test]
    fn a_clock_put_back_by_an_hour_does_not_stop_the_mail() {
        let bucket = Bucket { tokens: 0, refilled_at: 1_800_003_600_000_000 };
        let bucket = bucket.refilled(10, from_micros(1_800_000_000_000_000));
        assert_eq!(bucket.refilled(10, from_micros(1_800_000_001_000_000)).mails(), 10);
    }
}
