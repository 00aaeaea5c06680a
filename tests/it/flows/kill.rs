//! The real program, killed at random moments: nothing is lost, nothing comes twice, and what a kill left open
//! is known by name. `cargo bench --bench kills` does the same in full size.

use crate::support::campaigns::kills::{Kills, campaign};
use crate::support::{TestDb, both_databases};

both_databases! {
    async fn whenever_the_program_is_killed_nothing_is_lost_and_nothing_doubled(db: &TestDb) {
        let toll = campaign(db, &Kills { kills: 50, deliveries: 5000, connections: 8, seed: 2026 }).await;
        println!("{toll:?}");
        assert_eq!(toll.kills, 50);
        assert!(toll.uncertain > 0, "no kill came between fence and answer: {toll:?}");
    }
}
