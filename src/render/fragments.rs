//! Papers as they stand in mails, made once for all readers who see them alike.
//!
//! A paper that hit the same words by the same interests reads the same whoever gets it, but for the two links
//! that edit the reader's profile: those are put in afterwards. Lives as long as one run, so that a paper
//! whose sources changed meanwhile is made anew.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::Serde;
use ring::digest::{Context, SHA256};
use serde::Serialize;

use crate::model::DeliveryKind;

use super::digest::{DigestItem, ItemLinks};
use super::environment::Renderer;
use super::error::RenderError;
use super::escape::write_html;
use super::paper::{Local, PaperView, paper_view};

/// Papers kept at most, about 4 kB each; beyond it the collection begins anew.
const MOST: usize = 8_192;
/// Stands for a personal link. Everything printed is escaped, so no text can hold this character.
const HOLE: char = '\u{1}';

/// Where in a mail a paper stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its number in the mail, from 1.
    pub number: usize,
    /// The first of the first section.
    pub leads: bool,
    /// The first of its section.
    pub first: bool,
}

/// A paper in both forms, with the reader's links.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PaperParts {
    /// Safe: every text in it is escaped.
    html: Value,
    /// Safe, likewise.
    text: Value,
}

/// Both forms with holes for the reader's links.
struct Fragment {
    html: String,
    text: String,
}

/// The collection. Shared by all who compose in one run.
#[derive(Default)]
pub struct Fragments(Mutex<HashMap<[u8; 32], Arc<Fragment>>>);

impl Fragments {
    /// The paper of `item` with the links made for its reader.
    pub(super) fn paper(
        &self,
        renderer: &Renderer,
        local: Local<'_>,
        item: &DigestItem<'_>,
        budget: usize,
        place: Place,
    ) -> Result<PaperParts, RenderError> {
        let key = key(local, item, budget, place);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let fragment = match known {
            Some(fragment) => fragment,
            None => {
                let made = Arc::new(Fragment::new(renderer, local, item, budget, place)?);
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() >= MOST {
                    all.clear();
                }
                all.insert(key, Arc::clone(&made));
                made
            }
        };
        let text = filled(&fragment.text, &item.links, |out, link| out.push_str(link));
        let html = filled(&fragment.html, &item.links, |out, link| {
            // A string takes everything that is written to it.
            let _ = write_html(out, link);
        });
        Ok(PaperParts { html: Value::from_safe_string(html), text: Value::from_safe_string(text) })
    }
}

impl Fragment {
    fn new(
        renderer: &Renderer,
        local: Local<'_>,
        item: &DigestItem<'_>,
        budget: usize,
        place: Place,
    ) -> Result<Self, RenderError> {
        #[derive(Serialize)]
        struct Context {
            paper: PaperView,
            number: usize,
            leads: bool,
            first: bool,
            more_like: Option<Value>,
            less_like: Option<Value>,
        }
        let hole =
            |link: &Option<String>, name| link.is_some().then(|| Value::from_safe_string(format!("{HOLE}{name}")));
        let Place { number, leads, first } = place;
        let paper = paper_view(local, item.paper, Some(item.item), &item.links, budget)?;
        let (more_like, less_like) = (hole(&item.links.more_like, 'm'), hole(&item.links.less_like, 'l'));
        let context = Context { paper, number, leads, first, more_like, less_like };
        let context = Value::from(Serde(&context));
        let part = |file| renderer.mail_part(local.words.language(), DeliveryKind::Digest, file, &context);
        Ok(Self { html: part("paper.html")?.trim().to_owned(), text: part("paper.txt")? })
    }
}

/// `text` with the links in the holes.
fn filled(text: &str, links: &ItemLinks, write: impl Fn(&mut String, &str)) -> String {
    let mut parts = text.split(HOLE);
    let mut filled = String::with_capacity(text.len() + 512);
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (link, rest) = match part.strip_prefix('m') {
            Some(rest) => (&links.more_like, rest),
            None => (&links.less_like, part.strip_prefix('l').unwrap_or(part)),
        };
        write(&mut filled, link.as_deref().unwrap_or_default());
        filled.push_str(rest);
    }
    filled
}

/// Everything that decides how a paper reads, except its texts: within a run those follow from paper and revision.
fn key(local: Local<'_>, item: &DigestItem<'_>, budget: usize, place: Place) -> [u8; 32] {
    let (entry, paper) = (item.item, item.paper);
    let published = paper.published_at.unwrap_or(paper.available_at).with_timezone(&local.zone).date_naive();
    let mut text = String::with_capacity(256);
    // The parts that are free text come last, each with its length before it.
    let _ = write!(
        text,
        "{} {} {} {published} {} {budget} {place:?} {:?} {:?} {:?} {}{}",
        local.words.language(),
        paper.id.0,
        entry.revision,
        local.today,
        entry.section,
        entry.upvotes,
        entry.upvotes_gained,
        u8::from(item.links.more_like.is_some()),
        u8::from(item.links.less_like.is_some()),
    );
    let mut context = Context::new(&SHA256);
    context.update(text.as_bytes());
    for reason in &entry.reasons {
        context.update(&(reason.interest.len() as u64).to_be_bytes());
        context.update(reason.interest.as_bytes());
        context.update(&(reason.hits.len() as u64).to_be_bytes());
        for (field, span) in &reason.hits {
            context.update(&[*field as u8]);
            context.update(&span.start.to_be_bytes());
            context.update(&span.end.to_be_bytes());
        }
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}
