//! The server's side of one dialogue.

use std::io;
use std::net::TcpStream;

use data_encoding::BASE64;

use super::channel::{Channel, Tls};
use super::script::{Accepted, Act, Shared, Step};

/// Talks until the client leaves or the script cuts the connection.
pub(super) fn hold(stream: TcpStream, tls: Tls, connection: usize, shared: &Shared) {
    // The end of a dialogue, whoever brought it about, is nothing to report.
    let _ = Channel::plain(stream).and_then(|channel| {
        let mut conversation =
            Conversation { channel, tls, secured: false, connection, shared, from: None, to: vec![] };
        let end = conversation.run();
        conversation.channel.cut();
        end
    });
    shared.disconnected();
}

struct Conversation<'a> {
    channel: Channel,
    tls: Tls,
    secured: bool,
    connection: usize,
    shared: &'a Shared,
    from: Option<String>,
    to: Vec<String>,
}

impl Conversation<'_> {
    fn run(&mut self) -> io::Result<()> {
        if self.tls == Tls::Implicit {
            self.secure()?;
        }
        self.answer(Step::Greeting, "220 localhost ESMTP")?;
        loop {
            let line = String::from_utf8_lossy(&self.channel.line()?).into_owned();
            self.shared.heard(&line);
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let offers = self.offers();
                    self.answer(Step::Ehlo, &offers)?;
                }
                "STARTTLS" if self.tls == Tls::Upgrade && !self.secured => {
                    if self.answer(Step::StartTls, "220 go ahead")? {
                        self.secure()?;
                    }
                }
                "AUTH" => self.log_in(&line)?,
                "MAIL" => self.mail(&line)?,
                "RCPT" if self.from.is_some() => self.rcpt(&line)?,
                "DATA" if !self.to.is_empty() => self.data()?,
                "RSET" => {
                    self.forget();
                    self.answer(Step::Reset, "250 2.0.0 forgotten")?;
                }
                "NOOP" => {
                    self.answer(Step::Noop, "250 2.0.0 still here")?;
                }
                "QUIT" => return self.channel.send("221 2.0.0 bye\r\n"),
                _ => self.channel.send("503 5.5.1 not now\r\n")?,
            }
        }
    }

    fn secure(&mut self) -> io::Result<()> {
        self.secured = true;
        self.channel.secure()
    }

    fn offers(&self) -> String {
        let mut offers = "250-localhost\r\n".to_owned();
        if self.tls == Tls::Upgrade && !self.secured {
            offers += "250-STARTTLS\r\n";
        }
        let mechanisms = self.shared.script().mechanisms().to_owned();
        if !mechanisms.is_empty() {
            offers += &format!("250-AUTH {mechanisms}\r\n");
        }
        offers + "250 ENHANCEDSTATUSCODES"
    }

    /// Does what the script says at `step`, or says `usual`; tells whether it was the usual.
    fn answer(&mut self, step: Step, usual: &str) -> io::Result<bool> {
        let act = self.shared.at(step, &self.to);
        match act {
            None | Some(Act::Usual) => {}
            Some(Act::Stall | Act::AcceptThenStall) => self.shared.stall(),
            Some(Act::Cut | Act::AcceptThenCut) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Reply(text)) => {
                self.channel.send(&format!("{text}\r\n"))?;
                return Ok(false);
            }
            Some(Act::StallThenReply(text)) => {
                self.shared.stall();
                self.channel.send(&format!("{text}\r\n"))?;
                return Ok(false);
            }
        }
        self.channel.send(&format!("{usual}\r\n"))?;
        Ok(true)
    }

    fn log_in(&mut self, line: &str) -> io::Result<()> {
        let mut words = line.split(' ').skip(1);
        let (user, password) = match words.next() {
            Some("PLAIN") => {
                let fields = decoded(words.next().unwrap_or_default());
                let mut fields = fields.split('\0').skip(1);
                (fields.next().unwrap_or_default().to_owned(), fields.next().unwrap_or_default().to_owned())
            }
            _ => (self.challenge("User Name\0")?, self.challenge("Password\0")?),
        };
        let admitted = self.shared.script().admits(&user, &password);
        let usual = if admitted { "235 2.7.0 welcome" } else { "535 5.7.8 authentication failed" };
        self.answer(Step::Auth, usual).map(drop)
    }

    fn challenge(&mut self, text: &str) -> io::Result<String> {
        self.channel.send(&format!("334 {}\r\n", BASE64.encode(text.as_bytes())))?;
        Ok(decoded(&String::from_utf8_lossy(&self.channel.line()?)))
    }

    fn mail(&mut self, line: &str) -> io::Result<()> {
        if self.from.is_some() {
            return self.channel.send("503 5.5.1 nested MAIL\r\n");
        }
        if self.answer(Step::Mail, "250 2.1.0 sender ok")? {
            self.from = Some(path(line));
        }
        Ok(())
    }

    fn rcpt(&mut self, line: &str) -> io::Result<()> {
        self.to.push(path(line));
        if !self.answer(Step::Rcpt, "250 2.1.5 recipient ok")? {
            self.to.pop();
        }
        Ok(())
    }

    fn data(&mut self) -> io::Result<()> {
        if !self.answer(Step::Data, "354 go on")? {
            return Ok(());
        }
        let body = self.shared.at(Step::Body, &self.to);
        match body {
            Some(Act::Stall | Act::AcceptThenStall | Act::StallThenReply(_)) => self.shared.stall(),
            Some(Act::Cut | Act::AcceptThenCut) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Reply(_) | Act::Usual) | None => {}
        }
        let message = self.channel.message()?;
        let act = self.shared.at(Step::Dot, &self.to);
        let accepted = Accepted {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            message,
            connection: self.connection,
        };
        match act {
            Some(Act::Cut) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Reply(text)) => return self.channel.send(&format!("{text}\r\n")),
            Some(Act::StallThenReply(text)) => {
                self.shared.stall();
                return self.channel.send(&format!("{text}\r\n"));
            }
            Some(Act::Stall) => self.shared.stall(),
            Some(Act::AcceptThenCut) => {
                self.shared.accept(accepted);
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(Act::AcceptThenStall) => {
                self.shared.accept(accepted);
                self.shared.stall();
                return self.channel.send("250 2.0.0 taken\r\n");
            }
            None | Some(Act::Usual) => {}
        }
        self.shared.accept(accepted);
        self.channel.send("250 2.0.0 taken\r\n")
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }
}

/// What stands between the angle brackets.
fn path(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(path, _)| path.to_owned()).unwrap_or_default()
}

fn decoded(base64: &str) -> String {
    String::from_utf8(BASE64.decode(base64.as_bytes()).unwrap_or_default()).unwrap_or_default()
}
