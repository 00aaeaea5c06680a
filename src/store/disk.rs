//! Files that survive a power cut, and the threads on which waiting for disks is done.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// A name is kept by its folder, which has to reach the disk as well.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// The file of that name with something behind it.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Says which file a failure is about.
pub(super) fn about(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    |error| StoreError::File { path: path.display().to_string(), error }
}

/// Does what waits for locks, disks or other programs on a thread that serves no connections.
pub(super) async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))
}
