//! Which records are one paper.

use broadsheet::model::{IncomingPaper, PaperId, PaperKey, SourceName};
use broadsheet::store::ingest::{Change, IngestContext};

use crate::support::papers::{arxiv, hours, ingest, noon, seen, stored, titled, upvotes};
use crate::support::{TestDb, both_databases};

const TITLE: &str = "how long titles tell papers apart";

fn with_doi(paper: IncomingPaper, doi: &str) -> IncomingPaper {
    let mut keys = paper.keys.clone();
    keys.push(PaperKey::doi(doi));
    IncomingPaper { keys, ..paper }
}

fn by(paper: IncomingPaper, author: &str) -> IncomingPaper {
    IncomingPaper { authors: vec![author.to_owned()], ..paper }
}

both_databases! {
    async fn a_paper_told_twice_is_one(db: &TestDb) {
        let paper = arxiv("2603.00001", TITLE);
        let first = ingest(db, &paper, &seen(&paper, noon())).await;
        let again = ingest(db, &paper, &seen(&paper, hours(1))).await;
        assert_eq!(first.what, Change::New);
        assert_eq!((again.paper, again.what), (first.paper, Change::Known));
        assert_eq!(stored(db, "arxiv:2603.00001").await.revision, 1);
    }

    async fn a_new_name_is_an_alias_from_then_on(db: &TestDb) {
        let paper = arxiv("2603.00001", TITLE);
        let first = ingest(db, &paper, &seen(&paper, noon())).await;
        let paper = with_doi(paper, "10.1/a");
        ingest(db, &paper, &seen(&paper, hours(1))).await;
        let journal = IncomingPaper { keys: vec![PaperKey::doi("10.1/A")], ..titled("Another title altogether") };
        let told = ingest(db, &journal, &IngestContext { text_rank: 3, ..seen(&journal, hours(2)) }).await;
        assert_eq!(told.paper, first.paper);
        for name in ["doi:10.1/a", "10.1/A", "2603.00001", "2603.00001v2", "arXiv:2603.00001"] {
            assert_eq!(stored(db, name).await.id, first.paper, "{name}");
        }
        assert_eq!(stored(db, "10.1/a").await.key, PaperKey::arxiv("2603.00001"));
    }

    async fn a_record_with_the_names_of_two_papers_merges_them(db: &TestDb) {
        let preprint = arxiv("2603.00001", TITLE);
        let journal = IncomingPaper { keys: vec![PaperKey::doi("10.1/a")], ..titled("The journal's title") };
        let kept = ingest(db, &preprint, &seen(&preprint, noon())).await.paper;
        let gone = ingest(db, &journal, &seen(&journal, hours(1))).await.paper;
        assert_ne!(kept, gone);

        let both = with_doi(preprint, "10.1/a");
        let told = ingest(db, &both, &seen(&both, hours(2))).await;
        assert_eq!((told.paper, told.what), (kept, Change::Merged));

        let mut read = db.read().await.expect("reads");
        assert_eq!(read.paper_count().await.expect("counts"), 1);
        let unknown = PaperId(987);
        let now = read.resolve_merged(&[gone, kept, unknown]).await.expect("resolves");
        assert_eq!(now, [kept, kept, unknown]);
        assert_eq!(read.paper(gone).await.expect("reads").expect("found under its old id").id, kept);
        assert_eq!(read.merges_since(hours(2)).await.expect("reads"), [(gone, kept)]);
        assert_eq!(read.merges_since(hours(3)).await.expect("reads"), []);
        let texts = read.paper_revision(gone, 1).await.expect("reads").expect("still readable");
        assert_eq!(texts.title, "The journal's title");
        drop(read);

        let again = ingest(db, &both, &seen(&both, hours(3))).await;
        assert_eq!((again.paper, again.what), (kept, Change::Known));
    }

    async fn merges_of_merges_lead_to_the_paper_that_is_left(db: &TestDb) {
        let mut ids = Vec::new();
        for n in 0..3 {
            let paper = IncomingPaper { keys: vec![PaperKey::doi(&format!("10.1/{n}"))], ..titled("a") };
            ids.push(ingest(db, &paper, &seen(&paper, hours(n))).await.paper);
        }
        for (one, two) in [(1, 2), (0, 2)] {
            let bridge = with_doi(with_doi(titled("a"), &format!("10.1/{one}")), &format!("10.1/{two}"));
            assert_eq!(ingest(db, &bridge, &seen(&bridge, hours(4))).await.what, Change::Merged);
        }
        let left = db.read().await.expect("reads").resolve_merged(&ids).await.expect("resolves");
        assert_eq!(left, [ids[0]; 3]);
    }

    async fn the_id_of_a_merged_paper_is_never_given_again(db: &TestDb) {
        let one = IncomingPaper { keys: vec![PaperKey::doi("10.1/a")], ..titled("a") };
        let two = IncomingPaper { keys: vec![PaperKey::doi("10.1/b")], ..titled("a") };
        ingest(db, &one, &seen(&one, noon())).await;
        let gone = ingest(db, &two, &seen(&two, noon())).await.paper;
        let bridge = with_doi(two, "10.1/a");
        assert_eq!(ingest(db, &bridge, &seen(&bridge, noon())).await.what, Change::Merged);
        let next = arxiv("2603.00009", "b");
        assert!(ingest(db, &next, &seen(&next, noon())).await.paper > gone);
    }

    async fn two_arxiv_ids_are_two_papers_whatever_they_share(db: &TestDb) {
        let one = with_doi(arxiv("2603.00001", TITLE), "10.1/proceedings");
        let two = with_doi(arxiv("2603.00002", TITLE), "10.1/proceedings");
        let first = ingest(db, &one, &seen(&one, noon())).await;
        let second = ingest(db, &two, &seen(&two, noon())).await;
        assert_eq!(second.what, Change::New);
        assert_ne!(first.paper, second.paper);
        assert_eq!(stored(db, "10.1/proceedings").await.id, first.paper);
        assert_eq!(ingest(db, &two, &seen(&two, hours(1))).await.paper, second.paper);
    }

    async fn a_record_with_only_a_title_joins_the_keyed_paper(db: &TestDb) {
        let keyed = by(arxiv("2603.00001", TITLE), "lovelace");
        let kept = ingest(db, &keyed, &seen(&keyed, noon())).await.paper;
        for record in [titled(TITLE), by(titled(TITLE), "lovelace")] {
            let told = ingest(db, &record, &IngestContext { text_rank: 1, ..seen(&record, hours(1)) }).await;
            assert_eq!(told.paper, kept);
        }
        let stranger = by(titled(TITLE), "hopper");
        assert_eq!(ingest(db, &stranger, &seen(&stranger, hours(2))).await.what, Change::New);
    }

    async fn a_keyed_paper_takes_over_the_one_known_by_title(db: &TestDb) {
        let record = IncomingPaper { source: SourceName::new("import"), ..titled(TITLE) };
        let kept = ingest(db, &record, &IngestContext { text_rank: 1, ..seen(&record, noon()) }).await.paper;
        let keyed = by(arxiv("2603.00001", TITLE), "lovelace");
        let told = ingest(db, &keyed, &seen(&keyed, hours(5))).await;
        assert_eq!((told.paper, told.what), (kept, Change::Updated));
        let paper = stored(db, "2603.00001").await;
        assert_eq!(paper.key, PaperKey::arxiv("2603.00001"));
        assert_eq!(paper.available_at, noon(), "it was available before");
        assert_eq!(paper.pdf_url.as_deref(), Some("https://arxiv.org/pdf/2603.00001"));
        let back = ingest(db, &record, &IngestContext { text_rank: 1, ..seen(&record, hours(6)) }).await;
        assert_eq!((back.paper, back.what), (kept, Change::Known));
    }

    async fn a_record_without_authors_does_not_join_papers_of_different_ones(db: &TestDb) {
        let keyed = by(arxiv("2603.00001", TITLE), "lovelace");
        let kept = ingest(db, &keyed, &seen(&keyed, noon())).await.paper;
        let stranger = by(titled(TITLE), "hopper");
        let other = ingest(db, &stranger, &seen(&stranger, noon())).await.paper;
        assert_ne!(kept, other);
        for hour in 1..3 {
            let told = ingest(db, &titled(TITLE), &seen(&titled(TITLE), hours(hour))).await;
            assert_eq!((told.paper, told.what), (kept, Change::Known));
        }
        assert_eq!(ingest(db, &stranger, &seen(&stranger, hours(3))).await.paper, other);
    }

    async fn titles_without_any_letter_are_told_apart(db: &TestDb) {
        let ids = [titled("?!"), titled("…")].map(|paper| async move {
            let context = IngestContext { title_key: "", title_is_distinctive: false, ..seen(&paper, noon()) };
            ingest(db, &paper, &context).await.paper
        });
        let [one, two] = ids;
        assert_ne!(one.await, two.await);
    }

    async fn a_short_title_joins_nothing_but_itself(db: &TestDb) {
        let keyed = arxiv("2603.00001", "Erratum");
        let record = titled("Erratum");
        let kept = ingest(db, &keyed, &seen(&keyed, noon())).await.paper;
        let own = ingest(db, &record, &seen(&record, noon())).await;
        assert_ne!(own.paper, kept);
        assert_eq!(ingest(db, &record, &seen(&record, hours(1))).await.paper, own.paper);
    }

    async fn a_shared_title_does_not_join_two_keyed_papers(db: &TestDb) {
        let preprint = arxiv("2603.00001", TITLE);
        let journal = IncomingPaper { keys: vec![PaperKey::doi("10.1/a")], ..titled(TITLE) };
        let one = ingest(db, &preprint, &seen(&preprint, noon())).await.paper;
        let two = ingest(db, &journal, &seen(&journal, noon())).await.paper;
        assert_ne!(one, two);
    }

    async fn a_hostile_record_is_kept_without_what_cannot_be_stored(db: &TestDb) {
        let long = "x".repeat(5_000);
        let paper = IncomingPaper {
            keys: vec![PaperKey::doi("10.1/\0a"), PaperKey::doi(&long), PaperKey::title("forged")],
            abstract_text: "before\0after".to_owned(),
            authors: vec!["A\0B".to_owned()],
            url: Some("https://example.org/\0".to_owned()),
            signals: upvotes(u32::MAX),
            ..titled(&long)
        };
        let first = ingest(db, &paper, &seen(&paper, noon())).await;
        let kept = stored(db, "doi:10.1/a").await;
        assert_eq!(kept.id, first.paper);
        assert_eq!(kept.abstract_text, "beforeafter");
        assert_eq!(kept.signals, upvotes(u32::MAX));
        assert_eq!(ingest(db, &paper, &seen(&paper, noon())).await.what, Change::Known);
        let mut read = db.read().await.expect("reads");
        assert_eq!(read.paper_by_key("title:forged").await.expect("reads"), None);
    }

    async fn many_names_are_all_found(db: &TestDb) {
        let keys: Vec<PaperKey> = (0..10).map(|n| PaperKey::doi(&format!("10.1/{n}"))).collect();
        let paper = IncomingPaper { keys, ..titled("a") };
        let first = ingest(db, &paper, &seen(&paper, noon())).await;
        for n in 0..10 {
            assert_eq!(stored(db, &format!("10.1/{n}")).await.id, first.paper);
        }
        assert_eq!(ingest(db, &paper, &seen(&paper, noon())).await.what, Change::Known);
    }

    async fn two_nodes_that_find_the_same_paper_keep_one(db: &TestDb) {
        let paper = arxiv("2603.00001", TITLE);
        let record = titled(TITLE);
        let (keyed, other) = (seen(&paper, noon()), seen(&record, noon()));
        tokio::join!(ingest(db, &paper, &keyed), ingest(db, &record, &other), ingest(db, &paper, &keyed));
        assert_eq!(db.read().await.expect("reads").paper_count().await.expect("counts"), 1);
    }
}
