//! What the tests stand on: throw-away databases, and papers made up on the spot.

pub mod announcements;
pub mod apps;
pub mod campaigns;
pub mod command;
pub mod databases;
pub mod mails;
pub mod nodes;
pub mod oracle;
pub mod outbox;
pub mod papers;
mod postgres;
pub mod service;
pub mod smtp;
pub mod sources;

pub use databases::TestDb;

/// Turns each function into two tests, `name::sqlite` and `name::postgres`, each with a database of its own.
macro_rules! both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident: &TestDb) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            async fn on_either($db: &TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn sqlite() {
                let db = TestDb::sqlite().await;
                on_either(&db).await;
                db.remove().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn postgres() {
                if let Some(db) = TestDb::postgres().await {
                    on_either(&db).await;
                    db.remove().await;
                }
            }
        }
    )+};
}
pub(crate) use both_databases;
