//! One connection to a relay, from greeting to QUIT.

use std::time::Duration;

use super::connect;
use super::deadlines::Deadlines;
use super::dialogue::{Broken, Dialogue};
use super::login::{Offers, log_in};
use super::relay::{RelaySettings, Security};
use super::reply::Reply;
use crate::mailer::headers::is_dot_atom;
use crate::mailer::refusal::{Refusal, status_and_text};
use crate::mailer::transport::{Acceptance, Envelope};
use crate::mailer::wire::WireMessage;
use crate::model::{Outcome, Phase};

/// Where the session stands between two calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Ready for MAIL.
    Idle,
    /// MAIL was spoken and the transaction refused: RSET must come first.
    Refused,
    /// The server said 354 and waits for the message.
    Offered,
}

/// A session with a relay, logged in and ready to take messages.
#[derive(Debug)]
pub struct SmtpSession {
    dialogue: Dialogue,
    deadlines: Deadlines,
    /// Whether commands may be sent ahead of replies.
    pipelining: bool,
    stage: Stage,
    sent: u32,
}

impl SmtpSession {
    /// Connects, secures the connection as the settings ask, and logs in.
    ///
    /// # Errors
    ///
    /// Always the relay's fault.
    pub async fn open(relay: &RelaySettings, deadlines: &Deadlines) -> Result<Self, Refusal> {
        let failed =
            |phase| move |error: std::io::Error| Refusal::before_dot(phase, format!("{}: {error}", relay.address()));
        let mut stream = connect::tcp(relay, deadlines.connect).await.map_err(failed(Phase::Connect))?;
        if let (Security::Implicit, Some(parameters)) = (relay.security, &relay.tls) {
            stream = connect::tls(stream, parameters, deadlines.tls).await.map_err(failed(Phase::Greeting))?;
        }
        let mut dialogue = Dialogue::new(stream);
        let greeting = dialogue.listen(deadlines.greeting).await;
        wanted(Phase::Greeting, 220, greeting)?;
        let mut offers = hello(&mut dialogue, relay, deadlines).await?;
        let mut protected = relay.security == Security::Implicit;
        if matches!(relay.security, Security::Required | Security::Opportunistic) {
            if let (true, Some(parameters)) = (offers.starttls, &relay.tls) {
                wanted(Phase::Greeting, 220, dialogue.ask("STARTTLS", deadlines.greeting).await)?;
                let stream = dialogue.into_stream();
                let stream = connect::tls(stream, parameters, deadlines.tls).await.map_err(failed(Phase::Greeting))?;
                dialogue = Dialogue::new(stream);
                // What was offered in the clear may have been forged.
                offers = hello(&mut dialogue, relay, deadlines).await?;
                protected = true;
            } else if relay.security == Security::Required {
                let text =
                    "the mail server offers no STARTTLS; use smtps://, or tls=none if the network can be trusted";
                return Err(Refusal::before_dot(Phase::Greeting, text));
            }
        }
        if let Some(login) = &relay.login {
            if !protected && relay.security != Security::None {
                let text =
                    "the mail server offers no STARTTLS and the password was not sent; use tls=required or tls=none";
                return Err(Refusal::before_dot(Phase::Auth, text));
            }
            log_in(&mut dialogue, offers, login, deadlines).await?;
        }
        Ok(Self { dialogue, deadlines: *deadlines, pipelining: offers.pipelining, stage: Stage::Idle, sent: 0 })
    }

    /// MAIL, RCPT and DATA, up to the server's 354.
    pub(in crate::mailer) async fn offer(&mut self, envelope: &Envelope) -> Result<(), Refusal> {
        let from = return_path(&envelope.from)?;
        if self.stage != Stage::Idle {
            self.reset().await?;
        }
        let Deadlines { mail, rcpt, data, .. } = self.deadlines;
        // If this call is cancelled the dialogue is out of step, and the stage no longer matters.
        self.stage = Stage::Refused;
        let (from, to) = (format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{}>", envelope.to));
        let commands = [(from.as_str(), mail), (to.as_str(), rcpt), ("DATA", data)];
        let replies = self.ask(&commands).await;
        let told_to_send = matches!(replies.get(2), Some(Ok(reply)) if reply.code == 354);
        for ((phase, code), mut reply) in
            [(Phase::Mail, 250), (Phase::Rcpt, 250), (Phase::Data, 354)].into_iter().zip(replies)
        {
            if let (Phase::Rcpt, Ok(Reply { code: code @ 251..=252, .. })) = (phase, &mut reply) {
                // "Will forward" and "will try": the server takes the recipient.
                *code = 250;
            }
            if let Err(refusal) = wanted(phase, code, reply) {
                if told_to_send {
                    // It waits for a message that has no recipient (RFC 2920, 3.1); it will get none.
                    self.dialogue.give_up();
                }
                let keep_connection = refusal.keep_connection && self.dialogue.in_step();
                return Err(self.refused(Refusal { keep_connection, ..refusal }));
            }
        }
        self.stage = Stage::Offered;
        Ok(())
    }

    /// The replies to these commands, up to the first that is missing; without PIPELINING up to the first refusal.
    async fn ask(&mut self, commands: &[(&str, Duration)]) -> Vec<Result<Reply, Broken>> {
        if self.pipelining {
            return self.dialogue.ask_all(commands).await;
        }
        let mut replies = Vec::with_capacity(commands.len());
        for (command, limit) in commands {
            let reply = self.dialogue.ask(command, *limit).await;
            let goes_on = matches!(&reply, Ok(reply) if reply.code < 400);
            replies.push(reply);
            if !goes_on {
                break;
            }
        }
        replies
    }

    /// The message and its final dot, then the reply.
    pub(in crate::mailer) async fn hand_over(&mut self, message: WireMessage) -> Result<Acceptance, Refusal> {
        if self.stage != Stage::Offered {
            self.dialogue.give_up();
            return Err(Refusal::ours(Phase::Fence, "a message was handed over that was not offered and taken"));
        }
        self.stage = Stage::Idle;
        let said = self.dialogue.say(&message.with_final_dot(), self.deadlines.body).await;
        said.map_err(|broken| Refusal::before_dot(Phase::Fence, format!("before the final dot was sent: {broken}")))?;
        let reply = self.dialogue.listen(self.deadlines.dot).await.map_err(Refusal::after_dot)?;
        if !(200..300).contains(&reply.code) {
            let refusal = Refusal::by_reply(Phase::Dot, reply.code, &reply.lines);
            return Err(self.refused(refusal));
        }
        self.sent += 1;
        Ok(Acceptance { code: Some(reply.code), text: status_and_text(&reply.lines).1 })
    }

    pub(in crate::mailer) async fn reset(&mut self) -> Result<(), Refusal> {
        if self.stage == Stage::Offered {
            // The server would take RSET for a line of the message.
            self.dialogue.give_up();
        }
        self.housekeeping("RSET", Phase::Mail).await?;
        self.stage = Stage::Idle;
        Ok(())
    }

    pub(in crate::mailer) async fn probe(&mut self) -> Result<(), Refusal> {
        if self.stage == Stage::Offered {
            self.dialogue.give_up();
        }
        self.housekeeping("NOOP", Phase::Connect).await
    }

    pub(in crate::mailer) async fn quit(mut self) {
        if self.stage != Stage::Offered {
            // Whatever the answer, the connection ends here.
            let _ = self.dialogue.ask("QUIT", self.deadlines.housekeeping).await;
        }
    }

    pub(in crate::mailer) fn messages_sent(&self) -> u32 {
        self.sent
    }

    pub(in crate::mailer) fn is_usable(&self) -> bool {
        self.dialogue.in_step()
    }

    async fn housekeeping(&mut self, command: &str, phase: Phase) -> Result<(), Refusal> {
        let reply = self.dialogue.ask(command, self.deadlines.housekeeping).await;
        wanted(phase, 250, reply).map(drop).map_err(|refusal| {
            self.dialogue.give_up();
            Refusal { relay_fault: true, keep_connection: false, outcome: Outcome::Retry, ..refusal }
        })
    }

    /// Makes session and refusal agree about whether the connection can be kept.
    fn refused(&mut self, refusal: Refusal) -> Refusal {
        if !refusal.keep_connection {
            self.dialogue.give_up();
        }
        // A relay may drop an idle connection at any time: the message that notices is not to blame.
        let connection_lost = refusal.code.is_none_or(|code| code == 421);
        let stale = refusal.phase == Phase::Mail && connection_lost && self.sent > 0;
        Refusal { relay_fault: refusal.relay_fault || stale, ..refusal }
    }
}

async fn hello(dialogue: &mut Dialogue, relay: &RelaySettings, deadlines: &Deadlines) -> Result<Offers, Refusal> {
    let reply = dialogue.ask(&format!("EHLO {}", relay.hello), deadlines.greeting).await;
    Ok(Offers::from_reply(&wanted(Phase::Greeting, 250, reply)?))
}

/// The reply, if it came and has the code `wanted`.
fn wanted(phase: Phase, wanted: u16, reply: Result<Reply, Broken>) -> Result<Reply, Refusal> {
    let reply = reply.map_err(|broken| Refusal::before_dot(phase, broken))?;
    if reply.code == wanted { Ok(reply) } else { Err(Refusal::by_reply(phase, reply.code, &reply.lines)) }
}

/// The reverse path without brackets; empty for bounces.
fn return_path(from: &str) -> Result<&str, Refusal> {
    match from.split_once('@') {
        None if matches!(from, "" | "<>") => Ok(""),
        Some((local, domain)) if is_dot_atom(local, 64) && is_dot_atom(domain, 253) => Ok(from),
        _ => {
            let text = format!("{from:?} is not a return path of the form local@domain");
            Err(Refusal { keep_connection: true, ..Refusal::ours(Phase::Mail, text) })
        }
    }
}
