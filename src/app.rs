//! Puts the rooms together: the one place that knows them all.
