//! Puts the rooms together: the one place that knows them all.
//!
//! [`App::build`] is the only way to a running service, for the program and for every test.
//! What the command line does with it is in the modules here, one subject each; they return plain data.

mod backup;
mod build;
mod demo;
mod doctor;
mod error;
mod evaluate;
mod logging;
mod mails;
mod papers;
mod people;
mod roster;
mod rows;
mod run;
mod secret;
mod sending;
mod serve;
mod translate;

use std::path::PathBuf;
use std::sync::Arc;

pub use backup::{BackupReport, RestoreReport, restore};
pub use build::{Overrides, check};
pub use demo::{Demo, DemoReport};
pub use doctor::{Finding, Health};
pub use error::AppError;
pub use evaluate::{Day, Evaluation, Interval, Month, ORDERS, Order, Quality, Recall, evaluate};
pub use logging::start as start_logging;
pub use mails::Preview;
pub use papers::{ImportReport, PaperImport};
pub use people::PersonChange;
pub use roster::RosterReport;
pub use rows::{
    AttemptLine, DeliveryLine, MatchLine, PaperLine, QueryReport, SourceLine, SubscriberLine, SuppressionLine,
};
pub use run::RunReport;
pub use secret::random_bytes;
pub use sending::SendingSwitch;
pub use serve::{healthcheck, shutdown_signal};

pub use crate::clock::Clock;
use crate::config::Config;
use crate::scheduler::Service;
pub use crate::scheduler::Stop;
use crate::store::Instance;

/// A service put together and ready to work.
pub struct App {
    /// What the reconcilers work with.
    pub service: Arc<Service>,
    /// What it was built from.
    pub config: Config,
    /// Where mails are written, when none leaves.
    pub mailbox: Option<PathBuf>,
    /// Shows others that this program lives.
    instance: Instance,
    /// Writes delivery marks until the last session is gone.
    marks: tokio::task::JoinHandle<()>,
}

impl App {
    /// Ends the program's life sign and closes the database, once every mark is written.
    pub async fn close(self) {
        let Self { service, instance, marks, .. } = self;
        let db = service.db.clone();
        // The writer of marks ends when nobody can bring it one any more.
        match Arc::try_unwrap(service) {
            Ok(service) => {
                drop(service);
                if let Err(error) = marks.await {
                    tracing::error!(%error, "the writer of delivery marks was lost");
                }
            }
            Err(_) => marks.abort(),
        }
        drop(instance);
        db.close().await;
    }
}
