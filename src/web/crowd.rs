//! Who may stay when the room is full: whoever has been waiting longest without asking anything has to go.
//!
//! A client that holds connections open and says nothing, or says it very slowly, so only competes with its own
//! newer connections; whoever asks something is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The connections that are open.
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
}

/// Connections without a request under way, the longest waiting first.
#[derive(Default)]
struct Waiting {
    next: u64,
    seats: BTreeMap<u64, Arc<Notify>>,
}

/// One connection's place. It is free again when this is dropped.
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    leave: Arc<Notify>,
    turn: Mutex<Option<u64>>,
    _place: OwnedSemaphorePermit,
}

impl Crowd {
    pub fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { places: Arc::new(Semaphore::new(places)), waiting: Mutex::default() })
    }

    /// A place, when need be that of whoever waited longest. None only when the crowd has been closed.
    pub async fn enter(self: &Arc<Self>) -> Option<Arc<Seat>> {
        if self.places.available_permits() == 0 {
            self.make_room(1);
        }
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let seat = Seat { crowd: Arc::clone(self), leave: Arc::default(), turn: Mutex::default(), _place: place };
        seat.waits();
        Some(Arc::new(seat))
    }

    /// Sends away those who have been waiting longest.
    pub fn make_room(&self, connections: usize) {
        let mut waiting = lock(&self.waiting);
        for _ in 0..connections {
            let Some((_, leave)) = waiting.seats.pop_first() else { break };
            leave.notify_one();
        }
    }
}

impl Seat {
    /// A request is under way.
    pub fn is_served(&self) {
        if let Some(turn) = lock(&self.turn).take() {
            lock(&self.crowd.waiting).seats.remove(&turn);
        }
    }

    /// The next request is awaited.
    pub fn waits(&self) {
        let mut waiting = lock(&self.crowd.waiting);
        let turn = waiting.next;
        waiting.next += 1;
        waiting.seats.insert(turn, Arc::clone(&self.leave));
        *lock(&self.turn) = Some(turn);
    }

    /// Comes back when somebody else needs the place.
    pub async fn has_to_go(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.is_served();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a connection has been told to go.
    async fn goes(seat: &Seat) -> bool {
        tokio::select! {
            biased;
            () = seat.has_to_go() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn the_longest_waiting_makes_room_and_the_busy_stay() {
        let crowd = Crowd::new(3);
        let busy = crowd.enter().await.unwrap();
        busy.is_served();
        let first = crowd.enter().await.unwrap();
        let second = crowd.enter().await.unwrap();
        let newcomer = tokio::spawn({
            let crowd = Arc::clone(&crowd);
            async move { crowd.enter().await.is_some() }
        });
        first.has_to_go().await;
        assert!(!goes(&busy).await && !goes(&second).await);
        drop(first);
        assert!(newcomer.await.unwrap());
    }

    #[tokio::test]
    async fn whoever_asked_lately_waits_behind_the_others() {
        let crowd = Crowd::new(2);
        let first = crowd.enter().await.unwrap();
        let second = crowd.enter().await.unwrap();
        first.is_served();
        first.waits();
        let newcomer = tokio::spawn({
            let crowd = Arc::clone(&crowd);
            async move { crowd.enter().await.is_some() }
        });
        second.has_to_go().await;
        assert!(!goes(&first).await);
        drop(second);
        assert!(newcomer.await.unwrap());
    }
}
