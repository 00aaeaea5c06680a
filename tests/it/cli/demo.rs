//! The demonstration: everything, at once, without network and without leaving anything behind.

use crate::support::command::Desk;

#[test]
fn a_day_of_the_demonstration_writes_one_mail_for_each_reader_who_is_due() {
    // A Friday, a Sunday on which clocks change in New York, and the end of a leap February.
    for now in ["2026-01-09T12:34:56Z", "2026-03-08T23:10:00Z", "2028-02-29T00:00:00Z"] {
        let desk = Desk::new();
        let out = desk.path("made/on/the/way");
        let ran = desk.good(&["demo", "--once", "--out", &out.display().to_string(), "--now", now]);
        assert!(ran.out.starts_with("8 mails written to "), "{now}: {ran:?}");
        assert_eq!(ran.err, "", "{now}");
        let mut readers: Vec<String> = Vec::new();
        for entry in std::fs::read_dir(&out).expect("is made") {
            let path = entry.expect("reads").path();
            assert!(path.extension().is_some_and(|end| end == "eml"), "{path:?}");
            let mail = std::fs::read_to_string(&path).expect("is text");
            let reader = mail.lines().find(|line| line.starts_with("To: ")).expect("has a reader");
            assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{mail}");
            readers.push(reader.to_owned());
        }
        readers.sort();
        readers.dedup();
        assert_eq!(readers.len(), 8, "{now}: {readers:?}");
        assert!(!readers.iter().any(|reader| reader.contains("caio") || reader.contains("robin")), "{readers:?}");
        assert!(!desk.path("broadsheet.db").exists(), "the database was thrown away");
    }
}

#[test]
fn a_day_without_a_folder_for_its_mails_is_a_usage_error() {
    let error = Desk::new().bad(2, &["demo", "--once"]);
    assert!(error.contains("--out"), "{error}");
}
