//! Every address that leaves the service, and the tokens in them.
