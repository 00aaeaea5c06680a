//! Subscribers from a file: JSON Lines or CSV.

use serde::Deserialize;

use super::people::PersonChange;
use super::{App, AppError};
use crate::model::SubscriberState;

/// What taking in a file of subscribers came to.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct RosterReport {
    /// People added.
    pub added: usize,
    /// Lines that could not be used.
    pub bad: usize,
    /// Line and reason of each.
    pub problems: Vec<String>,
}

/// One line of the file.
#[derive(Debug, Deserialize)]
struct Entry {
    email: String,
    #[serde(default)]
    interests: Interests,
    timezone: Option<String>,
    time: Option<String>,
    every: Option<String>,
    limit: Option<u16>,
    quiet_day: Option<String>,
    trending: Option<bool>,
    language: Option<String>,
    state: Option<String>,
}

/// A list, or in CSV one text with interests between semicolons.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Interests {
    List(Vec<String>),
    Text(String),
}

impl Default for Interests {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Interests {
    fn into_lines(self) -> Vec<String> {
        match self {
            Self::List(lines) => lines,
            Self::Text(text) => {
                text.split(';').map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
            }
        }
    }
}

impl App {
    /// Adds every subscriber of a file; a bad line is named and leaves the others alone.
    ///
    /// They come by the operator's word: active at once, unless the line says `"state": "pending"`
    /// (who then, with `ask`, gets a confirmation mail) or `"paused"`.
    pub async fn import_people(&self, bytes: &[u8], ask: bool) -> Result<RosterReport, AppError> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| AppError::Failed(format!("the file is not UTF-8: {error}")))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let entries = if text.trim_start().starts_with('{') { json_lines(text) } else { csv_records(text)? };
        let mut report = RosterReport::default();
        for (line, entry) in entries {
            let done = match entry {
                Ok(entry) => self.add_entry(entry, ask).await,
                Err(reason) => Err(AppError::Usage(reason)),
            };
            match done {
                Ok(()) => report.added += 1,
                Err(error @ (AppError::Usage(_) | AppError::Failed(_))) => {
                    report.bad += 1;
                    report.problems.push(format!("line {line}: {error}"));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(report)
    }

    async fn add_entry(&self, entry: Entry, ask: bool) -> Result<(), AppError> {
        let state = match entry.state.as_deref() {
            None | Some("" | "active") => SubscriberState::Active,
            Some("pending") => SubscriberState::Pending,
            Some("paused") => SubscriberState::Paused,
            Some(other) => return Err(AppError::Usage(format!("state: {other:?} is not active, pending or paused"))),
        };
        let set = |text: Option<String>| text.filter(|text| !text.is_empty());
        let change = PersonChange {
            interests: Some(entry.interests.into_lines()),
            timezone: set(entry.timezone),
            time: set(entry.time),
            every: set(entry.every),
            limit: entry.limit,
            quiet_day: set(entry.quiet_day),
            trending: entry.trending,
            language: set(entry.language),
        };
        self.add_person_as(&entry.email, &change, state, ask).await.map(drop)
    }
}

type Entries = Vec<(usize, Result<Entry, String>)>;

fn json_lines(text: &str) -> Entries {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| (number + 1, serde_json::from_str(line).map_err(|error| error.to_string())))
        .collect()
}

fn csv_records(text: &str) -> Result<Entries, AppError> {
    // With line ends of two characters the reader counts a record among the lines before it.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| AppError::Failed(error.to_string()))?.clone();
    if !headers.iter().any(|header| header == "email") {
        return Err(AppError::Failed(
            "the file is neither JSON Lines nor CSV with a header line that names at least \"email\"".to_owned(),
        ));
    }
    let mut entries = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(|error| AppError::Failed(error.to_string()))?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        entries.push((line, record.deserialize(Some(&headers)).map_err(|error| error.to_string())));
    }
    Ok(entries)
}
