//! The words of the service as plain types: papers, subscribers, editions, deliveries.
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows SQL, HTTP or templates.
//! Every other room may use these types; they use none of theirs.

pub mod address;
pub mod delivery;
pub mod edition;
pub mod id;
pub mod paper;
pub mod source;
pub mod standing;
pub mod subscriber;
pub mod time;

pub use address::{AddressError, EmailAddress};
pub use delivery::{DeliveryKind, DeliveryState, Outcome, Phase};
pub use edition::{Field, Figures, Item, Reason, Section, SourceFigures, SourceState, Span};
pub use id::{Bucket, DeliveryId, EditionId, IdSource, PaperId, SubscriberId};
pub use paper::{AnnounceType, IncomingPaper, Paper, PaperKey, SignalPoint, Signals};
pub use source::{RunOutcome, SourceName};
pub use standing::{Change, End, Standing};
pub use subscriber::{Days, Preferences, QuietDay, SubscriberState};
pub use time::{LocalDate, Timestamp, from_micros, micros};
