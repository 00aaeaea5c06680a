//! A PostgreSQL server for the length of this process.
//!
//! A shell watches over it and waits on a pipe that only this process holds open. However the process
//! ends, the pipe closes with it; the shell then stops the server and deletes its folder.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

/// Sets the server up, says so, restarts it as if it had crashed for every line it is sent, and at the end
/// of the tests leaves nothing behind.
/// Parameters: the folder, the folder of PostgreSQL's programs, options of the server.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
{
    "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --no-locale --no-sync &&
    "$2/pg_ctl" -D "$1/data" -l "$1/server.log" -w -t 120 -o "-k '$1' -c listen_addresses='' $3" start
} </dev/null >"$1/setup.log" 2>&1 && echo ready || { cat "$1/setup.log"; echo failed; }
while read -r order; do
    "$2/pg_ctl" -D "$1/data" -l "$1/server.log" -m immediate -w -t 120 restart </dev/null >"$1/restart.log" 2>&1 &&
    echo ready || { cat "$1/restart.log"; echo failed; }
done
"$2/pg_ctl" -D "$1/data" -m immediate stop </dev/null >/dev/null 2>&1
rm -rf "$1"
"#;

/// A server that answers, until this process ends.
pub struct Server {
    folder: PathBuf,
    /// Holds the open ends of the pipes to the watchdog.
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Server {
    /// Starts the server with these options of its command line; `None` where it is not installed, unless this
    /// is CI, where nothing may be left out.
    pub fn start(options: &str) -> Option<Self> {
        match programs().and_then(|programs| Ok((programs, Account::find()?))) {
            Ok((programs, account)) => Some(start(&programs, account, options)),
            Err(missing) if is_ci() => panic!("CI is set and the tests on PostgreSQL cannot run: {missing}"),
            Err(missing) => {
                // Past the capture of the test harness: what was left out has to be seen.
                let note = format!("\nnote: the tests named `postgres` were SKIPPED: {missing}\n");
                std::io::stderr().write_all(note.as_bytes()).ok();
                None
            }
        }
    }

    /// Kills the server and starts it anew. Comes back when it answers.
    pub fn crash(&self) {
        let mut pipes = self.pipes.lock().expect("no panic");
        pipes.0.write_all(b"crash\n").expect("the watchdog listens");
        if let Err(log) = await_ready(&mut pipes.1) {
            panic!("PostgreSQL does not start again:\n{log}");
        }
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }
}

/// Under which account the server runs: initdb refuses root.
enum Account {
    Own,
    Postgres,
}

impl Account {
    fn find() -> Result<Self, String> {
        let probe = tempfile::tempfile().and_then(|file| file.metadata()).expect("a temporary file");
        if probe.uid() != 0 {
            return Ok(Self::Own);
        }
        let runs = Command::new("runuser").args(["-u", "postgres", "--", "true"]).stderr(Stdio::null()).status();
        match runs {
            Ok(status) if status.success() => Ok(Self::Postgres),
            _ => Err("it does not run as root, and `runuser -u postgres` does not work".to_owned()),
        }
    }

    fn shell(&self) -> Command {
        match self {
            Self::Own => Command::new("sh"),
            Self::Postgres => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--", "sh"]);
                command
            }
        }
    }
}

fn start(programs: &Path, account: Account, options: &str) -> Server {
    // Sockets have short paths, so the folder is made in /tmp whatever the environment says.
    let folder = tempfile::Builder::new().prefix("broadsheet-pg-").tempdir_in("/tmp").expect("a folder in /tmp").keep();
    if let Account::Postgres = account {
        let given = Command::new("chown").arg("postgres").arg(&folder).status().expect("chown runs");
        assert!(given.success(), "the folder {} goes to the server's account", folder.display());
    }
    let mut watchdog = account
        .shell()
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(&folder)
        .arg(programs)
        .arg(options)
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Out of reach of the Ctrl-C that ends the tests.
        .process_group(0)
        .spawn()
        .expect("a shell starts");
    let orders = watchdog.stdin.take().expect("piped");
    let mut said = BufReader::new(watchdog.stdout.take().expect("piped"));
    match await_ready(&mut said) {
        Ok(()) => Server { folder, pipes: Mutex::new((orders, said)) },
        Err(log) => panic!("PostgreSQL from {} does not start:\n{log}", programs.display()),
    }
}

/// Waits until the watchdog says that the server answers; else what it says of the reason.
fn await_ready(said: &mut impl BufRead) -> Result<(), String> {
    let mut log = String::new();
    for line in said.lines() {
        match line.expect("the watchdog speaks UTF-8").as_str() {
            "ready" => return Ok(()),
            "failed" => break,
            other => log += &format!("{other}\n"),
        }
    }
    Err(log)
}

/// The folder with all of PostgreSQL's programs, the newest version first.
fn programs() -> Result<PathBuf, String> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders.splice(0..0, path_folders());
    folders
        .into_iter()
        .find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).exists()))
        .ok_or_else(|| "initdb, pg_ctl and postgres are neither in PATH nor in /usr/lib/postgresql/*/bin".to_owned())
}

fn version(bin: &Path) -> u32 {
    let name = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

#[expect(clippy::disallowed_methods, reason = "the tests look for a program, which the service never does")]
fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "only the environment tells whether this is CI")]
fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false")
}
