//! Remembers for a while which networks tried wrong tokens.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;

use crate::model::Timestamp;

/// Wrong tokens that one network may try...
const TRIES: u32 = 10;
/// ...in this time.
const PERIOD: TimeDelta = TimeDelta::minutes(15);
/// Wrong tokens from everywhere in that time, and networks remembered.
const ALL_TRIES: usize = 1_000;

/// Counts failures by network. A guess takes 2^128 tries on average; this keeps the log short.
#[derive(Default)]
pub(in crate::web) struct Doorman(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Doorman {
    /// Whether `network` may try a token.
    pub fn lets_try(&self, network: &str, now: Timestamp) -> bool {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, (_, first)| now < *first + PERIOD);
        let known = tries.get(network).map(|(count, _)| *count);
        known.map_or(tries.len() < ALL_TRIES, |count| count < TRIES)
    }

    /// A wrong token came from `network`.
    pub fn note_failure(&self, network: &str, now: Timestamp) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.entry(network.to_owned()).or_insert((0, now)).0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::from_micros;

    #[test]
    fn a_network_that_guesses_has_to_wait_and_others_do_not() {
        let doorman = Doorman::default();
        let now = from_micros(0);
        for _ in 0..TRIES {
            assert!(doorman.lets_try("a", now));
            doorman.note_failure("a", now);
        }
        assert!(!doorman.lets_try("a", now));
        assert!(doorman.lets_try("b", now));
        assert!(doorman.lets_try("a", now + PERIOD));
    }

    #[test]
    fn guesses_from_very_many_networks_stop_everybody_for_a_while() {
        let doorman = Doorman::default();
        let now = from_micros(0);
        for network in 0..ALL_TRIES {
            doorman.note_failure(&network.to_string(), now);
        }
        assert!(!doorman.lets_try("new", now));
        assert!(doorman.lets_try("new", now + PERIOD));
    }
}
