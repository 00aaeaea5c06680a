//! Configuration: describes, never constructs.
