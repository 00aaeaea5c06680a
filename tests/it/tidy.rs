//! Rules of the house, read off the sources: who may import whom, how long a file may be, what may stand where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and what each may import. `docs/ARCHITECTURE.md` says why.
const IMPORTS: [(&str, &[&str]); 18] = [
    ("model", &[]),
    ("text", &[]),
    ("clock", &[]),
    ("links", &["model"]),
    ("config", &["model"]),
    ("net", &["clock"]),
    ("store", &["model"]),
    ("matcher", &["model", "text"]),
    ("shelf", &["model", "store", "matcher"]),
    ("digest", &["model", "text", "matcher"]),
    ("sources", &["model", "clock", "text", "net"]),
    ("render", &["model", "links", "text"]),
    ("mailer", &["model"]),
    (
        "scheduler",
        &[
            "model", "clock", "links", "text", "net", "store", "sources", "matcher", "shelf", "digest", "render",
            "mailer",
        ],
    ),
    ("web", &["model", "clock", "links", "text", "store", "matcher", "shelf", "digest", "render", "mailer::read"]),
    (
        "app",
        &[
            "model",
            "text",
            "clock",
            "links",
            "config",
            "net",
            "store",
            "matcher",
            "shelf",
            "digest",
            "sources",
            "render",
            "mailer",
            "scheduler",
            "web",
        ],
    ),
    ("cli", &["app", "config"]),
    ("main", &["cli"]),
];
/// A file longer than this is two files.
const LONGEST_FILE: usize = 500;
/// Nine files in ten are shorter than this.
const LONG_FILE: usize = 350;
/// Texts that differ between the databases.
const MOST_DIALECT_TEXTS: usize = 10;
/// Rooms that say nothing about what is in them.
const EMPTY_NAMES: [&str; 5] = ["util", "utils", "helpers", "common", "manager"];

struct Source {
    path: PathBuf,
    room: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).expect("below src");
            let first = inside.components().next().expect("not empty").as_os_str().to_string_lossy();
            let room = first.trim_end_matches(".rs").to_owned();
            Source { room, text: fs::read_to_string(&path).expect("readable"), path }
        })
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms a text names after `crate::`, with the module behind it.
fn imports(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut named = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        let path: String = rest.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        named.insert(path.trim_end_matches(':').to_owned());
    }
    named
}

#[test]
fn rooms_import_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = IMPORTS.into_iter().collect();
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.room != "lib") {
        let may =
            allowed.get(source.room.as_str()).unwrap_or_else(|| panic!("{} is a room without rules", source.room));
        for path in imports(&source.text) {
            let room = path.split("::").next().unwrap_or_default();
            let known = allowed.contains_key(room);
            let permitted = may.iter().any(|allowed| path == *allowed || path.starts_with(&format!("{allowed}::")));
            if known && room != source.room && !permitted {
                breaches.push(format!("{}: crate::{path}", source.path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "imports against the direction data flows:\n{}", breaches.join("\n"));
}

#[test]
fn files_can_be_read_at_a_sitting() {
    let sources = sources();
    let lengths: Vec<(usize, &Path)> =
        sources.iter().map(|source| (source.text.lines().count(), source.path.as_path())).collect();
    let too_long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > LONGEST_FILE).collect();
    assert!(too_long.is_empty(), "over {LONGEST_FILE} lines: {too_long:?}");
    let long = lengths.iter().filter(|(lines, _)| *lines > LONG_FILE).count();
    assert!(long * 10 <= lengths.len(), "{long} of {} files are over {LONG_FILE} lines", lengths.len());
}

#[test]
fn modules_say_what_they_are_for_and_have_names_that_do() {
    for source in sources() {
        let name = source.path.file_stem().expect("named").to_string_lossy().into_owned();
        assert!(!EMPTY_NAMES.contains(&name.as_str()), "{} says nothing", source.path.display());
        let is_test = name == "tests" || source.path.parent().is_some_and(|folder| folder.ends_with("tests"));
        assert!(is_test || source.text.starts_with("//!"), "{} does not say what it is for", source.path.display());
    }
}

#[test]
fn each_library_is_known_to_its_room_alone() {
    let owners =
        [("sqlx", "store"), ("lettre", "mailer"), ("axum", "web"), ("minijinja", "render"), ("reqwest", "net")];
    for source in sources() {
        for (library, room) in owners {
            let code: Vec<&str> = source.text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let used = code.iter().any(|line| line.contains(&format!("{library}::")));
            assert!(!used || source.room == room, "{}: {library} belongs to {room}", source.path.display());
        }
    }
}

#[test]
fn the_databases_differ_in_few_texts_and_in_one_place() {
    let mut texts = 0;
    for source in sources().iter().filter(|source| source.room == "store") {
        let name = source.path.file_name().expect("named").to_string_lossy().into_owned();
        texts += source.text.matches(": Texts = ").count();
        let branches = source.text.matches("Conn::Postgres(").count();
        let may_branch = ["db.rs", "dialect.rs"].contains(&name.as_str());
        assert!(branches == 0 || may_branch, "{} tells the databases apart", source.path.display());
    }
    assert!(texts <= MOST_DIALECT_TEXTS, "{texts} texts differ between the databases");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |kind: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
        let entries = fs::read_dir(folder).expect("readable");
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
