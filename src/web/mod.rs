//! The site: the only room that knows HTTP serving.
