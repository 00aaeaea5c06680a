//! Whole flows, from what comes in to what goes out, as people, operators and mail servers see them.

mod backup;
mod digest;
mod doctor;
mod erasure;
mod expiry;
mod fetch;
mod fetch_nodes;
mod hostile;
mod kill;
mod nodes;
mod origin;
mod outage;
mod papers;
mod planning;
mod pruning;
mod refusals;
mod sign_up;
mod smtp_login;
mod smtp_session;
mod stopped;
mod uncertain;
