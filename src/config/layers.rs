//! Putting the layers of the configuration on top of each other, and remembering where each value came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::suggest::closest;
use super::{Config, DEFAULT_TOML};

/// Keys whose values are not shown.
const SECRETS: [&str; 5] =
    ["database.url", "mail.smtp_url", "security.secret_key", "security.previous_secret_keys", "admin.token"];
const PREFIX: &str = "BROADSHEET__";
const FILE_SUFFIX: &str = "_FILE";
const DEFAULT_FILE: &str = "broadsheet.toml";

/// Why there is no usable configuration. Each names the place and the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A named file cannot be read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not TOML.
    #[error("{path}: {error}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// A key that does not exist.
    #[error("{origin}: there is no setting {key:?}{}", suggestion.as_ref().map_or(String::new(), |s| format!("; did you mean {s:?}?")))]
    UnknownKey {
        /// File or environment variable.
        origin: String,
        /// What was written.
        key: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// A value of the wrong kind.
    #[error("{origin}: {key} should be {expected}, not {found}")]
    Kind {
        /// File or environment variable.
        origin: String,
        /// The key.
        key: String,
        /// What belongs there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A value outside its choices or range.
    #[error("configuration: {0}")]
    Value(String),
}

/// The environment as the configuration sees it: plain pairs.
#[derive(Debug, Clone, Default)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the place the rule points to")]
    pub fn process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// An environment of its own, for tests.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    /// The value of one variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The merged settings with the origin of each.
pub struct Layers {
    merged: Table,
    origins: BTreeMap<String, String>,
}

impl Layers {
    /// Reads defaults, file, environment and `overrides` (dotted key and value, from flags), in this order.
    ///
    /// The file is `file`, else the one `BROADSHEET_CONFIG` names, else `broadsheet.toml` if there is one.
    ///
    /// # Errors
    ///
    /// A file that was named and cannot be read, unknown keys, values of the wrong kind.
    pub fn read(
        file: Option<&Path>,
        environment: &Environment,
        overrides: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let mut layers = Self { merged: defaults()?, origins: BTreeMap::new() };
        let named = file.map(Path::to_owned).or_else(|| environment.get("BROADSHEET_CONFIG").map(PathBuf::from));
        if let Some(path) = named.or_else(|| Path::new(DEFAULT_FILE).exists().then(|| DEFAULT_FILE.into())) {
            layers.add_file(&path)?;
        }
        layers.add_environment(environment)?;
        layers.add_overrides(overrides)?;
        Ok(layers)
    }

    /// The defaults with `overrides`, and nothing from the machine it runs on.
    pub fn defaults_with(overrides: &[(&str, String)]) -> Result<Self, ConfigError> {
        let mut layers = Self { merged: defaults()?, origins: BTreeMap::new() };
        layers.add_overrides(overrides)?;
        Ok(layers)
    }

    fn add_overrides(&mut self, overrides: &[(&str, String)]) -> Result<(), ConfigError> {
        overrides.iter().try_for_each(|(key, value)| self.set_text(key, value, "command line"))
    }

    /// The settings as typed values.
    pub fn config(&self) -> Result<Config, ConfigError> {
        self.merged
            .clone()
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Value(error.to_string().trim().replace('\n', " ")))
    }

    /// Every key in order with its value (secrets hidden) and where it came from.
    pub fn shown(&self) -> Vec<(String, String, String)> {
        let mut shown = Vec::new();
        walk(&self.merged, "", &mut |key, value| {
            let text = if SECRETS.contains(&key) && !is_empty(value) && !is_plain_sqlite(key, value) {
                "\"(hidden)\"".to_owned()
            } else {
                value.to_string()
            };
            let origin = self.origins.get(key).map_or("default", String::as_str);
            shown.push((key.to_owned(), text, origin.to_owned()));
        });
        shown
    }

    fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File { path: path.to_owned(), error })?;
        let table: Table =
            text.parse().map_err(|error| ConfigError::Syntax { path: path.to_owned(), error: Box::new(error) })?;
        let origin = path.display().to_string();
        let mut entries = Vec::new();
        walk(&table, "", &mut |key, value| entries.push((key.replace('-', "_"), value.clone())));
        for (key, value) in entries {
            self.set(&key, value, &origin)?;
        }
        Ok(())
    }

    fn add_environment(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        for (name, text) in &environment.0 {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let key = rest.to_ascii_lowercase().replace("__", ".");
            match key.strip_suffix(&FILE_SUFFIX.to_ascii_lowercase()) {
                Some(secret) if find(&self.merged, &key).is_none() && find(&self.merged, secret).is_some() => {
                    let path = PathBuf::from(text);
                    let content = std::fs::read_to_string(&path).map_err(|error| ConfigError::File { path, error })?;
                    self.set_text(secret, content.trim_end(), name)?;
                }
                _ => self.set_text(&key, text, name)?,
            }
        }
        Ok(())
    }

    /// Sets a key from plain text, read as the kind of value the key has.
    fn set_text(&mut self, key: &str, text: &str, origin: &str) -> Result<(), ConfigError> {
        let value = match find(&self.merged, key) {
            Some(Value::Boolean(_)) => text.parse().map(Value::Boolean).ok(),
            Some(Value::Integer(_)) => text.parse().map(Value::Integer).ok(),
            Some(Value::Array(_)) => Some(list(text)),
            _ => None,
        };
        self.set(key, value.unwrap_or_else(|| Value::String(text.to_owned())), origin)
    }

    fn set(&mut self, key: &str, value: Value, origin: &str) -> Result<(), ConfigError> {
        let Some(place) = find_mut(&mut self.merged, key) else {
            let suggestion = self.suggestion(key);
            return Err(ConfigError::UnknownKey { origin: origin.to_owned(), key: key.to_owned(), suggestion });
        };
        if place.type_str() != value.type_str() {
            return Err(ConfigError::Kind {
                origin: origin.to_owned(),
                key: key.to_owned(),
                expected: kind_name(place),
                found: if SECRETS.contains(&key) { "that".to_owned() } else { value.to_string() },
            });
        }
        *place = value;
        self.origins.insert(key.to_owned(), origin.to_owned());
        Ok(())
    }

    fn suggestion(&self, key: &str) -> Option<String> {
        let mut known = Vec::new();
        walk(&self.merged, "", &mut |key, _| known.push(key.to_owned()));
        let whole = closest(key, known.iter().map(String::as_str)).map(str::to_owned);
        whole.or_else(|| {
            let section = closest(key.split('.').next()?, self.merged.keys().map(String::as_str))?;
            Some(format!("{section}.…"))
        })
    }
}

fn defaults() -> Result<Table, ConfigError> {
    DEFAULT_TOML
        .parse()
        .map_err(|error| ConfigError::Syntax { path: "config/default.toml".into(), error: Box::new(error) })
}

/// A list from the environment: TOML when it looks like it, else words between commas.
fn list(text: &str) -> Value {
    if text.trim_start().starts_with('[')
        && let Ok(mut table) = format!("list = {text}").parse::<Table>()
        && let Some(value) = table.remove("list")
    {
        return value;
    }
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    Value::Array(words.map(|word| Value::String(word.to_owned())).collect())
}

fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section of its own",
        Value::Float(_) | Value::Datetime(_) => "a value of another kind",
    }
}

fn walk(table: &Table, prefix: &str, visit: &mut dyn FnMut(&str, &Value)) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) => walk(inner, &key, visit),
            other => visit(&key, other),
        }
    }
}

fn find<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((section, rest)) => find(table.get(section)?.as_table()?, rest),
        None => table.get(key).filter(|value| !value.is_table()),
    }
}

fn find_mut<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Value> {
    match key.split_once('.') {
        Some((section, rest)) => find_mut(table.get_mut(section)?.as_table_mut()?, rest),
        None => table.get_mut(key).filter(|value| !value.is_table()),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

fn is_plain_sqlite(key: &str, value: &Value) -> bool {
    key == "database.url" && value.as_str().is_some_and(|url| url.starts_with("sqlite:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("broadsheet.toml");
        std::fs::write(&path, text).expect("written");
        (folder, path)
    }

    #[test]
    fn the_defaults_are_a_configuration() {
        let config =
            Layers::read(None, &Environment::default(), &[]).and_then(|layers| layers.config()).expect("valid");
        assert_eq!(config.digest.time, "07:00");
        assert!(super::super::check(&config).is_empty());
    }

    #[test]
    fn flags_beat_environment_beats_file_beats_defaults() {
        let (_folder, path) = file("[site]\nname = \"File\"\ncontact = \"file\"\n[http]\nlisten = \"127.0.0.1:1\"\n");
        let environment =
            Environment::of(&[("BROADSHEET__SITE__NAME", "Environment"), ("BROADSHEET__HTTP__LISTEN", "127.0.0.1:2")]);
        let layers =
            Layers::read(Some(&path), &environment, &[("http.listen", "127.0.0.1:3".to_owned())]).expect("valid");
        let config = layers.config().expect("typed");
        assert_eq!((config.site.contact.as_str(), config.site.name.as_str()), ("file", "Environment"));
        assert_eq!(config.http.listen, "127.0.0.1:3");
        let origin = |key: &str| layers.shown().into_iter().find(|shown| shown.0 == key).expect("shown").2;
        assert_eq!(origin("site.name"), "BROADSHEET__SITE__NAME");
        assert_eq!(origin("digest.limit"), "default");
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let (_folder, path) = file("[digest]\ntimezon = \"UTC\"\n");
        let error = Layers::read(Some(&path), &Environment::default(), &[]).err().expect("refused").to_string();
        assert!(error.contains("\"digest.timezon\"") && error.contains("\"digest.timezone\""), "{error}");
    }

    #[test]
    fn a_misspelt_section_is_recognised_whatever_stands_in_it() {
        let (_folder, path) = file("[mial]\nx = 1\n");
        let error = Layers::read(Some(&path), &Environment::default(), &[]).err().expect("refused").to_string();
        assert!(error.contains("\"mail.…\""), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_kind_names_its_place() {
        let environment = Environment::of(&[("BROADSHEET__DIGEST__LIMIT", "ten")]);
        let error = Layers::read(None, &environment, &[]).err().expect("refused").to_string();
        assert_eq!(error, "BROADSHEET__DIGEST__LIMIT: digest.limit should be a whole number, not \"ten\"");
    }

    #[test]
    fn a_choice_that_does_not_exist_is_refused() {
        let environment = Environment::of(&[("BROADSHEET__MAIL__TRANSPORT", "pigeon")]);
        let layers = Layers::read(None, &environment, &[]).expect("texts");
        let error = layers.config().err().expect("refused").to_string();
        assert!(error.contains("pigeon") && error.contains("smtp"), "{error}");
    }

    #[test]
    fn secrets_come_from_files_and_are_never_shown() {
        let (_folder, path) = file("it is a secret of more than 32 letters\n");
        let environment = Environment::of(&[("BROADSHEET__SECURITY__SECRET_KEY_FILE", path.to_str().expect("text"))]);
        let layers = Layers::read(None, &environment, &[]).expect("valid");
        assert_eq!(layers.config().expect("typed").security.secret_key, "it is a secret of more than 32 letters");
        assert!(layers.shown().iter().all(|(_, value, _)| !value.contains("it is a secret")));
    }

    #[test]
    fn lists_and_both_spellings_of_hugging_face_are_read() {
        let (_folder, path) = file("[sources.hugging-face]\nenabled = false\n");
        let environment = Environment::of(&[("BROADSHEET__SOURCES__ARXIV__CATEGORIES", "cs.CL, math.CO")]);
        let config = Layers::read(Some(&path), &environment, &[]).and_then(|layers| layers.config()).expect("valid");
        assert!(!config.sources.hugging_face.enabled);
        assert_eq!(config.sources.arxiv.categories, ["cs.CL", "math.CO"]);
    }
}
