//! Why a command failed, and with which exit code it says so.

use crate::config::ConfigError;
use crate::scheduler::PassError;
use crate::store::StoreError;

/// A failure, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// It could not be done.
    #[error("{0}")]
    Failed(String),
    /// A database, source or mail server cannot be reached.
    #[error("{0}")]
    Unavailable(String),
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A pass of a reconciler.
    #[error(transparent)]
    Pass(#[from] PassError),
}

impl AppError {
    /// The exit code: 1 failure, 2 usage, 69 unavailable, 75 temporary, 78 configuration (`sysexits.h`).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
            Self::Unavailable(_) => 69,
            Self::Config(_) | Self::Store(StoreError::Url(_) | StoreError::Newer { .. }) => 78,
            Self::Store(error) | Self::Pass(PassError::Store(error)) if error.is_unreachable() => 69,
            Self::Store(error) | Self::Pass(PassError::Store(error)) if error.is_temporary() => 75,
            Self::Store(_) | Self::Pass(_) => 1,
        }
    }
}

impl From<ConfigError> for AppError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}
