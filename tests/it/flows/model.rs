//! The rule which change of a delivery may follow which, searched exhaustively: two programs, one or two mails,
//! a server that takes, puts off, refuses or hangs up, leases that end, people who leave, operators, time.
//!
//! A program that freezes needs no step of its own: it is one that makes none while the others go on.
//! A lease can be broken at any moment, so programs taken for dead that live are searched as well.

use std::collections::HashSet;

use broadsheet::model::{Change, DeliveryState, End, Outcome, Standing};

/// What is searched.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    mails: usize,
    /// Claims of each mail at most.
    claims: i64,
    /// Whether uncertain mails are sent once more by themselves.
    resend: bool,
    /// Whether an operator settles, sends again, and pauses everything.
    operator: bool,
}

type Rule = fn(Standing, Change) -> Option<Standing>;

/// What a program holds of a mail. The number is the claim's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Empty,
    Claimed(usize, i64),
    /// The server has said 354.
    Offered(usize, i64),
    /// The fence let it pass.
    Passed(usize, i64),
    /// The fence refused, or nobody heard of its commit; the connection is closed without the dot.
    Stopped(usize, i64),
    /// The dot was sent, and this is what is known of the answer.
    Told(usize, i64, Answer),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accepted,
    Deferred,
    Refused,
    Nothing,
}

impl Answer {
    fn outcome(self) -> Outcome {
        match self {
            Self::Accepted => Outcome::Accepted,
            Self::Deferred => Outcome::Retry,
            Self::Refused => Outcome::OurFault,
            Self::Nothing => Outcome::Uncertain,
        }
    }
}

/// A mail, and what really became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mail {
    row: Standing,
    /// Whether the person has left.
    stopped: bool,
    /// Copies the server took.
    copies: i64,
    /// Copies it took or may have taken: dots that were not refused.
    dots: i64,
}

impl Mail {
    /// Everything of it in 19 bits.
    fn bits(&self) -> u64 {
        let row = self.row;
        let flags = [row.fenced, row.late, self.stopped];
        let bits = flags.iter().fold(row.state as u64, |bits, &flag| bits << 1 | u64::from(flag));
        let counts = [row.epoch, row.resends, self.copies, self.dots];
        counts.iter().fold(bits, |bits, &count| bits << 3 | u64::try_from(count).expect("a count below 8"))
    }
}

impl Hand {
    /// Everything of it in 9 bits, with the two mails exchanged or not.
    fn bits(self, exchanged: bool) -> u64 {
        let (kind, mail, epoch, answer) = match self {
            Self::Empty => return 0,
            Self::Claimed(mail, epoch) => (1, mail, epoch, 0),
            Self::Offered(mail, epoch) => (2, mail, epoch, 0),
            Self::Passed(mail, epoch) => (3, mail, epoch, 0),
            Self::Stopped(mail, epoch) => (4, mail, epoch, 0),
            Self::Told(mail, epoch, answer) => (5, mail, epoch, answer as u64),
        };
        let mail = u64::from((mail == 1) != exchanged);
        ((kind << 1 | mail) << 3 | u64::try_from(epoch).expect("an epoch below 8")) << 2 | answer
    }
}

#[derive(Debug, Clone, Copy)]
struct World {
    mails: [Mail; 2],
    hands: [Hand; 2],
    paused: bool,
}

/// A step for the story of a failure.
type Step = (&'static str, usize);

impl World {
    fn first(bounds: &Bounds) -> Self {
        let mail = Mail { row: Standing::NEW, stopped: false, copies: 0, dots: 0 };
        let none =
            Mail { row: Standing { state: DeliveryState::Accepted, ..Standing::NEW }, copies: 1, dots: 1, ..mail };
        Self { mails: [mail, if bounds.mails == 2 { mail } else { none }], hands: [Hand::Empty; 2], paused: false }
    }

    /// A number for this world, the same for those that differ only in the order of programs or mails:
    /// nobody can tell them apart.
    fn key(&self, bounds: &Bounds) -> u64 {
        let key = |order: [usize; 2]| {
            let [first, second] = order.map(|mail| self.mails[mail].bits());
            let [one, two] = self.hands.map(|hand| hand.bits(order[0] == 1));
            let (one, two) = (one.min(two), one.max(two));
            ((first << 19 | second) << 9 | one) << 10 | two << 1 | u64::from(self.paused)
        };
        if bounds.mails == 2 { key([0, 1]).min(key([1, 0])) } else { key([0, 1]) }
    }

    fn with_hand(mut self, node: usize, hand: Hand) -> Self {
        self.hands[node] = hand;
        self
    }

    fn with_row(mut self, mail: usize, row: Standing) -> Self {
        self.mails[mail].row = row;
        self
    }

    /// After a change that may not apply: then the world stays, but for the hand.
    fn record(self, node: usize, mail: usize, change: Change, rule: Rule) -> Self {
        let row = rule(self.mails[mail].row, change).unwrap_or(self.mails[mail].row);
        self.with_row(mail, row).with_hand(node, Hand::Empty)
    }
}

/// Everything that can happen next.
fn steps(world: World, bounds: &Bounds, rule: Rule) -> Vec<(Step, World)> {
    let mut next = Vec::new();
    for node in 0..2 {
        node_steps(world, node, bounds, rule, &mut next);
    }
    for mail in 0..bounds.mails {
        mail_steps(world, mail, bounds, rule, &mut next);
    }
    if bounds.operator {
        next.push((("sending is paused or resumed", 0), World { paused: !world.paused, ..world }));
    }
    next
}

fn node_steps(world: World, node: usize, bounds: &Bounds, rule: Rule, next: &mut Vec<(Step, World)>) {
    let mut push = |what, after| next.push(((what, node), after));
    if world.hands[node] != Hand::Empty {
        push("dies", world.with_hand(node, Hand::Empty));
    }
    match world.hands[node] {
        Hand::Empty => {
            for mail in 0..bounds.mails {
                let row = world.mails[mail].row;
                if let Some(leased) = rule(row, Change::Claim).filter(|leased| leased.epoch <= bounds.claims) {
                    let hand = Hand::Claimed(mail, leased.epoch);
                    push("claims", world.with_row(mail, leased).with_hand(node, hand));
                }
            }
        }
        Hand::Claimed(mail, epoch) => {
            push("offers", world.with_hand(node, Hand::Offered(mail, epoch)));
            if bounds.mails == 1 {
                push("gives back", world.record(node, mail, Change::Release { epoch }, rule));
            }
            let refusals: &[Outcome] = if bounds.mails == 1 { &[Outcome::Retry, Outcome::OurFault] } else { &[] };
            for &outcome in refusals {
                let change = Change::Refused { epoch, end: End::of(outcome) };
                push("is refused before the dot", world.record(node, mail, change, rule));
            }
        }
        Hand::Offered(mail, epoch) => {
            let wanted = !world.paused && !world.mails[mail].stopped;
            match rule(world.mails[mail].row, Change::Fence { epoch, wanted }) {
                Some(passed) => {
                    let world = world.with_row(mail, passed);
                    push("passes the fence", world.with_hand(node, Hand::Passed(mail, epoch)));
                    push("passes the fence unheard", world.with_hand(node, Hand::Stopped(mail, epoch)));
                }
                None => push("is stopped at the fence", world.with_hand(node, Hand::Stopped(mail, epoch))),
            }
        }
        Hand::Stopped(mail, epoch) => {
            let wanted = !world.mails[mail].stopped;
            push("records the fence's refusal", world.record(node, mail, Change::Fenced { epoch, wanted }, rule));
        }
        Hand::Passed(mail, epoch) => {
            for (what, answer, copies, dots) in [
                ("sends the dot: taken", Answer::Accepted, 1, 1),
                ("sends the dot: taken, and cut", Answer::Nothing, 1, 1),
                ("sends the dot: cut", Answer::Nothing, 0, 1),
                ("sends the dot: put off", Answer::Deferred, 0, 0),
                ("sends the dot: refused", Answer::Refused, 0, 0),
            ] {
                let mut after = world.with_hand(node, Hand::Told(mail, epoch, answer));
                after.mails[mail].copies += copies;
                after.mails[mail].dots += dots;
                push(what, after);
            }
        }
        Hand::Told(mail, epoch, answer) => {
            for too_late in [false, true] {
                let end = End { too_late, ..End::of(answer.outcome()) };
                push("records the answer", world.record(node, mail, Change::Answered { epoch, end }, rule));
            }
        }
    }
}

fn mail_steps(world: World, mail: usize, bounds: &Bounds, rule: Rule, next: &mut Vec<(Step, World)>) {
    let row = world.mails[mail].row;
    let mut changes =
        vec![("loses its lease", Change::BreakLease), ("expires", Change::Expire), ("is given up", Change::GiveUp)];
    if bounds.resend {
        changes.push(("is resent by policy", Change::Resend));
    }
    if bounds.operator && world.mails[mail].copies > 0 {
        changes.push(("is settled", Change::SettleAccepted));
    }
    if bounds.operator && row.resends < 2 {
        changes.push(("is sent again by the operator", Change::SendCopy));
    }
    for (what, change) in changes {
        if let Some(after) = rule(row, change) {
            next.push(((what, mail), world.with_row(mail, after)));
        }
    }
    let mut left = world.with_row(mail, rule(row, Change::Stop).unwrap_or(row));
    left.mails[mail].stopped = true;
    next.push((("is not wanted any more", mail), left));
    next.push((("is late", mail), world.with_row(mail, Standing { late: true, ..row })));
}

/// What must hold in every world, and of every step into it.
fn breach(before: &World, step: Step, world: &World, bounds: &Bounds) -> Option<&'static str> {
    use DeliveryState::{Accepted, Expired, Leased, Ready, Rejected, RetryWait, Suppressed};
    for (old, mail) in before.mails.iter().zip(&world.mails).take(bounds.mails) {
        let row = mail.row;
        let most = if bounds.operator { row.resends } else { i64::from(bounds.resend) };
        if mail.dots > 1 + row.resends || row.resends > most {
            return Some("a second dot that nobody allowed");
        }
        if step.0 == "passes the fence" && old.row != row && (old.stopped || old.row.late || before.paused) {
            return Some("passed the fence though it is not wanted");
        }
        if old.row.state == Accepted && row.state != Accepted {
            return Some("what was accepted is something else now");
        }
        match row.state {
            Accepted if mail.copies == 0 => return Some("said to be accepted, and lost"),
            Expired | Suppressed if mail.copies > 0 => return Some("said not to have left, and arrived"),
            // Each copy sent on purpose stands for one that may have arrived.
            Ready | Leased | RetryWait | Rejected if mail.copies > row.resends => return Some("arrived unnoticed"),
            _ => {}
        }
        if !comes_to_an_end(row) {
            return Some("has no end");
        }
    }
    None
}

/// Whether a mail ends by itself once its programs are gone and its time is over.
fn comes_to_an_end(row: Standing) -> bool {
    let late = Standing { late: true, ..row };
    let ends = [Change::BreakLease, Change::Expire, Change::GiveUp];
    ends.into_iter().fold(late, |row, change| row.after(change).unwrap_or(row)).state.is_final()
}

/// Visits every world that can be reached. Their number, or the story of a breach.
fn search(bounds: &Bounds, rule: Rule) -> Result<usize, Vec<String>> {
    let first = World::first(bounds);
    let mut worlds = vec![(first, 0, ("begins", 0))];
    let mut known = HashSet::from([first.key(bounds)]);
    let mut at = 0;
    while let Some(&(world, ..)) = worlds.get(at) {
        for (step, after) in steps(world, bounds, rule) {
            if let Some(what) = breach(&world, step, &after, bounds) {
                return Err(story(&worlds, at, step, what));
            }
            if known.insert(after.key(bounds)) {
                worlds.push((after, at, step));
            }
        }
        at += 1;
    }
    Ok(worlds.len())
}

fn story(worlds: &[(World, usize, Step)], mut at: usize, step: Step, what: &str) -> Vec<String> {
    let mut told = vec![what.to_owned(), format!("{} {}", step.0, step.1)];
    while at > 0 {
        let (_, from, (did, who)) = worlds[at];
        told.push(format!("{did} {who}"));
        at = from;
    }
    told.reverse();
    told
}

const HOLD: Bounds = Bounds { mails: 2, claims: 2, resend: false, operator: false };

#[test]
fn no_order_of_events_loses_or_doubles_one_of_two_mails() {
    for bounds in [HOLD, Bounds { resend: true, ..HOLD }] {
        let worlds = search(&bounds, Standing::after).unwrap_or_else(|story| panic!("{story:#?}"));
        println!("{bounds:?}: {worlds} states");
        assert!(worlds > 10_000, "{worlds} states are not everything");
    }
}

#[test]
fn no_order_of_events_loses_or_doubles_a_mail_that_is_claimed_again_and_again() {
    for (resend, operator) in [(false, false), (true, false), (false, true), (true, true)] {
        let bounds = Bounds { mails: 1, claims: 4, resend, operator };
        let worlds = search(&bounds, Standing::after).unwrap_or_else(|story| panic!("{story:#?}"));
        println!("{bounds:?}: {worlds} states");
        assert!(worlds > 1_000, "{worlds} states are not everything");
    }
}

/// Rules as one might write them, each with one condition forgotten.
#[test]
fn the_search_finds_what_a_careless_rule_does() {
    fn lease_lost_past_the_fence(row: Standing, change: Change) -> Option<Standing> {
        match (change, row.state) {
            (Change::BreakLease, DeliveryState::HandingOff) => Some(Standing { state: DeliveryState::Ready, ..row }),
            _ => row.after(change),
        }
    }
    fn fence_without_epoch(row: Standing, change: Change) -> Option<Standing> {
        match change {
            Change::Fence { wanted, .. } => row.after(Change::Fence { epoch: row.epoch, wanted }),
            _ => row.after(change),
        }
    }
    fn fence_for_the_unwanted(row: Standing, change: Change) -> Option<Standing> {
        match change {
            Change::Fence { epoch, .. } => row.after(Change::Fence { epoch, wanted: true }),
            _ => row.after(change),
        }
    }
    fn silence_means_retry(row: Standing, change: Change) -> Option<Standing> {
        match change {
            Change::Answered { epoch, end } if end.outcome == Outcome::Uncertain => {
                row.after(Change::Answered { epoch, end: End { outcome: Outcome::Retry, ..end } })
            }
            _ => row.after(change),
        }
    }
    fn resent_for_ever(row: Standing, change: Change) -> Option<Standing> {
        match (change, row.state) {
            (Change::Resend, DeliveryState::Uncertain) => {
                Some(Standing { state: DeliveryState::Ready, resends: row.resends + 1, ..row })
            }
            _ => row.after(change),
        }
    }
    fn second_copies_expire(row: Standing, change: Change) -> Option<Standing> {
        let after = row.after(change)?;
        let lied = change == Change::Expire;
        Some(if lied { Standing { state: DeliveryState::Expired, ..after } } else { after })
    }
    let rules: [(&str, Rule); 6] = [
        ("lease_lost_past_the_fence", lease_lost_past_the_fence),
        ("fence_without_epoch", fence_without_epoch),
        ("fence_for_the_unwanted", fence_for_the_unwanted),
        ("silence_means_retry", silence_means_retry),
        ("resent_for_ever", resent_for_ever),
        ("second_copies_expire", second_copies_expire),
    ];
    let bounds = Bounds { mails: 1, claims: 3, resend: true, operator: false };
    for (name, rule) in rules {
        let story = search(&bounds, rule).expect_err(name);
        println!("{name}: {}", story.join(", "));
    }
}
