//! Which telling of a field stays, and what becomes a revision.

use broadsheet::model::{AnnounceType, IncomingPaper, PaperKey, SourceName};
use broadsheet::store::ingest::{Change, IngestContext};
use broadsheet::store::papers::PaperTexts;

use crate::support::papers::{arxiv, hours, ingest, noon, seen, stored, titled};
use crate::support::{TestDb, both_databases};

const ID: &str = "2603.00001";

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// The paper as arXiv tells of it.
fn full() -> IncomingPaper {
    IncomingPaper {
        abstract_text: "What arXiv says.".to_owned(),
        authors: words(&["Ada Lovelace", "Grace Hopper"]),
        categories: words(&["cs.CL", "cs.LG"]),
        announce_type: Some(AnnounceType::Cross),
        url: Some("https://arxiv.org/abs/2603.00001".to_owned()),
        ..arxiv(ID, "A title")
    }
}

both_databases! {
    async fn everything_told_is_read_back(db: &TestDb) {
        let told = IncomingPaper {
            published_at: Some(hours(-30)),
            code_url: Some("https://github.com/a/b".to_owned()),
            project_url: Some("https://a.example".to_owned()),
            withdrawn: true,
            ..full()
        };
        let context = IngestContext { available_at: hours(-1), backfill: true, ..seen(&told, noon()) };
        let id = ingest(db, &told, &context).await.paper;
        let paper = db.read().await.expect("reads").paper(id).await.expect("reads").expect("found");
        assert_eq!((paper.id, paper.revision, &paper.key), (id, 1, &PaperKey::arxiv(ID)));
        assert_eq!((paper.title, paper.abstract_text), (told.title, told.abstract_text));
        assert_eq!((paper.authors, paper.categories), (told.authors, told.categories));
        assert_eq!(paper.sources, [told.source]);
        let times = (paper.published_at, paper.first_seen_at, paper.available_at);
        assert_eq!(times, (Some(hours(-30)), noon(), hours(-1)));
        assert_eq!((paper.backfill, paper.withdrawn), (true, true));
        assert_eq!((paper.url, paper.code_url, paper.project_url), (told.url, told.code_url, told.project_url));
        assert_eq!(paper.signals, told.signals);
    }

    async fn a_better_text_replaces_and_a_worse_one_only_fills(db: &TestDb) {
        let listed = IncomingPaper {
            source: SourceName::new("hugging-face"),
            abstract_text: "What the list says.".to_owned(),
            authors: words(&["A. Lovelace"]),
            ..arxiv(ID, "A Title, as listed")
        };
        let low = |now| IngestContext { text_rank: 2, ..seen(&listed, now) };
        ingest(db, &listed, &low(noon())).await;
        ingest(db, &full(), &seen(&full(), hours(1))).await;
        let better = stored(db, ID).await;
        assert_eq!((better.title.as_str(), better.abstract_text.as_str()), ("A title", "What arXiv says."));
        assert_eq!((better.authors.len(), better.revision), (2, 2));
        assert_eq!(better.sources, [SourceName::new("hugging-face"), SourceName::new("arxiv")]);

        assert_eq!(ingest(db, &listed, &low(hours(2))).await.what, Change::Known);
        assert_eq!(stored(db, ID).await, better);
    }

    async fn nothing_told_never_empties_what_is_known(db: &TestDb) {
        ingest(db, &full(), &seen(&full(), noon())).await;
        let bare = arxiv(ID, "A title");
        assert_eq!(ingest(db, &bare, &seen(&bare, hours(1))).await.what, Change::Known);
        let paper = stored(db, ID).await;
        assert_eq!((paper.abstract_text.as_str(), paper.authors.len(), paper.revision), ("What arXiv says.", 2, 1));
        assert_eq!(paper.url.as_deref(), Some("https://arxiv.org/abs/2603.00001"));
    }

    async fn a_worse_text_fills_what_is_empty(db: &TestDb) {
        let bare = arxiv(ID, "A title");
        ingest(db, &bare, &seen(&bare, noon())).await;
        let listed = IncomingPaper { title: "Another title".to_owned(), ..full() };
        ingest(db, &listed, &IngestContext { text_rank: 2, ..seen(&listed, hours(1)) }).await;
        let paper = stored(db, ID).await;
        assert_eq!((paper.title.as_str(), paper.abstract_text.as_str()), ("A title", "What arXiv says."));
        assert_eq!(paper.revision, 2);
    }

    async fn every_text_an_edition_may_refer_to_stays_readable(db: &TestDb) {
        let id = ingest(db, &full(), &seen(&full(), noon())).await.paper;
        let second = IncomingPaper { abstract_text: "Version 2.".to_owned(), ..full() };
        assert_eq!(ingest(db, &second, &seen(&second, hours(1))).await.what, Change::Updated);
        let third = IncomingPaper { title: "Renamed".to_owned(), ..second.clone() };
        ingest(db, &third, &seen(&third, hours(2))).await;

        let mut read = db.read().await.expect("reads");
        let texts = |paper: &IncomingPaper| PaperTexts {
            title: paper.title.clone(),
            abstract_text: paper.abstract_text.clone(),
            authors: paper.authors.clone(),
            categories: paper.categories.clone(),
        };
        for (revision, paper) in [(1, &full()), (2, &second), (3, &third)] {
            assert_eq!(read.paper_revision(id, revision).await.expect("reads"), Some(texts(paper)));
        }
        assert_eq!(read.paper_revision(id, 4).await.expect("reads"), None);
        let wanted = [(id, 3), (id, 1), (id, 9)];
        let found = read.paper_revisions(&wanted).await.expect("reads");
        assert_eq!(found, [((id, 1), texts(&full())), ((id, 3), texts(&third))]);
        assert_eq!(read.paper_revisions(&[]).await.expect("reads"), []);
    }

    async fn lists_grow_and_flags_stick(db: &TestDb) {
        let listed = IncomingPaper {
            source: SourceName::new("feed"),
            categories: words(&["Machine Learning"]),
            announce_type: Some(AnnounceType::New),
            withdrawn: true,
            published_at: Some(hours(-5)),
            code_url: Some("https://github.com/a/b".to_owned()),
            ..arxiv(ID, "A title")
        };
        let early = IngestContext { text_rank: 2, announced_at: Some(hours(-2)), ..seen(&listed, noon()) };
        ingest(db, &listed, &early).await;
        let late = IncomingPaper { published_at: Some(hours(-9)), ..full() };
        ingest(db, &late, &IngestContext { announced_at: Some(hours(-8)), ..seen(&late, hours(3)) }).await;
        let paper = stored(db, ID).await;
        assert_eq!(paper.categories, words(&["cs.CL", "cs.LG", "Machine Learning"]), "arXiv's primary one first");
        assert!(paper.withdrawn);
        assert_eq!(paper.published_at, Some(hours(-9)));
        assert_eq!((paper.first_seen_at, paper.available_at), (noon(), noon()));
        assert_eq!(paper.code_url.as_deref(), Some("https://github.com/a/b"));

        let cross = IncomingPaper { categories: words(&["cs.LG", "stat.ML"]), ..full() };
        ingest(db, &cross, &seen(&cross, hours(4))).await;
        assert_eq!(stored(db, ID).await.categories, words(&["cs.CL", "cs.LG", "Machine Learning", "stat.ML"]));
    }

    async fn backfill_stays_backfill(db: &TestDb) {
        let old = full();
        let context = IngestContext { backfill: true, available_at: hours(-9), ..seen(&old, noon()) };
        ingest(db, &old, &context).await;
        ingest(db, &old, &seen(&old, hours(1))).await;
        let paper = stored(db, ID).await;
        assert_eq!((paper.backfill, paper.available_at), (true, hours(-9)));
    }

    async fn a_merge_keeps_the_better_text_and_all_sources(db: &TestDb) {
        let journal = IncomingPaper {
            source: SourceName::new("journal"),
            keys: vec![PaperKey::doi("10.1/a")],
            abstract_text: "What the journal says.".to_owned(),
            ..titled("The journal's title")
        };
        let first = ingest(db, &journal, &IngestContext { text_rank: 3, ..seen(&journal, noon()) }).await.paper;
        ingest(db, &full(), &seen(&full(), hours(1))).await;
        let bridge = IncomingPaper {
            source: SourceName::new("import"),
            keys: vec![PaperKey::arxiv(ID), PaperKey::doi("10.1/a")],
            ..titled("Typed by hand")
        };
        let told = ingest(db, &bridge, &IngestContext { text_rank: 1, ..seen(&bridge, hours(2)) }).await;
        assert_eq!((told.paper, told.what), (first, Change::Merged));
        let paper = stored(db, "10.1/a").await;
        assert_eq!((paper.title.as_str(), paper.abstract_text.as_str()), ("A title", "What arXiv says."));
        assert_eq!((paper.revision, paper.available_at), (2, noon()));
        let names: Vec<&str> = paper.sources.iter().map(SourceName::as_str).collect();
        assert_eq!(names, ["journal", "arxiv", "import"]);
    }
}
