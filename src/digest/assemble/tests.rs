use super::*;

fn papers(ids: impl IntoIterator<Item = i64>) -> Vec<Candidate> {
    let candidate = |id| Candidate {
        paper: PaperId(id),
        revision: 1,
        score: 1000,
        reasons: Vec::new(),
        upvotes: Some(3),
        gained: None,
    };
    ids.into_iter().map(candidate).collect()
}

fn choice() -> Choice {
    Choice { limit: 5, quiet_day: QuietDay::Trending, trending: true, has_interests: true }
}

fn shown(assembled: &Assembled) -> Vec<(Section, i64)> {
    assembled.items.iter().map(|item| (item.section, item.paper.0)).collect()
}

#[test]
fn sections_come_in_order_and_no_paper_stands_twice() {
    let assembled = assemble(&choice(), papers([1, 2]), papers([2, 3]), papers([1, 3, 4, 4, 5]));
    let expected = [
        (Section::ForYou, 1),
        (Section::ForYou, 2),
        (Section::Rising, 3),
        (Section::Trending, 4),
        (Section::Trending, 5),
    ];
    assert_eq!(shown(&assembled), expected);
    assert_eq!((assembled.kind, assembled.more_for_you), (EditionKind::Normal, 0));
}

#[test]
fn the_limit_holds_and_says_how_many_more_there_are() {
    let assembled = assemble(&choice(), papers(1..=8), papers(6..=14), papers(8..=30));
    assert_eq!(assembled.more_for_you, 3);
    let count = |section| assembled.items.iter().filter(|item| item.section == section).count();
    assert_eq!((count(Section::ForYou), count(Section::Rising), count(Section::Trending)), (5, 3, 3));
    assert!(!assembled.items.iter().any(|item| (6..=8).contains(&item.paper.0)), "left out means left out");
}

#[test]
fn trending_can_be_turned_off_on_ordinary_days() {
    let assembled = assemble(&Choice { trending: false, ..choice() }, papers([1]), papers([]), papers([2]));
    assert_eq!(shown(&assembled), [(Section::ForYou, 1)]);
}

#[test]
fn without_interests_the_digest_is_the_trending_papers() {
    for trending in [true, false] {
        let choice = Choice { has_interests: false, trending, ..choice() };
        let assembled = assemble(&choice, papers([]), papers([]), papers(1..=9));
        assert_eq!(assembled.items.len(), 5);
        assert!(assembled.items.iter().all(|item| item.section == Section::Trending));
        assert_eq!((assembled.kind, assembled.more_for_you), (EditionKind::Normal, 0));
    }
}

#[test]
fn a_day_without_matches_is_what_the_reader_chose() {
    for (quiet_day, trending, kind, items) in [
        (QuietDay::Nothing, 9, EditionKind::Silent, 0),
        (QuietDay::Note, 9, EditionKind::QuietNote, 0),
        (QuietDay::Trending, 9, EditionKind::QuietTrending, 3),
        (QuietDay::Nothing, 0, EditionKind::Silent, 0),
        (QuietDay::Note, 0, EditionKind::QuietNote, 0),
        (QuietDay::Trending, 0, EditionKind::QuietNote, 0),
    ] {
        let assembled = assemble(&Choice { quiet_day, ..choice() }, papers([]), papers([]), papers(0..trending));
        assert_eq!((assembled.kind, assembled.items.len()), (kind, items), "{quiet_day:?}, {trending} trending");
    }
}

#[test]
fn without_interests_and_without_papers_only_a_note_is_ever_sent() {
    for (quiet_day, kind) in [
        (QuietDay::Nothing, EditionKind::Silent),
        (QuietDay::Note, EditionKind::QuietNote),
        (QuietDay::Trending, EditionKind::QuietNote),
    ] {
        let choice = Choice { has_interests: false, quiet_day, ..choice() };
        assert_eq!(assemble(&choice, papers([]), papers([]), papers([])).kind, kind);
    }
}

#[test]
fn a_rising_paper_alone_makes_an_ordinary_day() {
    let assembled =
        assemble(&Choice { quiet_day: QuietDay::Nothing, ..choice() }, papers([]), papers([7]), papers([8]));
    assert_eq!(assembled.kind, EditionKind::Normal);
    assert_eq!(shown(&assembled), [(Section::Rising, 7), (Section::Trending, 8)]);
}

#[test]
fn a_limit_outside_the_range_is_brought_into_it() {
    let lengths = [0, u16::MAX].map(|limit| {
        assemble(&Choice { limit, trending: false, ..choice() }, papers(0..99), papers([]), papers([])).items.len()
    });
    assert_eq!(lengths, [1, 50]);
}
