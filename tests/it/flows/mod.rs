//! Whole flows: what a person, an operator or a mail server sees of the service as it is built for real.

mod digest;
mod refusals;
mod smtp_login;
mod smtp_session;
mod stopped;
mod uncertain;
