//! The pages that readers see, one file a page.

pub(super) mod archive;
pub(super) mod confirm;
pub(super) mod feedback;
pub(super) mod feeds;
pub(super) mod mailbox;
pub(super) mod manage;
pub(super) mod paper;
pub(super) mod papers;
pub(super) mod preferences;
pub(super) mod service;
pub(super) mod subscribe;
pub(super) mod unsubscribe;
