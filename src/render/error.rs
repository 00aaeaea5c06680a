//! What can go wrong between a typed context and a finished text.

use super::catalogue::WordsError;

/// Why something could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template does not compile, or asked for something its context does not have.
    #[error("template {template}: {}", explained(source))]
    Template {
        /// Its name, as under `templates/`.
        template: String,
        /// What the engine said, with the line.
        source: minijinja::Error,
    },
    /// The catalogue lacks a text or does not fit its use.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The catalogue is not a JSON object of texts.
    #[error("templates/locales/{language}.json: {source}")]
    Catalogue {
        /// The language tag in the file's name.
        language: String,
        /// Where the JSON went wrong.
        source: serde_json::Error,
    },
    /// An override names a template that the program does not have.
    #[error("there is no template named {0:?} to replace; the names are the paths under templates/")]
    UnknownTemplate(String),
    /// Even without papers the mail is larger than mail programs show.
    #[error("the HTML part has {bytes} bytes without any paper; the limit is {limit}: shorten the template")]
    TooLarge {
        /// Size of the smallest form.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl RenderError {
    pub(super) fn template(name: &str, source: minijinja::Error) -> Self {
        Self::Template { template: name.to_owned(), source }
    }
}

/// The engine keeps the reason of a failed import or extension in the source chain only.
fn explained(error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
