//! Subscribers on the command line.

use crate::support::command::Desk;

const NOW: [&str; 2] = ["--now", "2026-03-03T08:00:00Z"];

fn with_ada() -> Desk {
    let desk = Desk::new();
    let arguments = [
        "subscribers",
        "add",
        "Ada@Example.org",
        "--interest",
        "kites^2",
        "--interest",
        "-survey",
        "--timezone",
        "Europe/Berlin",
        "--time",
        "07:30",
        "--every",
        "weekdays",
        "--limit",
        "5",
        "--json",
    ];
    let ada = desk.good(&[&arguments[..], &NOW[..]].concat()).object();
    assert_eq!((&ada["state"], &ada["time"], &ada["every"]), (&"active".into(), &"07:30".into(), &"weekdays".into()));
    assert_eq!(ada["interests"], serde_json::json!(["kites^2", "-survey"]));
    assert_eq!(ada["next_due_at"], "2026-03-04T06:30:00Z", "the next local send time");
    assert_eq!(ada["consent_source"], "operator");
    desk
}

#[test]
fn who_is_added_is_active_and_due_at_the_next_send_time() {
    let desk = with_ada();
    let error = desk.bad(1, &["subscribers", "add", "ada@example.org"]);
    assert!(error.contains("already"), "{error}");
    assert_eq!(desk.good(&["subscribers", "list", "--json"]).objects().len(), 1);
    let told = desk.good(&["subscribers", "list"]).out;
    assert!(told.starts_with("EMAIL") && told.contains("Europe/Berlin"), "{told}");
}

#[test]
fn what_makes_no_sense_is_refused_and_adds_nobody() {
    let desk = Desk::new();
    for (arguments, reason) in [
        (&["not-an-address"][..], "not-an-address"),
        (&["a@example.org", "--timezone", "Berlin"], "time zone database"),
        (&["a@example.org", "--time", "25:00"], "25:00"),
        (&["a@example.org", "--every", "funday"], "funday"),
        (&["a@example.org", "--limit", "51"], "1 to 50"),
        (&["a@example.org", "--limit", "many"], "many"),
        (&["a@example.org", "--interest", "kites AND (sea"], "column 11"),
        (&["a@example.org", "--quiet-day", "shout"], "shout"),
        (&["a@example.org\nBcc: b@example.org"], "Bcc"),
    ] {
        let error = desk.bad(2, &[&["subscribers", "add"], arguments].concat());
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }
    assert_eq!(desk.good(&["subscribers", "list", "--json"]).out, "");
}

#[test]
fn settings_given_change_and_the_others_stay() {
    let desk = with_ada();
    let set = |more: &[&str]| {
        desk.good(&[&["subscribers", "set", "ada@example.org", "--json"], more, &NOW[..]].concat()).object()
    };
    let ada = set(&["--time", "18:15", "--every", "mon,thu"]);
    assert_eq!((&ada["next_due_at"], &ada["limit"]), (&"2026-03-05T17:15:00Z".into(), &5.into()));
    assert_eq!(ada["interests"], serde_json::json!(["kites^2", "-survey"]));
    assert_eq!(set(&["--interest", "lighthouses"])["interests"], serde_json::json!(["lighthouses"]));
    assert_eq!(
        set(&["--no-interests", "--trending", "false", "--quiet-day", "note"])["interests"],
        serde_json::json!([])
    );
    let ada = desk.good(&["subscribers", "show", "ada@example.org", "--json"]).object();
    assert_eq!((&ada["trending"], &ada["quiet_day"]), (&false.into(), &"note".into()));
    assert!(desk.bad(1, &["subscribers", "set", "eve@example.org", "--limit", "3"]).contains("eve@example.org"));
    assert!(desk.bad(2, &["subscribers", "set", "ada@example.org", "--interest", "OR"]).contains("column"));
}

#[test]
fn people_come_from_json_lines_and_from_csv() {
    let desk = Desk::new();
    let lines = desk.file(
        "people.jsonl",
        "{\"email\":\"a@example.org\",\"interests\":[\"diffusion models\",\"-survey\"],\"timezone\":\"Asia/Tokyo\",\"limit\":7}\n\
         {\"email\":\"nonsense\"}\n{\"email\":\"b@example.org\",\"interests\":[\"((\"]}\n{\"interests\":[]}\n\n\
         {\"email\":\"c@example.org\",\"state\":\"paused\"}\n",
    );
    let ran = desk.run(&["subscribers", "import", &lines, "--json"]);
    assert_eq!((ran.code, &ran.object()["added"], &ran.object()["bad"]), (1, &2.into(), &3.into()));
    for line in ["line 2:", "line 3:", "line 4:"] {
        assert!(ran.err.contains(line), "{line} is not named: {ran:?}");
    }
    let csv = desk.file(
        "people.csv",
        "email,interests,timezone,time,every,limit\r\n\
         d@example.org,\"kites; \"\"strong wind\"\"; -survey\",Europe/Berlin,06:45,weekdays,3\r\n\
         e@example.org,,,,,\r\nf@example.org,kites,Nowhere/Land,,,\r\na@example.org,kites,,,,\r\n",
    );
    let ran = desk.run(&["subscribers", "import", &csv]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "2 subscribers added; 2 lines could not be used\n"));
    assert!(ran.err.contains("line 4:") && ran.err.contains("line 5:") && ran.err.contains("already"), "{ran:?}");
    let d = desk.good(&["subscribers", "show", "d@example.org", "--json"]).object();
    assert_eq!(d["interests"], serde_json::json!(["kites", "\"strong wind\"", "-survey"]));
    assert_eq!((&d["time"], &d["every"], &d["limit"]), (&"06:45".into(), &"weekdays".into(), &3.into()));
    let e = desk.good(&["subscribers", "show", "e@example.org", "--json"]).object();
    assert_eq!((&e["timezone"], &e["time"], &e["limit"]), (&"UTC".into(), &"07:00".into(), &10.into()));

    let good = desk.file("good.csv", "email\ng@example.org\n");
    assert_eq!(desk.good(&["subscribers", "import", &good, "--json"]).object()["added"], 1);
    let neither = desk.file("neither.txt", "hello\n");
    assert!(desk.bad(1, &["subscribers", "import", &neither]).contains("email"));
    assert!(desk.bad(1, &["subscribers", "import", "nowhere.csv"]).contains("nowhere.csv"));
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let desk = with_ada();
    desk.good(&["subscribers", "add", "b@example.org"]);
    let all = desk.good(&["subscribers", "export", "--all"]);
    assert_eq!(all.objects().len(), 2);
    assert_eq!(desk.good(&["subscribers", "export", "ada@example.org"]).object()["editions"], serde_json::json!([]));
    desk.bad(2, &["subscribers", "export"]);
    desk.bad(2, &["subscribers", "export", "ada@example.org", "--all"]);
    let elsewhere = Desk::new();
    let file = elsewhere.file("all.jsonl", &all.out);
    assert_eq!(elsewhere.good(&["subscribers", "import", &file, "--json"]).object()["added"], 2);
    let ada = elsewhere.good(&["subscribers", "show", "ada@example.org", "--json"]).object();
    assert_eq!((&ada["time"], &ada["limit"], &ada["every"]), (&"07:30".into(), &5.into(), &"weekdays".into()));
}

#[test]
fn a_link_is_one_address_and_nothing_else() {
    let desk = with_ada().with("BROADSHEET__HTTP__PUBLIC_URL", "https://digest.example.org/");
    let link = desk.good(&["subscribers", "link", "ada@example.org"]).out;
    assert!(link.starts_with("https://digest.example.org/preferences/") && link.lines().count() == 1, "{link}");
    assert!(desk.bad(1, &["subscribers", "link", "eve@example.org"]).contains("not a subscriber"));
}

#[test]
fn who_leaves_is_kept_as_gone_and_who_is_erased_is_not_kept() {
    let desk = with_ada();
    desk.good(&["subscribers", "unsubscribe", "ada@example.org"]);
    let ada = desk.good(&["subscribers", "show", "ada@example.org", "--json"]).object();
    assert_eq!((&ada["state"], &ada["next_due_at"]), (&"unsubscribed".into(), &serde_json::Value::Null));
    desk.good(&["subscribers", "add", "ada@example.org"]);
    assert!(desk.good(&["subscribers", "erase", "ada@example.org"]).out.contains("erased"));
    for command in ["show", "erase", "unsubscribe", "export", "link"] {
        desk.bad(1, &["subscribers", command, "ada@example.org"]);
    }
    assert_eq!(desk.good(&["subscribers", "export", "--all"]).out, "");
}

#[test]
fn a_suppressed_address_is_taken_by_nobody_until_it_is_freed() {
    let desk = with_ada();
    desk.good(&["suppressions", "add", "ada@example.org"]);
    let listed = desk.good(&["suppressions", "list", "--json"]).object();
    assert!(!listed.to_string().contains("ada"), "only a keyed hash is kept: {listed}");
    assert_eq!(desk.good(&["subscribers", "show", "ada@example.org", "--json"]).object()["state"], "unsubscribed");
    assert!(desk.bad(1, &["subscribers", "add", "ada@example.org"]).contains("suppressions remove"));
    desk.good(&["suppressions", "remove", "ada@example.org"]);
    desk.bad(1, &["suppressions", "remove", "ada@example.org"]);
    desk.bad(2, &["suppressions", "add", "ada"]);
    desk.good(&["subscribers", "add", "ada@example.org"]);
}
