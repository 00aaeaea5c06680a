//! One paper as templates see it, in mails and on pages: every field bounded, every link checked.

use chrono_tz::Tz;
use serde::Serialize;

use crate::model::{Field, Item, LocalDate, Paper, Reason, Section, Span};

use super::catalogue::{Words, WordsError};
use super::dates;
use super::digest::ItemLinks;
use super::escape::{cut, folded, web_link};
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
const REASONS: usize = 4;
/// Characters of an interest or a category.
const TERM: usize = 80;
/// Upvotes, and upvotes won in a day, from which a matched paper shows them.
const BADGE_UPVOTES: u32 = 20;
const BADGE_GAINED: u32 = 10;

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

/// A paper ready to be shown.
#[derive(Debug, Clone, Serialize)]
pub struct PaperView {
    /// Its row, for anchors.
    pub id: i64,
    /// Where its title leads: its own page in the world, else ours.
    pub url: String,
    /// The title with its hits.
    pub title: Marked,
    /// Up to five authors, those that hit among them, joined with commas.
    pub authors: Marked,
    /// How many authors are not named.
    pub more_authors: usize,
    /// The sources that announced it, in words.
    pub sources: String,
    /// The day it was published, short.
    pub date: String,
    /// Its first categories, joined with commas.
    pub categories: Marked,
    /// "120 upvotes, +45 since yesterday", where earned.
    pub badge: Option<String>,
    /// The excerpt of the abstract; no pieces when there is none.
    pub excerpt: Marked,
    /// Why it is here.
    pub reasons: Vec<ReasonView>,
    /// Interests that hit and are not named.
    pub more_reasons: usize,
    /// `abstract`, `pdf`, `code`, `project`, with their addresses.
    pub links: Vec<LinkView>,
    /// A page that offers to widen the profile.
    pub more_like: Option<String>,
    /// A page that offers to narrow it.
    pub less_like: Option<String>,
}

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

/// An interest and the fields it hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonView {
    /// The interest in canonical form.
    pub interest: String,
    /// "title and abstract".
    pub fields: String,
}

/// A link of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkView {
    /// `abstract`, `pdf`, `code` or `project`; its words are `link.<kind>` in the catalogue.
    pub kind: &'static str,
    /// Where it leads.
    pub url: String,
}

/// Puts a paper in words. `sentences` are those of its abstract, `item` brings marks, reasons and frozen upvotes; without it (on a page that is
/// not an edition) the newest upvotes count. `budget` is the characters of abstract to show.
///
/// # Errors
///
/// A catalogue that lacks a text.
pub fn paper_view(
    local: Local<'_>,
    paper: &Paper,
    sentences: &Sentences,
    item: Option<&Item>,
    links: &ItemLinks,
    budget: usize,
) -> Result<PaperView, WordsError> {
    let reasons = item.map_or(&[][..], |item| &item.reasons);
    let spans = |field| spans_in(reasons, field);
    let source_url = paper.url.as_deref().and_then(web_link);
    let published = paper.published_at.unwrap_or(paper.available_at).with_timezone(&local.zone).date_naive();
    let sources: Vec<String> = paper.sources.iter().map(|source| folded(source.display())).collect();
    let (authors, more_authors) = listed(&paper.authors, &spans(Field::Author), AUTHORS, NAME);
    Ok(PaperView {
        id: paper.id.0,
        url: source_url.unwrap_or(&links.paper_page).to_owned(),
        title: bounded(&paper.title, &spans(Field::Title), TITLE),
        authors,
        more_authors,
        sources: sources.join(", "),
        date: dates::short(local.words, published, local.today)?,
        categories: listed(&paper.categories, &spans(Field::Category), CATEGORIES, TERM).0,
        badge: badge(local.words, paper, item)?,
        excerpt: excerpt(&paper.abstract_text, sentences, &spans(Field::Abstract), budget),
        reasons: reasons
            .iter()
            .take(REASONS)
            .map(|reason| reason_view(local.words, reason))
            .collect::<Result<_, _>>()?,
        more_reasons: reasons.len().saturating_sub(REASONS),
        links: link_views(paper, source_url.is_some().then_some(&links.paper_page)),
        more_like: links.more_like.clone(),
        less_like: links.less_like.clone(),
    })
}

/// Title and authors of a paper, bounded as everywhere; `page` is its page on the site.
pub(super) fn paper_line(paper: &Paper, page: &str) -> PaperLine {
    let (authors, more_authors) = listed(&paper.authors, &[], AUTHORS, NAME);
    PaperLine { page: page.to_owned(), title: bounded(&paper.title, &[], TITLE), authors, more_authors }
}

fn spans_in(reasons: &[Reason], field: Field) -> Vec<Span> {
    reasons.iter().flat_map(|reason| &reason.hits).filter(|(hit, _)| *hit == field).map(|(_, span)| *span).collect()
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
    let hits = merged(&joined, spans);
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
    let mut fields: Vec<Field> = reason.hits.iter().map(|(field, _)| *field).collect();
    fields.sort_unstable();
    fields.dedup();
    let key = |field| match field {
        Field::Title => "field.title",
        Field::Abstract => "field.abstract",
        Field::Author => "field.author",
        Field::Category => "field.category",
    };
    let names = fields.into_iter().map(|field| words.say(key(field), &[])).collect::<Result<Vec<_>, _>>()?;
    Ok(ReasonView { interest: cut(&folded(&reason.interest), TERM).into_owned(), fields: words.list(&names)? })
}

fn link_views(paper: &Paper, page: Option<&String>) -> Vec<LinkView> {
    let checked = |url: &Option<String>| url.as_deref().and_then(web_link).map(str::to_owned);
    let all = [
        ("abstract", page.cloned()),
        ("pdf", checked(&paper.pdf_url)),
        ("code", checked(&paper.code_url)),
        ("project", checked(&paper.project_url)),
    ];
    all.into_iter().filter_map(|(kind, url)| Some(LinkView { kind, url: url? })).collect()
}
