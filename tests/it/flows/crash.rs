//! A program that dies at each named boundary, whatever the mail's history and the server's answer: the state
//! that is found, what comes of it, and how many copies arrive, as a table.

use broadsheet::app::PersonChange;
use broadsheet::model::DeliveryState;
use broadsheet::scheduler::faults::KillPoint;
use chrono::TimeDelta;

use crate::support::nodes::{die_at, wait_until_dead};
use crate::support::oracle::{Ledger, Promise};
use crate::support::service::{Service, Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};
use crate::support::{TestDb, both_databases};

/// What happened to the mail before the try that is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// A server put it off.
    Deferred,
    /// A first copy arrived, the answer did not, and the policy has sent it again.
    Copied,
}

/// The server's answer to the final dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Takes,
    Defers,
    Refuses,
    /// Takes the mail, and the connection breaks before it can say so.
    TakesAndCuts,
}

impl Answer {
    fn act(self) -> Act {
        match self {
            Self::Takes => Act::Usual,
            Self::Defers => Act::Reply("451 4.3.0 later"),
            Self::Refuses => Act::Reply("554 5.7.1 not this"),
            Self::TakesAndCuts => Act::AcceptThenCut,
        }
    }
}

/// Found after the death, after the next pass, and in the end; copies that arrived.
type Fate = (&'static str, &'static str, &'static str, usize);

/// Where it dies, what the server answers, what becomes of it under `hold` and under `resend`.
type Row = (KillPoint, Answer, Fate, Fate);

/// For a mail of which no copy has left before.
#[rustfmt::skip]
const FIRST: [Row; 12] = {
    use Answer::{Defers, Refuses, Takes, TakesAndCuts};
    use KillPoint::{Answered, Claimed, Composed, Fenced, Offered, Planned, Recorded};
    [
        (Planned,  Takes,        ("ready", "accepted", "accepted", 1),          ("ready", "accepted", "accepted", 1)),
        (Claimed,  Takes,        ("leased", "accepted", "accepted", 1),         ("leased", "accepted", "accepted", 1)),
        (Composed, Takes,        ("leased", "accepted", "accepted", 1),         ("leased", "accepted", "accepted", 1)),
        (Offered,  Takes,        ("leased", "accepted", "accepted", 1),         ("leased", "accepted", "accepted", 1)),
        (Fenced,   Takes,        ("handing_off", "uncertain", "unknown", 0),    ("handing_off", "uncertain", "accepted", 1)),
        (Answered, Takes,        ("handing_off", "uncertain", "unknown", 1),    ("handing_off", "uncertain", "accepted", 2)),
        (Answered, Defers,       ("handing_off", "uncertain", "unknown", 0),    ("handing_off", "uncertain", "accepted", 1)),
        (Answered, Refuses,      ("handing_off", "uncertain", "unknown", 0),    ("handing_off", "uncertain", "accepted", 1)),
        (Answered, TakesAndCuts, ("handing_off", "uncertain", "unknown", 1),    ("handing_off", "uncertain", "accepted", 2)),
        (Recorded, Takes,        ("accepted", "accepted", "accepted", 1),       ("accepted", "accepted", "accepted", 1)),
        (Recorded, Defers,       ("retry_wait", "retry_wait", "accepted", 1),   ("retry_wait", "retry_wait", "accepted", 1)),
        (Recorded, TakesAndCuts, ("uncertain", "uncertain", "unknown", 1),      ("uncertain", "uncertain", "accepted", 2)),
    ]
};

/// For the second copy of a mail whose first arrived. There is no third, so only `resend` has rows.
#[rustfmt::skip]
const SECOND: [(KillPoint, Answer, Fate); 9] = {
    use Answer::{Defers, Refuses, Takes, TakesAndCuts};
    use KillPoint::{Answered, Claimed, Composed, Fenced, Offered, Recorded};
    [
        (Claimed,  Takes,        ("leased", "accepted", "accepted", 2)),
        (Composed, Takes,        ("leased", "accepted", "accepted", 2)),
        (Offered,  Takes,        ("leased", "accepted", "accepted", 2)),
        (Fenced,   Takes,        ("handing_off", "uncertain", "unknown", 1)),
        (Answered, Takes,        ("handing_off", "uncertain", "unknown", 2)),
        (Recorded, Takes,        ("accepted", "accepted", "accepted", 2)),
        (Recorded, Defers,       ("retry_wait", "retry_wait", "accepted", 2)),
        (Recorded, Refuses,      ("rejected", "rejected", "rejected", 1)),
        (Recorded, TakesAndCuts, ("uncertain", "uncertain", "unknown", 2)),
    ]
};

/// One run of one row.
#[derive(Debug, Clone, Copy)]
struct Case {
    number: i64,
    is_digest: bool,
    before: Before,
    point: KillPoint,
    answer: Answer,
}

impl Case {
    fn email(&self) -> String {
        format!("reader{}@example.org", self.number)
    }

    /// Each case has a week of its own; its reader is served on Mondays.
    fn day(&self) -> chrono::DateTime<chrono::Utc> {
        instant("2026-03-02T05:00:00Z") + TimeDelta::weeks(self.number)
    }

    /// What happens before, seen by `service`, then the death; its heirs are fresh.
    async fn play(self, setup: &Setup, service: &Service, post: &Server, db: &TestDb) -> (String, String, String) {
        let clock = &service.clock;
        clock.set(self.day());
        self.add(service).await;
        clock.set(self.day() + TimeDelta::hours(2));
        match self.before {
            Before::Nothing => {}
            Before::Deferred => {
                post.once(Step::Rcpt, Act::Reply("451 4.7.1 later"));
                assert_eq!(service.pass().await.retried, 1, "{self:?}");
                clock.advance(std::time::Duration::from_secs(180));
            }
            Before::Copied => {
                post.once(Step::Dot, Act::AcceptThenCut);
                assert_eq!(service.pass().await.uncertain, 1, "{self:?}");
                clock.advance(std::time::Duration::from_secs(31 * 60));
            }
        }

        if matches!(self.point, KillPoint::Answered | KillPoint::Recorded) {
            post.once(Step::Dot, self.answer.act());
        }
        tokio::task::block_in_place(|| die_at(setup, clock, self.point));
        wait_until_dead(db).await;
        let heir = setup.under(clock.clone()).await;
        let found = self.state(&heir).await;
        heir.pass().await;
        let next = self.state(&heir).await;
        for minutes in [31, 31, 24 * 60] {
            heir.pass_after(minutes).await;
        }
        let end = self.state(&heir).await;
        heir.app.unsubscribe_person(&self.email()).await.expect("left");
        heir.app.close().await;
        (found, next, end)
    }

    async fn add(&self, service: &Service) {
        let interests = Some(vec!["diffusion models".to_owned()]);
        let change = PersonChange { interests, every: Some("mon".to_owned()), ..PersonChange::default() };
        service.app.add_person(&self.email(), &change, !self.is_digest).await.expect("added");
        let (id, title) =
            (format!("26{:02}.{:05}", self.number / 99 + 1, self.number), format!("Diffusion models {}", self.number));
        service.import(&[(&id, &title, "We forecast rain.")]).await;
    }

    async fn state(&self, service: &Service) -> String {
        let [state] = &service.states(&self.email()).await[..] else { panic!("one mail: {self:?}") };
        state.clone()
    }
}

/// Plays every row that fits a kind of mail and a policy.
async fn play_all(db: &TestDb, is_digest: bool, policy: &'static str) {
    let post = Server::start(Tls::None);
    let key = if is_digest { "mail.uncertain.digest" } else { "mail.uncertain.transactional" };
    let setup = Setup::new(db, &post).with(key, policy);
    let setup = setup.with("retention.attempts_days", "3650");
    let service = setup.at("2026-03-02T05:00:00Z").await;
    let held = policy == "hold";
    let first =
        FIRST.into_iter().map(|(point, answer, hold, resend)| (point, answer, if held { hold } else { resend }));
    let second = SECOND.into_iter().filter(|_| !held).map(|row| (Before::Copied, row));
    let rows = [Before::Nothing, Before::Deferred]
        .into_iter()
        .flat_map(|before| first.clone().map(move |row| (before, row)))
        .chain(second)
        // A confirmation is queued by signing up, and a second try is planned already.
        .filter(|(before, (point, ..))| *point != KillPoint::Planned || (is_digest && *before == Before::Nothing));
    let (mut number, mut resends) = (0, 0);
    for (before, (point, answer, (found, next, end, copies))) in rows {
        let case = Case { number, is_digest, before, point, answer };
        let arrived = post.taken();
        let seen = case.play(&setup, &service, &post, db).await;
        assert_eq!((seen.0.as_str(), seen.1.as_str(), seen.2.as_str()), (found, next, end), "{case:?}");
        assert_eq!(post.taken() - arrived, copies, "{case:?}");
        number += 1;
        resends += usize::from(end == "unknown");
    }
    let ledger = Ledger::read(db, &post).await;
    let promise = Promise {
        deliveries: usize::try_from(number).expect("few"),
        resends: i64::from(!held),
        open: resends,
        now: service.clock.now(),
    };
    ledger.assert_kept(&promise);
    assert_eq!(ledger.count(DeliveryState::Uncertain), 0);
    service.app.close().await;
}

both_databases! {
    async fn a_death_at_any_point_ends_as_the_table_says_for_held_digests(db: &TestDb) {
        play_all(db, true, "hold").await;
    }

    async fn a_death_at_any_point_ends_as_the_table_says_for_resent_digests(db: &TestDb) {
        play_all(db, true, "resend").await;
    }

    async fn a_death_at_any_point_ends_as_the_table_says_for_held_confirmations(db: &TestDb) {
        play_all(db, false, "hold").await;
    }

    async fn a_death_at_any_point_ends_as_the_table_says_for_resent_confirmations(db: &TestDb) {
        play_all(db, false, "resend").await;
    }

    async fn a_death_while_planning_leaves_nothing_and_the_next_pass_plans_everybody(db: &TestDb) {
        let post = Server::start(Tls::None);
        let setup = Setup::new(db, &post);
        let service = setup.at("2026-03-02T05:00:00Z").await;
        for name in ["ada", "bob"] {
            service.add(&format!("{name}@example.org"), &["diffusion models"]).await;
        }
        service.import(&[("2603.00001", "Diffusion models for weather", "We forecast rain.")]).await;
        let clock = service.clock.clone();
        service.app.close().await;
        clock.set(instant("2026-03-02T07:00:00Z"));
        for _ in 0..3 {
            tokio::task::block_in_place(|| die_at(&setup, &clock, KillPoint::Planning));
            assert!(Ledger::read(db, &post).await.rows.is_empty(), "an open transaction died with its program");
        }
        let heir = setup.under(clock).await;
        let report = heir.pass().await;
        assert_eq!((report.planned, report.accepted), (2, 2));
        Ledger::read(db, &post).await.assert_kept(&Promise { deliveries: 2, resends: 0, open: 0, now: heir.clock.now() });
        heir.app.close().await;
    }
}
