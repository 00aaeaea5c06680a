//! Random bytes, passed in by whoever builds the room.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use data_encoding::HEXLOWER;

type Fill = dyn Fn(&mut [u8]) -> bool + Send + Sync;

/// Fills a buffer with bytes nobody can guess, or says that it cannot.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// `fill` says whether it filled the buffer.
    pub fn new(fill: impl Fn(&mut [u8]) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// The operating system's generator.
    pub fn system() -> Self {
        let system = SystemRandom::new();
        Self::new(move |bytes| system.fill(bytes).is_ok())
    }

    /// 256 bits in hex; none when there is no randomness to be had.
    pub(super) fn secret(&self) -> Option<String> {
        let mut bytes = [0; 32];
        (self.0)(&mut bytes).then(|| HEXLOWER.encode(&bytes))
    }

    /// A short name for one failure, to be read out to the operator. It need not be secret.
    pub(super) fn reference(&self) -> String {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        HEXLOWER.encode(&bytes)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}
