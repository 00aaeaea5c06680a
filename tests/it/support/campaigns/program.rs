//! The real program, as a process that can be killed, stopped and woken.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::service::Setup;

/// The program with its settings, in a folder of its own.
pub struct Program {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// The program while it runs. Killed when dropped.
pub struct Running(Child);

impl Program {
    /// With these settings and no others.
    pub fn new(setup: &Setup) -> Self {
        Self { folder: TempDir::new().expect("a folder"), environment: setup.environment() }
    }

    /// Starts `run` under a clock that begins at `now`.
    pub fn run(&self, now: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_broadsheet"));
        command.args(["--now", now, "run", "--json"]).current_dir(self.folder.path());
        command.env_clear().envs(self.environment.iter().cloned()).env("BROADSHEET__LOG__LEVEL", "error");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        Running(command.spawn().expect("the program starts"))
    }
}

impl Running {
    /// Whether it has ended by itself.
    pub fn is_over(&mut self) -> bool {
        self.0.try_wait().expect("known").is_some()
    }

    /// SIGKILL. Whether it was still running.
    pub fn kill(mut self) -> bool {
        self.0.kill().expect("killed");
        self.0.wait().expect("ended").code().is_none()
    }

    /// Sends a signal by its name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent =
            Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "kill", name, &self.0.id().to_string()]).status();
        assert!(sent.expect("a shell").success(), "SIG{name}");
    }

    /// Its exit code, and what `run --json` printed, at its end.
    pub fn finish(mut self) -> (Option<i32>, serde_json::Value) {
        let mut out = String::new();
        self.0.stdout.take().expect("piped").read_to_string(&mut out).expect("UTF-8");
        let code = self.0.wait().expect("ended").code();
        (code, serde_json::from_str(&out).unwrap_or_default())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}
