//! The program itself, run in a folder of its own with an environment of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which the program runs.
pub struct Desk {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Standard output as one JSON object a line.
    pub fn objects(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?} of {self:?}"));
        self.out.lines().map(parse).collect()
    }

    /// The single object it printed.
    pub fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{self:?}");
        objects.remove(0)
    }
}

impl Desk {
    /// With a SQLite database in the folder and without sources.
    pub fn new() -> Self {
        let desk = Self { folder: TempDir::new().expect("a temporary folder"), environment: Vec::new() };
        desk.with("BROADSHEET__SOURCES__HUGGING_FACE__ENABLED", "false")
            .with("BROADSHEET__SOURCES__ARXIV__ENABLED", "false")
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder and gives its path.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("writes");
        path.display().to_string()
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let done = Command::new(env!("CARGO_BIN_EXE_broadsheet"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        Ran {
            code: done.status.code().expect("it was not killed"),
            out: String::from_utf8(done.stdout).expect("UTF-8"),
            err: String::from_utf8(done.stderr).expect("UTF-8"),
        }
    }

    /// Runs the program, which has to succeed, and gives its standard output.
    pub fn good(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran
    }

    /// Runs the program, which has to fail with this code, say why on standard error and print no data.
    pub fn bad(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(!ran.err.trim().is_empty(), "{arguments:?} fails silently");
        assert_eq!(ran.out, "", "{arguments:?} prints data although it fails");
        ran.err
    }
}
