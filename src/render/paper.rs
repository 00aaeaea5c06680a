//! One paper as templates see it, in mails and on pages: every field bounded, every link checked.

use std::sync::Arc;

use chrono_tz::Tz;
use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use serde::{Serialize, Serializer};

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

/// What of a paper is shown to all its readers alike: put into words once, however many get it.
///
/// What somebody's interests hit is marked in a copy.
#[derive(Debug, Clone)]
pub struct Typeset {
    sentences: Sentences,
    /// Where its title leads in the world.
    url: Option<Value>,
    title: Value,
    authors: (Value, usize),
    sources: Value,
    categories: Value,
    /// `pdf`, `code`, `project`.
    links: Vec<Value>,
}

impl Typeset {
    /// The texts of a paper that nobody has marked yet.
    pub fn of(paper: &Paper) -> Self {
        let sources: Vec<String> = paper.sources.iter().map(|source| folded(source.display())).collect();
        Self {
            sentences: Sentences::of(&paper.abstract_text),
            url: paper.url.as_deref().and_then(web_link).map(Value::from),
            title: title(paper, &[]),
            authors: authors(paper, &[]),
            sources: Value::from(sources.join(", ")),
            categories: categories(paper, &[]),
            links: link_values(paper),
        }
    }
}

/// A paper ready to be shown. What templates may ask for is in [`PaperView::FIELDS`].
#[derive(Debug, Clone)]
pub struct PaperView {
    id: i64,
    url: Value,
    title: Value,
    authors: (Value, usize),
    sources: Value,
    date: Value,
    categories: Value,
    badge: Value,
    excerpt: Value,
    reasons: Value,
    more_reasons: usize,
    links: Value,
    more_like: Value,
    less_like: Value,
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
    let marked = |field, plain: &Value, mark: fn(&Paper, &[Span]) -> Value| match &*spans_in(reasons, field) {
        [] => plain.clone(),
        spans => mark(paper, spans),
    };
    let published = paper.published_at.unwrap_or(paper.available_at).with_timezone(&local.zone).date_naive();
    let page = Value::from(&*links.paper_page);
    let own_page = texts.url.is_some().then(|| link_value("abstract", page.clone()));
    let shown_reasons = reasons.iter().take(REASONS).map(|reason| reason_value(local.words, reason));
    Ok(PaperView {
        id: paper.id.0,
        url: texts.url.clone().unwrap_or(page),
        title: marked(Field::Title, &texts.title, title),
        authors: match &*spans_in(reasons, Field::Author) {
            [] => texts.authors.clone(),
            spans => authors(paper, spans),
        },
        sources: texts.sources.clone(),
        date: Value::from(dates::short(local.words, published, local.today)?),
        categories: marked(Field::Category, &texts.categories, categories),
        badge: Value::from(badge(local.words, paper, item)?),
        excerpt: Value::from_object(excerpt(
            &paper.abstract_text,
            &texts.sentences,
            &spans_in(reasons, Field::Abstract),
            budget,
        )),
        reasons: Value::from(shown_reasons.collect::<Result<Vec<_>, _>>()?),
        more_reasons: reasons.len().saturating_sub(REASONS),
        links: own_page.into_iter().chain(texts.links.iter().cloned()).collect(),
        more_like: Value::from(links.more_like.as_deref()),
        less_like: Value::from(links.less_like.as_deref()),
    })
}

impl PaperView {
    /// The names that templates know:
    ///
    /// - `id`: its row, for anchors;
    /// - `url`: where its title leads, its own page in the world, else ours;
    /// - `title`, and `authors` (up to five, those that hit among them) and `categories`, joined with commas, and
    ///   `excerpt` of the abstract: each a [`Marked`], which is false when it is empty;
    /// - `more_authors`: how many are not named;
    /// - `sources`: those that announced it, in words; `date`: the day it was published, short;
    /// - `badge`: "120 upvotes, +45 since yesterday", where earned;
    /// - `reasons`: why it is here, each an `interest` in canonical form and the `fields` it hit ("title and
    ///   abstract"); `more_reasons`: interests that hit and are not named;
    /// - `links`: each a `url` of the `kind` `abstract`, `pdf`, `code` or `project`;
    /// - `more_like`, `less_like`: pages that offer to widen the profile or to narrow it.
    pub const FIELDS: [&'static str; 15] = [
        "id",
        "url",
        "title",
        "authors",
        "more_authors",
        "sources",
        "date",
        "categories",
        "badge",
        "excerpt",
        "reasons",
        "more_reasons",
        "links",
        "more_like",
        "less_like",
    ];
}

impl Object for PaperView {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(match key {
            "id" => Value::from(self.id),
            "url" => self.url.clone(),
            "title" => self.title.clone(),
            "authors" => self.authors.0.clone(),
            "more_authors" => Value::from(self.authors.1),
            "sources" => self.sources.clone(),
            "date" => self.date.clone(),
            "categories" => self.categories.clone(),
            "badge" => self.badge.clone(),
            "excerpt" => self.excerpt.clone(),
            "reasons" => self.reasons.clone(),
            "more_reasons" => Value::from(self.more_reasons),
            "links" => self.links.clone(),
            "more_like" => self.more_like.clone(),
            "less_like" => self.less_like.clone(),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&Self::FIELDS)
    }
}

impl Serialize for PaperView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_object(self.clone()).serialize(serializer)
    }
}

/// Title and authors of a paper, bounded as everywhere; `page` is its page on the site.
pub(super) fn paper_line(paper: &Paper, page: &str) -> PaperLine {
    let (authors, more_authors) = listed(&paper.authors, &[], AUTHORS, NAME);
    PaperLine { page: page.to_owned(), title: bounded(&paper.title, &[], TITLE), authors, more_authors }
}

fn spans_in(reasons: &[Reason], field: Field) -> Vec<Span> {
    reasons.iter().flat_map(|reason| &reason.hits).filter(|(hit, _)| *hit == field).map(|(_, span)| *span).collect()
}

fn title(paper: &Paper, spans: &[Span]) -> Value {
    Value::from_object(bounded(&paper.title, spans, TITLE))
}

fn authors(paper: &Paper, spans: &[Span]) -> (Value, usize) {
    let (shown, more) = listed(&paper.authors, spans, AUTHORS, NAME);
    (Value::from_object(shown), more)
}

fn categories(paper: &Paper, spans: &[Span]) -> Value {
    Value::from_object(listed(&paper.categories, spans, CATEGORIES, TERM).0)
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

fn reason_value(words: &Words, reason: &Reason) -> Result<Value, WordsError> {
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
    let interest = Value::from(&*cut(&folded(&reason.interest), TERM));
    Ok(Value::from_pairs([("interest", interest), ("fields", Value::from(words.list(&names)?))]))
}

fn link_values(paper: &Paper) -> Vec<Value> {
    let all = [("pdf", &paper.pdf_url), ("code", &paper.code_url), ("project", &paper.project_url)];
    let shown = all.into_iter().filter_map(|(kind, url)| Some((kind, url.as_deref().and_then(web_link)?)));
    shown.map(|(kind, url)| link_value(kind, Value::from(url))).collect()
}

fn link_value(kind: &'static str, url: Value) -> Value {
    Value::from_pairs([("kind", Value::from(kind)), ("url", url)])
}
