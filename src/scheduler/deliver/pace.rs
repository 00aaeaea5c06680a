//! How fast mails leave: a token bucket that holds one second's worth.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Shared by all sessions to one relay.
pub(super) struct Pace {
    every: Option<Duration>,
    next: Mutex<Instant>,
}

/// Unused time that may be caught up with.
const BURST: Duration = Duration::from_secs(1);

impl Pace {
    pub(super) fn new(per_second: Option<u32>) -> Self {
        let every = per_second.map(|rate| Duration::from_secs(1) / rate.max(1));
        Self { every, next: Mutex::new(Instant::now()) }
    }

    /// Waits for the turn of one mail.
    pub(super) async fn turn(&self) {
        let Some(every) = self.every else { return };
        let at = {
            let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let now = Instant::now();
            let earliest = now.checked_sub(BURST).unwrap_or(now);
            *next = (*next).max(earliest) + every;
            *next - every
        };
        tokio::time::sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_after_the_first_burst() {
        let pace = Pace::new(Some(10));
        let start = Instant::now();
        for _ in 0..50 {
            pace.turn().await;
        }
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(4800) && took <= Duration::from_millis(5100), "{took:?}");
    }
}
