//! The figures behind the status line: what was looked at, and how each source stood.

#[cfg(test)]
mod tests;

use chrono::TimeDelta;

use crate::model::{Figures, RunOutcome, SourceFigures, SourceName, SourceState, Timestamp};

/// A source not read for longer than this counts as unreachable, even if no visit failed.
pub const STALE_AFTER: TimeDelta = TimeDelta::hours(36);

/// Whether the shipped calendar expects a source to announce papers in the window of an edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcing {
    /// As on any day.
    Expected,
    /// Not at the weekend.
    Weekend,
    /// Not on a holiday of the source.
    Holiday,
}

/// What is known about one source when an edition is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    /// The source.
    pub source: SourceName,
    /// Whether it is switched on.
    pub enabled: bool,
    /// New papers of this source in the window.
    pub papers: u32,
    /// When a visit last ended in anything but failure.
    pub last_success: Option<Timestamp>,
    /// How the last visit ended, if there ever was one.
    pub last_outcome: Option<RunOutcome>,
    /// When the unbroken run of failures that goes on until now began.
    pub failing_since: Option<Timestamp>,
    /// What the calendar says about the window.
    pub announcing: Announcing,
}

/// How a source stood at `now`.
///
/// Papers in the window outweigh a later failed visit: the source has answered since the previous edition.
pub fn source_state(report: &SourceReport, now: Timestamp) -> SourceState {
    if report.papers > 0 {
        return SourceState::Fresh;
    }
    let outcome = match report.last_outcome {
        None | Some(RunOutcome::Failed) => return SourceState::Unreachable,
        Some(outcome) => outcome,
    };
    match report.announcing {
        Announcing::Weekend => return SourceState::Weekend,
        Announcing::Holiday => return SourceState::Holiday,
        Announcing::Expected => {}
    }
    let stale = report.last_success.is_none_or(|at| now.signed_duration_since(at) > STALE_AFTER);
    match outcome {
        _ if stale => SourceState::Unreachable,
        RunOutcome::Empty => SourceState::Quiet,
        _ => SourceState::Late,
    }
}

/// The figures of an edition except for what concerns the reader alone
/// (`matched`, `has_interests`, `unknown_edition`), which start out empty.
///
/// Sources appear in the order given: those switched on, and those that brought papers.
pub fn figures(looked_at: u32, reports: &[SourceReport], now: Timestamp) -> Figures {
    let shown = reports.iter().filter(|report| report.enabled || report.papers > 0);
    let sources = shown.map(|report| source_figures(report, now)).collect();
    Figures { looked_at, sources, ..Figures::default() }
}

fn source_figures(report: &SourceReport, now: Timestamp) -> SourceFigures {
    let state = source_state(report, now);
    let since = match state {
        SourceState::Unreachable => report.failing_since.or(report.last_success),
        _ => None,
    };
    SourceFigures { source: report.source.clone(), papers: report.papers, state, since }
}
