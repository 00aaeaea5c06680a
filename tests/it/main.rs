//! Every test that needs more than one module: the store on both databases, the pages, and whole flows.

mod store;
mod support;
mod web;
