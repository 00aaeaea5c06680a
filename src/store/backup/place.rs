//! A file that is written aside and appears under its name when it is complete.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::store::disk::{about, beside, sync_folder};

/// The unfinished file; gone when this is dropped before it is published.
pub(super) struct Aside {
    file: File,
    path: PathBuf,
    target: PathBuf,
}

impl Aside {
    /// Makes an empty file beside `target` that only the owner may read: it will hold addresses.
    pub(super) fn new(target: &Path) -> Result<Self, BackupError> {
        if target.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(target.to_owned()));
        }
        let path = beside(target, ".partial");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(about(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Running(target.to_owned())),
            Err(TryLockError::Error(error)) => return Err(about(&path)(error).into()),
        }
        // What a run that was killed has left.
        file.set_len(0).map_err(about(&path))?;
        Ok(Self { file, path, target: target.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name, which nobody else may have taken meanwhile, and returns its size in bytes.
    pub(super) fn publish(self) -> Result<u64, BackupError> {
        // Opened anew: the program that wrote it may have replaced the file.
        let written = File::open(&self.path).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
        let bytes = written.map_err(about(&self.path))?.len();
        match std::fs::hard_link(&self.path, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(self.target.clone()));
            }
            // A file system without links: the look at the beginning has to do.
            Err(_) => std::fs::rename(&self.path, &self.target).map_err(about(&self.target))?,
        }
        sync_folder(&self.target).map_err(about(&self.target))?;
        Ok(bytes)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        std::fs::remove_file(&self.path).ok();
        self.file.unlock().ok();
    }
}
