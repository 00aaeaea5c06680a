//! The history of attention: kept by the instant, shown by the newest, thinned by the day.

use broadsheet::model::{IncomingPaper, PaperKey, SignalPoint, Signals};
use broadsheet::store::ingest::{Change, IngestContext};

use crate::support::papers::{arxiv, hours, ingest, noon, seen, stored, upvotes};
use crate::support::{TestDb, both_databases};

const ID: &str = "2603.00001";

fn measured(signals: Signals) -> IncomingPaper {
    IncomingPaper { signals, ..arxiv(ID, "A paper that is read") }
}

fn point(hour: i64, count: u32) -> SignalPoint {
    SignalPoint { at: hours(hour), signals: upvotes(count) }
}

both_databases! {
    async fn each_measuring_is_a_point_and_none_is_no_point(db: &TestDb) {
        let id = ingest(db, &measured(upvotes(0)), &seen(&measured(upvotes(0)), noon())).await.paper;
        let silent = measured(Signals::default());
        ingest(db, &silent, &seen(&silent, hours(1))).await;
        let more = measured(upvotes(7));
        assert_eq!(ingest(db, &more, &seen(&more, hours(2))).await.what, Change::Known);

        let mut read = db.read().await.expect("reads");
        assert_eq!(read.signals_of(&[id]).await.expect("reads"), [(id, vec![point(0, 0), point(2, 7)])]);
        assert_eq!(stored(db, ID).await.signals, upvotes(7));
    }

    async fn the_same_instant_is_one_point(db: &TestDb) {
        let id = ingest(db, &measured(upvotes(1)), &seen(&measured(upvotes(1)), noon())).await.paper;
        let again = measured(upvotes(2));
        ingest(db, &again, &seen(&again, noon())).await;
        let stars = Signals { github_stars: Some(9), ..Signals::default() };
        ingest(db, &measured(stars), &seen(&measured(stars), noon())).await;
        let both = Signals { upvotes: Some(2), github_stars: Some(9), comments: None };
        let history = db.read().await.expect("reads").signals_of(&[id]).await.expect("reads");
        assert_eq!(history, [(id, vec![SignalPoint { at: noon(), signals: both }])]);
        assert_eq!(stored(db, ID).await.signals, both);
    }

    async fn a_history_may_come_in_any_order(db: &TestDb) {
        let id = ingest(db, &measured(upvotes(5)), &seen(&measured(upvotes(5)), noon())).await.paper;
        let nothing = SignalPoint { at: hours(9), signals: Signals::default() };
        let comments = SignalPoint { at: hours(-5), signals: Signals { comments: Some(3), ..Signals::default() } };
        let mut tx = db.begin().await.expect("begins");
        tx.record_signals(id, &[point(-1, 4), nothing, comments, point(-3, 1)]).await.expect("records");
        tx.commit().await.expect("commits");
        let history = db.read().await.expect("reads").signals_of(&[id]).await.expect("reads");
        assert_eq!(history, [(id, vec![comments, point(-3, 1), point(-1, 4), point(0, 5)])]);
        let newest = Signals { upvotes: Some(5), comments: Some(3), github_stars: None };
        assert_eq!(stored(db, ID).await.signals, newest);
    }

    async fn a_merge_joins_the_histories(db: &TestDb) {
        let one = IncomingPaper { keys: vec![PaperKey::doi("10.1/a")], ..measured(upvotes(1)) };
        let two = IncomingPaper { keys: vec![PaperKey::doi("10.1/b")], ..measured(upvotes(2)) };
        let kept = ingest(db, &one, &IngestContext { title_is_distinctive: false, ..seen(&one, noon()) }).await.paper;
        ingest(db, &two, &IngestContext { title_is_distinctive: false, ..seen(&two, hours(1)) }).await;
        let bridge = IncomingPaper {
            keys: vec![PaperKey::doi("10.1/b"), PaperKey::doi("10.1/a")],
            ..measured(Signals::default())
        };
        assert_eq!(ingest(db, &bridge, &seen(&bridge, hours(2))).await.what, Change::Merged);
        let history = db.read().await.expect("reads").signals_of(&[kept]).await.expect("reads");
        assert_eq!(history, [(kept, vec![point(0, 1), point(1, 2)])]);
        assert_eq!(stored(db, "10.1/a").await.signals, upvotes(2));
    }

    async fn the_histories_of_a_window_come_in_one_reading(db: &TestDb) {
        let mut ids = Vec::new();
        for (n, backfill) in [(0, false), (1, false), (2, true), (3, false)] {
            let paper = IncomingPaper { signals: upvotes(n), ..arxiv(&format!("2603.0000{n}"), "a") };
            let context = IngestContext { backfill, ..seen(&paper, hours(i64::from(n))) };
            ids.push(ingest(db, &paper, &context).await.paper);
        }
        let mut read = db.read().await.expect("reads");
        let window = read.signal_history(noon(), hours(3)).await.expect("reads");
        assert_eq!(window, [(ids[1], vec![point(1, 1)]), (ids[3], vec![point(3, 3)])]);
    }

    async fn old_histories_are_thinned_to_the_last_of_each_day(db: &TestDb) {
        let id = ingest(db, &measured(Signals::default()), &seen(&measured(Signals::default()), noon())).await.paper;
        // Noon of day 0, then 13:00 and 23:00, and two points of day 1.
        let points = [point(0, 1), point(1, 2), point(11, 3), point(12, 4), point(30, 5)];
        let mut tx = db.begin().await.expect("begins");
        tx.record_signals(id, &points).await.expect("records");
        assert_eq!(tx.thin_signals(hours(13), 1).await.expect("thins"), 1, "no more than asked for");
        assert_eq!(tx.thin_signals(hours(13), 100).await.expect("thins"), 2);
        assert_eq!(tx.thin_signals(hours(13), 100).await.expect("thins"), 0);
        tx.commit().await.expect("commits");
        let history = db.read().await.expect("reads").signals_of(&[id]).await.expect("reads");
        assert_eq!(history, [(id, vec![point(11, 3), point(30, 5)])]);
        assert_eq!(stored(db, ID).await.signals, upvotes(5));
    }
}
