//! `kill -9` at random moments, again and again, until everything is delivered.

use broadsheet::model::DeliveryState;

use super::program::Program;
use super::{DAY_AFTER, DUE, Dice, count_in, with_readers};
use crate::support::TestDb;
use crate::support::nodes::wait_until_dead;
use crate::support::oracle::{Ledger, Promise};
use crate::support::service::{Setup, instant};
use crate::support::smtp::{Server, Tls};

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Kills {
    pub kills: usize,
    pub deliveries: usize,
    /// Open SMTP dialogues at most.
    pub connections: usize,
    /// Decides the moments.
    pub seed: u64,
}

/// What it cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct Toll {
    pub kills: usize,
    /// Mails past the fence of which the kill left open what became of them.
    pub uncertain: usize,
    /// The most of one kill.
    pub most_at_once: usize,
    /// Copies the server took.
    pub taken: usize,
}

/// Steps of the server for one mail: MAIL, RCPT, DATA, the body, the dot.
const STEPS: usize = 5;
/// How often the program is started to bring everything to its end.
const LAST_RUNS: usize = 20;

/// Kills the program until all kills are used up, lets it finish, and holds the outcome against the promise.
pub async fn campaign(db: &TestDb, plan: &Kills) -> Toll {
    let post = Server::start(Tls::None);
    post.keep_names_only();
    let setup = Setup::new(db, &post).with("mail.connections", &plan.connections.to_string());
    with_readers(&setup, plan.deliveries).await.app.close().await;
    let program = Program::new(&setup);
    let (mut toll, mut dice) = (Toll::default(), Dice(plan.seed));
    kill_while_planning(db, &program, &mut toll).await;
    while toll.kills < plan.kills {
        let open = count_in(db, &["handing_off", "uncertain"]).await;
        tokio::task::block_in_place(|| {
            kill_once(&program, &post, plan, toll.kills, &mut dice);
            post.wait_until_idle();
        });
        toll.kills += 1;
        let opened = count_in(db, &["handing_off", "uncertain"]).await - open;
        assert!(opened <= plan.connections, "kill {}: {opened} mails are open", toll.kills);
        (toll.uncertain, toll.most_at_once) = (toll.uncertain + opened, toll.most_at_once.max(opened));
    }
    run_to_the_end(db, &program).await;
    toll.taken = post.taken();
    let promise = Promise { deliveries: plan.deliveries, resends: 0, open: toll.uncertain, now: instant(DAY_AFTER) };
    let ledger = Ledger::read(db, &post).await;
    ledger.assert_kept(&promise);
    assert_eq!(ledger.count(DeliveryState::Uncertain), toll.uncertain, "only a death leaves anything open");

    let (code, _) = program.run(DAY_AFTER).finish();
    assert_eq!(code, Some(0), "the day after");
    let ledger = Ledger::read(db, &post).await;
    ledger.assert_kept(&promise);
    let (accepted, unknown) = (ledger.count(DeliveryState::Accepted), ledger.count(DeliveryState::Unknown));
    assert_eq!((accepted + unknown, unknown), (plan.deliveries, toll.uncertain), "every mail is final");
    toll
}

/// The first time it dies while it plans.
async fn kill_while_planning(db: &TestDb, program: &Program, toll: &mut Toll) {
    let run = program.run(DUE);
    while count_in(db, &["ready"]).await == 0 {
        tokio::task::yield_now().await;
    }
    assert!(run.kill(), "it was still planning");
    wait_until_dead(db).await;
    toll.kills += 1;
}

/// Kills a run after a random number of steps, such that the kills still to come find enough to do.
fn kill_once(program: &Program, post: &Server, plan: &Kills, number: usize, dice: &mut Dice) {
    let left = plan.deliveries.saturating_sub(post.taken() + number);
    let share = STEPS * left / (plan.kills - number + 1);
    let moment = post.steps() + 1 + dice.below(2 * share + 1);
    let mut run = program.run(DUE);
    post.wait_until_steps(moment, || run.is_over());
    assert!(run.kill(), "kill {number}: it ended by itself, {left} mails left");
}

/// Runs until nothing is claimed by anybody: a database server may take a moment to notice that a program died.
async fn run_to_the_end(db: &TestDb, program: &Program) {
    for _ in 0..LAST_RUNS {
        wait_until_dead(db).await;
        let (code, report) = program.run(DUE).finish();
        assert_eq!(code, Some(0), "{report}");
        if count_in(db, &["ready", "leased", "handing_off", "retry_wait"]).await == 0 {
            return;
        }
    }
    panic!("what a dead program held is never taken back");
}
