//! TeX as it occurs in titles, names and abstracts, to Unicode.

pub(super) mod scripts;

/// Converts what can be converted.
pub(super) fn to_unicode(text: &str) -> String {
    text.to_owned()
}
