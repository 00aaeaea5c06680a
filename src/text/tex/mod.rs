//! TeX as it occurs in titles, names and abstracts, to Unicode.
//!
//! Not a TeX system: the commands that authors really put there are known, and what is not known,
//! or has no Unicode form, keeps its source. A formula is converted as a whole or not at all.
//! Work is linear in the text: whatever fails to convert is copied, never tried again.

mod accents;
mod commands;
mod cursor;
mod math;
pub(super) mod scripts;
mod symbols;
mod text;

use cursor::{Cursor, Source};

/// Converts what can be converted in one paragraph.
pub(super) fn to_unicode(paragraph: &str) -> String {
    let source = Source::new(paragraph);
    text::convert(Cursor::new(&source))
}
