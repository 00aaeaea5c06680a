//! Where papers come from.
