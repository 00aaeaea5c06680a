//! The accidents of the tests in full size. Each prints what it cost, or fails and names what was lost or doubled.
//!
//! ```text
//! cargo bench --bench kills -- --kills 1000 --deliveries 100000 --database sqlite
//! cargo bench --bench kills -- --race --nodes 4 --deliveries 20000
//! cargo bench --bench kills -- --cuts --deliveries 10000 --database postgres [--resend]
//! ```

use clap::{Parser, ValueEnum};

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the tests use more of it")]
mod support;

use support::TestDb;
use support::campaigns::{cuts, kills, race};

/// Lets the program, its mail server and its database die on purpose, and counts what is left.
#[derive(Parser)]
struct Options {
    /// Several programs on one PostgreSQL that crashes three times.
    #[arg(long)]
    race: bool,
    /// A mail server that takes every mail and hangs up before it says so.
    #[arg(long, conflicts_with = "race")]
    cuts: bool,
    /// How often the program is killed.
    #[arg(long, default_value_t = 1000)]
    kills: usize,
    /// Mails to deliver.
    #[arg(long, default_value_t = 100_000)]
    deliveries: usize,
    /// Open SMTP dialogues of a program.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Programs in a race.
    #[arg(long, default_value_t = 4)]
    nodes: usize,
    /// Whether mails whose answer was cut off are sent once more.
    #[arg(long)]
    resend: bool,
    /// Decides the moments of the kills.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On which database.
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    database: Kind,
    /// Said by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if !options.bench {
        println!("the accidents take long: cargo bench --bench kills");
        return;
    }
    let Options { deliveries, connections, nodes, kills, seed, resend, .. } = options;
    let db = match (options.race, options.database) {
        (true, _) => TestDb::postgres_alone().await,
        (false, Kind::Postgres) => TestDb::postgres().await,
        (false, Kind::Sqlite) => Some(TestDb::sqlite().await),
    };
    let Some(db) = db else { return };
    if options.race {
        let plan = race::Race { nodes, deliveries, connections, crashes: 3 };
        println!("{plan:?}\n{:?}: nothing lost, nothing doubled", race::race(&db, &plan).await);
    } else if options.cuts {
        let plan = cuts::Cuts { deliveries, connections, resend };
        cuts::campaign(&db, &plan).await;
        println!("{plan:?}: each came {}, under one name", if resend { "twice" } else { "once" });
    } else {
        let plan = kills::Kills { kills, deliveries, connections, seed };
        println!("{plan:?}\n{:?}: nothing lost, nothing doubled", kills::campaign(&db, &plan).await);
    }
    db.remove().await;
}
