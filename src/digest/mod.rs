//! Pure decisions about a digest: when it is due, what window it covers, what goes into it.
