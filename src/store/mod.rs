//! The only room that knows SQL: every row that is kept, read and written here.
//!
//! One SQL text serves SQLite and PostgreSQL; what differs stands in [`dialect`].
//! Reading is done on a [`Read`], writing on a [`Tx`], which can also read: whoever is handed
//! a [`Read`] cannot change anything.
//! The store keeps what it is told. It knows nothing of matching, mail, HTTP or the clock.

mod db;
mod dialect;
mod disk;
mod erasure;
mod error;
mod instance;
mod json;
mod migrate;
mod origin;
mod outage;

pub mod backup;
pub mod deliveries;
pub mod editions;
pub mod ingest;
pub mod marks;
pub mod papers;
pub mod profiles;
pub mod runs;
pub mod sending;
pub mod signups;
pub mod subscribers;
pub mod suppressions;
pub mod throttle;

pub use db::{Db, Options, Read, Tx};
pub use error::StoreError;
pub use instance::{Instance, Liveness};
pub use origin::Foreign;
pub use outage::{Outage, Strain};
