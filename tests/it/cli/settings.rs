//! Where settings come from, what is said about bad ones, and the commands that need none.

use std::net::TcpListener;

use crate::support::command::Desk;

fn shown(desk: &Desk, arguments: &[&str], key: &str) -> String {
    let ran = desk.good(&[&["config", "show", "--origin"], arguments].concat());
    let line = ran.out.lines().find(|line| line.starts_with(&format!("{key} = ")));
    line.unwrap_or_else(|| panic!("{key} is not shown")).to_owned()
}

#[test]
fn nothing_to_do_and_nonsense_are_usage_errors() {
    let desk = Desk::new();
    for arguments in
        [&[][..], &["fly"], &["papers"], &["run", "--nonsense"], &["config", "check", "--now", "yesterday"]]
    {
        let error = desk.bad(2, arguments);
        assert!(error.contains("Usage") || error.contains("invalid value"), "{arguments:?}: {error}");
    }
    assert!(desk.bad(2, &[]).contains("78 configuration"), "the help tells the exit codes");
    assert!(desk.good(&["--help"]).out.contains("subscribers"));
    assert!(desk.good(&["--version"]).out.starts_with("broadsheet "));
}

#[test]
fn the_defaults_are_a_file_that_can_be_used() {
    let desk = Desk::new();
    let defaults = desk.good(&["config", "default"]).out;
    assert!(defaults.contains("[sources.hugging_face]") && defaults.contains("# "));
    let file = desk.file("all.toml", &defaults);
    assert_eq!(desk.good(&["config", "check", "--config", &file]).out, "the configuration is good\n");
}

#[test]
fn environment_beats_file_beats_defaults_and_each_value_names_its_origin() {
    let desk = Desk::new();
    let key = "digest.limit";
    assert_eq!(shown(&desk, &[], key), "digest.limit = 10  # default");
    desk.file("broadsheet.toml", "digest.limit = 11\n");
    assert_eq!(shown(&desk, &[], key), "digest.limit = 11  # broadsheet.toml");
    let named = desk.file("named.toml", "digest.limit = 12\n");
    let desk = desk.with("BROADSHEET_CONFIG", &named);
    assert_eq!(shown(&desk, &[], key), format!("digest.limit = 12  # {named}"));
    let given = desk.file("given.toml", "digest.limit = 13\n");
    assert_eq!(shown(&desk, &["--config", &given], key), format!("digest.limit = 13  # {given}"));
    let desk = desk.with("BROADSHEET__DIGEST__LIMIT", "14");
    assert_eq!(shown(&desk, &["--config", &given], key), "digest.limit = 14  # BROADSHEET__DIGEST__LIMIT");
}

#[test]
fn secrets_are_read_from_files_and_never_shown() {
    let desk = Desk::new();
    let secret = "a secret of a good deal more than 32 letters";
    let file = desk.file("key", &format!("{secret}\n"));
    let desk = desk
        .with("BROADSHEET__SECURITY__SECRET_KEY_FILE", &file)
        .with("BROADSHEET__MAIL__SMTP_URL", "smtp://user:pass@mail.example.org:25");
    let line = shown(&desk, &[], "security.secret_key");
    assert_eq!(line, "security.secret_key = \"(hidden)\"  # BROADSHEET__SECURITY__SECRET_KEY_FILE");
    let all = desk.good(&["config", "show"]).out;
    assert!(!all.contains(secret) && !all.contains("user:pass"), "{all}");
    desk.good(&["migrate"]);
    assert!(!desk.path("broadsheet.db.secret").exists(), "no key is made beside one that is set");
    let desk = desk.with("BROADSHEET__ADMIN__TOKEN_FILE", "/nowhere/at/all");
    assert!(desk.bad(78, &["config", "check"]).contains("/nowhere/at/all"));
}

#[test]
fn an_unknown_setting_is_refused_with_the_one_that_was_meant() {
    let desk = Desk::new();
    desk.file("broadsheet.toml", "[digest]\ntimezon = \"UTC\"\n");
    let error = desk.bad(78, &["run"]);
    assert!(error.contains("broadsheet.toml") && error.contains("did you mean \"digest.timezone\"?"), "{error}");
    let desk = Desk::new().with("BROADSHEET__MAIL__FORM", "digest@example.org");
    let error = desk.bad(78, &["subscribers", "list"]);
    assert!(error.contains("BROADSHEET__MAIL__FORM") && error.contains("\"mail.from\""), "{error}");
}

#[test]
fn every_problem_is_told_at_once_and_nothing_starts() {
    let desk = Desk::new()
        .with("BROADSHEET__MODE", "production")
        .with("BROADSHEET__DIGEST__TIMEZONE", "Mars/Olympus")
        .with("BROADSHEET__SOURCES__ARXIV__SCHEDULE", "whenever");
    for arguments in [&["config", "check"][..], &["run"], &["serve"]] {
        let error = desk.bad(78, arguments);
        for key in ["http.public_url", "mail.from", "mail.postal_address", "security.secret_key", "digest.timezone"] {
            assert!(error.contains(key), "{arguments:?} does not name {key}: {error}");
        }
    }
    assert!(!desk.path("broadsheet.db").exists());
}

#[test]
fn what_only_building_notices_is_a_configuration_error_too() {
    for (name, value, key) in [
        ("BROADSHEET__DATABASE__URL", "mysql://localhost/papers", "database.url"),
        ("BROADSHEET__MAIL__FROM", "not an address", "mail.from"),
        ("BROADSHEET__HTTP__LISTEN", "everywhere", "http.listen"),
    ] {
        let error = Desk::new().with(name, value).bad(78, &["migrate"]);
        assert!(error.contains(key), "{error}");
    }
    let desk = Desk::new()
        .with("BROADSHEET__SOURCES__ARXIV__ENABLED", "true")
        .with("BROADSHEET__SOURCES__ARXIV__SCHEDULE", "0 5 * *");
    let error = desk.bad(78, &["migrate"]);
    assert!(error.contains("sources.arxiv.schedule") && error.contains("five fields"), "{error}");
    assert!(desk.bad(78, &["config", "check"]).contains("sources.arxiv.schedule"), "the check says so as well");
}

#[test]
fn a_file_that_is_named_has_to_be_there_and_to_be_toml() {
    let desk = Desk::new();
    assert!(desk.bad(78, &["migrate", "--config", "missing.toml"]).contains("missing.toml"));
    let broken = desk.file("broken.toml", "[site\nname = 1\n");
    assert!(desk.bad(78, &["migrate", "--config", &broken]).contains("line 1"));
}

#[test]
fn completions_and_the_manual_need_no_settings() {
    let desk = Desk::new();
    desk.file("broadsheet.toml", "this is not TOML");
    for shell in ["bash", "zsh", "fish"] {
        assert!(desk.good(&["completions", shell]).out.contains("broadsheet"), "{shell}");
    }
    let manual = desk.good(&["man"]).out;
    assert!(manual.contains(".TH broadsheet 1") && manual.contains("subscribers"), "{manual:.300}");
}

#[test]
fn nobody_at_the_address_is_no_health() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let desk = Desk::new().with("BROADSHEET__HTTP__LISTEN", &format!("127.0.0.1:{port}"));
    let error = desk.bad(69, &["healthcheck"]);
    assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
}

#[test]
fn the_database_is_made_on_first_use_and_the_key_beside_it() {
    let desk = Desk::new();
    assert_eq!(desk.good(&["migrate"]).out, "the database is up to date\n");
    assert!(desk.path("broadsheet.db").exists());
    desk.good(&["migrate"]);
    let key = desk.path("broadsheet.db.secret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).expect("is there").permissions().mode() & 0o777, 0o600);
    }
    let entries = std::fs::read_dir(desk.path("")).expect("lists");
    let names: Vec<String> = entries.map(|entry| entry.expect("reads").file_name().display().to_string()).collect();
    let passing = |name: &String| name.contains(".node-") || name.ends_with("-wal") || name.ends_with("-shm");
    assert!(!names.iter().any(passing), "what belongs to a running program is gone with it: {names:?}");
}
