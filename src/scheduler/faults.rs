//! Places at which a test can let the program die.
//!
//! A crash is only interesting between two steps. Each boundary of planning and delivery has a name here;
//! in a running service nothing listens and a boundary costs one comparison.

use std::fmt;
use std::sync::Arc;

/// A boundary between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KillPoint {
    /// Editions and deliveries are written, their transaction is still open.
    Planning,
    /// They are committed.
    Planned,
    /// Deliveries are leased.
    Claimed,
    /// A mail is rendered and signed.
    Composed,
    /// The server has answered DATA with 354.
    Offered,
    /// The fence is durable, nothing of the message has left.
    Fenced,
    /// The server's answer to the final dot is known, and recorded nowhere.
    Answered,
    /// The answer is durable.
    Recorded,
}

impl KillPoint {
    /// All of them, in the order in which a mail comes past.
    pub const ALL: [Self; 8] = [
        Self::Planning,
        Self::Planned,
        Self::Claimed,
        Self::Composed,
        Self::Offered,
        Self::Fenced,
        Self::Answered,
        Self::Recorded,
    ];
}

/// Who is told of each boundary and says whether the program dies there.
type Listener = Arc<dyn Fn(KillPoint) -> bool + Send + Sync>;

/// What goes wrong on purpose: by default nothing.
#[derive(Clone, Default)]
pub struct Faults(Option<Listener>);

impl Faults {
    /// Asks `listener` at each boundary.
    pub fn at_boundaries(listener: impl Fn(KillPoint) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Comes past a boundary; never returns if the program is to die there.
    pub(super) async fn pass(&self, point: KillPoint) {
        if self.0.as_ref().is_some_and(|dies| dies(point)) {
            std::future::pending::<()>().await;
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faults").field(&self.0.is_some()).finish()
    }
}
