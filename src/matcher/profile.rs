//! A profile: interests and exclusions, one a line, as a person wrote them.

use super::query::{Boost, Query, QueryError};

/// The most interests and exclusions one profile can have.
pub const MAX_INTERESTS: usize = 100;

/// What a subscriber reads about; the lines that could be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub(super) interests: Vec<Interest>,
    pub(super) exclusions: Vec<Interest>,
}

/// One line, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interest {
    /// Canonical text without boost.
    pub canonical: String,
    pub query: Query,
    pub boost: Boost,
}

impl Profile {
    /// Reads a profile for matching: lines that cannot be understood are passed over,
    /// as [`check_profile`] told their writer. Of equal interests the one that counts most stays.
    pub fn from_text(text: &str) -> Self {
        let mut profile = Self::default();
        for (_, line) in lines(text) {
            if profile.len() == MAX_INTERESTS {
                break;
            }
            match read_line(line) {
                Ok(Line::Interest(query)) => add(&mut profile.interests, query),
                Ok(Line::Exclusion(query)) => add(&mut profile.exclusions, query),
                Err(_) => {}
            }
        }
        profile
    }

    /// Whether it has no interests; then the digest is the day's trending papers.
    pub fn is_empty(&self) -> bool {
        self.interests.is_empty()
    }

    /// How many interests and exclusions there are.
    pub fn len(&self) -> usize {
        self.interests.len() + self.exclusions.len()
    }

    /// The canonical interests without their boosts, in the order written.
    pub fn interests(&self) -> impl Iterator<Item = &str> {
        self.interests.iter().map(|interest| interest.canonical.as_str())
    }
}

fn add(list: &mut Vec<Interest>, query: Query) {
    let canonical = query.interest();
    let boost = query.boost();
    match list.iter_mut().find(|known| known.canonical == canonical) {
        Some(known) => known.boost = known.boost.max(boost),
        None => list.push(Interest { canonical, query, boost }),
    }
}

/// What was made of one line of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineReport {
    /// Counted from 1, blank lines and comments included.
    pub number: usize,
    /// The line as written, without the spaces around it.
    pub text: String,
    /// Its canonical form (an exclusion with its minus), or what is wrong; columns count in `text`.
    pub result: Result<String, QueryError>,
}

/// What was made of a profile, line by line; blank lines and comments are not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileReport {
    /// One entry for each line with an interest or an exclusion.
    pub lines: Vec<LineReport>,
    /// Whether there are exclusions and nothing to look for.
    pub only_exclusions: bool,
}

impl ProfileReport {
    /// Whether every line was understood.
    pub fn is_ok(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The lines that were not understood.
    pub fn errors(&self) -> impl Iterator<Item = (&LineReport, &QueryError)> {
        self.lines.iter().filter_map(|line| line.result.as_ref().err().map(|error| (line, error)))
    }
}

/// Reads a profile for its writer: says of each line what was understood, or what is wrong.
pub fn check_profile(text: &str) -> ProfileReport {
    let mut report = ProfileReport::default();
    let mut understood = 0;
    let mut interests = 0;
    for (number, line) in lines(text) {
        let result = match read_line(line) {
            Ok(_) if understood == MAX_INTERESTS => {
                Err(QueryError::new(1, format!("a profile has at most {MAX_INTERESTS} interests and exclusions")))
            }
            Ok(Line::Interest(query)) => {
                understood += 1;
                interests += 1;
                Ok(query.to_string())
            }
            Ok(Line::Exclusion(query)) => {
                understood += 1;
                Ok(format!("-{query}"))
            }
            Err(error) => Err(error),
        };
        report.lines.push(LineReport { number, text: line.to_owned(), result });
    }
    report.only_exclusions = understood > 0 && interests == 0;
    report
}

/// The lines that say something, with their numbers, counted from 1.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

enum Line {
    Interest(Query),
    Exclusion(Query),
}

fn read_line(line: &str) -> Result<Line, QueryError> {
    let Some(rest) = line.strip_prefix(['-', '−', '–']) else {
        return Query::parse(line).map(Line::Interest);
    };
    if rest.starts_with(char::is_whitespace) {
        let message = "a minus at the beginning excludes; it must touch its word, and a list needs no signs";
        return Err(QueryError::new(1, message).suggest(format!("-{0}, or {0}", rest.trim_start())));
    }
    let query = Query::parse(rest).map_err(|error| error.shifted(1))?;
    if query.has_boost() {
        return Err(QueryError::new(1, "an exclusion has no boost; leave the `^` out"));
    }
    Ok(Line::Exclusion(query))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# my interests\n\nDiffusion Models^2\n-survey\ntitel:agents\n  \"state of the art\"  \n";

    #[test]
    fn each_line_is_understood_or_refused_on_its_own() {
        let report = check_profile(TEXT);
        let seen: Vec<(usize, String)> = report
            .lines
            .iter()
            .map(|line| (line.number, line.result.clone().unwrap_or_else(|error| error.suggestion.unwrap_or_default())))
            .collect();
        let expected = [(3, "diffusion models^2"), (4, "-survey"), (5, "title:"), (6, "\"state of the art\"")];
        assert_eq!(seen, expected.map(|(number, text)| (number, text.to_owned())));
        assert!(!report.is_ok() && !report.only_exclusions);
        assert!(check_profile("-survey").only_exclusions);
    }

    #[test]
    fn matching_passes_over_what_was_refused() {
        let profile = Profile::from_text(TEXT);
        assert_eq!(profile.interests().collect::<Vec<_>>(), ["diffusion models", "\"state of the art\""]);
        assert_eq!(profile.len(), 3);
        assert!(Profile::from_text("-survey\n").is_empty());
    }

    #[test]
    fn of_equal_interests_the_strongest_stays() {
        let profile = Profile::from_text("llm\nLLM^3\nllm^0.5");
        assert_eq!(profile.interests[0].boost.tenths(), 30);
        assert_eq!(profile.len(), 1);
    }

    #[test]
    fn the_hundred_and_first_interest_is_refused() {
        let text: String = (0..101).map(|n| format!("topic{n}\n")).collect();
        let report = check_profile(&text);
        assert_eq!(report.errors().map(|(line, _)| line.number).collect::<Vec<_>>(), [101]);
        assert_eq!(Profile::from_text(&text).len(), MAX_INTERESTS);
    }

    #[test]
    fn a_list_with_dashes_is_not_taken_for_exclusions() {
        let report = check_profile("- robots\n-reviews^2");
        let errors: Vec<usize> = report.errors().map(|(line, _)| line.number).collect();
        assert_eq!(errors, [1, 2]);
    }

    #[test]
    fn columns_of_an_exclusion_count_its_minus() {
        let report = check_profile("-titel:x");
        assert_eq!(report.errors().map(|(_, error)| error.column).collect::<Vec<_>>(), [2]);
    }
}
