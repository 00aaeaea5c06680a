//! Pure decisions about a digest: when it is due, what window it covers, what goes into it, what its status line says.
//!
//! Every function is told all it needs, the time included. Nothing here knows the database, the mail or the
//! templates, and nothing here ranks: candidates come in ranked.

pub mod assemble;
pub mod figures;
pub mod gained;
pub mod schedule;
pub mod window;

pub use assemble::{Assembled, Candidate, Choice, EditionKind, assemble};
pub use figures::{Announcing, SourceReport, figures, source_state};
pub use gained::gained;
pub use schedule::{Due, LastEdition, after_change, expires_at, is_due, missed, next_due};
pub use window::{Window, available_at, is_backfill, window};
