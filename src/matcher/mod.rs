//! Pure matching of papers to profiles.
