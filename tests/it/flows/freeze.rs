//! The real program, stopped by SIGSTOP for longer than its lease and woken when another has done its work.

use broadsheet::model::DeliveryState;
use sqlx::{ConnectOptions, Connection};

use crate::support::campaigns::program::{Program, Running};
use crate::support::campaigns::{DUE, email, with_readers};
use crate::support::oracle::{Ledger, Promise};
use crate::support::service::{Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const READERS: usize = 12;
const CONNECTIONS: usize = 3;
/// The other program's clock is that much ahead: for it, the first one's leases are over.
const LATER: &str = "2026-03-02T07:20:00Z";

/// A program that was stopped while all its dialogues wait for the server at one step.
fn frozen_at(step: Step, act: Act, program: &Program, post: &Server, db: &TestDb) -> Running {
    post.always(step, act);
    let frozen = program.run(DUE);
    post.wait_until_stalled(CONNECTIONS);
    frozen.signal("STOP");
    // Whoever is stopped in the middle of a transaction keeps others from what it touched: from a file for as long
    // as it sleeps, from rows until the server ends the transaction, which takes longer than a test should.
    while tokio::runtime::Handle::current().block_on(is_locked(db)) {
        frozen.signal("CONT");
        std::thread::yield_now();
        frozen.signal("STOP");
    }
    post.always(step, Act::Usual);
    frozen
}

async fn is_locked(db: &TestDb) -> bool {
    const BUSY: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND pid <> pg_backend_pid() AND state <> 'idle'";
    let Some(path) = db.options().url.strip_prefix("sqlite:") else { return db.count(BUSY).await > 0 };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).busy_timeout(std::time::Duration::ZERO);
    let mut connection = options.connect().await.expect("opens");
    let locked = sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut connection).await.is_err();
    connection.close().await.expect("closes");
    locked
}

both_databases! {
    async fn a_frozen_program_that_wakes_up_sends_nothing_that_another_has_taken(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("mail.connections", &CONNECTIONS.to_string());
        with_readers(&setup, READERS).await.app.close().await;
        let program = Program::new(&setup);
        let (woken, other) = tokio::task::block_in_place(|| {
            let frozen = frozen_at(Step::Data, Act::Stall, &program, &post, db);
            let (code, other) = program.run(LATER).finish();
            assert_eq!(code, Some(0), "{other}");
            assert_eq!(post.taken(), READERS, "the other has sent everything");
            // The server speaks at last, and the first one comes back to life.
            post.release();
            frozen.signal("CONT");
            let (code, woken) = frozen.finish();
            assert_eq!(code, Some(0), "{woken}");
            post.wait_until_idle();
            (woken, other)
        });
        assert_eq!((&other["accepted"], &woken["accepted"]), (&READERS.into(), &0.into()));
        let fenced = woken["fenced"].as_u64().and_then(|count| usize::try_from(count).ok()).expect("a count");
        assert!((CONNECTIONS..=READERS).contains(&fenced), "each open dialogue stopped at the fence: {woken}");
        let ledger = Ledger::read(db, &post).await;
        ledger.assert_kept(&Promise { deliveries: READERS, resends: 0, open: 0, now: instant(LATER) });
        let mut refused = 0;
        for row in &ledger.rows {
            let tries = db.read().await.expect("reads").attempts(broadsheet::model::DeliveryId(row.id)).await.expect("listed");
            refused += tries.iter().filter(|attempt| attempt.outcome == "fenced").count();
        }
        assert_eq!(refused, fenced, "and each refusal is on record");
    }

    async fn a_program_frozen_after_the_dot_settles_what_was_given_up(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("mail.connections", &CONNECTIONS.to_string());
        with_readers(&setup, READERS).await.app.close().await;
        let program = Program::new(&setup);
        tokio::task::block_in_place(|| {
            let frozen = frozen_at(Step::Dot, Act::AcceptThenStall, &program, &post, db);
            let (code, other) = program.run(LATER).finish();
            assert_eq!((code, &other["accepted"]), (Some(0), &(READERS - CONNECTIONS).into()), "{other}");
            let ledger = tokio::runtime::Handle::current().block_on(Ledger::read(db, &post));
            assert_eq!(ledger.count(DeliveryState::Uncertain), CONNECTIONS);
            post.release();
            frozen.signal("CONT");
            let (code, woken) = frozen.finish();
            assert_eq!((code, &woken["accepted"]), (Some(0), &CONNECTIONS.into()), "{woken}");
        });
        let ledger = Ledger::read(db, &post).await;
        ledger.assert_kept(&Promise { deliveries: READERS, resends: 0, open: 0, now: instant(LATER) });
        assert_eq!(ledger.count(DeliveryState::Accepted), READERS);
        assert!((0..READERS).all(|number| ledger.rows.iter().any(|row| row.address == email(number))));
    }
}
