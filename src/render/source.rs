//! The text of a template before it is compiled: what is the same in every mail is put into it once.

use minijinja::Value;

use super::catalogue::Words;
use super::escape::{write_html, write_text};

/// A template: ours, or the operator's in its place.
pub(super) struct Source {
    /// Its path under `templates/`.
    pub name: &'static str,
    /// What is compiled into the program.
    pub text: &'static str,
    /// What the operator put in its place.
    pub own: Option<String>,
}

impl Source {
    pub(super) fn text(&self) -> &str {
        self.own.as_deref().unwrap_or(self.text)
    }

    /// The text to compile. Indentation helps whoever reads the template, and costs every reader of a mail; and
    /// a mail names some hundred styles and words of the catalogue that are the same for everybody. In an
    /// operator's own template the names may mean something else, so those are left to be looked up.
    pub(super) fn prepared(&self, styles: &Value, words: &Words) -> String {
        let is_html = self.name.ends_with(".html");
        let text = match self.name.starts_with("email/") && is_html {
            true => self.text().lines().map(str::trim_start).collect::<Vec<_>>().join("\n"),
            false => self.text().to_owned(),
        };
        if self.own.is_some() {
            return text;
        }
        settled(&text, |expression| {
            let value = constant(expression, styles, words)?;
            let mut printed = String::new();
            let written = if is_html { write_html(&mut printed, &value) } else { write_text(&mut printed, &value) };
            (written.is_ok() && !printed.contains('{')).then_some(printed)
        })
    }
}

/// The value of `s.name` and of `t("key")`.
fn constant(expression: &str, styles: &Value, words: &Words) -> Option<String> {
    if let Some(name) = expression.strip_prefix("s.") {
        return styles.get_attr(name).ok()?.as_str().map(str::to_owned);
    }
    let key = expression.strip_prefix("t(\"")?.strip_suffix("\")")?;
    words.say(key, &[]).ok()
}

/// The text with the values of those expressions that have one.
fn settled(text: &str, constant: impl Fn(&str) -> Option<String>) -> String {
    const OPEN: &str = "{{ ";
    let mut settled = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        settled.push_str(before);
        let known = after.split_once(" }}").and_then(|(expression, tail)| Some((constant(expression)?, tail)));
        rest = match known {
            Some((value, tail)) => {
                settled.push_str(&value);
                tail
            }
            None => {
                settled.push_str(OPEN);
                after
            }
        };
    }
    settled.push_str(rest);
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(name: &'static str, text: &'static str, own: Option<&str>) -> String {
        let words = Words::parse("en", r#"{"plain": "Tom & Jerry", "filled": "{n} papers"}"#).unwrap();
        let styles = Value::from_pairs([("link", "color:red")]);
        Source { name, text, own: own.map(str::to_owned) }.prepared(&styles, &words)
    }

    #[test]
    fn what_is_the_same_for_everybody_is_put_in_once() {
        let text = "  <a style=\"{{ s.link }}\">{{ t(\"plain\") }}</a> {{ name }} {{ t(\"filled\", n=1) }}";
        assert_eq!(
            prepared("email/a.html", text, None),
            "<a style=\"color:red\">Tom &amp; Jerry</a> {{ name }} {{ t(\"filled\", n=1) }}"
        );
        assert_eq!(prepared("email/a.txt", "{{ t(\"plain\") }}", None), "Tom & Jerry");
    }

    #[test]
    fn what_is_not_known_is_left_for_the_error_that_names_the_line() {
        for text in ["{{ s.nothing }}", "{{ t(\"nothing\") }}", "{{ t(\"filled\") }}", "{{ s.link", "{{ "] {
            assert_eq!(prepared("pages/a.html", text, None), text);
        }
    }

    #[test]
    fn an_operators_own_template_looks_everything_up() {
        assert_eq!(prepared("email/a.txt", "", Some("{{ s.link }}")), "{{ s.link }}");
    }
}
