//! What the server offers, and logging in (RFC 4954).

use data_encoding::BASE64;

use super::deadlines::Deadlines;
use super::dialogue::Dialogue;
use super::relay::Login;
use super::reply::Reply;
use crate::mailer::refusal::Refusal;
use crate::model::Phase;

/// The extensions that matter here, from the reply to EHLO.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) starttls: bool,
    pub(super) pipelining: bool,
    plain: bool,
    login: bool,
}

impl Offers {
    /// Reads the lines of an EHLO reply; the first is the server's name.
    pub(super) fn from_reply(reply: &Reply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // Some old servers write the mechanisms behind an equals sign.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("AUTH") => {
                    for mechanism in words {
                        offers.plain |= mechanism == "PLAIN";
                        offers.login |= mechanism == "LOGIN";
                    }
                }
                _ => {}
            }
        }
        offers
    }
}

/// Logs in by PLAIN (RFC 4616), else by LOGIN.
pub(super) async fn log_in(
    dialogue: &mut Dialogue,
    offers: Offers,
    login: &Login,
    deadlines: &Deadlines,
) -> Result<(), Refusal> {
    let Login { user, password } = login;
    let steps = if offers.plain {
        vec![(format!("AUTH PLAIN {}", BASE64.encode(format!("\0{user}\0{password}").as_bytes())), 235)]
    } else if offers.login {
        vec![
            ("AUTH LOGIN".to_owned(), 334),
            (BASE64.encode(user.as_bytes()), 334),
            (BASE64.encode(password.as_bytes()), 235),
        ]
    } else {
        return Err(Refusal::before_dot(
            Phase::Auth,
            "the mail server offers no login by PLAIN or LOGIN on this connection; check the tls setting and the port",
        ));
    };
    for (line, wanted) in steps {
        let reply = dialogue.ask(&line, deadlines.auth).await;
        let reply = reply.map_err(|broken| Refusal::before_dot(Phase::Auth, broken))?;
        if reply.code != wanted {
            return Err(Refusal::by_reply(Phase::Auth, reply.code, &reply.lines));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(lines: &[&str]) -> Offers {
        Offers::from_reply(&Reply { code: 250, lines: lines.iter().map(|&line| line.to_owned()).collect() })
    }

    #[test]
    fn extensions_are_read_in_any_case_and_in_the_old_spelling() {
        assert_eq!(
            offers(&["mx", "starttls", "auth login PLAIN"]),
            Offers { starttls: true, pipelining: false, plain: true, login: true }
        );
        assert!(offers(&["mx", "AUTH=LOGIN"]).login);
        assert_eq!(offers(&["STARTTLS", "SIZE 1000", "AUTH CRAM-MD5", ""]), Offers::default());
    }
}
