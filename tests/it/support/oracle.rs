//! Holds what a mail server took against what the database says became of each mail.
//!
//! A server that was told nothing wrong keeps the truth; a database that went through crashes must agree with
//! it, or say by name what it does not know.

use std::collections::HashMap;

use broadsheet::model::{DeliveryState, Timestamp, from_micros};
use broadsheet::store::Db;
use broadsheet::store::deliveries::{DeliveryFilter, DeliveryRow};

use super::smtp::{Accepted, Server};

/// Every delivery and every copy that arrived.
pub struct Ledger {
    pub rows: Vec<DeliveryRow>,
    journal: Vec<Accepted>,
}

/// What has to hold once everything has calmed down.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// Deliveries there have to be: none is lost.
    pub deliveries: usize,
    /// Second copies of a mail at most: 0 under `hold`, 1 under `resend`.
    pub resends: i64,
    /// Mails at most whose fate is open, or is now called unknown.
    pub open: usize,
    /// What time it is: nothing that could leave now has been left lying.
    pub now: Timestamp,
}

impl Ledger {
    /// What the database says now, and what the server took until now.
    pub async fn read(db: &Db, post: &Server) -> Self {
        let filter = DeliveryFilter { limit: i64::MAX, ..DeliveryFilter::default() };
        let rows = db.read().await.expect("reads").deliveries(&filter).await.expect("listed");
        Self { rows, journal: post.journal() }
    }

    /// How many deliveries are in a state.
    pub fn count(&self, state: DeliveryState) -> usize {
        self.rows.iter().filter(|row| row.state == state.as_str()).count()
    }

    /// How many copies arrived of each message.
    pub fn arrivals(&self) -> HashMap<String, usize> {
        let mut arrivals = HashMap::new();
        self.journal.iter().for_each(|copy| *arrivals.entry(copy.message_id()).or_default() += 1);
        arrivals
    }

    /// Fails, naming every breach, unless the promise is kept.
    pub fn assert_kept(&self, promise: &Promise) {
        let breaches = self.breaches(promise);
        let shown: Vec<&String> = breaches.iter().take(20).collect();
        assert!(breaches.is_empty(), "{} breaches of {promise:?}: {shown:#?}", breaches.len());
    }

    /// Everything that is not as promised.
    pub fn breaches(&self, promise: &Promise) -> Vec<String> {
        let mut arrived: HashMap<String, Vec<&Accepted>> = HashMap::new();
        for copy in &self.journal {
            arrived.entry(copy.message_id()).or_default().push(copy);
        }
        let mut breaches = Vec::new();
        for row in &self.rows {
            let copies = arrived.remove(&row.message_id).unwrap_or_default();
            let found = breaches_of(row, &copies, promise);
            breaches.extend(found.into_iter().map(|text| {
                let (id, state) = (&row.message_id, &row.state);
                format!("{id} to {:?}, {state}, {} copies, {} resends: {text}", row.address, copies.len(), row.resends)
            }));
        }
        breaches.extend(arrived.keys().map(|stranger| format!("{stranger:?} arrived and no delivery bears that name")));
        if self.rows.len() != promise.deliveries {
            breaches.push(format!("{} deliveries", self.rows.len()));
        }
        let open = self.count(DeliveryState::Uncertain) + self.count(DeliveryState::Unknown);
        if open > promise.open {
            breaches.push(format!("the fate of {open} is not known"));
        }
        breaches
    }
}

fn breaches_of(row: &DeliveryRow, copies: &[&Accepted], promise: &Promise) -> Vec<&'static str> {
    use DeliveryState::{Accepted, Expired, HandingOff, Leased, Ready, Rejected, RetryWait, Suppressed};
    let Some(state) = DeliveryState::from_stored(&row.state) else { return vec!["no such state"] };
    let most = 1 + usize::try_from(row.resends).unwrap_or(0);
    let mut found = Vec::new();
    if row.resends > promise.resends {
        found.push("sent again more often than the policy allows");
    }
    if copies.len() > most {
        found.push("doubled");
    }
    if copies.iter().any(|copy| !row.address.is_empty() && copy.to != [row.address.as_str()]) {
        found.push("arrived at somebody else");
    }
    match state {
        Leased | HandingOff => found.push("held by somebody who is gone"),
        Ready | RetryWait if from_micros(row.not_before) <= promise.now => found.push("left lying"),
        Ready | RetryWait if row.last_reply.is_none() => found.push("waits without a reason"),
        Accepted if copies.is_empty() => found.push("lost: said to be accepted"),
        Expired | Suppressed if !copies.is_empty() => found.push("said not to have left"),
        Ready | RetryWait | Rejected if copies.len() >= most => found.push("arrived unnoticed"),
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::papers::noon;

    fn row(state: &str, resends: i64) -> DeliveryRow {
        DeliveryRow {
            id: 1,
            kind: "digest".to_owned(),
            state: state.to_owned(),
            address: "ada@example.org".to_owned(),
            message_id: "1@example.org".to_owned(),
            due_at: 0,
            state_at: 0,
            expires_at: 0,
            not_before: 0,
            attempts: 0,
            resends,
            last_phase: None,
            last_code: None,
            last_enhanced: None,
            last_reply: None,
            body_sha256: None,
            edition_id: None,
        }
    }

    fn copy(message_id: &str, to: &str) -> Accepted {
        let message = format!("Subject: x\r\nMessage-ID: <{message_id}>\r\n\r\nx").into_bytes();
        Accepted { from: String::new(), to: vec![to.to_owned()], message, connection: 1 }
    }

    #[test]
    fn every_kind_of_breach_is_seen() {
        let promise = Promise { deliveries: 1, resends: 1, open: 1, now: noon() };
        let ours = || copy("1@example.org", "ada@example.org");
        for (rows, journal, breach) in [
            (vec![row("accepted", 0)], vec![ours()], None),
            (vec![row("uncertain", 0)], vec![ours()], None),
            (vec![row("unknown", 0)], vec![], None),
            (vec![row("rejected", 0)], vec![], None),
            (vec![row("rejected", 1)], vec![ours()], None),
            (vec![row("accepted", 1)], vec![ours(), ours()], None),
            (vec![row("accepted", 0)], vec![], Some("lost")),
            (vec![row("accepted", 0)], vec![ours(), ours()], Some("doubled")),
            (vec![row("accepted", 1)], vec![ours(), ours(), ours()], Some("doubled")),
            (vec![row("accepted", 2)], vec![ours()], Some("more often")),
            (vec![row("accepted", 0)], vec![copy("1@example.org", "bob@example.org")], Some("somebody else")),
            (vec![row("accepted", 0)], vec![ours(), copy("2@example.org", "a@example.org")], Some("no delivery")),
            (vec![row("rejected", 0)], vec![ours()], Some("unnoticed")),
            (vec![row("expired", 0)], vec![ours()], Some("not to have left")),
            (vec![row("suppressed", 1)], vec![ours()], Some("not to have left")),
            (vec![row("ready", 0)], vec![], Some("left lying")),
            (vec![row("leased", 0)], vec![], Some("gone")),
            (vec![row("handing_off", 0)], vec![ours()], Some("gone")),
            (vec![], vec![], Some("0 deliveries")),
            (vec![row("uncertain", 0), row("unknown", 0)], vec![], Some("is not known")),
        ] {
            let ledger = Ledger { rows, journal };
            let breaches = ledger.breaches(&promise);
            match breach {
                None => assert!(breaches.is_empty(), "{breaches:?}"),
                Some(part) => assert!(breaches.iter().any(|found| found.contains(part)), "{part}: {breaches:?}"),
            }
        }
    }
}
