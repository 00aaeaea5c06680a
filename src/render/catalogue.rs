//! The words of one language: texts by key, with placeholders and plural forms.
//!
//! `templates/locales/<language>.json` maps keys to a text, or to `{"one": ..., "other": ...}` when it
//! counts something. `{name}` in a text is a placeholder. A missing key or placeholder is an error:
//! a mail with a hole in it is worse than none.

use std::collections::HashMap;
use std::fmt::{Display, Write as _};

use serde::Deserialize;

/// The catalogue of one language.
#[derive(Debug, Clone)]
pub struct Words {
    language: String,
    entries: HashMap<String, Entry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Entry {
    Text(String),
    Counted(Counted),
}

/// The two plural forms of the languages shipped (CLDR names).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    one: String,
    other: String,
}

/// Why the catalogue could not say something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// No such key.
    #[error("the {language} catalogue has no text {key:?}")]
    Missing {
        /// Language tag.
        language: String,
        /// The key asked for.
        key: String,
    },
    /// A counted text was asked for without `n`.
    #[error("the text {0:?} has plural forms and needs n")]
    Uncounted(String),
    /// The text has a placeholder that was not given, or an unclosed brace.
    #[error("the text {key:?} has the placeholder {placeholder:?}, and nothing to put there")]
    Placeholder {
        /// The key.
        key: String,
        /// The name between the braces.
        placeholder: String,
    },
}

impl Words {
    /// Reads a catalogue from its JSON.
    pub(super) fn parse(language: &str, json: &str) -> Result<Self, serde_json::Error> {
        Ok(Self { language: language.to_owned(), entries: serde_json::from_str(json)? })
    }

    /// The language tag, such as `en`.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The text under `key` with its placeholders filled.
    ///
    /// # Errors
    ///
    /// A missing key, a text that counts, a placeholder without a value.
    pub fn say(&self, key: &str, args: &[(&str, &dyn Display)]) -> Result<String, WordsError> {
        self.fill(key, None, |name, out| put(args, name, out))
    }

    /// The text under `key`, which has no placeholders.
    ///
    /// # Errors
    ///
    /// A missing key, a text that counts.
    pub(super) fn text(&self, key: &str) -> Result<&str, WordsError> {
        self.form(key, None)
    }

    /// The text under `key` in the plural form for `n`; `{n}` is the number with its digits grouped.
    ///
    /// # Errors
    ///
    /// A missing key or a placeholder without a value.
    pub fn count(&self, key: &str, n: u64, args: &[(&str, &dyn Display)]) -> Result<String, WordsError> {
        self.fill(key, Some(n), |name, out| match name {
            "n" => {
                self.write_number(n, out);
                true
            }
            _ => put(args, name, out),
        })
    }

    /// "a", "a and b", "a, b and c".
    ///
    /// # Errors
    ///
    /// A catalogue without `list.and`.
    pub fn list(&self, names: &[impl AsRef<str>]) -> Result<String, WordsError> {
        match names {
            [] => Ok(String::new()),
            [only] => Ok(only.as_ref().to_owned()),
            [first, last] => self.say("list.and", &[("first", &first.as_ref()), ("last", &last.as_ref())]),
            [head @ .., last] => {
                let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
                self.say("list.and", &[("first", &head.join(", ")), ("last", &last.as_ref())])
            }
        }
    }

    /// `n` with its digits in groups of three.
    pub fn number(&self, n: u64) -> String {
        let mut number = String::new();
        self.write_number(n, &mut number);
        number
    }

    /// The same at the end of another text.
    pub(super) fn write_number(&self, n: u64, out: &mut String) {
        let begins = out.len();
        // Writing to a String cannot fail.
        let _ = write!(out, "{n}");
        let Some(Entry::Text(mark)) = self.entries.get("number.group") else { return };
        for at in (begins + 1..out.len()).rev().skip(2).step_by(3) {
            out.insert_str(at, mark);
        }
    }

    /// The text under `key`; `put` appends what belongs in the place of a name, if it knows that.
    pub(super) fn fill(
        &self,
        key: &str,
        n: Option<u64>,
        mut put: impl FnMut(&str, &mut String) -> bool,
    ) -> Result<String, WordsError> {
        let text = self.form(key, n)?;
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            if !put(name, &mut filled) {
                return Err(WordsError::Placeholder { key: key.to_owned(), placeholder: name.to_owned() });
            }
            rest = tail;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The text under `key` in the form for `n`, its placeholders not filled.
    fn form(&self, key: &str, n: Option<u64>) -> Result<&str, WordsError> {
        match (self.entries.get(key), n) {
            (Some(Entry::Text(text)), _) => Ok(text),
            (Some(Entry::Counted(forms)), Some(1)) => Ok(&forms.one),
            (Some(Entry::Counted(forms)), Some(_)) => Ok(&forms.other),
            (Some(Entry::Counted(_)), None) => Err(WordsError::Uncounted(key.to_owned())),
            (None, _) => Err(WordsError::Missing { language: self.language.clone(), key: key.to_owned() }),
        }
    }
}

/// Appends the argument of that name, if there is one.
fn put(args: &[(&str, &dyn Display)], name: &str, out: &mut String) -> bool {
    let found = args.iter().find(|(known, _)| *known == name);
    // Writing to a String cannot fail.
    found.is_some_and(|(_, value)| write!(out, "{value}").is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let json = r#"{"number.group": ",", "list.and": "{first} and {last}", "hello": "Hello {name}",
                       "papers": {"one": "{n} paper from {who}", "other": "{n} papers from {who}"}}"#;
        Words::parse("en", json).unwrap()
    }

    #[test]
    fn one_is_told_from_many() {
        let papers = |n| words().count("papers", n, &[("who", &"arXiv")]).unwrap();
        assert_eq!(papers(1), "1 paper from arXiv");
        assert_eq!(papers(0), "0 papers from arXiv");
        assert_eq!(papers(123), "123 papers from arXiv");
        assert_eq!(papers(1_234_567), "1,234,567 papers from arXiv");
        assert_eq!(words().number(123_456), "123,456");
    }

    #[test]
    fn a_value_with_braces_is_not_read_again() {
        assert_eq!(words().say("hello", &[("name", &"{name} {x}")]).unwrap(), "Hello {name} {x}");
    }

    #[test]
    fn what_is_missing_is_an_error() {
        assert_eq!(words().say("bye", &[]).unwrap_err().to_string(), "the en catalogue has no text \"bye\"");
        assert!(matches!(words().say("papers", &[]), Err(WordsError::Uncounted(_))));
        assert!(matches!(words().say("hello", &[]), Err(WordsError::Placeholder { .. })));
    }

    #[test]
    fn lists_read_as_people_write_them() {
        let list = |names: &[&str]| words().list(&names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        assert_eq!(list(&[]), "");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
