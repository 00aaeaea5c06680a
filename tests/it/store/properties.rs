//! What holds of identity for any records in any order.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use broadsheet::model::{IncomingPaper, PaperId, PaperKey, SourceName};
use broadsheet::store::ingest::{Change, IngestContext};
use proptest::prelude::*;

use crate::support::databases::for_all;
use crate::support::papers::{hours, seen, titled, upvotes};
use crate::support::{TestDb, both_databases};

/// The names of one record, by number: an arXiv id perhaps, some DOIs, a source's own perhaps.
type Names = (Option<u8>, BTreeSet<u8>, Option<u8>);

fn records() -> impl Strategy<Value = Vec<Names>> {
    let names = (
        prop::option::weighted(0.6, 0..4_u8),
        prop::collection::btree_set(0..5_u8, 0..3),
        prop::option::weighted(0.2, 0..3_u8),
    );
    let named =
        names.prop_filter("a keyed record", |(arxiv, dois, own)| arxiv.is_some() || own.is_some() || !dois.is_empty());
    prop::collection::vec(named, 1..9)
}

/// Keys that no other case uses.
fn keys(case: &str, (arxiv, dois, own): &Names) -> Vec<PaperKey> {
    let own = own.map(|n| PaperKey::source(&SourceName::new("lab"), &format!("{case}-{n}")));
    let dois = dois.iter().map(|n| PaperKey::doi(&format!("10.{case}/{n}")));
    let arxiv = arxiv.map(|n| PaperKey::arxiv(&format!("{case}.{n}")));
    own.into_iter().chain(dois).chain(arxiv).collect()
}

/// What the rules say: one paper for each set of records linked by names, or one for each arXiv id in it.
fn expected(records: &[Vec<PaperKey>]) -> (usize, BTreeMap<PaperKey, usize>) {
    let mut component: BTreeMap<PaperKey, usize> = BTreeMap::new();
    for (fresh, keys) in records.iter().enumerate() {
        let linked: HashSet<usize> = keys.iter().filter_map(|key| component.get(key).copied()).collect();
        component.values_mut().filter(|of| linked.contains(of)).for_each(|of| *of = fresh);
        component.extend(keys.iter().map(|key| (key.clone(), fresh)));
    }
    let papers = component.values().collect::<BTreeSet<_>>().into_iter().map(|of| {
        let arxiv = component.iter().filter(|(key, other)| *other == of && key.arxiv_id().is_some()).count();
        arxiv.max(1)
    });
    (papers.sum(), component)
}

/// Takes the records in and looks at what came of them.
async fn check(db: &TestDb, records: &[Vec<PaperKey>]) -> Result<(), TestCaseError> {
    let mut tx = db.begin().await.expect("begins");
    let mut told: Vec<(PaperId, i64)> = Vec::new();
    for round in [0, 100] {
        for (n, keys) in (0..).zip(records) {
            let title = format!("Telling {n}");
            let paper = IncomingPaper { keys: keys.clone(), signals: upvotes(n), ..titled(&title) };
            let context = IngestContext { title_is_distinctive: false, ..seen(&paper, hours(i64::from(n) + round)) };
            let ingested = tx.ingest(&paper, &context).await.expect("ingests");
            prop_assert!(
                round == 0 || !matches!(ingested.what, Change::New | Change::Merged),
                "telling it again changed it"
            );
            let stored = tx.paper(ingested.paper).await.expect("reads").expect("is there");
            told.push((stored.id, stored.revision));
        }
    }
    let (papers, component) = expected(records);
    let mut holder: BTreeMap<&PaperKey, PaperId> = BTreeMap::new();
    for key in component.keys() {
        let paper = tx.paper_by_key(key.as_str()).await.expect("reads");
        holder.insert(key, paper.expect("every name leads somewhere").id);
    }
    let left: BTreeSet<PaperId> = holder.values().copied().collect();
    prop_assert_eq!(left.len(), papers, "{:?}", holder);
    for (paper, of) in holder.iter().map(|(key, paper)| (paper, component[*key])) {
        let others = holder.iter().filter(|(_, other)| *other == paper);
        prop_assert!(others.into_iter().all(|(key, _)| component[*key] == of), "a name leads to a stranger");
    }
    // Whatever an edition remembers still leads to a paper that is left, and its text is still there.
    let ids: Vec<PaperId> = told.iter().map(|(id, _)| *id).collect();
    prop_assert!(tx.resolve_merged(&ids).await.expect("resolves").iter().all(|id| left.contains(id)));
    let texts: HashSet<_> = tx.paper_revisions(&told).await.expect("reads").into_iter().map(|(name, _)| name).collect();
    prop_assert!(told.iter().all(|name| texts.contains(name)));
    let points = tx.signals_of(&left.iter().copied().collect::<Vec<_>>()).await.expect("reads");
    prop_assert_eq!(points.iter().map(|(_, points)| points.len()).sum::<usize>(), 2 * records.len());
    Ok(())
}

both_databases! {
    async fn the_order_of_arrival_does_not_change_the_set_of_papers(db: &TestDb) {
        let case = Cell::new(0);
        // The rules are the same code on both; the server is only slower to ask.
        let cases = if db.kind() == "SQLite" { 100 } else { 12 };
        for_all(cases, records(), |names| {
            let n = case.replace(case.get() + 2);
            async move {
                let forwards: Vec<Vec<PaperKey>> = names.iter().map(|names| keys(&n.to_string(), names)).collect();
                check(db, &forwards).await?;
                let backwards: Vec<Vec<PaperKey>> =
                    names.iter().rev().map(|names| keys(&(n + 1).to_string(), names)).collect();
                prop_assert_eq!(expected(&forwards).0, expected(&backwards).0);
                check(db, &backwards).await
            }
        });
    }
}
