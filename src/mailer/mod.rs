//! Mail on the wire: messages, signatures, SMTP sessions.
