//! When to try again: full jitter, so that mails put off together do not come back together.

use chrono::TimeDelta;

use crate::model::{DeliveryId, Timestamp};

/// The longest wait before the next try, by how many were made. Then every hour.
const CEILINGS_MINUTES: [i64; 4] = [2, 10, 30, 60];
/// Nobody is bothered again sooner than this.
const LEAST: TimeDelta = TimeDelta::seconds(20);

/// The instant of the next try: anywhere up to the ceiling, decided by delivery and attempt alone,
/// so that the choice needs no dice and a test can foresee it.
pub(super) fn next_try(delivery: DeliveryId, attempts: i64, now: Timestamp) -> Timestamp {
    let step = usize::try_from(attempts).unwrap_or(0).min(CEILINGS_MINUTES.len() - 1);
    let ceiling = TimeDelta::minutes(CEILINGS_MINUTES[step]).num_milliseconds();
    let share = i64::from(spread(delivery.0, attempts));
    now + LEAST + TimeDelta::milliseconds(ceiling * share / i64::from(u16::MAX))
}

/// Sixteen well mixed bits of the two numbers (the finaliser of MurmurHash3).
fn spread(delivery: i64, attempts: i64) -> u16 {
    let mut bits =
        u64::from_ne_bytes(delivery.to_ne_bytes()) ^ u64::from_ne_bytes(attempts.to_ne_bytes()).rotate_left(56);
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        bits = (bits ^ (bits >> 33)).wrapping_mul(factor);
    }
    u16::from_le_bytes([bits.to_le_bytes()[7], bits.to_le_bytes()[6]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::from_micros;

    #[test]
    fn tries_spread_over_the_whole_wait_and_get_rarer() {
        let now = from_micros(0);
        let waits = |attempts| {
            let mut waits: Vec<i64> =
                (0..1000).map(|id| (next_try(DeliveryId(id << 8), attempts, now) - now).num_seconds()).collect();
            waits.sort_unstable();
            waits
        };
        let (first, late) = (waits(0), waits(9));
        assert!(first[0] >= 20 && first[999] <= 140);
        assert!(late[999] > 3300 && late[999] <= 3620);
        assert!((first[500] - 80).abs() < 12, "the middle one waits about half the ceiling: {}", first[500]);
    }
}
