//! One destination makes trouble at a real server: what the others feel of it.

use std::time::Duration;

use broadsheet::clock::Clock;
use broadsheet::scheduler::{Stop, deliver, plan as planner};

use crate::support::TestDb;
use crate::support::campaigns::{DUE, email, with_these_readers};
use crate::support::service::{Setup, instant};
use crate::support::smtp::{Act, Server, Step, Tls};

/// How long the server thinks about a message, so that sessions and not processors set the rate.
const THINKS: Duration = Duration::from_millis(60);
/// How long a destination that stalls says nothing.
const STALLS: Duration = Duration::from_secs(30);
/// How often to look whether the others have everything.
const GLANCE: Duration = Duration::from_millis(50);
/// The troublesome destination.
const DOMAIN: &str = "gmail.com";

/// What a destination does to its mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Takes them: what the others do then is their rate.
    None,
    /// 550 5.7.1.
    Rejects,
    /// 451 4.7.1.
    Greylists,
    /// Half a minute of silence after RCPT.
    Stalls,
    /// 421 4.7.28.
    Limits,
}

impl Trouble {
    /// All but none.
    pub const ALL: [Self; 4] = [Self::Rejects, Self::Greylists, Self::Stalls, Self::Limits];

    fn reply(self) -> Option<&'static str> {
        match self {
            Self::None | Self::Stalls => None,
            Self::Rejects => Some("550 5.7.1 we do not want this"),
            Self::Greylists => Some("451 4.7.1 greylisted, come again later"),
            Self::Limits => Some("421 4.7.28 too much mail from you"),
        }
    }
}

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Hindrance {
    /// Mails to the others; a quarter as many more go to the troublesome destination.
    pub deliveries: usize,
    pub connections: usize,
}

/// Sends everything and returns the mails a second that the others got, by the service's own clock, which runs.
pub async fn rate_of_others(db: &TestDb, plan: &Hindrance, trouble: Trouble) -> f64 {
    let post = Server::start(Tls::None);
    post.keep_names_only();
    let troubled: Vec<String> = (0..plan.deliveries / 4).map(|number| format!("reader{number}@{DOMAIN}")).collect();
    if let Some(reply) = trouble.reply() {
        troubled.iter().for_each(|email| post.for_recipient(email, Step::Rcpt, Act::Reply(reply)));
    }
    post.watch(move |step, to| {
        let is_troubled = to.iter().any(|email| email.ends_with(DOMAIN));
        match step {
            Step::Dot => std::thread::sleep(THINKS),
            Step::Rcpt if is_troubled && trouble == Trouble::Stalls => std::thread::sleep(STALLS),
            _ => {}
        }
    });
    let setup = Setup::new(db, &post).with("mail.connections", &plan.connections.to_string());
    let others: Vec<String> = (0..plan.deliveries).map(email).collect();
    with_these_readers(&setup, &[others, troubled].concat()).await.app.close().await;

    let clock = Clock::starting_at(instant(DUE));
    let service = setup.under(clock.clone()).await;
    planner::run(&service.app.service).await.expect("plans");
    let (stopper, stop) = Stop::pair();
    let begin = clock.now();
    let all_there = async {
        while post.journal().iter().filter(|mail| !mail.to[0].ends_with(DOMAIN)).count() < plan.deliveries {
            tokio::time::sleep(GLANCE).await;
        }
        stopper.stop();
        clock.now()
    };
    let (end, report) = tokio::join!(all_there, deliver::run(&service.app.service, &stop));
    report.expect("delivers");
    service.app.close().await;
    plan.deliveries as f64 / (end - begin).as_seconds_f64()
}
