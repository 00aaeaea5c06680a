//! Row ids that carry their bucket, and the source that makes them.
//!
//! An id is 63 bits: seconds since 2020 (31), a counter (24), the bucket (8).
//! The bucket in the low byte lets any row be found on a sharded database from its id alone.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Seconds from 1970 to 2020-01-01T00:00:00Z, where ids begin to count.
const EPOCH_SECONDS: i64 = 1_577_836_800;
const COUNTER_BITS: u32 = 24;
const BUCKET_BITS: u32 = 8;

/// One of 256 slices of the subscribers, by a hash of the address at sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bucket(pub u8);

impl Bucket {
    /// How many buckets there are.
    pub const COUNT: usize = 256;

    /// The bucket of a canonical address: 64-bit FNV-1a, its bytes folded into one.
    ///
    /// The function must never change: it decides where rows live.
    pub fn of_address(canonical: &str) -> Self {
        let hash = canonical
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(hash.to_le_bytes().iter().fold(0, |folded, byte| folded ^ byte))
    }
}

macro_rules! bucketed_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// The slice of the database this row lives in.
            pub fn bucket(self) -> Bucket {
                Bucket(self.0.to_le_bytes()[0])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

bucketed_ids! {
    /// One address with a profile.
    SubscriberId;
    /// What one subscriber gets for one local date.
    EditionId;
    /// One mail on its way.
    DeliveryId;
}

/// One work, whatever number of sources and versions announced it.
///
/// Papers are shared by everyone, so their ids are small, dense and without a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaperId(pub i64);

impl fmt::Display for PaperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes ids that do not collide within a process, and between processes only
/// when two of them make ids for one bucket in the same second from overlapping counters;
/// the unique key then refuses the second, and its writer tries again.
#[derive(Debug)]
pub struct IdSource {
    counter: AtomicU32,
}

impl IdSource {
    /// `start` should be random, so that two nodes count in different places.
    pub fn new(start: u32) -> Self {
        Self { counter: AtomicU32::new(start) }
    }

    /// A new id in `bucket`; later calls give larger ids, second by second.
    pub fn next(&self, now: Timestamp, bucket: Bucket) -> i64 {
        let seconds = (now.timestamp() - EPOCH_SECONDS).clamp(0, (1 << 31) - 1);
        let counter = self.counter.fetch_add(1, Ordering::Relaxed) & ((1 << COUNTER_BITS) - 1);
        (seconds << (COUNTER_BITS + BUCKET_BITS)) | (i64::from(counter) << BUCKET_BITS) | i64::from(bucket.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::from_micros;

    #[test]
    fn an_id_carries_its_bucket_and_is_positive() {
        let ids = IdSource::new(u32::MAX);
        let now = from_micros(1_764_000_000_000_000);
        for bucket in [0, 1, 127, 128, 255] {
            let id = SubscriberId(ids.next(now, Bucket(bucket)));
            assert_eq!(id.bucket(), Bucket(bucket));
            assert!(id.0 > 0);
        }
    }

    #[test]
    fn ids_of_one_second_differ() {
        let ids = IdSource::new((1 << COUNTER_BITS) - 2);
        let now = from_micros(1_764_000_000_000_000);
        let made: std::collections::HashSet<i64> = (0..1000).map(|_| ids.next(now, Bucket(7))).collect();
        assert_eq!(made.len(), 1000);
    }

    #[test]
    fn the_bucket_of_an_address_never_changes() {
        assert_eq!(Bucket::of_address("ada@example.org"), Bucket::of_address("ada@example.org"));
        let hit: std::collections::HashSet<u8> =
            (0..4000).map(|n| Bucket::of_address(&format!("reader{n}@example.org")).0).collect();
        assert_eq!(hit.len(), Bucket::COUNT);
    }
}
