//! Planning many people: by several hands, by several programs at once, after days of absence.

use std::collections::BTreeMap;
use std::sync::Arc;

use broadsheet::app::{PaperImport, PersonChange};
use broadsheet::model::{EditionId, IdSource};
use broadsheet::scheduler::plan::{self, Crew};
use broadsheet::store::editions::{Edition, EditionKind};

use crate::support::apps::{Plan, TestApp};
use crate::support::{TestDb, both_databases};

const SIX: &str = "2026-03-03T06:00:00Z";
const SEVEN: &str = "2026-03-03T07:00:00Z";
const SUBJECTS: [&str; 7] = ["zeppelins", "kites", "gliders", "balloons", "parachutes", "rockets", "airships"];

/// Papers about one or two of the subjects each.
async fn with_papers(service: &TestApp) {
    let paper = |number: usize| {
        let (one, other) = (SUBJECTS[number % SUBJECTS.len()], SUBJECTS[number / 2 % SUBJECTS.len()]);
        let text = format!("On {one}. A study of {other} number {number}, with {one} and wind.");
        serde_json::json!({"id": format!("2603.{number:05}"), "title": format!("{one} and {other}, part {number}"),
            "abstract": text, "published_at": SIX, "upvotes": number % 11})
        .to_string()
    };
    let file: Vec<String> = (0..40).map(paper).collect();
    let file = file.join("\n");
    let import = PaperImport { bytes: file.as_bytes(), format: None, date: None };
    assert_eq!(service.app.import_papers(&import).await.expect("imports").new, 40);
}

/// People with different interests, all due at seven.
async fn with_people(service: &TestApp, count: usize) {
    for number in 0..count {
        let exclusion = format!("-part {number}");
        let interests = [SUBJECTS[number % 7], SUBJECTS[number / 7 % 7], "wind", &exclusion];
        let change = PersonChange { limit: Some(1 + number as u16 % 9), ..PersonChange::default() };
        service.subscribe(&format!("reader{number}@example.org"), &interests[number % 3..], change).await;
    }
}

/// From now on its ids are those of a program that counts from nothing.
fn count_anew(service: &mut TestApp) {
    let only = Arc::get_mut(&mut service.app.service).expect("nobody else has it");
    only.ids = Arc::new(IdSource::new(0));
}

/// Every edition by the address of its reader, with ids that compare.
async fn editions(service: &TestApp) -> BTreeMap<String, Vec<Edition>> {
    let mut read = service.app.service.db.read().await.expect("reads");
    let mut found = BTreeMap::new();
    for person in read.subscribers_after(None, 10_000).await.expect("reads") {
        let editions = read.editions_of(person.id, 100).await.expect("reads");
        let nameless = editions.into_iter().map(|edition| Edition { id: EditionId(0), ..edition });
        found.insert(person.address.to_string(), nameless.collect());
    }
    found
}

both_databases! {
    async fn what_is_planned_does_not_depend_on_hands_and_batches(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        with_papers(&service).await;
        with_people(&service, 60).await;
        service.set_clock(SEVEN);
        let mut outcomes = Vec::new();
        for crew in [Crew { threads: 1, batch: 100 }, Crew { threads: 4, batch: 7 }, Crew { threads: 3, batch: 1 }] {
            let report = plan::run_with(&service.app.service, crew).await.expect("plans");
            assert_eq!((report.planned, report.silent, report.missed), (60, 0, 0));
            assert_eq!(service.app.list_deliveries(None, None, 100).await.expect("lists").len(), 60);
            outcomes.push(editions(&service).await);
            db.execute("DELETE FROM deliveries").await;
            db.execute("DELETE FROM editions").await;
            db.execute("UPDATE subscribers SET next_due_at = last_due_at, next_local_date = last_local_date").await;
        }
        let texts: Vec<String> = outcomes.iter().map(|outcome| format!("{outcome:?}")).collect();
        assert!(texts[0] == texts[1] && texts[0] == texts[2]);
        let reasons = outcomes[0].values().flatten().flat_map(|edition| &edition.items).map(|item| item.reasons.len());
        assert!(reasons.sum::<usize>() > 200, "they are not empty");
    }

    async fn two_programs_at_once_plan_everybody_once(db: &TestDb) {
        let (one, two) = (Plan::new(db, SIX).build().await, Plan::new(db, SIX).build().await);
        with_papers(&one).await;
        with_people(&one, 250).await;
        one.set_clock(SEVEN);
        two.set_clock(SEVEN);
        let crew = Crew { threads: 2, batch: 9 };
        let (first, second) =
            tokio::join!(plan::run_with(&one.app.service, crew), plan::run_with(&two.app.service, crew));
        let (first, second) = (first.expect("plans"), second.expect("plans"));
        assert_eq!(first.planned + second.planned, 250);
        assert!(editions(&one).await.values().all(|editions| editions.len() == 1));
        let mails = one.app.list_deliveries(None, None, 1000).await.expect("lists");
        let mut addresses: Vec<&str> = mails.iter().map(|mail| mail.address.as_str()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!((mails.len(), addresses.len()), (250, 250));
    }

    async fn an_id_that_another_program_gave_costs_nobody_an_edition(db: &TestDb) {
        let mut service = Plan::new(db, SIX).build().await;
        service.subscribe("ada@example.org", &["zeppelins"], PersonChange::default()).await;
        service.set_clock(SEVEN);
        count_anew(&mut service);
        assert_eq!(plan::run(&service.app.service).await.expect("plans").planned, 1);
        // In the same second, for another date, by a program that counts from the same number.
        db.execute("UPDATE subscribers SET next_due_at = last_due_at").await;
        count_anew(&mut service);
        assert_eq!(plan::run(&service.app.service).await.expect("plans").planned, 1);
        let dates: Vec<String> =
            editions(&service).await["ada@example.org"].iter().map(|edition| edition.local_date.to_string()).collect();
        assert_eq!(dates, ["2026-03-04", "2026-03-03"]);
        assert_eq!(service.app.list_deliveries(None, None, 9).await.expect("lists").len(), 2);
    }

    async fn a_long_absence_of_many_people_is_recorded_in_bounded_pieces(db: &TestDb) {
        let service = Plan::new(db, SIX).build().await;
        with_people(&service, 12).await;
        service.set_clock("2026-03-10T08:00:00Z");
        let report = plan::run_with(&service.app.service, Crew { threads: 2, batch: 4 }).await.expect("plans");
        assert_eq!((report.planned, report.missed), (12, 12 * 7));
        for editions in editions(&service).await.into_values() {
            let kinds: Vec<EditionKind> = editions.iter().map(|edition| edition.kind).collect();
            assert_eq!(kinds.iter().filter(|kind| **kind == EditionKind::Missed).count(), 7);
            assert_ne!(kinds[0], EditionKind::Missed, "the newest");
        }
    }
}
