//! The daily digest: as a mail, kept under the size that mail programs show, and as a page of the archive.

use std::borrow::Cow;

use chrono_tz::Tz;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use crate::model::{DeliveryKind, Figures, Item, LocalDate, Paper, QuietDay};

use super::environment::Renderer;
use super::error::RenderError;
use super::frame::{Frame, Site};
use super::mails::{RenderedMail, one_line_subject};
use super::paper::{Local, PaperLine, Typeset, paper_line};
use super::view::{DigestView, Extent};
use super::wrap::tidy;

/// Bytes of the HTML part. Gmail hides what follows after about 102 kB.
pub(super) const HTML_LIMIT: usize = 80_000;
/// Characters of each abstract, tried in this order until the mail is small enough.
const BUDGETS: [usize; 3] = [420, 260, 140];
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
    pub paper_page: String,
    /// The page that offers to widen the profile; not on public pages.
    pub more_like: Option<String>,
    /// The page that offers to narrow it; not on public pages.
    pub less_like: Option<String>,
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
        digest: DigestView<'a>,
        more: Vec<PaperLine>,
        unlisted: u64,
    }
    let extent = Extent { budget: PAGE_BUDGET, keep: input.items.len() };
    let digest = DigestView::new(local(renderer, input), input, extent)?;
    let unlisted = u64::from(input.more_for_you).saturating_sub(more.len() as u64);
    let more = more.iter().map(|more| paper_line(more.paper, &more.page)).collect();
    renderer.page("pages/digest.html", Page { frame, digest, more, unlisted })
}

/// A digest of some extent, its HTML already there to be measured.
struct Draft {
    context: Value,
    html: String,
    preheader: String,
    kept: usize,
}

impl Draft {
    fn new(renderer: &Renderer, input: &DigestInput<'_>, extent: Extent) -> Result<Self, RenderError> {
        let view = DigestView::new(local(renderer, input), input, extent)?;
        let context = Value::from(Serde(&view));
        let html = renderer.mail_part(input.language, DeliveryKind::Digest, "body.html", &context)?;
        Ok(Self { context, html, preheader: view.preheader, kept: extent.keep })
    }

    fn finish(self, renderer: &Renderer, input: &DigestInput<'_>) -> Result<RenderedMail, RenderError> {
        let part = |file| renderer.mail_part(input.language, DeliveryKind::Digest, file, &self.context);
        Ok(RenderedMail {
            subject: one_line_subject(&part("subject.txt")?),
            text: tidy(&part("body.txt")?),
            html: self.html,
            preheader: Some(self.preheader),
            dropped_papers: input.items.len() - self.kept,
        })
    }
}

fn local<'a>(renderer: &'a Renderer, input: &DigestInput<'_>) -> Local<'a> {
    Local { words: renderer.words(input.language), zone: input.timezone, today: input.local_date }
}
