//! Whole flows, from what comes in to what goes out, as people, operators and mail servers see them.

mod clock_jumps;
mod crash;
mod cuts;
mod digest;
mod erasure;
mod expiry;
mod fetch;
mod fetch_nodes;
mod freeze;
mod hostile;
mod kill;
mod leaving;
mod model;
mod nodes;
mod papers;
mod planners;
mod planning;
mod race;
mod refusals;
mod sign_up;
mod smtp_login;
mod smtp_session;
mod stopped;
mod uncertain;
