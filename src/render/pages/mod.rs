//! What each page of the site prints, as types: one context a template under `templates/pages/`.
//!
//! Paths in them are paths of our own site. Nothing here decides anything: a context is filled by
//! whoever answers the request.

mod admin;
mod letters;
mod message;
mod papers;
mod preferences;
mod subscription;

pub use admin::{
    AttemptView, ClosedView, CountView, DeliveriesPage, DeliveryPage, DeliveryView, LoginPage, OutageView,
    OverviewPage, RelayView, RunView, SourceView,
};
pub use letters::{LetterPage, LetterView, LettersPage};
pub use message::{ActionView, Message};
pub use papers::{DayLink, PaperPage, PapersPage};
pub use preferences::{
    Choice, DayChoice, EditionView, FeedbackPage, ForecastView, FoundView, LineView, OfferView, PreferencesPage,
    UndoPage, Wishes,
};
pub use subscription::{
    ConfirmPage, ManagePage, SubscribeForm, SubscribePage, UnsubscribePage, ZoneGroup, zone_groups,
};
