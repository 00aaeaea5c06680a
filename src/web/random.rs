//! Random bytes, passed in by whoever builds the room.

use std::sync::Arc;

use data_encoding::HEXLOWER;

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Fills a buffer with bytes nobody can guess.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// `fill` must come from the system's generator, outside of tests.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// 256 bits in hex.
    pub(super) fn secret(&self) -> String {
        let mut bytes = [0; 32];
        (self.0)(&mut bytes);
        HEXLOWER.encode(&bytes)
    }

    /// A short name for one failure, to be read out to the operator.
    pub(super) fn reference(&self) -> String {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        HEXLOWER.encode(&bytes)
    }
}
