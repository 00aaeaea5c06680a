//! Every test that needs more than one module: the store on both databases, and whole flows.

mod cli;
mod flows;
mod store;
mod support;
mod tidy;
mod web;
