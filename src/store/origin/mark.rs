//! The file beside a SQLite database that tells which one has sent, and how often it began to.
//!
//! It is written in place: its text always has the same length and fits into one sector, so it is never
//! half of the old and half of the new. Who reads or writes it holds a lock on it, over all programs.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::store::StoreError;
use crate::store::disk::{about, beside, on_thread, sync_folder};

const WARNING: &str = "Belongs to the database beside it: copy, move and delete both or neither. docs/OPERATING.md\n";
/// What its name adds to the database's.
const ENDING: &str = ".origin";
/// No mark is longer.
const LONGEST: u64 = 512;

/// The file, locked until this is dropped.
pub(super) struct Mark {
    file: File,
    path: PathBuf,
    is_empty: bool,
    seen: Option<Seen>,
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) database_id: String,
    pub(super) passes: i64,
    pub(super) standing: Standing,
}

/// Whether the database is known to have committed the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Written before the commit: nothing has been sent under this number.
    Begun,
    /// Written after it.
    Certain,
}

impl Standing {
    fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun  ",
            Self::Certain => "certain",
        }
    }
}

impl Mark {
    /// Opens the file beside this database, making it when missing, and waits for its lock.
    pub(super) async fn lock(database: &Path) -> Result<Self, StoreError> {
        let path = beside(database, ENDING);
        let work = move || {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            file.lock()?;
            let mut text = Vec::new();
            Read::by_ref(&mut file).take(LONGEST).read_to_end(&mut text)?;
            Ok(Self { file, path: path.clone(), is_empty: text.is_empty(), seen: parse(&text) })
        };
        let opened: io::Result<Self> = on_thread(work).await?;
        opened.map_err(about(&beside(database, ENDING)))
    }

    /// Whether there is one beside this database.
    pub(super) fn is_beside(database: &Path) -> bool {
        beside(database, ENDING).exists()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was made by asking for it.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    pub(super) fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }

    pub(super) fn passes(&self) -> Option<i64> {
        self.seen().map(|seen| seen.passes)
    }

    /// Writes what it shall say, and waits until the disk has it.
    pub(super) async fn write(mut self, id: &str, passes: i64, standing: Standing) -> Result<Self, StoreError> {
        let text = format!("{WARNING}{id} {passes:020} {}\n", standing.as_str());
        let path = self.path.clone();
        let work = move || {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(text.as_bytes())?;
            self.file.set_len(text.len() as u64)?;
            self.file.sync_all()?;
            if self.is_empty {
                sync_folder(&self.path)?;
                self.is_empty = false;
            }
            Ok(self)
        };
        let written: io::Result<Self> = on_thread(work).await?;
        written.map_err(about(&path))
    }
}

fn parse(text: &[u8]) -> Option<Seen> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.strip_suffix('\n')?.lines().last()?.split_whitespace();
    let (id, passes, standing) = (words.next()?, words.next()?, words.next()?);
    let standing = [Standing::Begun, Standing::Certain].into_iter().find(|known| known.as_str().trim() == standing)?;
    Some(Seen { database_id: id.to_owned(), passes: passes.parse().ok()?, standing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_back_and_always_has_the_same_length() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let mark = Mark::lock(&database).await.unwrap();
        assert!(mark.is_empty() && mark.seen().is_none());
        let mark = mark.write("0123456789abcdef", 9, Standing::Begun).await.unwrap();
        let length = std::fs::metadata(mark.path()).unwrap().len();
        drop(mark);
        let mark = Mark::lock(&database).await.unwrap();
        let seen = Seen { database_id: "0123456789abcdef".to_owned(), passes: 9, standing: Standing::Begun };
        assert_eq!(mark.seen(), Some(&seen));
        let mark = mark.write("0123456789abcdef", i64::MAX, Standing::Certain).await.unwrap();
        assert_eq!(std::fs::metadata(mark.path()).unwrap().len(), length);
        assert!(length <= LONGEST);
    }

    #[test]
    fn nothing_else_is_taken_for_a_mark() {
        for text in ["", "\n", "id 1 certain", "id x certain\n", "id 1 perhaps\n", "id 1\n", "\u{0}\u{0}\n"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse(&[0xff; 20]), None);
    }
}
