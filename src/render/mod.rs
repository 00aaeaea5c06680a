//! Templates with typed contexts: the mails that leave, and the frame of every page.
//!
//! A template is a function with one typed argument; what a template may say is decided here, how it
//! looks is decided in `templates/`. Every text from outside passes through auto-escaping: the `safe`
//! filter does not exist.
//!
//! This room must not know the database, the network, the clock or how links are signed:
//! it gets everything it prints as an argument, and the same arguments give the same bytes.

mod assets;
mod blanks;
mod catalogue;
mod dates;
mod digest;
mod environment;
mod error;
mod escape;
mod excerpt;
mod frame;
mod galley;
mod headline;
mod mails;
mod marks;
pub mod pages;
mod paper;
mod sample;
mod source;
mod status;
mod templates;
mod view;
mod wrap;

#[cfg(test)]
mod tests;

pub use assets::{Asset, asset};
pub use catalogue::{Words, WordsError};
pub use digest::{DigestInput, DigestItem, DigestLinks, ItemLinks, MorePaper, digest, digest_page};
pub use environment::Renderer;
pub use error::RenderError;
pub use frame::{Frame, Site};
pub use mails::{
    AlertInput, ConfirmationInput, LinksInput, RenderedMail, alert, already_subscribed, confirmation, manage_link,
};
pub use marks::{Marked, mark};
pub use paper::{Local, PaperView, Typeset, paper_view};
pub use sample::DigestSample;
