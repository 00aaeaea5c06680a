//! No bytes whatever make a reader panic, and what it does accept is clean.

use proptest::prelude::*;

use super::{now, read_first};
use crate::model::IncomingPaper;
use crate::sources::file::{self, Format};
use crate::sources::{Arxiv, Feed, HuggingFace, Source};

const SEEDS: &[&[u8]] = &[
    include_bytes!("fixtures/daily.json"),
    include_bytes!("fixtures/arxiv.rss.xml"),
    include_bytes!("fixtures/arxiv.atom.xml"),
    include_bytes!("fixtures/journal.rdf.xml"),
    include_bytes!("fixtures/blog.atom.xml"),
    include_bytes!("fixtures/page.txt"),
];

fn check(paper: &IncomingPaper) {
    assert!(!paper.title.is_empty() && !paper.title.contains('\n'));
    assert!(paper.authors.len() <= 200 && paper.categories.len() <= 50);
    for url in [&paper.url, &paper.code_url, &paper.project_url].into_iter().flatten() {
        assert!(url.starts_with("http://") || url.starts_with("https://"), "{url}");
    }
}

fn read_as_everything(bytes: &[u8]) {
    let sources: [Box<dyn Source>; 3] = [
        Box::new(HuggingFace::new("https://a.example").unwrap()),
        Box::new(Arxiv::new("https://a.example", &["cs".to_owned()]).unwrap()),
        Box::new(Feed::new("f", "https://a.example").unwrap()),
    ];
    for source in &sources {
        if let Ok(page) = read_first(source.as_ref(), bytes) {
            assert_eq!(page.papers.len() + page.rejected.len(), page.total_items);
            page.papers.iter().for_each(check);
        }
    }
    for format in [Format::detect(bytes), Format::JsonLines, Format::Text, Format::HuggingFace, Format::Feed] {
        if let Ok(report) = file::read(format, bytes, None, now()) {
            report.papers.iter().for_each(check);
        }
    }
}

/// A seed with some bytes overwritten, cut or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    (0..SEEDS.len(), prop::collection::vec(edit, 0..8)).prop_map(|(seed, edits)| {
        let mut bytes = SEEDS[seed].to_vec();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len().max(1));
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.truncate(at),
                _ => bytes.extend_from_within(at.min(bytes.len())..),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn text_made_of_the_marks_of_the_formats_is_survived(text in "[\\[\\]{}<>&;:,\"'=/!? \n0-9a-zé.]{0,300}") {
        read_as_everything(text.as_bytes());
    }

    #[test]
    fn damaged_pages_are_survived(bytes in damaged()) {
        read_as_everything(&bytes);
    }
}
