//! How answers are printed.

use std::io::{self, Write};

use serde::Serialize;

/// Characters a column of free text gets at most.
const WIDEST: usize = 100;

/// Writes to standard output; a reader that went away (`| head`) is no failure.
fn out(text: &str) {
    let mut stdout = io::stdout().lock();
    if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

/// The text without anything a terminal would obey: it may come from a source or a mail server.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Plain text and the end of a line.
pub fn line(text: &str) {
    out(&format!("{}\n", harmless(text)));
}

/// Text or bytes as they are.
pub fn raw(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).ok();
}

/// A message about the work, not part of the data.
pub fn note(text: &str) {
    eprintln!("{}", harmless(text));
}

/// A failure.
pub fn error(text: &str) {
    eprintln!("broadsheet: {}", harmless(text));
}

/// One object as JSON on a line.
pub fn json(value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => line(&text),
        Err(problem) => error(&problem.to_string()),
    }
}

/// A listing: objects as JSON lines, or columns under headings.
pub fn listing<T: Serialize>(rows: &[T], as_json: bool, heads: &[&str], cells: impl Fn(&T) -> Vec<String>) {
    if as_json {
        rows.iter().for_each(json);
        return;
    }
    let mut table: Vec<Vec<String>> = vec![heads.iter().map(|head| (*head).to_owned()).collect()];
    let one_line = |cell: String| harmless(&cell).replace('\n', " ");
    table.extend(rows.iter().map(|row| cells(row).into_iter().map(one_line).collect()));
    let widths: Vec<usize> =
        (0..heads.len()).map(|column| table.iter().map(|row| width(&row[column])).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in table {
        for (place, (cell, wide)) in row.iter().zip(&widths).enumerate() {
            let cell = shortened(cell);
            text.push_str(&cell);
            if place + 1 < widths.len() {
                text.extend(std::iter::repeat_n(' ', wide - width(&cell) + 2));
            }
        }
        text.push('\n');
    }
    out(&text);
}

/// One object as `name: value` lines, or as JSON.
pub fn details<T: Serialize>(value: &T, as_json: bool) {
    if as_json {
        return json(value);
    }
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(value) else { return };
    let widest = fields.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in fields {
        let text = match value {
            serde_json::Value::Null => continue,
            serde_json::Value::String(text) => text,
            serde_json::Value::Object(parts) => {
                parts.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
            }
            serde_json::Value::Array(items) => {
                let texts = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
                texts.collect::<Vec<_>>().join("; ")
            }
            other => other.to_string(),
        };
        line(&format!("{name:widest$}  {text}"));
    }
}

fn width(text: &str) -> usize {
    text.chars().count().min(WIDEST)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}
