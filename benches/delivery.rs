//! How fast digests leave: `cargo bench --bench delivery -- --people 10000 --database sqlite`.
//!
//! It plans a digest of ten papers for everyone, signs it with a key of 2048 bits and sends it to Postfix's
//! `smtp-sink` on this machine, every delivery mark durable. In the same run `smtp-source`, which does nothing
//! else, sends mails of the same size to the same sink, before and after: that is the ceiling.

#[expect(dead_code, reason = "each benchmark uses a part of it")]
mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use broadsheet::app::App;
use broadsheet::mailer::Envelope;
use broadsheet::model::{Outcome, Phase, Timestamp};
use broadsheet::scheduler::deliver::{self, Composed, Composer, Sample};
use broadsheet::scheduler::{Service, Stop, plan};
use broadsheet::store::deliveries::{ClaimOrder, Claimed, FenceMark, OutcomeMark, Rooms};
use chrono::TimeDelta;
use support::database::Scratch;
use support::postfix::Sink;
use support::{gauge, papers, people};

/// Mails on which each stage is measured by itself.
const SAMPLE: usize = 1_000;
/// So many of them at a time.
const HANDFUL: usize = 200;
const PAPERS_A_DAY: usize = 400;
const DAYS: usize = 14;

struct Options {
    people: usize,
    database: String,
    sessions: usize,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { people: 10_000, database: "sqlite".to_owned(), sessions: 16 };
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{name} wants a value"));
            match name.as_str() {
                "--people" => options.people = value.parse().expect("a number"),
                "--database" => options.database = value,
                "--sessions" => options.sessions = value.parse().expect("a number"),
                _ => panic!("there are --people, --database and --sessions, not {name}"),
            }
        }
        options
    }
}

#[tokio::main]
async fn main() {
    let options = Options::read();
    let scratch = Scratch::new(&options.database);
    let sink = Sink::start();
    let key = scratch.folder().join("dkim.pem");
    make_key(&key);
    let now: Timestamp = "2026-03-05T06:00:00Z".parse().expect("an instant");
    let (sessions, url, key) = (options.sessions.to_string(), sink.url(), key.display().to_string());
    let plain = [
        ("database.connections", "8"),
        ("mail.transport", "smtp"),
        ("mail.smtp_url", url.as_str()),
        ("mail.from", "Broadsheet <digest@papers.example.org>"),
        ("mail.connections", sessions.as_str()),
        ("mail.rate_per_second", "0"),
    ];
    let signed =
        [("mail.dkim.domain", "papers.example.org"), ("mail.dkim.selector", "bench"), ("mail.dkim.key_file", &key)];
    let unsigned = scratch.running_app(now, &plain).await;
    let app = scratch.running_app(now, &[&plain[..], &signed[..]].concat()).await;
    let service = &app.service;
    println!("{} people, {}, {} sessions, load {}", options.people, service.db.kind(), options.sessions, gauge::load());

    papers::seed(&service.db, now, PAPERS_A_DAY, DAYS).await;
    people::seed(service, &scratch.url, options.people + SAMPLE, now - TimeDelta::minutes(1)).await;
    plan_all(&app).await;
    let bytes = stages(service, &unsigned.service, &sink).await;
    unsigned.close().await;
    let mails = options.people.min(20_000);
    // A machine does not stay as fast as it was.
    let before = sink.ceiling(options.sessions, mails, bytes);
    let rate = send_all(&app, &scratch, &sink, options.people).await;
    lateness(&scratch).await;
    let after = sink.ceiling(options.sessions, mails, bytes);
    let ceiling = 2.0 / (1.0 / before + 1.0 / after);
    println!(
        "smtp-source     {before:.0} mails/s before and {after:.0} after, of {bytes} bytes; ours is {:.1} % of their mean",
        100.0 * rate / ceiling,
    );
    app.close().await;
}

fn make_key(path: &Path) {
    let made = Command::new("openssl").args(["genrsa", "-out"]).arg(path).arg("2048").output();
    assert!(made.expect("openssl is installed").status.success(), "openssl makes a key");
}

async fn plan_all(app: &App) {
    gauge::reset_peak();
    let before = gauge::cpu_seconds();
    let (report, took) = timed(plan::run(&app.service)).await;
    let report = report.expect("plans");
    let people = f64::from(report.planned + report.silent);
    println!(
        "plan            {:.1} s, {:.0} people/s, {:.0} us CPU a person, peak memory {:.0} MB",
        took.as_secs_f64(),
        people / took.as_secs_f64(),
        (gauge::cpu_seconds() - before) * 1e6 / people,
        gauge::peak_megabytes(),
    );
}

/// Each stage by itself, on the same mails; a few at a time, so that they are not in memory when all are sent.
/// Returns the bytes of a mail.
async fn stages(service: &Arc<Service>, unsigned: &Arc<Service>, sink: &Sink) -> usize {
    let (plain, signed) = (Composer::new(unsigned), Composer::new(service));
    let (mut read, mut render, mut sign, mut wire, mut marks, mut sunk, mut bytes) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0);
    for _ in (0..SAMPLE).step_by(HANDFUL) {
        let claimed = claim(service).await;
        let compose = |composer: &Composer, samples: &[Option<Sample>]| -> Vec<Composed> {
            let mails = claimed.iter().zip(samples);
            mails
                .map(|(one, sample)| composer.compose(one, sample.as_ref().expect("there")).expect("composes"))
                .collect()
        };
        let samples = cpu(&mut read, async { plain.read(&claimed).await.expect("reads") }).await;
        signed.read(&claimed).await.expect("reads");
        cpu(&mut render, async { compose(&plain, &samples) }).await;
        let mails = cpu(&mut sign, async { compose(&signed, &samples) }).await;
        let before = sink.cpu_seconds();
        bytes += mails.iter().map(|mail| mail.message.as_bytes().len()).sum::<usize>();
        cpu(&mut wire, send(service, &claimed, mails)).await;
        sunk += sink.cpu_seconds() - before;
        cpu(&mut marks, mark(service, &claimed)).await;
    }
    let micros = |seconds: f64| seconds * 1e6 / SAMPLE as f64;
    let bytes = bytes / SAMPLE;
    println!(
        "CPU a digest    read {:.0}, render {:.0}, sign {:.0}, wire {:.0}, marks {:.0} us (and the sink {:.0} us); {bytes} bytes",
        micros(read),
        micros(render),
        micros(sign - render),
        micros(wire),
        micros(marks),
        micros(sunk),
    );
    bytes
}

async fn claim(service: &Service) -> Vec<Claimed> {
    let now = service.clock.now();
    let mut tx = service.db.begin().await.expect("begins");
    let most = i64::try_from(HANDFUL).expect("few");
    let order = ClaimOrder {
        now,
        owner: &service.owner,
        lease_until: now + TimeDelta::minutes(15),
        limit: most,
        rooms: &Rooms::any(),
        rate_per_second: None,
    };
    let claimed = tx.claim_deliveries(&order).await.expect("claims").deliveries;
    tx.commit().await.expect("commits");
    claimed
}

async fn send(service: &Service, claimed: &[Claimed], mails: Vec<Composed>) {
    let mut session = service.transport.open().await.expect("opens");
    for (delivery, mail) in claimed.iter().zip(mails) {
        let envelope = Envelope { from: mail.return_path, to: delivery.address.clone() };
        session.offer(&envelope).await.expect("offered");
        session.hand_over(mail.message).await.expect("taken");
    }
    session.quit().await;
}

/// Fence and result of each mail, as many at a time as there are sessions.
async fn mark(service: &Arc<Service>, claimed: &[Claimed]) {
    let mut sessions = tokio::task::JoinSet::new();
    for share in claimed.chunks(claimed.len().div_ceil(service.settings.connections)) {
        let (service, share) = (Arc::clone(service), share.to_vec());
        sessions.spawn(async move {
            for delivery in share {
                let now = service.clock.now();
                let lease_until = now + TimeDelta::minutes(15);
                let (id, epoch) = (delivery.id, delivery.epoch);
                let (body_sha256, template_hash) = ("0".repeat(64), "0".repeat(64));
                let fence = FenceMark { id, epoch, body_sha256, template_hash, lease_until, now };
                assert!(service.marks.fence(fence).await.expect("marks"));
                let (outcome, phase, reply) = (Outcome::Accepted, Phase::Dot, "Ok".to_owned());
                let (code, enhanced, retry_at, counts) = (Some(250), None, now, true);
                let mark = OutcomeMark { delivery, outcome, phase, code, enhanced, reply, retry_at, counts, now };
                assert!(service.marks.outcome(mark).await);
            }
        });
    }
    while let Some(done) = sessions.join_next().await {
        done.expect("a session");
    }
}

/// Returns digests a second.
async fn send_all(app: &App, scratch: &Scratch, sink: &Sink, people: usize) -> f64 {
    gauge::reset_peak();
    let (before, sunk, commits) = (gauge::cpu_seconds(), sink.cpu_seconds(), app.service.db.commits());
    let served = scratch.server_seconds().await;
    let (report, took) = timed(deliver::run(&app.service, &Stop::never())).await;
    let report = report.expect("delivers");
    assert_eq!(report.accepted as usize, people, "{report:?}");
    let mails = people as f64;
    let rate = mails / took.as_secs_f64();
    println!(
        "deliver         {:.1} s, {rate:.0} digests/s, {:.0} us CPU a digest (and the sink {:.0}, the database server {:.0}), peak memory {:.0} MB, \
         {} commits, load {}",
        took.as_secs_f64(),
        (gauge::cpu_seconds() - before) * 1e6 / mails,
        (sink.cpu_seconds() - sunk) * 1e6 / mails,
        (scratch.server_seconds().await - served) * 1e6 / mails,
        gauge::peak_megabytes(),
        app.service.db.commits() - commits,
        gauge::load(),
    );
    rate
}

async fn lateness(scratch: &Scratch) {
    let late = scratch.numbers("SELECT state_at - due_at FROM deliveries WHERE state = 'accepted' ORDER BY 1").await;
    let at = |percent: usize| late[(late.len() - 1) * percent / 100] as f64 / 1e6;
    println!("lateness        p50 {:.1} s, p99 {:.1} s after the due time, planning included", at(50), at(99));
}

/// Adds to `sum` the processor time that the work takes.
async fn cpu<T>(sum: &mut f64, work: impl Future<Output = T>) -> T {
    let before = gauge::cpu_seconds();
    let made = work.await;
    *sum += gauge::cpu_seconds() - before;
    made
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    let made = work.await;
    (made, begin.elapsed())
}
