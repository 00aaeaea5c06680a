//! Readers against small invented pages, and against whatever bytes.

mod arxiv;
mod bytes;
mod feeds;
mod files;
mod hugging_face;
mod identities;

use super::{Page, PageRequest, Source, SourceError};
use crate::model::Timestamp;

fn now() -> Timestamp {
    chrono::DateTime::parse_from_rfc3339("2026-11-20T06:00:00Z").unwrap().to_utc()
}

fn read_first(source: &dyn Source, body: impl AsRef<[u8]>) -> Result<Page, SourceError> {
    let request: PageRequest = source.first_requests(now()).remove(0);
    source.read(&request, body.as_ref(), now())
}
