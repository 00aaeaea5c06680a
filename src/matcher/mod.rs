//! Pure matching: which papers fit which profile, how well, and why.
//!
//! Papers are few and profiles many, so the papers are indexed (a [`Segment`] for each day) and the
//! profiles streamed past them by a [`Matcher`]. The [query language](Query) and the analyser are
//! shared by both sides. Ranking, explaining, trends and diversity are functions of their arguments:
//! this room knows no database, no clock, no mail and no page.
//!
//! ```text
//! profile text -> Profile -> Matcher::compile -> CompiledProfile --+
//! papers of a day -> Segment -------------------------------------+-> Matcher::choose -> winners
//!                                                                     -> explain
//! ```

mod acronyms;
mod analyser;
mod diversity;
mod evaluate;
mod explain;
mod fold;
mod forecast;
mod hits;
mod index;
mod interests;
mod kernel;
mod lexicon;
mod lineup;
mod postings;
mod profile;
mod query;
mod rank;
mod reasons;
mod row;
mod score;
mod segment;
mod shard;
mod slots;
mod stem;
pub mod trend;
mod walk;

pub use acronyms::{Acronyms, Definitions};
pub use analyser::ANALYSER_VERSION;
pub use explain::{Explainer, explain};
pub use forecast::{Forecast, LineForecast, Warning};
pub use interests::Interests;
pub use kernel::Kernel;
pub use lineup::Lineup;
pub use profile::{LineReport, MAX_INTERESTS, Profile, ProfileReport, check_profile};
pub use query::{Boost, MAX_QUERY_CHARS, Query, QueryError};
pub use rank::{Matcher, Ranking, Scratch, Winner};
pub use reasons::Reasons;
pub use row::{CompiledProfile, Row};
pub use segment::{Doc, Segment, Window};
pub use shard::Shard;

#[cfg(test)]
mod tests;
