//! What the end of a dialogue says about the group it was with.

use crate::mailer::Refusal;
use crate::model::Phase;

/// What the end of a dialogue says about the group of the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The mail was taken, or refused for its recipient's sake (no such address, mailbox full): the group serves.
    Served,
    /// Neither: greylisting, a mail stopped at the fence, a relay that could not be used.
    Neutral,
    /// The group wants less: 421, 4.7.x, a connection that was cut or timed out during the dialogue.
    Pushed,
    /// Refused for good by policy (5.7.x): served as for speed, and counted for the breaker.
    Refused57,
}

impl Signal {
    /// What a refusal says.
    ///
    /// 450 and 451 with 4.7.1 are how greylisting answers (RFC 6647, 5.1 leaves the choice of the code); the first
    /// try of every new recipient would narrow the window of a group that is quick and willing, so it is neutral.
    pub fn of(refusal: &Refusal) -> Self {
        if refusal.relay_fault || refusal.phase < Phase::Mail || refusal.phase == Phase::Fence {
            return Self::Neutral;
        }
        match (refusal.code, refusal.enhanced) {
            (None, _) => Self::of_silence(refusal),
            (Some(421), _) => Self::Pushed,
            (Some(450 | 451), Some((4, 7, 1))) => Self::Neutral,
            (Some(400..=499), Some((4, 7, _))) => Self::Pushed,
            (Some(500..=599), Some((5, 7, _))) => Self::Refused57,
            // Full mailboxes and the like. Before RCPT nobody knows whose mail it is.
            (Some(400..=599), _) if refusal.phase > Phase::Mail => Self::Served,
            _ => Self::Neutral,
        }
    }

    /// A mail that was not fit to be sent ends without a reply as well, and leaves the session usable or unopened.
    fn of_silence(refusal: &Refusal) -> Self {
        use crate::model::Outcome::{Retry, Uncertain};
        if matches!(refusal.outcome, Retry | Uncertain) { Self::Pushed } else { Self::Neutral }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailer::Enhanced;
    use crate::model::Outcome;

    fn signal(phase: Phase, code: Option<u16>, enhanced: Option<Enhanced>) -> Signal {
        let outcome = if phase == Phase::Dot { Outcome::Uncertain } else { Outcome::Retry };
        let (text, relay_fault) = (String::new(), phase <= Phase::Auth);
        Signal::of(&Refusal { phase, code, enhanced, text, outcome, keep_connection: false, relay_fault })
    }

    #[test]
    fn distress_is_told_from_greylisting_and_from_refusals_of_one_recipient() {
        let rcpt = Phase::Rcpt;
        assert_eq!(signal(rcpt, Some(421), None), Signal::Pushed);
        assert_eq!(signal(rcpt, Some(421), Some((4, 7, 1))), Signal::Pushed);
        assert_eq!(signal(Phase::Dot, Some(451), Some((4, 7, 650))), Signal::Pushed);
        assert_eq!(signal(rcpt, Some(450), Some((4, 7, 1))), Signal::Neutral);
        assert_eq!(signal(rcpt, Some(452), Some((4, 2, 2))), Signal::Served);
        assert_eq!(signal(rcpt, Some(550), Some((5, 1, 1))), Signal::Served);
        assert_eq!(signal(Phase::Dot, Some(554), Some((5, 7, 1))), Signal::Refused57);
    }

    #[test]
    fn a_cut_counts_during_the_dialogue_of_a_mail_alone() {
        for phase in [Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Dot] {
            assert_eq!(signal(phase, None, None), Signal::Pushed, "{phase:?}");
        }
        for phase in [Phase::Connect, Phase::Greeting, Phase::Auth, Phase::Fence] {
            assert_eq!(signal(phase, None, None), Signal::Neutral, "{phase:?}");
        }
        assert_eq!(signal(Phase::Mail, Some(452), Some((4, 3, 1))), Signal::Neutral);
    }
}
