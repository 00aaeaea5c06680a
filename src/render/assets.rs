//! Files that pages refer to, compiled in.

/// One file under `/static/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub body: &'static [u8],
}

pub(super) const STYLE: &str = include_str!("../../templates/static/style.css");

pub(super) const ZONE: &str = include_str!("../../templates/static/zone.js");

/// The file named `name`, as in `/static/style.css`.
pub fn asset(name: &str) -> Option<Asset> {
    match name {
        "style.css" => Some(Asset { content_type: "text/css; charset=utf-8", body: STYLE.as_bytes() }),
        "zone.js" => Some(Asset { content_type: "text/javascript; charset=utf-8", body: ZONE.as_bytes() }),
        _ => None,
    }
}
