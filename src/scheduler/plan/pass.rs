//! One pass over everyone who is due: the next people are read and others' editions worked out while the
//! previous ones are written. A few batches are in memory at any time, however many people are due.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};

use super::super::{PassError, Service};
use super::step::{self, Step};
use super::{Library, Reader, Report, SHOWN_DAYS};
use crate::matcher::Scratch;
use crate::model::{Bucket, SubscriberId, Timestamp};
use crate::store::StoreError;

/// Transactions that are got ready or written at the same time.
const WRITERS: usize = 2;

/// How a pass is spread out.
#[derive(Debug, Clone, Copy)]
pub struct Crew {
    /// Batches of editions that are worked out at the same time, each on a thread of its own.
    pub threads: usize,
    /// People in a batch, and rows of one kind in a transaction. On SQLite marks of mails wait for a
    /// transaction that is open, so it has to end within 20 ms.
    pub batch: usize,
}

impl Default for Crew {
    fn default() -> Self {
        Self { threads: std::thread::available_parallelism().map_or(1, usize::from), batch: 128 }
    }
}

/// Plans the people of these buckets who are due.
pub(super) async fn run(
    service: &Arc<Service>,
    library: Arc<Library>,
    buckets: Vec<Bucket>,
    now: Timestamp,
    crew: Crew,
) -> Result<Report, PassError> {
    let (people, readers) = channel(1);
    let (drafts, steps) = channel(1);
    let read = async { Ok(read(service, in_turn(buckets, &service.owner), now, crew.batch.max(1), people).await?) };
    let draft = draft(library, now, crew.threads.max(1), readers, drafts);
    let (_, _, report) = tokio::try_join!(read, draft, write(service, steps, now, crew.batch.max(1)))?;
    Ok(report)
}

/// Each program begins at another bucket, so that several share the work instead of doing it twice.
fn in_turn(mut buckets: Vec<Bucket>, owner: &str) -> Vec<Bucket> {
    let first = Bucket::of_address(owner);
    let place = buckets.partition_point(|bucket| *bucket < first);
    buckets.rotate_left(place);
    buckets
}

async fn read(
    service: &Service,
    buckets: Vec<Bucket>,
    now: Timestamp,
    batch: usize,
    to: Sender<Vec<Reader>>,
) -> Result<(), StoreError> {
    let mut waiting: Vec<Reader> = Vec::new();
    for bucket in buckets {
        let mut after = SubscriberId(0);
        loop {
            let page = read_page(service, bucket, now, after, batch).await?;
            let is_last = page.len() < batch;
            after = page.last().map_or(after, |reader| reader.subscriber.id);
            waiting.extend(page);
            if waiting.len() >= batch {
                let rest = waiting.split_off(batch);
                if to.send(std::mem::replace(&mut waiting, rest)).await.is_err() {
                    return Ok(());
                }
            }
            if is_last {
                break;
            }
        }
    }
    if !waiting.is_empty() {
        // Nobody listens any more only if a later stage failed, which says so itself.
        to.send(waiting).await.ok();
    }
    Ok(())
}

async fn read_page(
    service: &Service,
    bucket: Bucket,
    now: Timestamp,
    after: SubscriberId,
    limit: usize,
) -> Result<Vec<Reader>, StoreError> {
    let mut read = service.db.read().await?;
    let people = read.due_subscribers(bucket, now, after, i64::try_from(limit).unwrap_or(i64::MAX)).await?;
    let ids: Vec<SubscriberId> = people.iter().map(|person| person.id).collect();
    let mut shown = read.shown_to(&ids, now - TimeDelta::days(SHOWN_DAYS)).await?;
    let reader = |subscriber: crate::store::subscribers::Subscriber| {
        let shown = shown.remove(&subscriber.id).unwrap_or_default();
        Reader { subscriber, shown }
    };
    Ok(people.into_iter().map(reader).collect())
}

async fn draft(
    library: Arc<Library>,
    now: Timestamp,
    threads: usize,
    mut from: Receiver<Vec<Reader>>,
    to: Sender<Vec<Step>>,
) -> Result<(), PassError> {
    let mut running: FuturesOrdered<JoinHandle<Vec<Step>>> = FuturesOrdered::new();
    let mut more = true;
    while more || !running.is_empty() {
        tokio::select! {
            readers = from.recv(), if more && running.len() < threads => match readers {
                Some(readers) => {
                    let library = Arc::clone(&library);
                    running.push_back(spawn_blocking(move || steps(&library, readers, now)));
                }
                None => more = false,
            },
            Some(steps) = running.next() => {
                if to.send(steps?).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

fn steps(library: &Library, readers: Vec<Reader>, now: Timestamp) -> Vec<Step> {
    let mut scratch = Scratch::default();
    readers.into_iter().filter_map(|reader| Step::of(library, &mut scratch, reader, now)).collect()
}

/// While the database writes some steps the next ones are got ready for it.
async fn write(
    service: &Arc<Service>,
    mut from: Receiver<Vec<Step>>,
    now: Timestamp,
    batch: usize,
) -> Result<Report, PassError> {
    let mut report = Report::default();
    let mut writing: JoinSet<Result<Report, PassError>> = JoinSet::new();
    while let Some(mut rest) = from.recv().await {
        while !rest.is_empty() {
            let behind = rest.split_off(within(&rest, 2 * batch));
            let mut part = std::mem::replace(&mut rest, behind);
            if writing.len() >= WRITERS
                && let Some(written) = writing.join_next().await
            {
                report.add(written??);
            }
            let service = Arc::clone(service);
            writing.spawn(async move { step::write(&service, &mut part, now).await });
        }
    }
    while let Some(written) = writing.join_next().await {
        report.add(written??);
    }
    Ok(report)
}

/// How many steps, at least one, have together at most so many rows: after days without the service each has many.
fn within(steps: &[Step], rows: usize) -> usize {
    let mut sum = 0;
    let fitting = steps.iter().take_while(|step| {
        sum += step.rows();
        sum <= rows
    });
    fitting.count().max(1)
}
