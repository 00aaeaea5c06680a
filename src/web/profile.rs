//! Profiles as forms show and change them: what was understood of each line, and what to do about the rest.

use crate::matcher::{Acronyms, Query, check_profile};
use crate::render::pages::LineView;

/// The most characters of a profile: a hundred lines of 256 with room for comments.
pub(super) const LONGEST: usize = 40_000;

/// What was understood of each line of a profile.
pub(super) struct Reading {
    /// Line by line; blank lines and comments are left out.
    pub lines: Vec<LineView>,
    /// Why the profile as a whole is refused.
    pub error: Option<String>,
    /// Whether it only says what is not wanted.
    pub only_exclusions: bool,
}

impl Reading {
    /// Whether every line was understood.
    pub fn is_good(&self) -> bool {
        self.error.is_none() && self.lines.iter().all(|line| line.error.is_none())
    }
}

/// Reads a profile as a form sent it.
pub(super) fn read(text: &str) -> Reading {
    if text.chars().nth(LONGEST).is_some() {
        let error = format!("this is too long: at most {LONGEST} characters");
        return Reading { lines: Vec::new(), error: Some(error), only_exclusions: false };
    }
    let report = check_profile(text);
    let lines = report
        .lines
        .into_iter()
        .map(|line| {
            let (number, text) = (line.number, line.text);
            match line.result {
                Ok(canonical) => LineView { canonical: Some(canonical), ..line_view(number, text) },
                Err(refused) => LineView {
                    error: Some(refused.message),
                    column: refused.column,
                    suggestion: refused.suggestion,
                    ..line_view(number, text)
                },
            }
        })
        .collect();
    Reading { lines, error: None, only_exclusions: report.only_exclusions }
}

fn line_view(number: usize, text: String) -> LineView {
    LineView {
        number,
        text,
        canonical: None,
        error: None,
        column: 0,
        suggestion: None,
        also: Vec::new(),
        forecast: None,
        warning: None,
    }
}

/// Says beside each line that was understood what it also finds.
pub(super) fn add_synonyms(lines: &mut [LineView], acronyms: &Acronyms) {
    for line in lines {
        if let Some(query) = query_of(line) {
            line.also = acronyms.also(&query);
        }
    }
}

/// What a line asks for, whether it includes or excludes.
pub(super) fn query_of(line: &LineView) -> Option<Query> {
    let canonical = line.canonical.as_deref()?;
    Query::parse(canonical.strip_prefix('-').unwrap_or(canonical)).ok()
}

/// Browsers end lines with CR LF; profiles are kept with LF, and without blank ends.
pub(super) fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r').trim_end()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The canonical form of one line, if it can be understood.
pub(super) fn canonical(line: &str) -> Option<String> {
    match read(line) {
        reading if reading.is_good() => reading.lines.into_iter().next()?.canonical,
        _ => None,
    }
}
