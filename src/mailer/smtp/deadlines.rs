//! How long each phase of a dialogue may take.

use std::time::Duration;

/// One limit for each phase; the defaults follow RFC 5321, 4.5.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Looking up the name and opening the TCP connection, over all its addresses.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The greeting, EHLO and STARTTLS, each.
    pub greeting: Duration,
    /// Each step of AUTH.
    pub auth: Duration,
    /// MAIL.
    pub mail: Duration,
    /// RCPT.
    pub rcpt: Duration,
    /// DATA, up to its 354.
    pub data: Duration,
    /// Writing the whole message.
    pub body: Duration,
    /// The reply to the final dot. Too short a wait makes duplicates (RFC 1047).
    pub dot: Duration,
    /// RSET, NOOP and QUIT.
    pub housekeeping: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        Self {
            connect: Duration::from_secs(10),
            tls: Duration::from_secs(30),
            greeting: minutes(5),
            auth: minutes(2),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            body: minutes(10),
            dot: minutes(10),
            housekeeping: Duration::from_secs(10),
        }
    }
}
