use proptest::prelude::*;

use crate::model::Signals;

use super::*;

fn hour(n: i64) -> Timestamp {
    from_micros(1_772_452_800_000_000 + n * 3_600_000_000)
}

fn record(id: i64, available: i64, backfill: bool) -> Record {
    Record {
        id,
        revision: 1,
        key: PaperKey::doi(&id.to_string()),
        texts: PaperTexts {
            title: format!("Title {id}"),
            abstract_text: format!("Abstract {id}."),
            authors: vec![format!("Author {id}")],
            categories: vec![format!("c{id}"), "shared".to_owned()],
        },
        sources: vec![SourceName::new(&format!("source {id}"))],
        text_rank: 2,
        title_key: format!("title {id}"),
        first_author_key: format!("author{id}"),
        announce_type: None,
        published_at: None,
        announced_at: None,
        first_seen_at: hour(id),
        available_at: hour(available),
        backfill,
        withdrawn: false,
        url: None,
        code_url: None,
        project_url: None,
        signals: Signals::default(),
    }
}

fn absorbed(mut one: Record, other: Record) -> Record {
    one.absorb(other);
    one
}

#[test]
fn the_earlier_of_two_mailed_papers_says_when_it_became_available() {
    assert_eq!(absorbed(record(1, 5, false), record(2, 3, false)).available_at, hour(3));
    assert_eq!(absorbed(record(1, 3, false), record(2, 5, false)).available_at, hour(3));
}

#[test]
fn a_paper_that_is_mailed_outweighs_one_that_never_is() {
    for (one, other) in [(record(1, 9, false), record(2, 1, true)), (record(1, 1, true), record(2, 9, false))] {
        let merged = absorbed(one, other);
        assert_eq!((merged.available_at, merged.backfill), (hour(9), false));
    }
    let both = absorbed(record(1, 4, true), record(2, 2, true));
    assert_eq!((both.available_at, both.backfill), (hour(2), true));
}

#[test]
fn among_equals_a_merge_keeps_the_texts_of_the_row_that_stays() {
    let merged = absorbed(record(1, 0, false), record(2, 0, false));
    assert_eq!((merged.texts.title.as_str(), merged.title_key.as_str()), ("Title 1", "title 1"));
    assert_eq!(merged.texts.categories, ["c1", "shared", "c2"]);
    let better = absorbed(record(1, 0, false), Record { text_rank: 3, ..record(2, 0, false) });
    assert_eq!((better.texts.title.as_str(), better.title_key.as_str()), ("Title 2", "title 2"));
    assert_eq!(better.texts.categories, ["c2", "shared", "c1"]);
    assert_eq!((better.text_rank, better.first_author_key.as_str()), (3, "author2"));
}

#[test]
fn the_strongest_name_is_the_one_shown() {
    let arxiv = Record { key: PaperKey::arxiv("2603.00001"), ..record(2, 0, false) };
    assert_eq!(absorbed(record(1, 0, false), arxiv.clone()).key, arxiv.key);
    assert_eq!(absorbed(arxiv.clone(), record(1, 0, false)).key, arxiv.key);
}

#[test]
fn links_are_filled_and_replaced_by_their_own_rules() {
    let link = |host: &str| Some(format!("https://{host}.example"));
    let mine = Record { url: link("mine"), code_url: link("mine"), text_rank: 3, ..record(1, 0, false) };
    let other =
        Record { url: link("other"), code_url: link("other"), project_url: link("other"), ..record(2, 0, false) };
    let merged = absorbed(mine, other);
    assert_eq!((merged.url, merged.code_url, merged.project_url), (link("mine"), link("other"), link("other")));
}

#[test]
fn announcements_keep_the_strongest_kind_and_the_first_day() {
    let first = Record {
        announce_type: Some(AnnounceType::Cross),
        announced_at: Some(hour(5)),
        published_at: Some(hour(-2)),
        ..record(1, 0, false)
    };
    let second = Record {
        announce_type: Some(AnnounceType::New),
        announced_at: Some(hour(1)),
        published_at: Some(hour(-3)),
        withdrawn: true,
        ..record(2, 0, false)
    };
    let merged = absorbed(first, second);
    assert_eq!((merged.announce_type, merged.announced_at), (Some(AnnounceType::New), Some(hour(5))));
    assert_eq!((merged.published_at, merged.withdrawn), (Some(hour(-3)), true));
    let told = absorbed(record(3, 0, false), merged);
    assert_eq!((told.announce_type, told.announced_at), (Some(AnnounceType::New), Some(hour(5))));
}

proptest! {
    #[test]
    fn absorbing_the_same_row_again_changes_nothing(
        ranks in (1..5_i64, 1..5_i64),
        backfill in (any::<bool>(), any::<bool>()),
        available in (0..9_i64, 0..9_i64),
        empty in any::<bool>(),
    ) {
        let one = Record { text_rank: ranks.0, ..record(1, available.0, backfill.0) };
        let mut other = Record { text_rank: ranks.1, ..record(2, available.1, backfill.1) };
        if empty {
            other.texts.abstract_text.clear();
            other.texts.authors.clear();
        }
        let once = absorbed(one, other.clone());
        prop_assert!(!once.texts.abstract_text.is_empty() && !once.texts.authors.is_empty());
        prop_assert_eq!(absorbed(once.clone(), other), once);
    }
}
