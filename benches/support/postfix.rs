//! Postfix's test programs: a mail server that throws everything away, and the fastest client there is for it.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where Debian puts them, besides the path.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/lib/postfix/sbin"];

/// A running `smtp-sink`, ended with the value.
pub struct Sink {
    process: Child,
    port: u16,
}

impl Sink {
    /// Starts one on a free port of this machine.
    ///
    /// # Panics
    ///
    /// When Postfix is not installed.
    pub fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        let process = Command::new(program("smtp-sink"))
            .args(["-u", "nobody", &format!("127.0.0.1:{port}"), "1000"])
            .stderr(Stdio::inherit())
            .spawn()
            .expect("smtp-sink starts: install the package postfix");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Self { process, port }
    }

    /// As `mail.smtp_url`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// Processor time the sink has used, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        super::gauge::cpu_seconds_of(&self.process.id().to_string())
    }

    /// Mails a second by `smtp-source` with this many sessions, which stay open, and mails of this many bytes.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    pub fn ceiling(&self, sessions: usize, mails: usize, bytes: usize) -> f64 {
        let begin = Instant::now();
        let done = Command::new(program("smtp-source"))
            .args(["-d", "-s", &sessions.to_string(), "-m", &mails.to_string(), "-l", &bytes.to_string()])
            .arg(format!("127.0.0.1:{}", self.port))
            .status()
            .expect("smtp-source starts");
        assert!(done.success(), "smtp-source: {done}");
        mails as f64 / begin.elapsed().max(Duration::from_millis(1)).as_secs_f64()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn program(name: &str) -> String {
    let places = FOLDERS.map(|folder| format!("{folder}/{name}"));
    places.into_iter().find(|place| std::path::Path::new(place).exists()).unwrap_or_else(|| name.to_owned())
}
