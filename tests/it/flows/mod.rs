//! Whole flows, from what comes in to what goes out.

mod fetch;
mod hostile;
mod nodes;
mod papers;
mod planning;
mod smtp_login;
mod smtp_session;
