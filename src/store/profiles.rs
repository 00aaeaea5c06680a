//! The profiles of everybody who gets digests, many in one answer.
//!
//! A row for each person would cost more than its content: a page comes as one text.

use super::db::{Read, on_conn};
use super::error::StoreError;
use super::subscribers::bad;
use crate::model::{Bucket, SubscriberId};

/// Some people of one bucket with the texts of their profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfilePage {
    /// For each person id, length in bytes and text of the profile, each of the first two followed by a space.
    packed: String,
    /// The highest id on the page: the next one starts after it.
    pub last: SubscriberId,
}

impl ProfilePage {
    /// The people of the page and their profiles.
    ///
    /// # Errors
    ///
    /// The database answered something else than was asked for.
    pub fn profiles(&self) -> impl Iterator<Item = Result<(SubscriberId, &str), StoreError>> {
        let mut rest = self.packed.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let one = split_profile(rest);
            rest = one.map_or("", |(_, rest)| rest);
            Some(one.map(|(one, _)| one).ok_or_else(|| bad("subscribers", "profile", "a page that cannot be read")))
        })
    }
}

fn split_profile(packed: &str) -> Option<((SubscriberId, &str), &str)> {
    let (id, rest) = packed.split_once(' ')?;
    let (length, rest) = rest.split_once(' ')?;
    let (profile, rest) = rest.split_at_checked(length.parse().ok()?)?;
    Some(((SubscriberId(id.parse().ok()?), profile), rest))
}

impl Read {
    /// The profiles of at most `limit` active people of one bucket with ids after `after`; `None` when there are no more.
    pub async fn profiles_page(
        &mut self,
        bucket: Bucket,
        after: SubscriberId,
        limit: i64,
    ) -> Result<Option<ProfilePage>, StoreError> {
        const SQL: &str = "SELECT MAX(id), string_agg(CAST(id AS TEXT) || ' ' || \
            CAST(octet_length(profile) AS TEXT) || ' ' || profile, '') FROM (SELECT id, profile FROM subscribers \
            WHERE bucket = $1 AND id > $2 AND state = 'active' ORDER BY id LIMIT $3) AS page";
        let (last, packed): (Option<i64>, Option<String>) = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(i64::from(bucket.0)).bind(after.0).bind(limit).fetch_one(conn).await)?;
        Ok(last.zip(packed).map(|(last, packed)| ProfilePage { packed, last: SubscriberId(last) }))
    }
}
