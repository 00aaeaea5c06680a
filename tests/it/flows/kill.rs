//! The real program, killed in mid-run again and again: nothing is lost, nothing comes twice, and what a
//! crash left open is known by name.

use std::collections::{HashMap, HashSet};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::mails::mails;
use crate::support::service::Setup;
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

const READERS: usize = 200;
const CONNECTIONS: usize = 4;
/// Where the mail server stands when the program is killed: nowhere in particular, or silent at a step.
const KILLS: [Option<(Step, Act)>; 8] = [
    None,
    Some((Step::Dot, Act::AcceptThenStall)),
    Some((Step::Data, Act::Stall)),
    None,
    Some((Step::Dot, Act::Stall)),
    Some((Step::Rcpt, Act::Stall)),
    Some((Step::Body, Act::Stall)),
    None,
];

/// The program with its settings, in a folder of its own.
struct Program {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Program {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_broadsheet"));
        command.args(["--now", "2026-03-02T07:00:00Z"]).args(arguments).current_dir(self.folder.path());
        command.env_clear().envs(self.environment.iter().cloned()).env("BROADSHEET__LOG__LEVEL", "error");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("the program starts")
    }

    fn finish(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// What `deliveries list` prints, one object a line.
    fn deliveries(&self, state: &str) -> Vec<serde_json::Value> {
        let output = self.finish(&["deliveries", "list", "--state", state, "--limit", "10000", "--json"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

/// Numbers without a pattern, the same in every run (the constants of Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

both_databases! {
    async fn whenever_the_program_is_killed_nothing_is_lost_and_nothing_doubled(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post).with("mail.connections", &CONNECTIONS.to_string());
        let service = setup.at("2026-03-01T08:00:00Z").await;
        let roster: String = (0..READERS).map(|n| format!("{{\"email\":\"reader{n}@example.org\",\"interests\":[\"diffusion models\"]}}\n")).collect();
        assert_eq!(service.app.import_people(roster.as_bytes(), false).await.expect("imported").added, READERS);
        service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
        service.app.close().await;
        let program = Program { folder: TempDir::new().expect("a folder"), environment: setup.environment() };
        // The first time it dies while it plans.
        let mut run = program.start(&["run"]);
        while db.read().await.expect("reads").delivery_counts().await.expect("counts").is_empty() {
            tokio::task::yield_now().await;
        }
        run.kill().and_then(|()| run.wait()).expect("killed");
        tokio::task::block_in_place(|| {
            post.wait_until_idle();
            let mut dice = Dice(2026);
            for (number, kill) in KILLS.into_iter().enumerate() {
                kill_once(&program, &post, kill, number, &mut dice);
            }
            run_to_the_end(&program);
            check_ledger(&program, &post);
        });
    }
}

/// Starts a run, and kills it some mails later, or when the server falls silent after them.
fn kill_once(program: &Program, post: &Server, silence: Option<(Step, Act)>, number: usize, dice: &mut Dice) {
    let mut run = program.start(&["run"]);
    post.wait_until_taken(mails(post).len() + 1 + dice.below(14));
    if let Some((step, act)) = silence {
        post.once(step, act);
        let silences = KILLS[..=number].iter().flatten().count();
        post.wait_until_stalled(silences);
    }
    run.kill().expect("killed");
    let status = run.wait().expect("ended");
    assert_eq!(status.code(), None, "it was still running");
    post.release();
    post.wait_until_idle();
}

/// Runs until nothing is claimed by anybody: a database server may take a moment to notice that a program died.
fn run_to_the_end(program: &Program) {
    for _ in 0..20 {
        let output = program.finish(&["run"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        if program.deliveries("leased").is_empty() && program.deliveries("handing_off").is_empty() {
            return;
        }
    }
    panic!("the claims of a dead program are never taken back");
}

/// Holds what the server took against what the program says it knows.
fn check_ledger(program: &Program, post: &Server) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    mails(post).into_iter().for_each(|mail| *taken.entry(mail.to).or_default() += 1);
    let addresses = |state: &str| -> HashSet<String> {
        let lines = program.deliveries(state).into_iter();
        lines.map(|line| line["address"].as_str().expect("an address").to_owned()).collect()
    };
    let (accepted, uncertain) = (addresses("accepted"), addresses("uncertain"));
    assert_eq!(accepted.len() + uncertain.len(), READERS, "every mail has a known fate");
    assert!(taken.values().all(|&count| count == 1), "nothing came twice: {taken:?}");
    assert!(accepted.iter().all(|address| taken.contains_key(address)), "nothing is claimed that did not arrive");
    let arrived_unnoticed = uncertain.iter().filter(|&address| taken.contains_key(address)).count();
    assert_eq!(accepted.len() + arrived_unnoticed, taken.len(), "nothing arrived that is not known of");
    assert!(arrived_unnoticed >= 1 && uncertain.len() <= CONNECTIONS * (KILLS.len() + 1), "{uncertain:?}");
}
