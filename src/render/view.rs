//! The digest as templates see it: sections, notices and footer, in words.

use serde::Serialize;

use crate::model::{QuietDay, Section};

use super::blanks::SECTIONS;
use super::catalogue::WordsError;
use super::dates;
use super::digest::{DigestInput, DigestItem, DigestLinks};
use super::escape::folded;
use super::frame::Site;
use super::headline::Headline;
use super::paper::{Local, PaperView, Place, paper_view};
use super::status::status;

/// Everything a digest template may print.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DigestView<'a> {
    pub site: &'a Site,
    pub subject: String,
    pub preheader: String,
    /// The service's name in capitals, where there is no other way to make it stand out.
    pub masthead: String,
    /// The local date in words.
    pub date: String,
    pub status: String,
    pub notice: Option<Notice<'a>>,
    /// One sentence instead of matches, on a quiet day.
    pub quiet: Option<String>,
    /// Pages show them as they are, mails as a [`super::blanks::Sheet`].
    #[serde(skip)]
    pub sections: Vec<SectionView>,
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
pub(super) struct SectionView {
    /// One of [`SECTIONS`].
    pub kind: &'static str,
    pub papers: Vec<PaperView>,
    /// Papers that are only on the site.
    pub more: u64,
}

/// How much of an edition is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Characters of each abstract.
    pub budget: usize,
    /// Papers from the front.
    pub keep: usize,
}

impl<'a> DigestView<'a> {
    pub(super) fn new(local: Local<'_>, input: &'a DigestInput<'a>, extent: Extent) -> Result<Self, WordsError> {
        let words = local.words;
        let status = status(words, input.figures, input.timezone, input.local_date)?;
        let shown = &input.items[..extent.keep.min(input.items.len())];
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
            masthead: input.site.name.to_uppercase(),
            date: dates::long(words, input.local_date)?,
            notice: notice(local, input)?,
            quiet: quiet(local, input)?,
            sections: sections(local, input, shown, extent)?,
            why: why(local, input)?,
            links: &input.links,
            status,
        })
    }
}

fn sections(
    local: Local<'_>,
    input: &DigestInput<'_>,
    shown: &[DigestItem<'_>],
    extent: Extent,
) -> Result<Vec<SectionView>, WordsError> {
    let mut sections = Vec::new();
    let mut number = 0;
    for (section, kind) in [Section::ForYou, Section::Rising, Section::Trending].into_iter().zip(SECTIONS) {
        let of_section = shown.iter().filter(|item| item.item.section == section);
        let mut papers = Vec::new();
        for item in of_section {
            number += 1;
            let place = Place { number: format!("{number:2}"), leads: number == 1, opens: papers.is_empty() };
            let view = paper_view(local, item.paper, &item.texts, Some(item.item), &item.links, extent.budget)?;
            papers.push(view.at(place));
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
