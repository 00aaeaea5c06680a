//! A server that takes every mail and hangs up before it says so.

use crate::support::campaigns::cuts::{Cuts, campaign};
use crate::support::{TestDb, both_databases};

/// A tenth of `cargo bench --bench kills -- --cuts`: each is the same as the last.
const CUTS: usize = 1000;

both_databases! {
    async fn a_held_digest_whose_answer_was_cut_off_is_never_doubled(db: &TestDb) {
        campaign(db, &Cuts { deliveries: CUTS, connections: 4, resend: false }).await;
    }

    async fn a_resent_digest_whose_answer_was_cut_off_comes_twice_under_one_name(db: &TestDb) {
        campaign(db, &Cuts { deliveries: CUTS, connections: 4, resend: true }).await;
    }
}
