//! What is wrong with an interest, where, and what was probably meant.

/// Why an interest was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("character {column}: {message}{}", suggestion.as_ref().map(|text| format!("; try: {text}")).unwrap_or_default())]
pub struct QueryError {
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// Where, in characters counted from 1.
    pub column: usize,
    /// What to write instead.
    pub suggestion: Option<String>,
}

impl QueryError {
    pub(in crate::matcher) fn new(column: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), column, suggestion: None }
    }

    pub(in crate::matcher) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    pub(in crate::matcher) fn shifted(mut self, characters: usize) -> Self {
        self.column += characters;
        self
    }
}
