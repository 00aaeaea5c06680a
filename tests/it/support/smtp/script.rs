//! What the server shall do at which step, and what it has seen.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

/// A test that waits longer than this has failed, whatever for.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How often to look whether what is waited for can still come.
const GLANCE: Duration = Duration::from_millis(20);

/// A step of the dialogue at which the server can be told to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Before the 220.
    Greeting,
    /// After EHLO.
    Ehlo,
    /// After STARTTLS.
    StartTls,
    /// After AUTH.
    Auth,
    /// After MAIL.
    Mail,
    /// After RCPT.
    Rcpt,
    /// After DATA.
    Data,
    /// After the 354, before a byte of the message is read.
    Body,
    /// After the final dot, before the message is taken.
    Dot,
    /// After RSET.
    Reset,
    /// After NOOP.
    Noop,
}

/// What the server does instead of what is usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// What is usual: a place in the order of what is done once.
    Usual,
    /// Says this, with a CRLF, and stays in the dialogue.
    Reply(&'static str),
    /// Says nothing until released, then goes on as usual.
    Stall,
    /// Says nothing until released, then says this.
    StallThenReply(&'static str),
    /// Closes the connection.
    Cut,
    /// At the dot: takes the message, then closes the connection without a word.
    AcceptThenCut,
    /// At the dot: takes the message, says nothing until released.
    AcceptThenStall,
}

/// A message the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The return path, empty for bounces.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// The message as composed: dots undone, without the final one.
    pub message: Vec<u8>,
    /// Which connection brought it, counted from 1.
    pub connection: usize,
}

impl Accepted {
    /// The name the message bears, without angle brackets; also when only that was kept.
    pub fn message_id(&self) -> String {
        let text = String::from_utf8_lossy(&self.message);
        let line = text.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix("Message-ID: "));
        line.unwrap_or_default().trim().trim_matches(['<', '>']).to_owned()
    }
}

#[derive(Debug, Default)]
pub(super) struct Script {
    once: HashMap<Step, VecDeque<Act>>,
    always: HashMap<Step, Act>,
    recipients: HashMap<(String, Step), Act>,
    login: Option<(String, String)>,
    mechanisms: String,
}

impl Script {
    pub(super) fn always(&mut self, step: Step, act: Act) {
        self.always.insert(step, act);
    }

    pub(super) fn once(&mut self, step: Step, act: Act) {
        self.once.entry(step).or_default().push_back(act);
    }

    pub(super) fn for_recipient(&mut self, recipient: &str, step: Step, act: Act) {
        self.recipients.insert((recipient.to_owned(), step), act);
    }

    pub(super) fn require_login(&mut self, user: &str, password: &str, mechanisms: &str) {
        self.login = Some((user.to_owned(), password.to_owned()));
        mechanisms.clone_into(&mut self.mechanisms);
    }

    /// The mechanisms offered; empty for none.
    pub(super) fn mechanisms(&self) -> &str {
        &self.mechanisms
    }

    /// Whether `user` may come in with `password`.
    pub(super) fn admits(&self, user: &str, password: &str) -> bool {
        self.login.as_ref().is_some_and(|(known, secret)| known == user && secret == password)
    }

    /// What to do at `step` in a dialogue about `recipients`.
    pub(super) fn next(&mut self, step: Step, recipients: &[String]) -> Option<Act> {
        let for_recipient =
            recipients.iter().rev().find_map(|recipient| self.recipients.get(&(recipient.clone(), step)).cloned());
        for_recipient
            .or_else(|| self.once.get_mut(&step).and_then(VecDeque::pop_front))
            .or_else(|| self.always.get(&step).cloned())
    }
}

/// Told of each step before the server acts, in the thread of its dialogue: what it does delays only that one.
type Watcher = Box<dyn Fn(Step, &[String]) + Send + Sync>;

#[derive(Debug, Default)]
struct Seen {
    connections: usize,
    /// Steps of all dialogues.
    steps: usize,
    open: usize,
    stalled: usize,
    /// Raised by `release`; a stall lasts until it changes.
    releases: usize,
    stopped: bool,
    journal: Vec<Accepted>,
    commands: Vec<String>,
    names_only: bool,
}

/// What the server and the dialogues it holds know together.
#[derive(Default)]
pub(super) struct Shared {
    script: Mutex<Script>,
    seen: Mutex<Seen>,
    changed: Condvar,
    watcher: OnceLock<Watcher>,
}

impl Shared {
    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no panic")
    }

    pub(super) fn watch(&self, watcher: Watcher) {
        assert!(self.watcher.set(watcher).is_ok(), "one watcher");
    }

    /// What to do at `step` of a dialogue about `recipients`, once the watcher has seen it.
    pub(super) fn at(&self, step: Step, recipients: &[String]) -> Option<Act> {
        self.change(|seen| seen.steps += 1);
        if let Some(watcher) = self.watcher.get() {
            watcher(step, recipients);
        }
        self.script().next(step, recipients)
    }

    /// Counts a connection and gives its number.
    pub(super) fn connected(&self) -> usize {
        self.change(|seen| {
            seen.connections += 1;
            seen.open += 1;
            seen.connections
        })
    }

    pub(super) fn disconnected(&self) {
        self.change(|seen| seen.open -= 1);
    }

    pub(super) fn heard(&self, line: &str) {
        let word = if line.to_ascii_uppercase().starts_with("AUTH") { "AUTH" } else { line };
        self.change(|seen| {
            if !seen.names_only {
                seen.commands.push(word.to_owned());
            }
        });
    }

    pub(super) fn keep_names_only(&self) {
        self.change(|seen| seen.names_only = true);
    }

    pub(super) fn accept(&self, mut message: Accepted) {
        self.change(|seen| {
            if seen.names_only {
                message.message = format!("Message-ID: <{}>\r\n\r\n", message.message_id()).into_bytes();
            }
            seen.journal.push(message);
        });
    }

    /// Blocks until the next release or the end of the server.
    pub(super) fn stall(&self) {
        let releases = self.change(|seen| {
            seen.stalled += 1;
            seen.releases
        });
        self.wait(|seen| seen.stopped || seen.releases > releases);
    }

    pub(super) fn release(&self) {
        self.change(|seen| seen.releases += 1);
    }

    pub(super) fn stop(&self) {
        self.change(|seen| seen.stopped = true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    pub(super) fn journal(&self) -> Vec<Accepted> {
        self.lock().journal.clone()
    }

    pub(super) fn commands(&self) -> Vec<String> {
        self.lock().commands.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.lock().connections
    }

    pub(super) fn taken(&self) -> usize {
        self.lock().journal.len()
    }

    pub(super) fn steps(&self) -> usize {
        self.lock().steps
    }

    pub(super) fn wait_until_idle(&self) {
        self.wait(|seen| seen.open == 0);
    }

    pub(super) fn wait_until_taken(&self, count: usize) {
        self.wait(|seen| seen.journal.len() >= count);
    }

    /// Waits for that many steps, or until `over` says that none will come.
    pub(super) fn wait_until_steps(&self, count: usize, over: &mut dyn FnMut() -> bool) {
        let mut seen = self.lock();
        while seen.steps < count && !over() {
            (seen, _) = self.changed.wait_timeout(seen, GLANCE).expect("no panic");
        }
    }

    pub(super) fn wait_until_stalled(&self, count: usize) {
        self.wait(|seen| seen.stalled >= count);
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no panic")
    }

    fn change<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    fn wait(&self, until: impl Fn(&Seen) -> bool) {
        let (seen, waited) =
            self.changed.wait_timeout_while(self.lock(), LONGEST_WAIT, |seen| !until(seen)).expect("no panic");
        drop(seen);
        assert!(!waited.timed_out(), "what the test waits for does not happen");
    }
}
