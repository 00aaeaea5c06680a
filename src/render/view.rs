//! The digest as templates see it: sections, notices and footer, in words.

use serde::Serialize;

use crate::model::{QuietDay, Section};

use super::catalogue::WordsError;
use super::dates;
use super::digest::{DigestInput, DigestItem, DigestLinks};
use super::escape::folded;
use super::fragments::Place;
use super::frame::Site;
use super::headline::Headline;
use super::paper::Local;
use super::status::status;

/// Everything a digest template may print.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DigestView<'a, P> {
    pub site: &'a Site,
    pub subject: String,
    pub preheader: String,
    /// The local date in words.
    pub date: String,
    pub status: String,
    pub notice: Option<Notice<'a>>,
    /// One sentence instead of matches, on a quiet day.
    pub quiet: Option<String>,
    pub sections: Vec<SectionView<P>>,
    /// Why this mail came.
    pub why: String,
    pub links: &'a DigestLinks,
}

/// An earlier edition may not have arrived.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Notice<'a> {
    pub text: String,
    pub link: Option<&'a str>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SectionView<P> {
    /// `for_you`, `rising` or `trending`; its words are `section.<kind>` in the catalogue.
    pub kind: &'static str,
    pub papers: Vec<P>,
    /// Papers that are only on the site.
    pub more: u64,
}

impl<'a, P> DigestView<'a, P> {
    /// `show` makes what the template shows of one paper.
    pub(super) fn new<E: From<WordsError>>(
        local: Local<'_>,
        input: &'a DigestInput<'a>,
        keep: usize,
        show: impl FnMut(&DigestItem<'_>, Place) -> Result<P, E>,
    ) -> Result<Self, E> {
        let words = local.words;
        let status = status(words, input.figures, input.timezone, input.local_date)?;
        let shown = &input.items[..keep.min(input.items.len())];
        let headline = Headline {
            date: input.local_date,
            matched: input.items.iter().filter(|item| item.item.section != Section::Trending).count(),
            papers: input.items.len(),
            titles: shown.iter().map(|item| item.paper.title.as_str()).collect(),
            quiet: input.quiet,
            has_interests: input.figures.has_interests,
            status: &status,
        };
        Ok(Self {
            site: input.site,
            subject: headline.subject(words)?,
            preheader: headline.preheader(words)?,
            date: dates::long(words, input.local_date)?,
            notice: notice(local, input)?,
            quiet: quiet(local, input)?,
            sections: sections(input, shown, show)?,
            why: why(local, input)?,
            links: &input.links,
            status,
        })
    }
}

fn sections<P, E>(
    input: &DigestInput<'_>,
    shown: &[DigestItem<'_>],
    mut show: impl FnMut(&DigestItem<'_>, Place) -> Result<P, E>,
) -> Result<Vec<SectionView<P>>, E> {
    let mut sections: Vec<SectionView<P>> = Vec::new();
    let mut number = 0;
    for (section, kind) in [(Section::ForYou, "for_you"), (Section::Rising, "rising"), (Section::Trending, "trending")]
    {
        let mut papers = Vec::new();
        for item in shown.iter().filter(|item| item.item.section == section) {
            number += 1;
            let first = papers.is_empty();
            papers.push(show(item, Place { number, leads: first && sections.is_empty(), first })?);
        }
        if !papers.is_empty() {
            sections.push(SectionView { kind, papers, more: 0 });
        }
    }
    let dropped = input.items.len() - shown.len();
    if let Some(first) = sections.first_mut() {
        first.more = u64::from(input.more_for_you) + dropped as u64;
    }
    Ok(sections)
}

fn notice<'a>(local: Local<'_>, input: &'a DigestInput<'a>) -> Result<Option<Notice<'a>>, WordsError> {
    let Some(date) = input.figures.unknown_edition else { return Ok(None) };
    let text = match (input.local_date - date).num_days() {
        1 => local.words.say("notice.yesterday", &[])?,
        _ => local.words.say("notice.earlier", &[("date", &dates::plain(local.words, date)?)])?,
    };
    Ok(Some(Notice { text, link: input.links.unknown_edition.as_deref() }))
}

fn quiet(local: Local<'_>, input: &DigestInput<'_>) -> Result<Option<String>, WordsError> {
    let key = match input.quiet {
        None => return Ok(None),
        Some(QuietDay::Trending) if !input.items.is_empty() => "quiet.trending",
        Some(_) if !input.figures.has_interests => "quiet.nothing",
        Some(_) => "quiet.note",
    };
    local.words.say(key, &[]).map(Some)
}

fn why(local: Local<'_>, input: &DigestInput<'_>) -> Result<String, WordsError> {
    let (address, site) = (folded(input.address), folded(&input.site.name));
    match input.confirmed_on {
        _ if input.operator_added => local.words.say("why.operator", &[("address", &address), ("site", &site)]),
        Some(date) => {
            let date = dates::plain(local.words, date)?;
            local.words.say("why.confirmed", &[("address", &address), ("site", &site), ("date", &date)])
        }
        None => local.words.say("why.plain", &[("address", &address), ("site", &site)]),
    }
}
