//! The papers of a day, and one paper.

use serde::Serialize;

use crate::model::Paper;
use crate::render::escape::web_link;
use crate::render::frame::Frame;
use crate::render::paper::PaperView;

use super::SubscribeForm;

/// `pages/home.html` and `pages/papers.html`.
#[derive(Debug, Clone, Serialize)]
pub struct PapersPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// The day, `2026-11-23`.
    pub date: String,
    /// Whether that is today (UTC).
    pub is_today: bool,
    /// Papers of the day.
    pub count: u64,
    /// Those on this page, the most upvoted first.
    pub papers: Vec<PaperView>,
    /// The last day before with papers.
    pub previous_day: Option<DayLink>,
    /// The first day after with papers.
    pub next_day: Option<DayLink>,
    /// Number of this page, from 1.
    pub number: u32,
    /// Path of the page before.
    pub previous_page: Option<String>,
    /// Path of the page after.
    pub next_page: Option<String>,
    /// The subscribe form, on the front page.
    pub subscribe: Option<SubscribeForm>,
}

/// A day that can be turned to.
#[derive(Debug, Clone, Serialize)]
pub struct DayLink {
    /// The day, `2026-11-23`.
    pub date: String,
    /// Its papers.
    pub count: u64,
    /// Its page.
    pub path: String,
}

/// `pages/paper.html`.
#[derive(Debug, Clone, Serialize)]
pub struct PaperPage {
    /// The page's surroundings.
    pub frame: Frame,
    /// Title, links, badge and excerpt.
    pub paper: PaperView,
    /// Its page in the world.
    pub source: Option<String>,
    /// Every author, joined with commas.
    pub authors: String,
    /// The abstract, paragraph by paragraph.
    pub paragraphs: Vec<String>,
    /// Every category, joined with commas.
    pub categories: String,
    /// The strongest key, such as `arxiv:2508.00950`.
    pub key: String,
    /// Whether its authors took it back.
    pub withdrawn: bool,
    /// Comments, when measured.
    pub comments: Option<u32>,
    /// Stars of its repository, when measured.
    pub github_stars: Option<u32>,
    /// The page of the day it came.
    pub day: String,
    /// That day, `2026-11-23`.
    pub date: String,
}

impl PaperPage {
    /// `day` is the path of the page of the day the paper came.
    pub fn new(frame: Frame, view: PaperView, paper: &Paper, day: String) -> Self {
        Self {
            frame,
            source: paper.url.as_deref().and_then(web_link).map(str::to_owned),
            authors: paper.authors.join(", "),
            paragraphs: paper.abstract_text.split("\n\n").map(str::to_owned).filter(|text| !text.is_empty()).collect(),
            categories: paper.categories.join(", "),
            key: paper.key.to_string(),
            withdrawn: paper.withdrawn,
            comments: paper.signals.comments,
            github_stars: paper.signals.github_stars,
            date: paper.available_at.date_naive().to_string(),
            day,
            paper: view,
        }
    }
}
