//! The accidents of the tests in full size. Each prints what it cost, or fails and names what was lost or doubled.
//!
//! ```text
//! cargo bench --bench kills -- --kills 1000 --deliveries 100000 --database sqlite
//! cargo bench --bench kills -- --race --nodes 4 --deliveries 20000
//! cargo bench --bench kills -- --cuts --deliveries 10000 --database postgres [--resend]
//! cargo bench --bench kills -- --hindered --deliveries 10000 --connections 16
//! ```

use clap::{Parser, ValueEnum};

mod hindrance;
#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the tests use more of it")]
mod support;

use hindrance::{Hindrance, Trouble};
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
    /// A destination that makes trouble, and how fast the others are served meanwhile.
    #[arg(long, conflicts_with_all = ["race", "cuts"])]
    hindered: bool,
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

impl Kind {
    async fn fresh(self) -> Option<TestDb> {
        match self {
            Self::Postgres => TestDb::postgres().await,
            Self::Sqlite => Some(TestDb::sqlite().await),
        }
    }
}

/// Prints how fast the others are served, first while nobody makes trouble.
async fn hindered(plan: &Hindrance, database: Kind) {
    let mut undisturbed = None;
    for trouble in std::iter::once(Trouble::None).chain(Trouble::ALL) {
        let Some(db) = database.fresh().await else { return };
        let rate = hindrance::rate_of_others(&db, plan, trouble).await;
        let share = 100.0 * rate / *undisturbed.get_or_insert(rate);
        println!("{trouble:?}: the others get {rate:.0} mails/s, {share:.0} % of their rate");
        db.remove().await;
    }
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if !options.bench {
        println!("the accidents take long: cargo bench --bench kills");
        return;
    }
    let Options { deliveries, connections, nodes, kills, seed, resend, .. } = options;
    if options.hindered {
        return hindered(&Hindrance { deliveries, connections }, options.database).await;
    }
    let db = match options.race {
        true => TestDb::postgres_alone().await,
        false => options.database.fresh().await,
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
