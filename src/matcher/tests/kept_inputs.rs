//! Inputs that the fuzzer kept must go on holding.

use std::fs;
use std::path::Path;

use super::replay;

/// Runs `check` over the inputs kept for a fuzz target; returns how many there are.
fn replayed(target: &str, check: fn(&str)) -> usize {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/kept").join(format!("{target}.jsonl"));
    let kept = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let inputs: Vec<String> = kept.lines().map(|line| serde_json::from_str(line).expect("a string")).collect();
    inputs.iter().for_each(|input| check(input));
    inputs.len()
}

#[test]
fn interests_the_fuzzer_found_telling_are_understood_or_refused() {
    assert!(replayed("query", replay::query) > 200);
}

#[test]
fn texts_the_fuzzer_found_telling_are_marked_on_whole_characters() {
    assert!(replayed("texts", replay::texts) > 200);
}
