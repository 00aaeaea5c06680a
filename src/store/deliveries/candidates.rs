//! Which mails a claim takes: the urgent before all, then what waits longest, and no more of a group than it bears.
//!
//! The cost has to follow the number of mails asked for, not of those that wait. So the first look takes a few more
//! than are wanted from the front of each priority, whatever their group. Only where groups that bear no more crowd
//! the front, a second look goes from group to group by an index of its own and never reads past their mails.

use std::collections::HashSet;

use super::super::db::{Read, on_conn};
use super::super::error::StoreError;
use super::claim::Rooms;
use crate::model::{DeliveryKind, Timestamp, from_micros, micros};

/// Mails looked at from the front, beyond those that are wanted.
const LOOK_PAST: i64 = 256;
/// Groups of which a claim takes mails behind a crowded front; one query each.
const GROUPS: i64 = 16;

/// What may be claimed at the moment.
pub(super) struct Wanted {
    /// Now.
    pub(super) now: Timestamp,
    /// At most this many.
    pub(super) limit: i64,
    /// How many of each group; less what was found.
    pub(super) rooms: Rooms,
}

/// What was found so far, in order.
#[derive(Default)]
struct Found {
    ids: Vec<i64>,
    known: HashSet<i64>,
    /// Whether something was passed over because its group bears no more.
    passed_over: bool,
}

impl Wanted {
    fn missing(&self, found: &Found) -> i64 {
        self.limit - i64::try_from(found.ids.len()).unwrap_or(i64::MAX)
    }

    fn room(&self, group: &str) -> i64 {
        self.rooms.known.get(group).copied().unwrap_or(self.rooms.others)
    }

    fn add(&mut self, found: &mut Found, id: i64, group: &str) {
        let room = self.room(group);
        if room <= 0 {
            found.passed_over = true;
        } else if self.missing(found) > 0 && found.known.insert(id) {
            found.ids.push(id);
            self.rooms.known.insert(group.to_owned(), room - 1);
        }
    }
}

/// What could leave now: `$1` is now, `$2` the priority.
macro_rules! claimable {
    () => {
        "stage = 1 AND priority = $2 AND not_before <= $1 AND expires_at > $1"
    };
}

impl Read {
    /// The ids of mails to claim.
    pub(super) async fn candidates(&mut self, mut wanted: Wanted) -> Result<Vec<i64>, StoreError> {
        let mut found = Found::default();
        for priority in DeliveryKind::PRIORITIES {
            if wanted.missing(&found) > 0 {
                self.front(priority, &mut wanted, &mut found).await?;
            }
            if wanted.missing(&found) > 0 && found.passed_over {
                self.behind(priority, &mut wanted, &mut found).await?;
            }
        }
        Ok(found.ids)
    }

    /// From the front, in order.
    async fn front(&mut self, priority: i64, wanted: &mut Wanted, found: &mut Found) -> Result<(), StoreError> {
        const SQL: &str =
            concat!("SELECT id, dest_group FROM deliveries WHERE ", claimable!(), " ORDER BY not_before, id LIMIT $3");
        let look = wanted.missing(found).saturating_add(if wanted.rooms == Rooms::any() { 0 } else { LOOK_PAST });
        let rows: Vec<(i64, String)> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(micros(wanted.now)).bind(priority).bind(look).fetch_all(conn).await)?;
        rows.iter().for_each(|(id, group)| wanted.add(found, *id, group));
        Ok(())
    }

    /// From group to group, the same number of each.
    async fn behind(&mut self, priority: i64, wanted: &mut Wanted, found: &mut Found) -> Result<(), StoreError> {
        let groups = self.groups_with_mail(priority, wanted, GROUPS.min(wanted.missing(found))).await?;
        let share = wanted.missing(found) / i64::try_from(groups.len()).unwrap_or(1).max(1);
        for group in groups {
            let most = share.min(wanted.room(&group));
            for id in self.of_group(&group, priority, most, wanted.now).await? {
                wanted.add(found, id, &group);
            }
        }
        Ok(())
    }

    /// What waits longest in a group.
    async fn of_group(
        &mut self,
        group: &str,
        priority: i64,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        const SQL: &str = concat!(
            "SELECT id FROM deliveries WHERE ",
            claimable!(),
            " AND dest_group = $3 ORDER BY not_before, id LIMIT $4"
        );
        let rows: Vec<(i64,)> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(micros(now)).bind(priority).bind(group).bind(limit).fetch_all(conn).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The first groups, by name, that have something to claim and bear it.
    async fn groups_with_mail(
        &mut self,
        priority: i64,
        wanted: &Wanted,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        // Each step is one look into the index, however many mails a group has.
        const SQL: &str = concat!(
            "WITH RECURSIVE walk (dest_group) AS (\
                SELECT * FROM (SELECT dest_group FROM deliveries WHERE stage = 1 \
                    AND priority = $2 ORDER BY dest_group LIMIT 1) AS first_group \
                UNION ALL \
                SELECT (SELECT d.dest_group FROM deliveries d WHERE d.stage = 1 \
                    AND d.priority = $2 AND d.dest_group > walk.dest_group ORDER BY d.dest_group LIMIT 1) \
                FROM walk WHERE walk.dest_group IS NOT NULL) \
             SELECT walk.dest_group FROM walk WHERE EXISTS (SELECT 1 FROM deliveries WHERE ",
            claimable!(),
            " AND dest_group = walk.dest_group) LIMIT $3"
        );
        let full = wanted.rooms.known.values().filter(|room| **room <= 0).count();
        let look = limit.saturating_add(i64::try_from(full).unwrap_or(i64::MAX));
        let rows: Vec<(String,)> = on_conn!(self, conn => sqlx::query_as(SQL)
            .bind(micros(wanted.now)).bind(priority).bind(look).fetch_all(conn).await)?;
        let free = rows.into_iter().map(|(group,)| group).filter(|group| wanted.room(group) > 0);
        Ok(free.take(usize::try_from(limit).unwrap_or(0)).collect())
    }

    /// The most urgent mail of a group, if there is any.
    pub(super) async fn candidate_of(&mut self, group: &str, now: Timestamp) -> Result<Vec<i64>, StoreError> {
        for priority in DeliveryKind::PRIORITIES {
            let ids = self.of_group(group, priority, 1, now).await?;
            if !ids.is_empty() {
                return Ok(ids);
            }
        }
        Ok(Vec::new())
    }

    /// When the next mail that waits for its time may go.
    pub(super) async fn next_not_before(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        const SQL: &str = "SELECT not_before FROM deliveries WHERE stage = 1 AND priority = $2 \
            AND not_before > $1 ORDER BY not_before LIMIT 1";
        let mut next = None;
        for priority in DeliveryKind::PRIORITIES {
            let row: Option<(i64,)> = on_conn!(self, conn => sqlx::query_as(SQL)
                .bind(micros(now)).bind(priority).fetch_optional(conn).await)?;
            next = [next, row.map(|(at,)| from_micros(at))].into_iter().flatten().min();
        }
        Ok(next)
    }
}
