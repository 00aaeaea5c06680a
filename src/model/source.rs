//! Where papers come from, and how a visit there ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The short, stable name of a source as stored and as typed: `hugging-face`, `arxiv`, `import`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceName(String);

impl SourceName {
    /// Hugging Face Daily Papers.
    pub const HUGGING_FACE: &str = "hugging-face";
    /// arXiv's announcements.
    pub const ARXIV: &str = "arxiv";
    /// A file given to `papers import`.
    pub const IMPORT: &str = "import";

    /// Reads a name; `hugging_face` is read as `hugging-face`.
    pub fn new(name: &str) -> Self {
        Self(name.trim().to_ascii_lowercase().replace('_', "-"))
    }

    /// The name as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as readers know it.
    pub fn display(&self) -> &str {
        match self.0.as_str() {
            Self::HUGGING_FACE => "Hugging Face",
            Self::ARXIV => "arXiv",
            Self::IMPORT => "imported files",
            other => other,
        }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How one fetch run ended, as recorded with its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Everything asked for came and was stored.
    Complete,
    /// Some pages or items could not be used; the rest is stored.
    Partial,
    /// Nothing new: every answer was "not modified".
    NotModified,
    /// The source answered, and had nothing to announce (weekend, holiday).
    Empty,
    /// Nothing could be used; the error says why.
    Failed,
}

impl RunOutcome {
    /// The stored spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::NotModified => "not_modified",
            Self::Empty => "empty",
            Self::Failed => "failed",
        }
    }

    /// Reads the stored spelling; an unknown one counts as failed.
    pub fn from_stored(text: &str) -> Self {
        match text {
            "complete" => Self::Complete,
            "partial" => Self::Partial,
            "not_modified" => Self::NotModified,
            "empty" => Self::Empty,
            _ => Self::Failed,
        }
    }
}
