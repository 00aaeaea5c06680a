//! The delivery marks of many sessions, gathered into one commit as soon as the writer is free.
//!
//! A fence that cannot be written is refused, and its session closes without the dot. A result that
//! cannot be written is kept and tried again: the server's word is known, only a death may lose it.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::db::Db;
use super::deliveries::{Claimed, FenceMark, OutcomeMark};
use super::error::StoreError;
use crate::model::{Outcome, Timestamp};

/// Marks in one commit at most.
const BATCH: usize = 256;
/// How long the first mark of a commit waits for those of other sessions, when there were any last time.
const GATHER: Duration = Duration::from_millis(2);
/// How long to wait before a result that could not be written is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// Where sessions bring their marks. Clones lead to the same writer.
#[derive(Clone)]
pub struct Marks(mpsc::Sender<Request>);

enum Request {
    Fence(FenceMark, oneshot::Sender<Result<bool, StoreError>>),
    Outcome(Box<OutcomeMark>, oneshot::Sender<bool>),
    GiveBack(Box<Release>, Option<oneshot::Sender<()>>),
}

/// A claim that is given up before anything was offered.
#[derive(Debug)]
struct Release {
    delivery: Claimed,
    not_before: Timestamp,
    now: Timestamp,
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

    /// Gives a claim back untouched, to be taken again from `not_before` on.
    ///
    /// When the database cannot be written it does not wait for it: the claim is given back as soon as it can be.
    pub async fn give_back(&self, delivery: Claimed, not_before: Timestamp, now: Timestamp) {
        let (reply, answer) = oneshot::channel();
        let release = Box::new(Release { delivery, not_before, now });
        // Without a writer the program is ending, and a lease ends with it.
        if self.0.send(Request::GiveBack(release, Some(reply))).await.is_ok() {
            answer.await.ok();
        }
    }
}

fn closed() -> StoreError {
    StoreError::Database(sqlx::Error::PoolClosed)
}

async fn write(db: Db, mut requests: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(BATCH);
    // What the database could not take: one result for each session, which waits for it, and the claims that a
    // pass gave back when it ended. While nothing can be written nothing is claimed, so they do not grow.
    let mut kept = Vec::new();
    let mut last = 0;
    loop {
        let was_kept = !kept.is_empty();
        if was_kept {
            tokio::time::sleep(RETRY_PAUSE).await;
            batch.append(&mut kept);
        } else if requests.recv_many(&mut batch, BATCH).await == 0 {
            return;
        } else if last > 1 {
            tokio::time::sleep(GATHER).await;
        }
        // Fences come in as well while a result cannot be written, and get their answer: none waits behind it.
        while batch.len() < BATCH
            && let Ok(request) = requests.try_recv()
        {
            batch.push(request);
        }
        last = batch.len();
        match commit(&db, &batch).await {
            Ok(answers) => batch.drain(..).zip(answers).for_each(|(request, answer)| request.answer(Ok(answer))),
            // One of them may be the culprit: each for itself, so that it spoils no other.
            Err(_) => {
                for request in batch.drain(..) {
                    kept.extend(write_alone(&db, request, was_kept).await);
                }
                // Whoever asks how the database does should not have to wait for the pass that waits for it.
                if let Some(request) = kept.first().filter(|_| !was_kept) {
                    db.prove_writable(request.now()).await.ok();
                }
            }
        }
    }
}

/// Writes one mark; gives it back when it has to be tried again: anything but a fence, whose session waits.
async fn write_alone(db: &Db, mut request: Request, is_known: bool) -> Option<Request> {
    match commit(db, std::slice::from_ref(&request)).await {
        Ok(answers) => request.answer(Ok(answers.first().copied().unwrap_or(false))),
        Err(error) if !matches!(request, Request::Fence(..)) && error.is_temporary() => {
            if !is_known {
                tracing::warn!(%error, "a delivery result waits for the database");
            }
            if let Request::GiveBack(_, reply) = &mut request {
                reply.take().map(|reply| reply.send(()));
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

/// What is asked of the database, by kind: nearly all marks are fences and acceptances, and those are one statement
/// each however many they are.
async fn commit(db: &Db, batch: &[Request]) -> Result<Vec<bool>, StoreError> {
    let mut tx = db.begin_first().await?;
    let (mut fences, mut accepted, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (at, request) in batch.iter().enumerate() {
        match request {
            Request::Fence(mark, _) => fences.push((at, mark)),
            Request::Outcome(mark, _) if mark.outcome == Outcome::Accepted => accepted.push((at, &**mark)),
            Request::Outcome(..) | Request::GiveBack(..) => others.push((at, request)),
        }
    }
    let mut answers = vec![false; batch.len()];
    let passed = tx.pass_fences(&marks_of(&fences)).await?;
    let held = tx.record_acceptances(&marks_of(&accepted)).await?;
    let places = fences.iter().map(|(at, _)| at).chain(accepted.iter().map(|(at, _)| at));
    places.zip(passed.into_iter().chain(held)).for_each(|(at, answer)| answers[*at] = answer);
    for (at, request) in others {
        answers[at] = match request {
            Request::Outcome(mark, _) => tx.record_outcome(mark).await?,
            Request::GiveBack(lease, _) => tx.release_delivery(&lease.delivery, lease.not_before, lease.now).await?,
            Request::Fence(..) => false,
        };
    }
    tx.commit().await?;
    Ok(answers)
}

fn marks_of<'a, T>(numbered: &[(usize, &'a T)]) -> Vec<&'a T> {
    numbered.iter().map(|(_, mark)| *mark).collect()
}

impl Request {
    fn now(&self) -> Timestamp {
        match self {
            Self::Fence(mark, _) => mark.now,
            Self::Outcome(mark, _) => mark.now,
            Self::GiveBack(release, _) => release.now,
        }
    }

    fn answer(self, answer: Result<bool, StoreError>) {
        // A session that no longer listens has been dropped; its mark is written all the same.
        match self {
            Self::Fence(_, reply) => drop(reply.send(answer)),
            Self::Outcome(_, reply) => drop(reply.send(answer.unwrap_or(false))),
            Self::GiveBack(_, reply) => drop(reply.map(|reply| reply.send(()))),
        }
    }
}
