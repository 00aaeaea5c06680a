//! Whole flows, from what comes in to what goes out.

mod smtp_login;
mod smtp_session;
