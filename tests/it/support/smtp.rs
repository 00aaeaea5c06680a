//! A mail server that does what a test says: replies, stalls or cuts the connection at any step,
//! and keeps a journal of every message it took responsibility for.
//!
//! It runs on threads of its own, so it needs no runtime and works under any.
//!
//! ```ignore
//! let server = Server::start(Tls::None);
//! server.once(Step::Rcpt, Act::Reply("450 4.7.1 later"));
//! server.for_recipient("gone@example.org", Step::Rcpt, Act::Reply("550 5.1.1 no such user"));
//! let relay = RelaySettings::from_url(&server.url(), None)?;
//! ...
//! assert_eq!(server.journal()[0].to, ["ada@example.org"]);
//! ```

mod channel;
mod conversation;
mod script;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

pub use channel::{AUTHORITY, Tls};
use script::Shared;
pub use script::{Accepted, Act, Step};

/// A running server on a free port of 127.0.0.1; it stops when dropped.
pub struct Server {
    address: SocketAddr,
    tls: Tls,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts a server that accepts everything.
    pub fn start(tls: Tls) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let state = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if state.is_stopped() {
                    break;
                }
                let (state, connection) = (state.clone(), state.connected());
                thread::spawn(move || conversation::hold(stream, tls, connection, &state));
            }
        });
        Self { address, tls, shared }
    }

    /// How to reach it, for `RelaySettings::from_url`; with TLS the authority is [`AUTHORITY`].
    pub fn url(&self) -> String {
        self.url_with_login("")
    }

    /// The same with `user:password@`.
    pub fn url_with_login(&self, login: &str) -> String {
        let (scheme, tls) = match self.tls {
            Tls::None => ("smtp", "?tls=none"),
            Tls::Upgrade => ("smtp", "?tls=required"),
            Tls::Implicit => ("smtps", ""),
        };
        format!("{scheme}://{login}localhost:{}{tls}", self.port())
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on, does `act` whenever a dialogue comes to `step`.
    pub fn always(&self, step: Step, act: Act) {
        self.shared.script().always(step, act);
    }

    /// Does `act` the next time a dialogue comes to `step`; several are done one after the other.
    pub fn once(&self, step: Step, act: Act) {
        self.shared.script().once(step, act);
    }

    /// Does `act` whenever a dialogue about `recipient` comes to `step` (Rcpt or a later one).
    pub fn for_recipient(&self, recipient: &str, step: Step, act: Act) {
        self.shared.script().for_recipient(recipient, step, act);
    }

    /// Accepts only this login; offers `mechanisms`, such as `PLAIN LOGIN`.
    pub fn require_login(&self, user: &str, password: &str, mechanisms: &str) {
        self.shared.script().require_login(user, password, mechanisms);
    }

    /// Tells `watcher` of each step, with the recipients so far, before the server acts on it; it may take its time,
    /// which delays that dialogue alone.
    pub fn watch(&self, watcher: impl Fn(Step, &[String]) + Send + Sync + 'static) {
        self.shared.watch(Box::new(watcher));
    }

    /// From now on keeps only the names of messages, and no commands: for very many of them.
    pub fn keep_names_only(&self) {
        self.shared.keep_names_only();
    }

    /// Lets everything that stalls go on.
    pub fn release(&self) {
        self.shared.release();
    }

    /// Messages the server took responsibility for, in the order it did, whether or not it said so.
    pub fn journal(&self) -> Vec<Accepted> {
        self.shared.journal()
    }

    /// How many those are.
    pub fn taken(&self) -> usize {
        self.shared.taken()
    }

    /// Steps of all dialogues so far.
    pub fn steps(&self) -> usize {
        self.shared.steps()
    }

    /// Waits until there were `count` steps, or `over` says that no more will come.
    pub fn wait_until_steps(&self, count: usize, mut over: impl FnMut() -> bool) {
        self.shared.wait_until_steps(count, &mut over);
    }

    /// Command lines received so far, without what follows AUTH.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands()
    }

    /// Connections made so far.
    pub fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Waits until every connection made so far has ended.
    pub fn wait_until_idle(&self) {
        self.shared.wait_until_idle();
    }

    /// Waits until `count` messages were taken.
    pub fn wait_until_taken(&self, count: usize) {
        self.shared.wait_until_taken(count);
    }

    /// Waits until `count` dialogues have come to a [`Act::Stall`].
    pub fn wait_until_stalled(&self, count: usize) {
        self.shared.wait_until_stalled(count);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
        // Wakes the thread that waits for connections, so that it sees the end.
        let _ = TcpStream::connect(self.address);
    }
}
