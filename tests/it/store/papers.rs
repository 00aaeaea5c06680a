//! Papers by window, by page and by day.

use broadsheet::model::{IncomingPaper, Paper, PaperId};
use broadsheet::store::ingest::IngestContext;
use broadsheet::store::papers::{PageOrder, PageQuery};

use crate::support::papers::{arxiv, hours, ingest, noon, seen, upvotes};
use crate::support::{TestDb, both_databases};

fn titles(papers: &[Paper]) -> Vec<&str> {
    papers.iter().map(|paper| paper.title.as_str()).collect()
}

/// One paper an hour: `a` at noon to `f` at 17:00; `d` is backfill.
async fn six_papers(db: &TestDb) -> Vec<PaperId> {
    let mut ids = Vec::new();
    for (hour, (title, count)) in
        [("a", Some(5)), ("b", None), ("c", Some(50)), ("d", Some(70)), ("e", Some(5)), ("f", Some(0))]
            .iter()
            .enumerate()
    {
        let mut paper: IncomingPaper = arxiv(&format!("2603.0000{hour}"), title);
        if let Some(count) = count {
            paper.signals = upvotes(*count);
        }
        let at = hours(i64::try_from(hour).expect("small"));
        ids.push(ingest(db, &paper, &IngestContext { backfill: *title == "d", ..seen(&paper, at) }).await.paper);
    }
    ids
}

both_databases! {
    async fn a_window_is_open_at_its_start_and_closed_at_its_end(db: &TestDb) {
        six_papers(db).await;
        let mut read = db.read().await.expect("reads");
        let window = read.papers_between(noon(), hours(4), false).await.expect("reads");
        assert_eq!(titles(&window), ["b", "c", "e"]);
        let all = read.papers_between(noon(), hours(4), true).await.expect("reads");
        assert_eq!(titles(&all), ["b", "c", "d", "e"]);
        let next = read.papers_between(hours(4), hours(9), false).await.expect("reads");
        assert_eq!(titles(&next), ["f"], "the next window begins where this one ended");
        let nothing = read.papers_between(hours(9), hours(4), true).await.expect("reads");
        assert_eq!(nothing, []);
    }

    async fn pages_show_the_most_upvoted_or_the_newest_first(db: &TestDb) {
        six_papers(db).await;
        let mut read = db.read().await.expect("reads");
        let page = PageQuery {
            from: noon(),
            until: hours(5),
            include_backfill: false,
            order: PageOrder::MostUpvoted,
            limit: 10,
            offset: 0,
        };
        assert_eq!(titles(&read.papers_on_page(&page).await.expect("reads")), ["c", "e", "a", "b"]);
        let everything = PageQuery { include_backfill: true, until: hours(6), ..page };
        assert_eq!(titles(&read.papers_on_page(&everything).await.expect("reads")), ["d", "c", "e", "a", "f", "b"]);
        let newest = PageQuery { order: PageOrder::Newest, limit: 2, offset: 1, ..page };
        assert_eq!(titles(&read.papers_on_page(&newest).await.expect("reads")), ["c", "b"]);
        let beyond = PageQuery { offset: u32::MAX, limit: u32::MAX, ..page };
        assert_eq!(read.papers_on_page(&beyond).await.expect("reads"), []);
    }

    async fn days_are_counted_in_utc(db: &TestDb) {
        six_papers(db).await;
        let late = arxiv("2603.00099", "after midnight");
        ingest(db, &late, &seen(&late, hours(12))).await;
        let mut read = db.read().await.expect("reads");
        let (today, tomorrow) = (noon().date_naive(), hours(12).date_naive());
        let counts = read.paper_counts_by_day(hours(-24), hours(48), false).await.expect("counts");
        assert_eq!(counts, [(today, 5), (tomorrow, 1)]);
        let counts = read.paper_counts_by_day(hours(-24), hours(12), true).await.expect("counts");
        assert_eq!(counts, [(today, 6)]);
        assert_eq!(read.paper_count().await.expect("counts"), 7);
    }

    async fn the_newest_mailable_paper_says_how_fresh_the_service_is(db: &TestDb) {
        assert_eq!(db.read().await.expect("reads").latest_available_at().await.expect("reads"), None);
        let old = arxiv("2603.00001", "a");
        ingest(db, &old, &IngestContext { backfill: true, ..seen(&old, hours(7)) }).await;
        let new = arxiv("2603.00002", "b");
        ingest(db, &new, &seen(&new, hours(3))).await;
        assert_eq!(db.read().await.expect("reads").latest_available_at().await.expect("reads"), Some(hours(3)));
    }

    async fn papers_are_found_by_many_ids_at_once(db: &TestDb) {
        let ids = six_papers(db).await;
        let mut read = db.read().await.expect("reads");
        let found = read.papers_by_ids(&[ids[4], PaperId(-5), ids[1]]).await.expect("reads");
        assert_eq!(titles(&found), ["b", "e"]);
        assert_eq!(read.paper(PaperId(-5)).await.expect("reads"), None);
        assert_eq!(read.paper_by_key("no such' name\0").await.expect("reads"), None);
    }
}
