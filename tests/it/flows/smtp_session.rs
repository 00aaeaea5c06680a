//! SMTP sessions against a server that misbehaves at every step.

use std::sync::Arc;
use std::time::Duration;

use broadsheet::mailer::{Deadlines, Envelope, Refusal, RelaySettings, Session, Transport, WireMessage};
use broadsheet::model::{EmailAddress, Outcome, Phase};

use crate::support::smtp::{AUTHORITY, Act, Server, Step, Tls};

const MESSAGE: &[u8] = b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\n\r\n.dot\r\n..\r\nend\r\n";
const SHORT: Duration = Duration::from_millis(40);

fn message() -> WireMessage {
    WireMessage::new(MESSAGE.to_vec()).expect("fit to be sent")
}

fn relay(server: &Server) -> RelaySettings {
    RelaySettings::from_url(&server.url(), Some(AUTHORITY)).expect("a good url")
}

fn relay_at(url: &str) -> RelaySettings {
    RelaySettings::from_url(url, Some(AUTHORITY)).expect("a good url")
}

fn envelope(to: &str) -> Envelope {
    Envelope { from: "b+1.mac@bounce.example.org".to_owned(), to: EmailAddress::parse(to).expect("valid") }
}

/// Long enough for a slow machine everywhere but at `phase`.
fn impatient_at(phase: Phase) -> Deadlines {
    let mut deadlines = Deadlines::default();
    match phase {
        Phase::Connect => deadlines.connect = SHORT,
        Phase::Greeting => deadlines.greeting = SHORT,
        Phase::Auth => deadlines.auth = SHORT,
        Phase::Mail => deadlines.mail = SHORT,
        Phase::Rcpt => deadlines.rcpt = SHORT,
        Phase::Data => deadlines.data = SHORT,
        Phase::Fence => deadlines.body = SHORT,
        Phase::Dot => deadlines.dot = SHORT,
    }
    deadlines
}

async fn open(server: &Server) -> Session {
    Transport::smtp(relay(server), Deadlines::default()).open().await.expect("a session")
}

async fn deliver(session: &mut Session, to: &str) -> Result<(), Refusal> {
    session.offer(&envelope(to)).await?;
    session.hand_over(message()).await.map(drop)
}

/// Opens, offers, hands over; the session that is left, and how it went.
async fn attempt(relay: RelaySettings, deadlines: Deadlines) -> (Option<Session>, Result<(), Refusal>) {
    match Transport::smtp(relay, deadlines).open().await {
        Ok(mut session) => {
            let result = deliver(&mut session, "ada@example.org").await;
            (Some(session), result)
        }
        Err(refusal) => (None, Err(refusal)),
    }
}

/// Every step at which a server can fail, and the phase the session is then in.
const STEPS: [(Step, Phase); 8] = [
    (Step::Greeting, Phase::Greeting),
    (Step::Ehlo, Phase::Greeting),
    (Step::StartTls, Phase::Greeting),
    (Step::Auth, Phase::Auth),
    (Step::Mail, Phase::Mail),
    (Step::Rcpt, Phase::Rcpt),
    (Step::Data, Phase::Data),
    (Step::Dot, Phase::Dot),
];

/// A server with STARTTLS and a login, so that a dialogue passes every step; and the way to it.
fn demanding_server() -> (Server, RelaySettings) {
    let server = Server::start(Tls::Upgrade);
    server.require_login("papers", "p@ss:w%rd", "PLAIN LOGIN");
    let relay = relay_at(&server.url_with_login("papers:p%40ss%3Aw%25rd@"));
    (server, relay)
}

#[tokio::test]
async fn messages_arrive_as_composed_one_after_the_other_on_one_connection() {
    for tls in [Tls::None, Tls::Upgrade, Tls::Implicit] {
        let server = Server::start(tls);
        let mut session = open(&server).await;
        for to in ["ada@example.org", "bob@example.org", "eve@example.org"] {
            deliver(&mut session, to).await.expect("accepted");
        }
        assert!(session.messages_sent() == 3 && session.is_usable());
        session.quit().await;
        server.wait_until_idle();
        let journal = server.journal();
        assert_eq!(
            journal.iter().map(|mail| mail.to[0].as_str()).collect::<Vec<_>>(),
            ["ada@example.org", "bob@example.org", "eve@example.org"]
        );
        assert!(journal.iter().all(|mail| mail.message == MESSAGE && mail.from == "b+1.mac@bounce.example.org"));
        assert_eq!((server.connections(), server.commands().last().map(String::as_str)), (1, Some("QUIT")));
    }
}

#[tokio::test]
async fn a_temporary_refusal_at_any_step_is_a_retry() {
    for (step, phase) in STEPS {
        let (server, relay) = demanding_server();
        server.once(step, Act::Reply("451 4.3.0 not\x08 now"));
        let (session, result) = attempt(relay, Deadlines::default()).await;
        let refusal = result.expect_err("refused");
        assert_eq!((refusal.phase, refusal.outcome), (phase, Outcome::Retry), "{step:?}");
        assert_eq!((refusal.code, refusal.enhanced), (Some(451), Some((4, 3, 0))), "{step:?}");
        assert_eq!(refusal.text, "not now");
        assert_eq!(refusal.relay_fault, phase <= Phase::Auth, "{step:?}");
        assert!(server.journal().is_empty());
        if let Some(mut session) = session {
            assert!(refusal.keep_connection && session.is_usable(), "{step:?}");
            deliver(&mut session, "bob@example.org").await.expect("the connection goes on");
            assert_eq!((server.connections(), server.journal().len()), (1, 1));
        }
    }
}

#[tokio::test]
async fn a_permanent_refusal_is_judged_by_where_and_why() {
    for (step, phase) in STEPS {
        let (server, relay) = demanding_server();
        server.once(step, Act::Reply("550-5.1.1 no such\r\n550 5.1.1 user"));
        let (session, result) = attempt(relay, Deadlines::default()).await;
        let refusal = result.expect_err("refused");
        let outcome = match phase {
            Phase::Mail => Outcome::OurFault,
            Phase::Rcpt | Phase::Data | Phase::Dot => Outcome::AddressDead,
            _ => Outcome::Retry,
        };
        assert_eq!((refusal.phase, refusal.outcome, refusal.code), (phase, outcome, Some(550)), "{step:?}");
        assert_eq!((refusal.text.as_str(), refusal.relay_fault), ("no such user", phase <= Phase::Auth));
        assert_eq!(session.is_some_and(|session| session.is_usable()), phase > Phase::Auth);
    }
}

#[tokio::test]
async fn silence_ends_the_session_and_is_uncertain_only_after_the_dot() {
    for (step, phase) in STEPS {
        let (server, relay) = demanding_server();
        server.always(step, Act::Stall);
        let (session, result) = attempt(relay, impatient_at(phase)).await;
        let refusal = result.expect_err("refused");
        let outcome = if phase == Phase::Dot { Outcome::Uncertain } else { Outcome::Retry };
        assert_eq!((refusal.phase, refusal.outcome, refusal.code), (phase, outcome, None), "{step:?}");
        assert!(!refusal.keep_connection && refusal.text.contains("no answer"), "{refusal}");
        assert_no_further_use(session, &server).await;
    }
}

#[tokio::test]
async fn a_lost_connection_is_uncertain_only_after_the_dot() {
    for (step, phase) in STEPS {
        let (server, relay) = demanding_server();
        server.always(step, Act::Cut);
        let (session, result) = attempt(relay, Deadlines::default()).await;
        let refusal = result.expect_err("refused");
        let outcome = if phase == Phase::Dot { Outcome::Uncertain } else { Outcome::Retry };
        assert_eq!((refusal.phase, refusal.outcome, refusal.code), (phase, outcome, None), "{step:?}");
        assert_eq!((refusal.keep_connection, refusal.relay_fault), (false, phase <= Phase::Auth), "{step:?}");
        assert_no_further_use(session, &server).await;
    }
}

/// Whatever is asked of a broken session, the server hears nothing of it.
async fn assert_no_further_use(session: Option<Session>, server: &Server) {
    let Some(mut session) = session else { return };
    assert!(!session.is_usable());
    let heard = server.commands().len();
    assert_eq!(deliver(&mut session, "bob@example.org").await.expect_err("refused").outcome, Outcome::Retry);
    assert!(session.probe().await.is_err() && session.reset().await.is_err() && !session.is_usable());
    session.quit().await;
    server.release();
    server.wait_until_idle();
    // What had been sent ahead before the silence may still be heard; of another mail there is no word.
    assert!(server.commands().iter().skip(heard).all(|command| command == "DATA" || command.contains("ada@")));
    assert!(server.journal().iter().all(|mail| mail.to == ["ada@example.org"]));
}

#[tokio::test]
async fn a_message_taken_without_a_word_is_uncertain() {
    for act in [Act::AcceptThenCut, Act::AcceptThenStall] {
        let server = Server::start(Tls::None);
        server.once(Step::Dot, act);
        let (_, result) = attempt(relay(&server), impatient_at(Phase::Dot)).await;
        let refusal = result.expect_err("no reply");
        assert_eq!((refusal.phase, refusal.outcome), (Phase::Dot, Outcome::Uncertain));
        assert_eq!(server.journal().len(), 1);
    }
}

#[tokio::test]
async fn service_not_available_is_a_retry_and_ends_the_session_even_after_the_dot() {
    for step in [Step::Mail, Step::Rcpt, Step::Data, Step::Dot] {
        let server = Server::start(Tls::None);
        server.once(step, Act::Reply("421 4.3.2 closing"));
        let (session, result) = attempt(relay(&server), Deadlines::default()).await;
        let refusal = result.expect_err("refused");
        assert_eq!((refusal.outcome, refusal.keep_connection), (Outcome::Retry, false), "{step:?}");
        assert!(!session.expect("opened").is_usable());
    }
}

#[tokio::test]
async fn a_message_that_could_not_be_written_whole_is_a_retry() {
    // More than the buffers of both ends hold while nobody reads.
    let big = WireMessage::new([[b'x'; 998].as_slice(), b"\r\n"].concat().repeat(16_000)).expect("fit to be sent");
    for (act, deadlines) in [(Act::Cut, Deadlines::default()), (Act::Stall, impatient_at(Phase::Fence))] {
        let server = Server::start(Tls::None);
        server.once(Step::Body, act);
        let mut session = Transport::smtp(relay(&server), deadlines).open().await.expect("a session");
        session.offer(&envelope("ada@example.org")).await.expect("354");
        let refusal = session.hand_over(big.clone()).await.expect_err("refused");
        assert_eq!((refusal.phase, refusal.outcome), (Phase::Fence, Outcome::Retry));
        assert!(!session.is_usable());
        drop(session);
        server.release();
        server.wait_until_idle();
        assert!(server.journal().is_empty());
    }
}

#[tokio::test]
async fn what_is_abandoned_after_354_is_forgotten() {
    for tls in [Tls::None, Tls::Implicit] {
        let server = Server::start(tls);
        let mut session = open(&server).await;
        session.offer(&envelope("ada@example.org")).await.expect("354");
        session.abandon();
        server.wait_until_idle();
        assert!(server.journal().is_empty());
        assert_eq!(server.commands().last().map(String::as_str), Some("DATA"));
    }
}

#[tokio::test]
async fn after_354_nothing_but_the_message_can_be_sent() {
    for question in ["reset", "probe", "quit", "offer"] {
        let server = Server::start(Tls::None);
        let mut session = open(&server).await;
        session.offer(&envelope("ada@example.org")).await.expect("354");
        match question {
            "reset" => assert!(session.reset().await.is_err()),
            "probe" => assert!(session.probe().await.is_err()),
            "offer" => assert!(session.offer(&envelope("bob@example.org")).await.is_err()),
            _ => {}
        }
        session.quit().await;
        server.wait_until_idle();
        assert!(server.journal().is_empty());
        assert_eq!(server.commands().last().map(String::as_str), Some("DATA"), "{question}");
    }
}

#[tokio::test]
async fn a_call_cancelled_midway_leaves_a_session_that_is_never_used_again() {
    for step in [Step::Rcpt, Step::Data, Step::Dot] {
        let server = Arc::new(Server::start(Tls::None));
        server.once(step, Act::Stall);
        let mut session = open(&server).await;
        let watched = server.clone();
        tokio::select! {
            result = deliver(&mut session, "ada@example.org") => panic!("the server stalls, yet {result:?}"),
            _ = tokio::task::spawn_blocking(move || watched.wait_until_stalled(1)) => {}
        }
        assert!(!session.is_usable(), "{step:?}");
        server.release();
        assert!(deliver(&mut session, "bob@example.org").await.is_err());
        drop(session);
        server.wait_until_idle();
        assert!(server.journal().iter().all(|mail| mail.to == ["ada@example.org"]));
    }
}

#[tokio::test]
async fn a_message_with_a_lone_line_feed_or_that_was_not_offered_never_leaves() {
    for bad in [b"Subject: x\r\n\r\na\n.\r\nMAIL FROM:<x@y>\r\n".as_slice(), b"a\r.\r\n", b"no end"] {
        assert!(WireMessage::new(bad.to_vec()).is_err());
    }
    let server = Server::start(Tls::None);
    let mut session = open(&server).await;
    assert_eq!(session.hand_over(message()).await.expect_err("refused").outcome, Outcome::OurFault);
    drop(session);
    server.wait_until_idle();
    assert!(server.journal().is_empty());
}

#[tokio::test]
async fn a_return_path_cannot_carry_commands() {
    let server = Server::start(Tls::None);
    let mut session = open(&server).await;
    for from in ["x", "a@b>\r\nRCPT TO:<x@y", "a b@c", "@", "a@"] {
        let bad = Envelope { from: from.to_owned(), ..envelope("ada@example.org") };
        let refusal = session.offer(&bad).await.expect_err("refused");
        assert_eq!((refusal.outcome, refusal.keep_connection), (Outcome::OurFault, true));
    }
    for from in ["", "<>"] {
        let bounce = Envelope { from: from.to_owned(), ..envelope("ada@example.org") };
        session.offer(&bounce).await.expect("354");
        session.hand_over(message()).await.expect("accepted");
    }
    assert!(server.journal().iter().all(|mail| mail.from.is_empty()));
}

#[tokio::test]
async fn with_and_without_pipelining_a_refused_recipient_gets_no_message() {
    for one_at_a_time in [false, true] {
        let server = Server::start(Tls::None);
        if one_at_a_time {
            server.one_command_at_a_time();
        }
        let mut session = open(&server).await;
        server.once(Step::Rcpt, Act::Reply("550 5.1.1 no such user"));
        let refusal = deliver(&mut session, "gone@example.org").await.expect_err("refused");
        assert_eq!((refusal.phase, refusal.outcome), (Phase::Rcpt, Outcome::AddressDead));
        assert!(session.is_usable(), "the answer to DATA was read as well");
        deliver(&mut session, "ada@example.org").await.expect("taken");
        server.once(Step::Mail, Act::Reply("452 4.3.1 later"));
        let refusal = deliver(&mut session, "ada@example.org").await.expect_err("refused");
        assert_eq!((refusal.phase, refusal.outcome), (Phase::Mail, Outcome::Retry));
        deliver(&mut session, "bob@example.org").await.expect("taken");
        session.quit().await;
        assert_eq!(server.journal().len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_waits_for_a_message_without_a_recipient_is_left() {
    let server = Server::start(Tls::None);
    let mut session = open(&server).await;
    server.once(Step::Rcpt, Act::Reply("550 5.1.1 no such user\r\n354 go on"));
    let refusal = deliver(&mut session, "gone@example.org").await.expect_err("refused");
    assert_eq!(refusal.outcome, Outcome::AddressDead);
    assert!(!session.is_usable(), "a dot would end an empty message");
}

#[tokio::test]
async fn one_dead_address_does_not_cost_the_connection() {
    let server = Server::start(Tls::None);
    server.for_recipient("gone@example.org", Step::Rcpt, Act::Reply("550 5.1.1 no such user"));
    server.for_recipient("full@example.org", Step::Dot, Act::Reply("552 5.2.2 mailbox full"));
    let mut session = open(&server).await;
    for (to, outcome) in [("gone@example.org", Outcome::AddressDead), ("full@example.org", Outcome::SoftBounce)] {
        let refusal = deliver(&mut session, to).await.expect_err("refused");
        assert_eq!((refusal.outcome, refusal.keep_connection), (outcome, true));
        deliver(&mut session, "ada@example.org").await.expect("accepted");
    }
    assert_eq!((server.connections(), server.journal().len(), session.messages_sent()), (1, 2, 2));
}

#[tokio::test]
async fn an_idle_connection_the_relay_closed_is_the_relays_fault_and_a_probe_notices() {
    let server = Server::start(Tls::None);
    let mut session = open(&server).await;
    deliver(&mut session, "ada@example.org").await.expect("accepted");
    session.probe().await.expect("still there");
    server.once(Step::Mail, Act::Cut);
    assert!(deliver(&mut session, "ada@example.org").await.expect_err("gone").relay_fault);

    let mut session = open(&server).await;
    server.once(Step::Noop, Act::Cut);
    assert!(session.probe().await.expect_err("gone").relay_fault);
    assert!(!session.is_usable());
}

#[tokio::test]
async fn endless_or_foreign_replies_end_the_session() {
    let long: &'static str = Box::leak("250-x\r\n".repeat(2000).into_boxed_str());
    for text in [long, "HTTP/1.1 400 Bad Request", "250 ok\r\n250 and more", "999 what"] {
        let server = Server::start(Tls::None);
        server.once(Step::Rcpt, Act::Reply(text));
        let (session, result) = attempt(relay(&server), Deadlines::default()).await;
        assert_eq!(result.expect_err("refused").outcome, Outcome::Retry);
        assert!(!session.expect("opened").is_usable());

        let server = Server::start(Tls::None);
        server.once(Step::Dot, Act::Reply(text));
        let (_, result) = attempt(relay(&server), Deadlines::default()).await;
        assert_eq!(result.expect_err("refused").outcome, Outcome::Uncertain);
    }
}

#[tokio::test]
async fn nobody_listening_is_the_relays_fault() {
    let server = Server::start(Tls::None);
    let relay = relay(&server);
    // The port may need a moment to close; a server that is stopping hangs up, which comes to the same.
    drop(server);
    let (_, result) = attempt(relay, Deadlines::default()).await;
    let refusal = result.expect_err("refused");
    assert!(refusal.relay_fault && refusal.outcome == Outcome::Retry, "{refusal}");
    assert!(refusal.phase <= Phase::Greeting && !refusal.text.is_empty(), "{refusal}");
}
