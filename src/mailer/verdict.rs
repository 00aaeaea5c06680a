//! What a server's negative or unexpected reply means, by reply code (RFC 5321, 4.2)
//! and enhanced status code (RFC 3463).

use super::refusal::Enhanced;
use crate::model::{Outcome, Phase};

/// The meaning of a reply.
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) keep_connection: bool,
    pub(super) relay_fault: bool,
}

/// Judges a reply that is not the one wanted in `phase`.
pub(super) fn of_reply(phase: Phase, code: u16, enhanced: Option<Enhanced>) -> Verdict {
    // Until MAIL is spoken the relay does not know the message, so nothing it says is about it.
    let relay_fault = phase <= Phase::Auth || (phase == Phase::Mail && wants_authentication(code));
    let refused = (400..600).contains(&code);
    let outcome = match code {
        _ if relay_fault => Outcome::Retry,
        400..=499 => Outcome::Retry,
        500..=599 if phase == Phase::Mail => Outcome::OurFault,
        500..=599 => of_permanent(code, enhanced.filter(|(class, ..)| *class == 5)),
        _ if phase == Phase::Dot => Outcome::Uncertain,
        _ => Outcome::Retry,
    };
    Verdict { outcome, keep_connection: refused && code != 421 && phase > Phase::Auth && !relay_fault, relay_fault }
}

/// The reply codes of RFC 4954, section 6, that ask for another or better login.
fn wants_authentication(code: u16) -> bool {
    matches!(code, 432 | 454 | 530 | 534 | 535 | 538)
}

/// A permanent refusal once the recipient is known to the server.
fn of_permanent(code: u16, enhanced: Option<Enhanced>) -> Outcome {
    match enhanced {
        Some((_, 1, 1 | 3 | 6 | 10) | (_, 2, 1)) => Outcome::AddressDead,
        Some((_, 1, 7 | 8) | (_, 3, 4) | (_, 6 | 7, _)) => Outcome::OurFault,
        Some(_) => Outcome::SoftBounce,
        // Commands the server does not know or take now say nothing about the recipient.
        None if matches!(code, 500 | 502..=504 | 530 | 534 | 535 | 538 | 555) => Outcome::OurFault,
        None => Outcome::SoftBounce,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(phase: Phase, code: u16, enhanced: Option<Enhanced>) -> Outcome {
        of_reply(phase, code, enhanced).outcome
    }

    #[test]
    fn only_codes_that_say_the_address_is_gone_count_as_dead() {
        for detail in [(5, 1, 1), (5, 1, 3), (5, 1, 6), (5, 1, 10), (5, 2, 1)] {
            assert_eq!(outcome(Phase::Rcpt, 550, Some(detail)), Outcome::AddressDead);
        }
        for detail in [(5, 1, 2), (5, 2, 2), (5, 4, 1), (5, 0, 0)] {
            assert_eq!(outcome(Phase::Rcpt, 550, Some(detail)), Outcome::SoftBounce);
        }
        assert_eq!(outcome(Phase::Rcpt, 550, None), Outcome::SoftBounce);
        assert_eq!(outcome(Phase::Dot, 554, None), Outcome::SoftBounce);
    }

    #[test]
    fn policy_content_size_and_sender_are_our_fault() {
        for detail in [(5, 1, 7), (5, 1, 8), (5, 3, 4), (5, 6, 0), (5, 7, 1), (5, 7, 515)] {
            assert_eq!(outcome(Phase::Rcpt, 550, Some(detail)), Outcome::OurFault);
            assert_eq!(outcome(Phase::Dot, 554, Some(detail)), Outcome::OurFault);
        }
        assert_eq!(outcome(Phase::Mail, 550, None), Outcome::OurFault);
        assert_eq!(outcome(Phase::Mail, 550, Some((5, 1, 1))), Outcome::OurFault);
        assert_eq!(outcome(Phase::Rcpt, 503, None), Outcome::OurFault);
    }

    #[test]
    fn a_status_of_the_wrong_class_is_not_believed() {
        assert_eq!(outcome(Phase::Rcpt, 550, Some((4, 1, 1))), Outcome::SoftBounce);
        assert_eq!(outcome(Phase::Rcpt, 450, Some((5, 1, 1))), Outcome::Retry);
    }

    #[test]
    fn temporary_refusals_are_tried_again_and_421_ends_the_session() {
        for phase in [Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Dot] {
            let verdict = of_reply(phase, 451, None);
            assert!(verdict.outcome == Outcome::Retry && verdict.keep_connection && !verdict.relay_fault);
            let verdict = of_reply(phase, 421, None);
            assert!(verdict.outcome == Outcome::Retry && !verdict.keep_connection);
        }
    }

    #[test]
    fn before_mail_and_for_want_of_a_login_the_relay_is_at_fault() {
        for (phase, code) in [(Phase::Greeting, 554), (Phase::Auth, 535), (Phase::Auth, 454), (Phase::Mail, 530)] {
            let verdict = of_reply(phase, code, Some((5, 7, 8)));
            assert!(verdict.outcome == Outcome::Retry && verdict.relay_fault && !verdict.keep_connection);
        }
    }

    #[test]
    fn an_unexpected_positive_reply_is_uncertain_only_after_the_dot() {
        assert_eq!(outcome(Phase::Data, 250, None), Outcome::Retry);
        assert_eq!(outcome(Phase::Dot, 354, None), Outcome::Uncertain);
        assert!(!of_reply(Phase::Data, 250, None).keep_connection);
    }
}
