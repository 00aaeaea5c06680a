//! What the operator is told by mail, as it waits in the outbox.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Something about delivery that needs the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Alert {
    /// A group of destinations refused too much by policy and was closed.
    GroupClosed {
        /// Its name.
        group: String,
        /// One mail is let through from then on.
        until: Timestamp,
        /// The refusal that closed it.
        reason: String,
        /// Refusals by policy that were counted.
        refused: i64,
        /// Results they were counted among.
        results: i64,
    },
    /// The relay could not be used for long.
    RelayDown {
        /// Since when.
        since: Timestamp,
        /// What it said last.
        reason: String,
    },
}

impl Alert {
    /// The same for every alert about the same thing: one for each group and hour, one for each outage of the relay.
    pub fn idempotency_key(&self, now: Timestamp) -> String {
        match self {
            Self::GroupClosed { group, .. } => format!("alert:group:{group}:{}", now.timestamp().div_euclid(3600)),
            Self::RelayDown { since, .. } => format!("alert:relay:{}", since.timestamp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::from_micros;

    #[test]
    fn an_alert_is_sent_once_for_a_group_and_hour_and_once_for_an_outage() {
        let at = |seconds: i64| from_micros((1_800_000_000 + seconds) * 1_000_000);
        let closed = Alert::GroupClosed {
            group: "google".to_owned(),
            until: at(3600),
            reason: "550 5.7.1 no".to_owned(),
            refused: 10,
            results: 12,
        };
        assert_eq!(closed.idempotency_key(at(0)), closed.idempotency_key(at(3599)));
        assert_ne!(closed.idempotency_key(at(0)), closed.idempotency_key(at(3600)));
        let down = Alert::RelayDown { since: at(0), reason: "535 5.7.8 no".to_owned() };
        assert_eq!(down.idempotency_key(at(0)), down.idempotency_key(at(90_000)));
        let stored = serde_json::to_string(&closed).expect("is written");
        assert_eq!(serde_json::from_str::<Alert>(&stored).expect("is read"), closed);
    }
}
