//! The switch that holds all mail back, and what waits behind it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::rows::instant;
use super::{App, AppError};
use crate::store::throttle::{ClosedGroup, RelayRest};

/// Whether mail may leave, and what is on its way.
#[derive(Debug, Clone, Serialize)]
pub struct SendingSwitch {
    /// Whether mail is held back.
    pub paused: bool,
    /// Why.
    pub reason: String,
    /// Since when; empty when it was never paused.
    pub since: String,
    /// Why the database cannot be written, which holds mail back too.
    pub outage: Option<&'static str>,
    /// Since when the relay cannot be used, and why; nothing when it serves.
    pub relay: Option<String>,
    /// Groups of destinations that refused too much and are closed, until when and why.
    pub closed: Vec<String>,
    /// Mails that could leave now.
    pub claimable: i64,
    /// Mails that wait for their time or a retry.
    pub waiting: i64,
    /// Mails that wait and are too late: they expire unsent.
    pub overdue: i64,
    /// Mails whose fate a crash left open.
    pub uncertain: i64,
    /// Since when the oldest of them is that.
    pub oldest_uncertain: Option<String>,
    /// Every mail kept, by state.
    pub states: BTreeMap<String, i64>,
}

impl App {
    /// How the switch stands, and what waits behind it. Tries whether the database can be written.
    pub async fn sending(&self) -> Result<SendingSwitch, AppError> {
        let (db, now) = (&self.service.db, self.service.clock.now());
        let outage = db.prove_writable(now).await.err().map(|error| error.cause());
        let mut read = db.read().await?;
        let switch = read.sending().await?;
        let (claimable, waiting) = read.waiting_deliveries(now).await?;
        let mut states = BTreeMap::new();
        for (_, state, count) in read.delivery_counts().await? {
            *states.entry(state).or_default() += count;
        }
        Ok(SendingSwitch {
            paused: switch.paused,
            reason: switch.reason,
            since: if switch.since.timestamp() == 0 { String::new() } else { instant(switch.since) },
            outage,
            relay: read.relay_rest().await?.map(|rest| relay(&rest)),
            closed: read.closed_groups().await?.iter().map(closed).collect(),
            claimable,
            waiting,
            overdue: read.overdue_deliveries(now).await?,
            uncertain: states.get("uncertain").copied().unwrap_or(0),
            oldest_uncertain: read.oldest_uncertain().await?.map(instant),
            states,
        })
    }

    /// Lets mail go to a group of destinations again that was closed.
    pub async fn reopen_destination(&self, group: &str) -> Result<(), AppError> {
        let mut tx = self.service.db.begin().await?;
        if !tx.reopen_group(group).await? {
            return Err(AppError::Failed(format!("{group} is not closed; `sending status` lists what is")));
        }
        tx.commit().await?;
        self.service.bell.notify_one();
        Ok(())
    }

    /// Holds all mail back.
    pub async fn pause_sending(&self, reason: &str) -> Result<(), AppError> {
        let mut tx = self.service.db.begin().await?;
        tx.set_sending(true, reason, self.service.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Lets mail go again, and tells what stood behind the switch at that moment.
    pub async fn resume_sending(&self) -> Result<SendingSwitch, AppError> {
        let before = self.sending().await?;
        self.service.db.resume_sending(self.service.clock.now()).await?;
        self.service.bell.notify_one();
        Ok(before)
    }
}

fn relay(rest: &RelayRest) -> String {
    let state = if rest.probing { "one mail tries it, by" } else { "left alone until" };
    format!("not usable since {}, {state} {}: {}", instant(rest.since), instant(rest.until), rest.reason)
}

fn closed(group: &ClosedGroup) -> String {
    let ClosedGroup { dest_group, since, until, reason, .. } = group;
    format!("{dest_group} since {}, next try at {}: {reason}", instant(*since), instant(*until))
}
