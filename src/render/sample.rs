//! Examples of what templates are given: for tests, and for checking an operator's own templates.

use std::borrow::Cow;

use chrono::{DateTime, Days};
use chrono_tz::Tz;

use crate::model::{
    Field, Figures, Item, LocalDate, Paper, QuietDay, Reason, Section, SourceFigures, SourceName, SourceState, Span,
    Timestamp,
};

use super::digest::{DigestInput, DigestItem, DigestLinks, ItemLinks};
use super::frame::Site;
use super::paper::Typeset;
use texts::{INTERESTS, TEXTS};

mod texts;

/// Monday, 23 November 2026, 06:00 UTC.
const NOW: i64 = 1_795_413_600;

/// An edition that owns everything a [`DigestInput`] borrows.
#[derive(Debug, Clone)]
pub struct DigestSample {
    /// What it shows, for messages about it.
    pub name: &'static str,
    /// The service.
    pub site: Site,
    /// The figures of the status line.
    pub figures: Figures,
    /// The papers in order.
    pub papers: Vec<(Item, Paper)>,
    /// Matches beyond the limit.
    pub more_for_you: u32,
    /// The kind of note on a quiet day.
    pub quiet: Option<QuietDay>,
    /// Whether the operator added the reader.
    pub operator_added: bool,
}

impl DigestSample {
    /// Every kind of day.
    pub fn all() -> Vec<Self> {
        vec![
            Self::rich(),
            Self::quiet_note(),
            Self::quiet_trending(),
            Self::trending_only(),
            Self::unknown_edition(),
            Self::unreachable(),
            Self::holiday(),
            Self::nothing(),
        ]
    }

    /// An ordinary good day with all three sections.
    pub fn rich() -> Self {
        let mut papers: Vec<(Item, Paper)> = TEXTS.iter().enumerate().map(|(at, text)| text.made(at)).collect();
        for ((item, paper), (interest, words)) in papers.iter_mut().zip(INTERESTS) {
            item.reasons = vec![reason(paper, interest, words)];
        }
        if let Some((item, paper)) = papers.first_mut() {
            item.reasons.push(reason(paper, "author:vance", &["Vance"]));
        }
        let sections = [Section::ForYou, Section::ForYou, Section::ForYou, Section::Rising, Section::Trending];
        for ((item, _), section) in papers.iter_mut().zip(sections) {
            item.section = section;
        }
        Self {
            name: "rich",
            site: Site::sample(),
            figures: figures(412, 16, &[("arxiv", 388, SourceState::Fresh), ("hugging-face", 37, SourceState::Fresh)]),
            papers,
            more_for_you: 12,
            quiet: None,
            operator_added: false,
        }
    }

    /// Nothing matches; the reader wants one line.
    pub fn quiet_note() -> Self {
        let figures = figures(96, 0, &[("arxiv", 96, SourceState::Fresh), ("hugging-face", 0, SourceState::Quiet)]);
        Self {
            name: "quiet note",
            figures,
            papers: Vec::new(),
            more_for_you: 0,
            quiet: Some(QuietDay::Note),
            ..Self::rich()
        }
    }

    /// Nothing matches; the reader wants what others read.
    pub fn quiet_trending() -> Self {
        Self {
            name: "quiet trending",
            quiet: Some(QuietDay::Trending),
            figures: figures(96, 0, &[("arxiv", 96, SourceState::Fresh)]),
            ..Self::trending_only()
        }
    }

    /// A reader without interests, added by the operator.
    pub fn trending_only() -> Self {
        let mut sample = Self { name: "trending only", more_for_you: 0, operator_added: true, ..Self::rich() };
        sample.figures.has_interests = false;
        sample.site.postal_address = None;
        for (item, _) in &mut sample.papers {
            item.section = Section::Trending;
            item.reasons.clear();
        }
        sample
    }

    /// Yesterday's mail may not have arrived.
    pub fn unknown_edition() -> Self {
        let mut sample = Self { name: "unknown edition", ..Self::rich() };
        sample.figures.unknown_edition = sample.date().checked_sub_days(Days::new(1));
        sample.papers.truncate(1);
        sample.more_for_you = 0;
        sample
    }

    /// One source cannot be read, one repeats itself.
    pub fn unreachable() -> Self {
        let mut sample = Self { name: "source unreachable", ..Self::unknown_edition() };
        sample.figures = figures(
            31,
            1,
            &[
                ("hugging-face", 0, SourceState::Unreachable),
                ("arxiv", 0, SourceState::Late),
                ("import", 31, SourceState::Fresh),
            ],
        );
        for source in &mut sample.figures.sources {
            source.since = (source.state == SourceState::Unreachable).then(|| now() - chrono::Duration::hours(1));
        }
        sample
    }

    /// A holiday and a weekend: nothing new at all.
    pub fn holiday() -> Self {
        let figures = figures(0, 0, &[("arxiv", 0, SourceState::Holiday), ("hugging-face", 0, SourceState::Weekend)]);
        Self { name: "holiday", figures, ..Self::quiet_note() }
    }

    /// Nothing to read for a reader without interests.
    pub fn nothing() -> Self {
        let mut sample = Self { name: "nothing", ..Self::holiday() };
        sample.figures.has_interests = false;
        sample
    }

    /// The papers with their links, to be lent to [`DigestSample::input`].
    pub fn items(&self) -> Vec<DigestItem<'_>> {
        let links = |item: &Item| ItemLinks {
            paper_page: format!("https://papers.example.org/papers/{}", item.paper).into(),
            more_like: Some(format!("https://papers.example.org/more/{}?{TOKEN}", item.paper).into()),
            less_like: Some(format!("https://papers.example.org/less/{}?{TOKEN}", item.paper).into()),
        };
        let shown = self.papers.iter().map(|(item, paper)| {
            let texts = Cow::Owned(Typeset::of(paper));
            DigestItem { item, paper, texts, links: links(item) }
        });
        shown.collect()
    }

    /// The sample as the argument of [`super::digest()`].
    pub fn input<'a>(&'a self, items: &'a [DigestItem<'a>]) -> DigestInput<'a> {
        let link = |what: &str| format!("https://papers.example.org/{what}/{TOKEN}");
        DigestInput {
            site: &self.site,
            language: "en",
            local_date: self.date(),
            address: "ada@example.org",
            confirmed_on: LocalDate::from_ymd_opt(2026, 10, 3),
            operator_added: self.operator_added,
            figures: &self.figures,
            timezone: Tz::Europe__Berlin,
            items,
            more_for_you: self.more_for_you,
            quiet: self.quiet,
            links: DigestLinks {
                site: "https://papers.example.org/".to_owned(),
                archive: link("archive"),
                preferences: link("preferences"),
                pause: link("pause"),
                unsubscribe: link("unsubscribe"),
                more: link("more"),
                unknown_edition: self.figures.unknown_edition.map(|_| link("yesterday")),
            },
        }
    }

    fn date(&self) -> LocalDate {
        now().date_naive()
    }
}

/// A token of the usual length.
const TOKEN: &str = "aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4ohcn3d";

fn now() -> Timestamp {
    DateTime::from_timestamp(NOW, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

fn figures(looked_at: u32, matched: u32, sources: &[(&str, u32, SourceState)]) -> Figures {
    let source = |(name, papers, state): &(&str, u32, SourceState)| SourceFigures {
        source: SourceName::new(name),
        papers: *papers,
        state: *state,
        since: None,
    };
    Figures {
        looked_at,
        matched,
        has_interests: true,
        sources: sources.iter().map(source).collect(),
        unknown_edition: None,
        unknown_edition_id: None,
        beyond: Vec::new(),
    }
}

/// An interest that hits each of `words` wherever it stands first in a field.
fn reason(paper: &Paper, interest: &str, words: &[&str]) -> Reason {
    let authors = paper.authors.join(", ");
    let fields = [(Field::Title, &paper.title), (Field::Abstract, &paper.abstract_text), (Field::Author, &authors)];
    let hits =
        fields.iter().flat_map(|(field, text)| words.iter().filter_map(|word| Some((*field, span(text, word)?))));
    Reason { interest: interest.to_owned(), hits: hits.collect() }
}

fn span(text: &str, word: &str) -> Option<Span> {
    let start = text.find(word)?;
    Some(Span { start: u32::try_from(start).ok()?, end: u32::try_from(start + word.len()).ok()? })
}
