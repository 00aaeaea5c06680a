//! The delivery marks of many sessions, gathered into one commit as soon as the writer is free.
//!
//! A fence that cannot be written is refused, and its session closes without the dot. A result that
//! cannot be written is kept and tried again: the server's word is known, only a death may lose it.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::db::Db;
use super::deliveries::{FenceMark, OutcomeMark};
use super::error::StoreError;

/// Marks in one commit at most.
const BATCH: usize = 256;
/// How long to wait before a result that could not be written is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// Where sessions bring their marks. Clones lead to the same writer.
#[derive(Clone)]
pub struct Marks(mpsc::Sender<Request>);

enum Request {
    Fence(FenceMark, oneshot::Sender<Result<bool, StoreError>>),
    Outcome(Box<OutcomeMark>, oneshot::Sender<bool>),
}

impl Marks {
    /// Starts the writer. It ends when the last clone is dropped and everything is written.
    pub fn start(db: Db) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(BATCH * 4);
        (Self(sender), tokio::spawn(write(db, receiver)))
    }

    /// Asks to pass the fence; `false` means: close the connection without the dot.
    ///
    /// # Errors
    ///
    /// The database could not be written: nothing was passed.
    pub async fn fence(&self, mark: FenceMark) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request::Fence(mark, reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Records a result, however long the database takes to come back. `false`: the claim no longer holds.
    pub async fn outcome(&self, mark: OutcomeMark) -> bool {
        let (reply, answer) = oneshot::channel();
        if self.0.send(Request::Outcome(Box::new(mark), reply)).await.is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }
}

fn closed() -> StoreError {
    StoreError::Database(sqlx::Error::PoolClosed)
}

async fn write(db: Db, mut requests: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(BATCH);
    // Results the database could not take. A session waits for its own, so there are never more than sessions.
    let mut kept = Vec::new();
    loop {
        if kept.is_empty() {
            if requests.recv_many(&mut batch, BATCH).await == 0 {
                return;
            }
        } else {
            tokio::time::sleep(RETRY_PAUSE).await;
            // Fences come in as well and get their answer: none waits behind a result that cannot be written.
            while let Some(request) = requests.try_recv().ok().filter(|_| batch.len() < BATCH) {
                batch.push(request);
            }
        }
        let was_kept = !kept.is_empty();
        batch.append(&mut kept);
        match commit(&db, &batch).await {
            Ok(answers) => batch.drain(..).zip(answers).for_each(|(request, answer)| request.answer(Ok(answer))),
            // One of them may be the culprit: each for itself, so that it spoils no other.
            Err(_) => {
                for request in batch.drain(..) {
                    kept.extend(write_alone(&db, request, was_kept).await);
                }
            }
        }
    }
}

/// Writes one mark; gives it back when it is a result that has to be tried again.
async fn write_alone(db: &Db, request: Request, is_known: bool) -> Option<Request> {
    match commit(db, std::slice::from_ref(&request)).await {
        Ok(answers) => request.answer(Ok(answers.first().copied().unwrap_or(false))),
        Err(error) if matches!(request, Request::Outcome(..)) && error.is_temporary() => {
            if !is_known {
                tracing::warn!(%error, "a delivery result waits for the database");
            }
            return Some(request);
        }
        Err(error) => {
            if !error.is_temporary() {
                tracing::error!(%error, "a delivery mark could not be written");
            }
            request.answer(Err(error));
        }
    }
    None
}

async fn commit(db: &Db, batch: &[Request]) -> Result<Vec<bool>, StoreError> {
    let mut tx = db.begin_first().await?;
    let mut answers = Vec::with_capacity(batch.len());
    for request in batch {
        answers.push(match request {
            Request::Fence(mark, _) => tx.pass_fence(mark).await?,
            Request::Outcome(mark, _) => tx.record_outcome(mark).await?,
        });
    }
    tx.commit().await?;
    Ok(answers)
}

impl Request {
    fn answer(self, answer: Result<bool, StoreError>) {
        // A session that no longer listens has been dropped; its mark is written all the same.
        match self {
            Self::Fence(_, reply) => drop(reply.send(answer)),
            Self::Outcome(_, reply) => drop(reply.send(answer.unwrap_or(false))),
        }
    }
}
