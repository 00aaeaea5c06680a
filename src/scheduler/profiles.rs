//! Reads the profiles of everybody who gets digests into shards, one for each bucket.
//!
//! Profiles are compiled from their texts each time, so a profile saved now counts at once, and nothing
//! has to be kept in step with anything.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::PassError;
use crate::matcher::{Interests, Shard};
use crate::model::{Bucket, SubscriberId};
use crate::store::Db;

/// Profiles in one answer: about 100 kB of text.
const PAGE: i64 = 500;

/// The profiles of all active people, compiled by `interests`: 256 shards in the order of their buckets.
/// Reads so many buckets at a time.
///
/// # Errors
///
/// The database's.
pub async fn load(db: &Db, interests: &Arc<Interests>, parallel: usize) -> Result<Vec<Shard>, PassError> {
    let bucket = |bucket| {
        let (db, interests) = (db.clone(), Arc::clone(interests));
        async move { tokio::spawn(async move { load_bucket(&db, &interests, Bucket(bucket)).await }).await? }
    };
    stream::iter(0..=u8::MAX).map(bucket).buffered(parallel.max(1)).try_collect().await
}

async fn load_bucket(db: &Db, interests: &Arc<Interests>, bucket: Bucket) -> Result<Shard, PassError> {
    let mut read = db.read().await?;
    let (mut shard, mut after) = (Shard::default(), SubscriberId(0));
    while let Some(page) = read.profiles_page(bucket, after, PAGE).await? {
        after = page.last;
        let interests = Arc::clone(interests);
        shard = tokio::task::spawn_blocking(move || -> Result<Shard, PassError> {
            for profile in page.profiles() {
                let (person, text) = profile?;
                shard.push_text(&interests, person, text);
            }
            Ok(shard)
        })
        .await??;
    }
    shard.shrink();
    Ok(shard)
}
