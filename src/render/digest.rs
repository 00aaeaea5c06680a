//! The daily digest: as a mail, kept under the size that mail programs show, and as a page of the archive.

use std::borrow::Cow;
use std::sync::Arc;

use chrono_tz::Tz;
use serde::Serialize;

use crate::model::{Figures, Item, LocalDate, Paper, QuietDay};

use super::blanks::Sheet;
use super::environment::Renderer;
use super::error::RenderError;
use super::frame::{Frame, Site};
use super::mails::{RenderedMail, one_line_subject};
use super::paper::{Local, PaperLine, Typeset, paper_line};
use super::view::{DigestView, Extent, SectionView};
use super::wrap::tidy;

/// Bytes of the HTML part. Gmail hides what follows after about 102 kB.
pub(super) const HTML_LIMIT: usize = 80_000;
/// Characters of each abstract, tried in this order until the mail is small enough.
const BUDGETS: [usize; 3] = [420, 260, 140];
/// About what a paper takes in one part of a mail, and what stands around the papers, in bytes.
const PAPER_BYTES: usize = 3_000;
const SHEET_BYTES: usize = 10_000;
/// Papers beyond this are never shown in one mail.
const MOST_PAPERS: usize = 120;
/// Characters of each abstract on the archive page, which has no limit of size.
const PAGE_BUDGET: usize = 700;

/// What a digest is made of. The same input gives the same bytes.
pub struct DigestInput<'a> {
    /// The service.
    pub site: &'a Site,
    /// The reader's language tag.
    pub language: &'a str,
    /// The date on the reader's calendar.
    pub local_date: LocalDate,
    /// The reader's address, for the footer.
    pub address: &'a str,
    /// When they confirmed the subscription.
    pub confirmed_on: Option<LocalDate>,
    /// Whether the operator added them.
    pub operator_added: bool,
    /// The figures behind the status line.
    pub figures: &'a Figures,
    /// The reader's zone.
    pub timezone: Tz,
    /// The papers in order, section by section.
    pub items: &'a [DigestItem<'a>],
    /// Matches beyond the reader's limit.
    pub more_for_you: u32,
    /// The kind of note, on a day without matches; `None` on any other day.
    pub quiet: Option<QuietDay>,
    /// Where the links of header and footer lead.
    pub links: DigestLinks,
}

/// One paper of an edition with its links.
pub struct DigestItem<'a> {
    /// Its place in the edition.
    pub item: &'a Item,
    /// Its texts, of the revision that the item names.
    pub paper: &'a Paper,
    /// Those texts as all its readers see them.
    pub texts: Cow<'a, Typeset>,
    /// Links made for this reader.
    pub links: ItemLinks,
}

/// A match beyond the reader's limit, which only the page of the edition names.
pub struct MorePaper<'a> {
    /// Its texts as they are now.
    pub paper: &'a Paper,
    /// Its page on the site.
    pub page: String,
}

/// The links of a paper that lead back to the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemLinks {
    /// The paper's page on the site.
    pub paper_page: Arc<str>,
    /// The page that offers to widen the profile; not on public pages.
    pub more_like: Option<Arc<str>>,
    /// The page that offers to narrow it; not on public pages.
    pub less_like: Option<Arc<str>>,
}

/// The links of a digest that lead back to the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DigestLinks {
    /// The front page.
    pub site: String,
    /// This edition on the web.
    pub archive: String,
    /// Interests and schedule.
    pub preferences: String,
    /// The form that pauses.
    pub pause: String,
    /// The page that unsubscribes.
    pub unsubscribe: String,
    /// The list of the matches beyond the limit.
    pub more: String,
    /// The edition named by `Figures::unknown_edition`.
    pub unknown_edition: Option<String>,
}

/// Renders the digest: as much of it as fits into 80 kB of HTML, and the same in plain text.
///
/// Abstracts are shortened first; then papers are dropped from the tail, and the mail says how many.
///
/// # Errors
///
/// A template or catalogue that does not fit, or a template too large even without papers.
pub fn digest(renderer: &Renderer, input: &DigestInput<'_>) -> Result<RenderedMail, RenderError> {
    let most = input.items.len().min(MOST_PAPERS);
    for budget in BUDGETS {
        let draft = Draft::new(renderer, input, Extent { budget, keep: most })?;
        if draft.html.len() <= HTML_LIMIT {
            return draft.finish(renderer, input);
        }
    }
    let budget = BUDGETS[BUDGETS.len() - 1];
    let mut best = Draft::new(renderer, input, Extent { budget, keep: 0 })?;
    if best.html.len() > HTML_LIMIT {
        return Err(RenderError::TooLarge { bytes: best.html.len(), limit: HTML_LIMIT });
    }
    // Between a count that fits and one that does not; each turn halves the distance.
    let (mut fits, mut too_many) = (0, most);
    while too_many - fits > 1 {
        let keep = usize::midpoint(fits, too_many);
        let draft = Draft::new(renderer, input, Extent { budget, keep })?;
        if draft.html.len() <= HTML_LIMIT {
            (fits, best) = (keep, draft);
        } else {
            too_many = keep;
        }
    }
    best.finish(renderer, input)
}

/// The edition as a page of the site, with the matches that did not fit below its sections, under the anchor `more`.
///
/// Those that `input.more_for_you` counts beyond the ones in `more` are mentioned as a number.
///
/// # Errors
///
/// A template or catalogue that does not fit.
pub fn digest_page(
    renderer: &Renderer,
    frame: &Frame,
    input: &DigestInput<'_>,
    more: &[MorePaper<'_>],
) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct Page<'a> {
        frame: &'a Frame,
        digest: &'a DigestView<'a>,
        sections: &'a [SectionView],
        more: Vec<PaperLine>,
        unlisted: u64,
    }
    let extent = Extent { budget: PAGE_BUDGET, keep: input.items.len() };
    let digest = DigestView::new(local(renderer, input), input, extent)?;
    let unlisted = u64::from(input.more_for_you).saturating_sub(more.len() as u64);
    let more = more.iter().map(|more| paper_line(more.paper, &more.page)).collect();
    renderer.page("pages/digest.html", Page { frame, digest: &digest, sections: &digest.sections, more, unlisted })
}

/// A digest of some extent, its HTML already there to be measured.
struct Draft<'a> {
    view: DigestView<'a>,
    html: String,
    kept: usize,
}

impl<'a> Draft<'a> {
    fn new(renderer: &Renderer, input: &'a DigestInput<'a>, extent: Extent) -> Result<Self, RenderError> {
        let view = DigestView::new(local(renderer, input), input, extent)?;
        let html = body(renderer, input.language, &view, "email/paper.html", "email/digest/body.html")?;
        Ok(Self { view, html, kept: extent.keep })
    }

    fn finish(self, renderer: &Renderer, input: &DigestInput<'_>) -> Result<RenderedMail, RenderError> {
        let mut subject = String::new();
        let sheet = Sheet { view: &self.view, papers: Vec::new() };
        renderer.set(input.language, "email/digest/subject.txt", &sheet, &mut subject)?;
        let text = body(renderer, input.language, &self.view, "email/paper.txt", "email/digest/body.txt")?;
        Ok(RenderedMail {
            subject: one_line_subject(&subject),
            text: tidy(&text),
            html: self.html,
            preheader: Some(self.view.preheader),
            dropped_papers: input.items.len() - self.kept,
        })
    }
}

/// One of the two parts of a digest.
fn body(
    renderer: &Renderer,
    language: &str,
    view: &DigestView<'_>,
    paper: &'static str,
    sheet: &'static str,
) -> Result<String, RenderError> {
    let mut papers = Vec::with_capacity(view.sections.len());
    let mut size = SHEET_BYTES;
    for section in &view.sections {
        let mut printed = String::with_capacity(section.papers.len() * PAPER_BYTES);
        for paper_view in &section.papers {
            renderer.set(language, paper, paper_view, &mut printed)?;
            printed.push('\n');
        }
        size += printed.len();
        papers.push(printed);
    }
    let mut body = String::with_capacity(size);
    renderer.set(language, sheet, &Sheet { view, papers }, &mut body)?;
    Ok(body)
}

fn local<'a>(renderer: &'a Renderer, input: &DigestInput<'_>) -> Local<'a> {
    Local { words: renderer.words(input.language), zone: input.timezone, today: input.local_date }
}
