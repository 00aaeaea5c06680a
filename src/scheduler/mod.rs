//! The reconcilers and what drives them.
