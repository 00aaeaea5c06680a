//! One paper as templates see it, in mails and on pages: every field bounded, every link checked.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::Serialize;

use crate::model::{Field, Item, LocalDate, Paper, Reason, Section, Span};

use super::catalogue::{Words, WordsError};
use super::dates;
use super::digest::ItemLinks;
use super::escape::{cut, cut_off, folded, web_link};
use super::excerpt::{Sentences, excerpt};
use super::marks::{Marked, merged};

/// Characters of a title; longer ones are not titles.
const TITLE: usize = 300;
/// Authors shown by name.
const AUTHORS: usize = 5;
/// Characters of one author's name.
const NAME: usize = 60;
/// Categories shown.
const CATEGORIES: usize = 4;
/// Interests named as reasons.
pub(super) const REASONS: usize = 4;
/// Characters of an interest or a category.
const TERM: usize = 80;
/// Upvotes, and upvotes won in a day, from which a matched paper shows them.
const BADGE_UPVOTES: u32 = 20;
const BADGE_GAINED: u32 = 10;
/// The fields in the order in which they are named, and where the catalogue has their names.
const FIELDS: [(Field, &str); 4] = [
    (Field::Title, "field.title"),
    (Field::Abstract, "field.abstract"),
    (Field::Author, "field.author"),
    (Field::Category, "field.category"),
];

/// For whom something is put in words: their language, their zone, their date.
#[derive(Clone, Copy)]
pub struct Local<'a> {
    /// The catalogue.
    pub words: &'a Words,
    /// The zone in which instants are shown.
    pub zone: Tz,
    /// The local date of the edition or of the visit.
    pub today: LocalDate,
}

/// What of a paper is shown to all its readers alike: put into words once, however many get it.
///
/// What somebody's interests hit is marked in a copy.
#[derive(Debug, Clone)]
pub struct Typeset {
    sentences: Sentences,
    /// Where its title leads in the world.
    url: Option<Arc<str>>,
    title: Arc<Marked>,
    authors: (Arc<Marked>, usize),
    sources: Arc<str>,
    categories: Arc<Marked>,
    links: Vec<LinkView>,
}

impl Typeset {
    /// The texts of a paper that nobody has marked yet.
    pub fn of(paper: &Paper) -> Self {
        let sources: Vec<String> = paper.sources.iter().map(|source| folded(source.display())).collect();
        Self {
            sentences: Sentences::of(&paper.abstract_text),
            url: paper.url.as_deref().and_then(web_link).map(Arc::from),
            title: title(paper, &[]),
            authors: authors(paper, &[]),
            sources: Arc::from(sources.join(", ")),
            categories: categories(paper, &[]),
            links: links_out(paper),
        }
    }
}

/// A paper ready to be shown.
#[derive(Debug, Clone, Serialize)]
pub struct PaperView {
    /// Its row, for anchors.
    pub(super) id: i64,
    /// Where its title leads: its own page in the world, else ours.
    pub(super) url: Arc<str>,
    pub(super) title: Arc<Marked>,
    /// Up to five, joined with commas, those that hit among them.
    pub(super) authors: Arc<Marked>,
    /// How many authors are not named.
    pub(super) more_authors: usize,
    /// Those that announced it, in words.
    pub(super) sources: Arc<str>,
    /// The day it was published, short.
    pub(super) date: String,
    /// Joined with commas.
    pub(super) categories: Arc<Marked>,
    /// "120 upvotes, +45 since yesterday", where earned.
    pub(super) badge: Option<String>,
    /// Of the abstract.
    pub(super) excerpt: Marked,
    /// Why it is here.
    pub(super) reasons: Vec<ReasonView>,
    /// Interests that hit and are not named.
    pub(super) more_reasons: usize,
    pub(super) links: Vec<LinkView>,
    /// The page that offers to widen the profile.
    pub(super) more_like: Option<Arc<str>>,
    /// The page that offers to narrow it.
    pub(super) less_like: Option<Arc<str>>,
    /// Where it stands in a mail; not on pages.
    #[serde(flatten)]
    pub(super) place: Place,
}

/// Where a paper stands in a mail.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Place {
    /// From 1, as wide as two digits.
    pub number: String,
    /// Whether it is the first of all.
    pub leads: bool,
    /// Whether it is the first of its section.
    pub opens: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ReasonView {
    /// In canonical form.
    pub(super) interest: String,
    /// What it hit: "title and abstract".
    pub(super) fields: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct LinkView {
    /// One of [`LINKS`].
    pub(super) kind: &'static str,
    pub(super) url: Arc<str>,
}

/// The kinds of links in the order in which they are shown; their words are `link.<kind>` in the catalogue.
pub(super) const LINKS: [&str; 4] = ["abstract", "pdf", "code", "project"];

/// A paper in one line of a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PaperLine {
    /// Its page on the site.
    pub page: String,
    /// Its title.
    pub title: Marked,
    /// Up to five authors, joined with commas.
    pub authors: Marked,
    /// How many authors are not named.
    pub more_authors: usize,
}

/// Puts a paper in words. `texts` are those of this paper, `item` brings marks, reasons and frozen upvotes; without it
/// (on a page that is not an edition) the newest upvotes count. `budget` is the characters of abstract to show.
///
/// # Errors
///
/// A catalogue that lacks a text.
pub fn paper_view(
    local: Local<'_>,
    paper: &Paper,
    texts: &Typeset,
    item: Option<&Item>,
    links: &ItemLinks,
    budget: usize,
) -> Result<PaperView, WordsError> {
    let reasons = item.map_or(&[][..], |item| &item.reasons);
    // Most papers are hit in title and abstract alone.
    let marked = |field, plain: &Arc<Marked>, mark: fn(&Paper, &[Span]) -> Arc<Marked>| match &*spans_in(reasons, field)
        .collect::<Vec<_>>()
    {
        [] => Arc::clone(plain),
        spans => mark(paper, spans),
    };
    let (authors, more_authors) = match &*spans_in(reasons, Field::Author).collect::<Vec<_>>() {
        [] => texts.authors.clone(),
        spans => authors(paper, spans),
    };
    let published = paper.published_at.unwrap_or(paper.available_at).with_timezone(&local.zone).date_naive();
    let page = &links.paper_page;
    let own_page = texts.url.is_some().then(|| LinkView { kind: LINKS[0], url: Arc::clone(page) });
    let shown_reasons = reasons.iter().take(REASONS).map(|reason| reason_view(local.words, reason));
    Ok(PaperView {
        id: paper.id.0,
        url: Arc::clone(texts.url.as_ref().unwrap_or(page)),
        title: marked(Field::Title, &texts.title, title),
        authors,
        more_authors,
        sources: Arc::clone(&texts.sources),
        date: dates::short(local.words, published, local.today)?,
        categories: marked(Field::Category, &texts.categories, categories),
        badge: badge(local.words, paper, item)?,
        excerpt: excerpt(&paper.abstract_text, &texts.sentences, spans_in(reasons, Field::Abstract), budget),
        reasons: shown_reasons.collect::<Result<Vec<_>, _>>()?,
        more_reasons: reasons.len().saturating_sub(REASONS),
        links: own_page.into_iter().chain(texts.links.iter().cloned()).collect(),
        more_like: links.more_like.clone(),
        less_like: links.less_like.clone(),
        place: Place::default(),
    })
}

impl PaperView {
    /// The same paper at a place of a mail.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

/// Title and authors of a paper, bounded as everywhere; `page` is its page on the site.
pub(super) fn paper_line(paper: &Paper, page: &str) -> PaperLine {
    let (authors, more_authors) = listed(&paper.authors, &[], AUTHORS, NAME);
    PaperLine { page: page.to_owned(), title: bounded(&paper.title, &[], TITLE), authors, more_authors }
}

fn spans_in(reasons: &[Reason], field: Field) -> impl Iterator<Item = Span> {
    let hits = reasons.iter().flat_map(|reason| &reason.hits);
    hits.filter(move |(hit, _)| *hit == field).map(|(_, span)| *span)
}

fn title(paper: &Paper, spans: &[Span]) -> Arc<Marked> {
    Arc::new(bounded(&paper.title, spans, TITLE))
}

fn authors(paper: &Paper, spans: &[Span]) -> (Arc<Marked>, usize) {
    let (shown, more) = listed(&paper.authors, spans, AUTHORS, NAME);
    (Arc::new(shown), more)
}

fn categories(paper: &Paper, spans: &[Span]) -> Arc<Marked> {
    Arc::new(listed(&paper.categories, spans, CATEGORIES, TERM).0)
}

fn bounded(text: &str, spans: &[Span], max: usize) -> Marked {
    match text.chars().nth(max) {
        None => Marked::new(text, spans),
        Some(_) => {
            let kept = cut(text, max);
            let inside: Vec<Span> = spans.iter().filter(|span| (span.end as usize) < kept.len()).copied().collect();
            Marked::new(&kept, &inside)
        }
    }
}

/// The first `max` names of a list, of which those that were hit come before others; and how many are left out.
/// `spans` refer to the list joined with `", "`.
fn listed(names: &[String], spans: &[Span], max: usize, longest: usize) -> (Marked, usize) {
    let joined = names.join(", ");
    let hits = merged(&joined, spans.iter().copied());
    let mut at = 0;
    let places: Vec<(usize, usize)> = names
        .iter()
        .map(|name| {
            let place = (at, at + name.len());
            at = place.1 + 2;
            place
        })
        .collect();
    let is_hit = |place: (usize, usize)| hits.iter().any(|hit| hit.0 < place.1 && hit.1 > place.0);
    let mut chosen: Vec<usize> = (0..names.len()).filter(|at| is_hit(places[*at])).take(max).collect();
    let others: Vec<usize> = (0..names.len()).filter(|at| !chosen.contains(at)).take(max - chosen.len()).collect();
    chosen.extend(others);
    chosen.sort_unstable();

    let mut shown = Marked::default();
    for (position, at) in chosen.iter().enumerate() {
        if position > 0 {
            shown.push(", ", false);
        }
        let place = places[*at];
        if names[*at].chars().nth(longest).is_some() {
            shown.push(&folded(&cut(&names[*at], longest)), is_hit(place));
        } else {
            shown.push_range(&joined, place, &hits);
        }
    }
    (shown, names.len() - chosen.len())
}

/// Upvotes as frozen in the edition; everything outside *For you* shows what it has.
fn badge(words: &Words, paper: &Paper, item: Option<&Item>) -> Result<Option<String>, WordsError> {
    let (upvotes, gained) = match item {
        Some(item) => (item.upvotes, item.upvotes_gained.unwrap_or(0)),
        None => (paper.signals.upvotes, 0),
    };
    let Some(upvotes) = upvotes.filter(|upvotes| *upvotes > 0) else { return Ok(None) };
    let is_matched = item.is_some_and(|item| item.section == Section::ForYou);
    if is_matched && upvotes < BADGE_UPVOTES && gained < BADGE_GAINED {
        return Ok(None);
    }
    let text = words.count("badge.upvotes", upvotes.into(), &[])?;
    if gained == 0 {
        return Ok(Some(text));
    }
    words.say("badge.gained", &[("upvotes", &text), ("gained", &words.number(gained.into()))]).map(Some)
}

fn reason_view(words: &Words, reason: &Reason) -> Result<ReasonView, WordsError> {
    let was_hit = |field: &&(Field, &str)| reason.hits.iter().any(|(hit, _)| *hit == field.0);
    let names = FIELDS.iter().filter(was_hit).map(|(_, key)| words.text(key)).collect::<Result<Vec<_>, _>>()?;
    Ok(ReasonView { interest: cut_off(folded(&reason.interest), TERM), fields: words.list(&names)? })
}

fn links_out(paper: &Paper) -> Vec<LinkView> {
    let urls = [&paper.pdf_url, &paper.code_url, &paper.project_url];
    let shown = LINKS[1..].iter().zip(urls).filter_map(|(kind, url)| Some((kind, url.as_deref().and_then(web_link)?)));
    shown.map(|(kind, url)| LinkView { kind, url: Arc::from(url) }).collect()
}
