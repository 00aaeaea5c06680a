//! Lenient JSON records: read one at a time, only the fields asked for, within a budget.
//!
//! A record never breaks its page: a field of the wrong type counts as missing, an unknown one
//! is skipped without being kept. Only broken JSON ends the reading.

mod parse;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
pub(super) use parse::{record, records};

use crate::model::{LocalDate, Timestamp};

/// One JSON value, without the fields nobody asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The last field of that name which is not null.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let Self::Map(fields) = self else { return None };
        fields.iter().rev().find(|(key, value)| key == name && *value != Self::Null).map(|(_, value)| value)
    }

    /// A text that says something; a number where an id is expected is read as its digits.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Self::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.0}")),
            _ => None,
        }
    }

    /// A count: an integer, a float (cut), or digits in a text. Negative ones count as missing.
    pub(super) fn count(&self, name: &str) -> Option<u32> {
        let number = match self.get(name)? {
            Self::Number(number) => *number,
            Self::Text(text) => text.trim().parse::<f64>().ok()?,
            _ => return None,
        };
        // The cast saturates at the top.
        (number.is_finite() && number >= 0.0).then_some(number as u32)
    }

    /// An RFC 3339 instant; without a zone it is taken as UTC, without a time as midnight.
    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        let text = text.trim();
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Some(at.to_utc());
        }
        let local = text.replacen(' ', "T", 1).parse::<NaiveDateTime>().ok();
        local.or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)).map(|local| local.and_utc())
    }

    /// The date that an instant or date begins with, taken as written, whatever its zone.
    pub(super) fn date(&self, name: &str) -> Option<LocalDate> {
        let text = self.text(name)?;
        text.trim().get(..10)?.parse().ok()
    }

    /// A list of texts, or of objects with a `name`; hidden ones are left out.
    pub(super) fn names(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Self::List(items)) => items.iter().filter_map(Self::name).collect(),
            Some(Self::Text(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Map(_) if self.get("hidden") == Some(&Self::Bool(true)) => None,
            Self::Map(_) => self.text("name"),
            _ => None,
        }
    }
}
