use chrono::DateTime;

use super::*;

fn at(hours: i64) -> Timestamp {
    DateTime::from_timestamp(1_764_000_000 + hours * 3600, 0).expect("valid")
}

fn report(outcome: RunOutcome) -> SourceReport {
    SourceReport {
        source: SourceName::new("arxiv"),
        enabled: true,
        papers: 0,
        last_success: Some(at(-2)),
        last_outcome: Some(outcome),
        failing_since: None,
        announcing: Announcing::Expected,
    }
}

fn state(report: &SourceReport) -> SourceState {
    source_state(report, at(0))
}

#[test]
fn a_source_with_papers_is_fresh_whatever_happened_since() {
    for outcome in [RunOutcome::Complete, RunOutcome::Partial, RunOutcome::NotModified, RunOutcome::Failed] {
        let fresh = SourceReport { papers: 4, announcing: Announcing::Weekend, ..report(outcome) };
        assert_eq!(state(&fresh), SourceState::Fresh);
    }
}

#[test]
fn quiet_late_weekend_and_holiday_are_told_apart() {
    assert_eq!(state(&report(RunOutcome::Empty)), SourceState::Quiet);
    assert_eq!(state(&report(RunOutcome::NotModified)), SourceState::Late);
    assert_eq!(state(&report(RunOutcome::Complete)), SourceState::Late);
    for (announcing, expected) in
        [(Announcing::Weekend, SourceState::Weekend), (Announcing::Holiday, SourceState::Holiday)]
    {
        for outcome in [RunOutcome::Empty, RunOutcome::NotModified, RunOutcome::Complete] {
            assert_eq!(state(&SourceReport { announcing, ..report(outcome) }), expected);
        }
    }
}

#[test]
fn a_broken_source_is_not_excused_by_the_calendar() {
    let broken = SourceReport { announcing: Announcing::Holiday, ..report(RunOutcome::Failed) };
    assert_eq!(state(&broken), SourceState::Unreachable);
}

#[test]
fn a_source_not_read_for_long_or_ever_is_unreachable() {
    let stale = SourceReport { last_success: Some(at(-37)), ..report(RunOutcome::Empty) };
    assert_eq!(state(&stale), SourceState::Unreachable);
    let never = SourceReport { last_success: None, last_outcome: None, ..report(RunOutcome::Empty) };
    assert_eq!(state(&never), SourceState::Unreachable);
}

#[test]
fn figures_say_since_when_a_source_is_broken_and_leave_out_silent_ones_switched_off() {
    let broken = SourceReport { failing_since: Some(at(-1)), ..report(RunOutcome::Failed) };
    let off = SourceReport { source: SourceName::new("feed"), enabled: false, ..report(RunOutcome::Empty) };
    let imported = SourceReport { source: SourceName::new("import"), enabled: false, papers: 3, ..off.clone() };
    let built = figures(3, &[broken, off, imported], at(0));
    assert_eq!(built.looked_at, 3);
    let seen: Vec<_> = built.sources.iter().map(|s| (s.source.as_str(), s.papers, s.state, s.since)).collect();
    let expected = [("arxiv", 0, SourceState::Unreachable, Some(at(-1))), ("import", 3, SourceState::Fresh, None)];
    assert_eq!(seen, expected);
}
