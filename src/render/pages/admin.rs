//! What the operator sees.

use serde::Serialize;

use crate::render::frame::Frame;

/// `pages/admin/login.html`.
#[derive(Debug, Clone, Serialize)]
pub struct LoginPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// The token was wrong.
    pub is_wrong: bool,
    /// Too many wrong tokens came from there.
    pub is_blocked: bool,
}

/// `pages/admin/overview.html`.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Protects the forms.
    pub form_token: String,
    /// What was just done: the catalogue's `admin.done.<key>`.
    pub done: Option<&'static str>,
    /// What keeps the database from being written.
    pub outage: Option<OutageView>,
    /// Whether mail is held back.
    pub is_paused: bool,
    /// Why.
    pub pause_reason: String,
    /// Since when.
    pub paused_since: String,
    /// The relay, while it cannot be used.
    pub relay: Option<RelayView>,
    /// Groups of destinations that refused too much.
    pub closed: Vec<ClosedView>,
    /// Papers in all.
    pub papers: u64,
    /// When the newest became available.
    pub newest_paper: Option<String>,
    /// Subscribers by state.
    pub subscribers: Vec<CountView>,
    /// Deliveries by state, each with a page that lists them.
    pub deliveries: Vec<CountView>,
    /// Requests to subscribe in the last day, by what became of them.
    pub sign_ups: Vec<CountView>,
    /// Since when the oldest mail that could leave waits.
    pub oldest_ready: Option<String>,
    /// Since when the oldest mail of uncertain fate is.
    pub oldest_uncertain: Option<String>,
    /// Where papers come from.
    pub sources: Vec<SourceView>,
    /// The last visits there.
    pub runs: Vec<RunView>,
}

/// A time in which nothing can be written.
#[derive(Debug, Clone, Serialize)]
pub struct OutageView {
    /// Since when.
    pub since: String,
    /// Why.
    pub cause: &'static str,
}

/// A relay that cannot be used.
#[derive(Debug, Clone, Serialize)]
pub struct RelayView {
    /// Since when.
    pub since: String,
    /// Nobody tries before.
    pub until: String,
    /// What it said.
    pub reason: String,
    /// Whether one mail is on its way to try it.
    pub is_probing: bool,
}

/// A group of destinations to which no mail goes.
#[derive(Debug, Clone, Serialize)]
pub struct ClosedView {
    /// Its name.
    pub group: String,
    /// Since when.
    pub since: String,
    /// One mail is let through from then on.
    pub until: String,
    /// The refusal that closed it.
    pub reason: String,
}

/// A figure with its name.
#[derive(Debug, Clone, Serialize)]
pub struct CountView {
    /// What is counted.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Where they are listed.
    pub path: Option<String>,
}

/// A source of papers.
#[derive(Debug, Clone, Serialize)]
pub struct SourceView {
    /// Its name.
    pub name: String,
    /// Since when it fails.
    pub failing_since: Option<String>,
    /// When it last answered.
    pub last_success: Option<String>,
    /// When it last had something new.
    pub last_new: Option<String>,
    /// When it is visited next.
    pub next_due: Option<String>,
}

/// A visit to a source.
#[derive(Debug, Clone, Serialize)]
pub struct RunView {
    /// The source.
    pub source: String,
    /// When it began.
    pub started: String,
    /// How it ended; none while it runs.
    pub outcome: Option<&'static str>,
    /// Whether it failed.
    pub is_failed: bool,
    /// Entries read.
    pub items: u32,
    /// Papers nobody had told of before.
    pub new_papers: u32,
    /// Entries that could not be used.
    pub rejected: u32,
    /// What went wrong.
    pub error: Option<String>,
}

/// `pages/admin/deliveries.html`.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveriesPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// The states to choose from.
    pub states: Vec<CountView>,
    /// The one that is shown; empty for all.
    pub state: String,
    /// Newest first.
    pub deliveries: Vec<DeliveryView>,
    /// Whether there are more than are shown.
    pub is_cut: bool,
}

/// A mail on its way.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryView {
    /// Its row.
    pub id: i64,
    /// Its page.
    pub path: String,
    /// What it is for.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// To whom, most of the local part hidden.
    pub address: String,
    /// When it was due.
    pub due: String,
    /// Since when it is in that state.
    pub since: String,
    /// Tries so far.
    pub attempts: i64,
    /// What the server said last.
    pub reply: String,
}

/// `pages/admin/delivery.html`.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Protects the forms.
    pub form_token: String,
    /// What was just done: the catalogue's `admin.done.<key>`.
    pub done: Option<&'static str>,
    /// The mail.
    pub delivery: DeliveryView,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// Not handed over from then on.
    pub expires: String,
    /// May be tried again from then on.
    pub not_before: String,
    /// How often it was sent again after its fate was uncertain.
    pub resends: i64,
    /// Hash of its bytes when they last left.
    pub sha256: Option<String>,
    /// Every try.
    pub attempts: Vec<AttemptView>,
    /// Whether it can be sent again: it ended without leaving.
    pub can_retry: bool,
    /// Whether its fate can be settled.
    pub can_settle: bool,
}

/// One try.
#[derive(Debug, Clone, Serialize)]
pub struct AttemptView {
    /// When.
    pub at: String,
    /// How far the dialogue came.
    pub phase: String,
    /// How it ended.
    pub outcome: String,
    /// What the server said, code first.
    pub reply: String,
}
