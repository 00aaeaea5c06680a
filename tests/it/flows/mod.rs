//! Whole flows, from what comes in to what goes out, as people, operators and mail servers see them.

mod clock_jumps;
mod digest;
mod erasure;
mod expiry;
mod fetch;
mod fetch_nodes;
mod hostile;
mod kill;
mod nodes;
mod papers;
mod planners;
mod planning;
mod refusals;
mod sign_up;
mod smtp_login;
mod smtp_session;
mod stopped;
mod uncertain;
