//! What of a digest, and of each of its papers, differs between mails: by number for galleys, by name for templates.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::galley::{Blank, Filling, Fillings, Matter, Shape, named};
use super::marks::Marked;
use super::paper::{LINKS, PaperView, REASONS};
use super::view::DigestView;

/// What a mail says of a paper, in the order of [`PaperView`]'s fillings; its reasons and links come after these.
const PAPER: [&str; 15] = [
    "url",
    "title",
    "authors",
    "more_authors",
    "sources",
    "date",
    "categories",
    "badge",
    "excerpt",
    "more_reasons",
    "more_like",
    "less_like",
    "number",
    "leads",
    "opens",
];
const REASONS_AT: usize = PAPER.len();
const LINKS_AT: usize = REASONS_AT + 2 * REASONS;
const PAPER_BLANKS: usize = LINKS_AT + LINKS.len();

impl Matter for PaperView {
    fn fillings(&self) -> Fillings<'_> {
        let own = [
            Some(Filling::Text(&self.url)),
            Some(Filling::Marked(&self.title)),
            marked(&self.authors),
            number(self.more_authors as u64),
            text(&self.sources),
            text(&self.date),
            marked(&self.categories),
            self.badge.as_deref().and_then(text),
            marked(&self.excerpt),
            number(self.more_reasons as u64),
            self.more_like.as_deref().and_then(text),
            self.less_like.as_deref().and_then(text),
            text(&self.place.number),
            self.place.leads.then_some(Filling::Flag),
            self.place.opens.then_some(Filling::Flag),
        ];
        let mut all = Fillings::default();
        all[..PAPER.len()].copy_from_slice(&own);
        for (pair, reason) in all[REASONS_AT..LINKS_AT].as_chunks_mut().0.iter_mut().zip(&self.reasons) {
            *pair = [Some(Filling::Text(&reason.interest)), Some(Filling::Text(&reason.fields))];
        }
        for (blank, kind) in all[LINKS_AT..].iter_mut().zip(LINKS) {
            let link = self.links.iter().find(|link| link.kind == kind);
            *blank = link.map(|link| Filling::Text(&link.url));
        }
        all
    }

    fn blank(shape: Shape) -> Value {
        let there = |at: &usize| shape >> at & 1 == 1;
        let blank = |at| Blank::of(shape, at);
        let reason = |at| Value::from_pairs([("interest", blank(at)), ("fields", blank(at + 1))]);
        let link = |at| Value::from_pairs([("kind", Value::from(LINKS[at - LINKS_AT])), ("url", blank(at))]);
        let reasons: Vec<Value> = (REASONS_AT..LINKS_AT).step_by(2).filter(there).map(reason).collect();
        let links: Vec<Value> = (LINKS_AT..PAPER_BLANKS).filter(there).map(link).collect();
        context! { p => context! { reasons, links, ..named(&PAPER, shape) } }
    }

    fn value(&self) -> Value {
        context! { p => Serde(self) }
    }
}

/// What a mail says around its papers, in the order of [`Sheet`]'s fillings; its sections come after these.
const SHEET: [&str; 18] = [
    "subject",
    "preheader",
    "masthead",
    "date",
    "status",
    "notice.text",
    "notice.link",
    "quiet",
    "why",
    "links.site",
    "links.archive",
    "links.preferences",
    "links.pause",
    "links.unsubscribe",
    "links.more",
    "site.name",
    "site.postal_address",
    "site.contact",
];
/// The kinds of sections in their order; their words are `section.<kind>` in the catalogue.
pub(super) const SECTIONS: [&str; 3] = ["for_you", "rising", "trending"];

/// A digest whose papers are printed already.
pub(super) struct Sheet<'a> {
    /// Everything but the papers.
    pub view: &'a DigestView<'a>,
    /// The papers of each section.
    pub papers: Vec<String>,
}

impl Matter for Sheet<'_> {
    fn fillings(&self) -> Fillings<'_> {
        let DigestView { site, links, notice, .. } = self.view;
        let own = [
            Some(Filling::Text(&self.view.subject)),
            Some(Filling::Text(&self.view.preheader)),
            Some(Filling::Text(&self.view.masthead)),
            Some(Filling::Text(&self.view.date)),
            Some(Filling::Text(&self.view.status)),
            notice.as_ref().and_then(|notice| text(&notice.text)),
            notice.as_ref().and_then(|notice| text(notice.link?)),
            self.view.quiet.as_deref().and_then(text),
            Some(Filling::Text(&self.view.why)),
            Some(Filling::Text(&links.site)),
            Some(Filling::Text(&links.archive)),
            Some(Filling::Text(&links.preferences)),
            Some(Filling::Text(&links.pause)),
            Some(Filling::Text(&links.unsubscribe)),
            Some(Filling::Text(&links.more)),
            Some(Filling::Text(&site.name)),
            site.postal_address.as_deref().and_then(text),
            site.contact.as_deref().and_then(text),
        ];
        let mut all = Fillings::default();
        all[..SHEET.len()].copy_from_slice(&own);
        for (pair, kind) in all[SHEET.len()..].as_chunks_mut().0.iter_mut().zip(SECTIONS) {
            let mut sections = self.view.sections.iter().zip(&self.papers);
            let found = sections.find(|(section, _)| section.kind == kind);
            let more = found.and_then(|(section, _)| number(section.more));
            *pair = [found.map(|(_, papers)| Filling::Printed(papers)), more];
        }
        all
    }

    fn blank(shape: Shape) -> Value {
        let section = |(nth, kind)| {
            let at = SHEET.len() + 2 * nth;
            let there = shape >> at & 1 == 1;
            there.then(|| context! { kind, papers => Blank::of(shape, at), more => Blank::of(shape, at + 1) })
        };
        let sections: Vec<Value> = SECTIONS.into_iter().enumerate().filter_map(section).collect();
        context! { sections, ..named(&SHEET, shape) }
    }

    fn value(&self) -> Value {
        let sections = self.view.sections.iter().zip(&self.papers);
        let sections = sections.map(|(section, papers)| {
            context! { kind => section.kind, papers => Value::from_safe_string(papers.clone()), more => section.more }
        });
        context! { sections => sections.collect::<Vec<Value>>(), ..Value::from(Serde(self.view)) }
    }
}

fn text(text: &str) -> Option<Filling<'_>> {
    (!text.is_empty()).then_some(Filling::Text(text))
}

fn marked(text: &Marked) -> Option<Filling<'_>> {
    (!text.plain().is_empty()).then_some(Filling::Marked(text))
}

fn number(number: u64) -> Option<Filling<'static>> {
    (number > 0).then_some(Filling::Number(number))
}
