//! The papers of the samples, written for them: no such work exists.

use crate::model::{Item, Paper, PaperId, PaperKey, Section, Signals, SourceName};

use super::now;

/// The interest that each paper answers, and the words it hits.
pub(super) const INTERESTS: [(&str, &[&str]); 4] = [
    ("graph neural networks", &["Graph Neural Networks", "graph neural networks", "graph networks"]),
    ("retrieval AND \"long context\"", &["long context", "Long Context", "retrieval", "Retrieval"]),
    ("protein*", &["Protein", "protein"]),
    ("speech translation", &["speech", "Speech", "translation", "Translation"]),
];

/// What a sample paper is made of.
pub(super) struct Text {
    title: &'static str,
    abstract_text: &'static str,
    authors: &'static [&'static str],
    categories: &'static [&'static str],
    upvotes: Option<u32>,
    gained: Option<u32>,
    code: bool,
}

impl Text {
    /// The paper, and its place in an edition; `at` counts the papers and sets their dates apart.
    pub(super) fn made(&self, at: usize) -> (Item, Paper) {
        let number = 17_300 + at * 7;
        let arxiv = format!("2611.{number}");
        let id = PaperId(100 + at as i64);
        let published = now() - chrono::Duration::hours(30 + 9 * at as i64);
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut sources = vec![SourceName::new(SourceName::ARXIV)];
        if self.upvotes.is_some() {
            sources.push(SourceName::new(SourceName::HUGGING_FACE));
        }
        let paper = Paper {
            id,
            revision: 1,
            key: PaperKey::arxiv(&arxiv),
            title: self.title.to_owned(),
            abstract_text: self.abstract_text.to_owned(),
            authors: owned(self.authors),
            categories: owned(self.categories),
            sources,
            published_at: Some(published),
            first_seen_at: published,
            available_at: published,
            backfill: false,
            withdrawn: false,
            url: Some(format!("https://arxiv.org/abs/{arxiv}")),
            pdf_url: Some(format!("https://arxiv.org/pdf/{arxiv}")),
            code_url: self.code.then(|| "https://github.com/example/code".to_owned()),
            project_url: None,
            signals: Signals { upvotes: self.upvotes, comments: None, github_stars: None },
        };
        let item = Item {
            paper: id,
            revision: 1,
            section: Section::ForYou,
            score: 1_000 - at as u64,
            reasons: Vec::new(),
            upvotes: self.upvotes,
            upvotes_gained: self.gained,
        };
        (item, paper)
    }
}

pub(super) const TEXTS: [Text; 5] = [
    Text {
        title: "When Do Graph Neural Networks Forget? Depth, Memory and the Limits of O(n²) Message Passing",
        abstract_text: "Deep message passing is known to wash out the features that distinguish one node from another. \
            We study when graph neural networks forget, and show that the loss is governed by a single spectral \
            quantity that can be measured before training. The analysis covers directed, weighted and temporal graphs, \
            with constants that are tight up to a factor of two. Across eleven benchmarks, a one-line change to the \
            aggregation step improves accuracy by 3.5 points at 64 layers, without extra parameters. We release code, \
            trained models and the measurement tool.",
        authors: &[
            "Ilse Brandt",
            "Chidi Okafor",
            "Mina Park",
            "Tomás Herrera",
            "Yuki Tanabe",
            "Rosa Lind",
            "E. J. Vance",
        ],
        categories: &["cs.LG", "stat.ML"],
        upvotes: Some(120),
        gained: Some(45),
        code: true,
    },
    Text {
        title: "Reading Everything Once: Retrieval Is Still Cheaper Than Long Context",
        abstract_text: "Windows of a million tokens have made it tempting to put whole libraries into a prompt. We compare \
            retrieval with long context under equal cost on nine question-answering tasks. Retrieval wins on seven of \
            them, and the gap grows with the number of distractors.",
        authors: &["Amara Nwosu", "Felix Grün"],
        categories: &["cs.CL", "cs.IR"],
        upvotes: Some(34),
        gained: None,
        code: false,
    },
    Text {
        title: "α-Helix or Not: Calibrated Uncertainty for Protein Structure at Scale",
        abstract_text: "A predicted structure is only as useful as the confidence that comes with it. We calibrate four \
            protein models on 41,000 recently solved chains and find all of them overconfident in loops.",
        authors: &["Noor Haddad", "Sven Aalto", "Lucía Prieto"],
        categories: &["q-bio.BM", "cs.LG"],
        upvotes: None,
        gained: None,
        code: false,
    },
    Text {
        title: "One Ear Open: Simultaneous Speech Translation That Knows When to Wait",
        abstract_text: "Simultaneous systems trade delay against quality. We propose a policy that waits only when the \
            next word would change the translation, which halves the delay of speech translation at equal quality.",
        authors: &["Hana Kobayashi", "Pedro Salles"],
        categories: &["cs.CL", "eess.AS"],
        upvotes: Some(88),
        gained: Some(61),
        code: true,
    },
    Text {
        title: "The Small Model That Could: Distilling Tool Use into 300M Parameters",
        abstract_text: "Tool use has been thought to need scale. We show that a model of 300 million parameters, trained on \
            traces that keep only the decisions, matches teachers forty times its size on four of five suites.",
        authors: &["Jun Seo", "Marta Oliveira", "Ben Achterberg"],
        categories: &["cs.AI"],
        upvotes: Some(1_204),
        gained: Some(310),
        code: true,
    },
];
