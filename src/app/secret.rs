//! Random bytes, and the secret key of a service that was given none.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use super::AppError;

/// Fills a buffer from the system's generator.
///
/// # Errors
///
/// A system without randomness.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| AppError::Failed("the system gives no random numbers".to_owned()))?;
    Ok(bytes)
}

/// The key kept beside the database, made at the first start and readable by nobody else.
pub(super) fn kept_beside(database_url: &str) -> Result<Vec<u8>, AppError> {
    let path = secret_path(database_url);
    let failed = |error: std::io::Error| AppError::Failed(format!("{}: {error}", path.display()));
    match read(&path) {
        Ok(secret) if secret.len() >= 32 => return Ok(secret),
        Ok(_) => {
            return Err(AppError::Config(format!(
                "{} holds no usable secret key; delete it or set security.secret_key",
                path.display()
            )));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let secret = data_encoding::HEXLOWER.encode(&random_bytes::<32>()?);
    match create(&path, secret.as_bytes()) {
        Ok(()) => Ok(secret.into_bytes()),
        // Another program was quicker; its key is the key.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(&path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn secret_path(database_url: &str) -> PathBuf {
    match database_url.strip_prefix("sqlite:") {
        Some(path) => PathBuf::from(format!("{}.secret", path.trim_start_matches("//"))),
        None => PathBuf::from("broadsheet.secret"),
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut secret = Vec::new();
    std::fs::File::open(path)?.read_to_end(&mut secret)?;
    Ok(secret)
}

/// Writes the key aside and links it into place, so that nobody ever reads half of it.
fn create(path: &Path, secret: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let aside = path.with_extension(format!("secret-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(secret)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&aside, path);
    std::fs::remove_file(&aside)?;
    linked
}
