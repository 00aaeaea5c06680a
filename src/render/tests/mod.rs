//! Mails and pages as a whole: what they look like, and what hostile text cannot do to them.

mod digest;
