//! The papers of a day, and of today on the front page.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use chrono::{Days, NaiveTime};
use serde::Deserialize;

use crate::model::{LocalDate, Paper, Timestamp};
use crate::render::pages::{DayLink, PapersPage, SubscribeForm};
use crate::render::{ItemLinks, Local, PaperView, Typeset, WordsError, paper_view};
use crate::store::papers::{PageOrder, PageQuery};
use crate::store::{Read, StoreError};
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::state::{Desk, Reader};

/// Papers on one page of a day.
const PER_PAGE: u32 = 50;
/// Pages of one day; more papers than these hold have never been announced on one.
const MOST_PAGES: u32 = 400;
/// Characters of each abstract.
const BUDGET: usize = 480;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    page: Option<String>,
}

/// Today's papers and the form to get them by mail.
pub(in crate::web) async fn home(State(reader): State<Reader>, headers: HeaderMap) -> Answer {
    let mut read = reader.read().await?;
    let days = Calendar::read(&reader, &mut read).await?;
    let date = days.latest();
    let page = page(&reader, &mut read, &days, date, 1, Some(super::subscribe::empty_form(&reader))).await?;
    reader.public_page(&headers, "pages/home.html", page)
}

/// The papers of one day.
pub(in crate::web) async fn day(
    State(reader): State<Reader>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let mut read = reader.read().await?;
    let days = Calendar::read(&reader, &mut read).await?;
    let date = match asked.date.as_deref().filter(|date| !date.is_empty()) {
        Some(date) => date.parse().ok().filter(|date| days.reaches(*date)).ok_or(Failure::NotFound)?,
        None => days.latest(),
    };
    let number = asked.page.as_deref().filter(|page| !page.is_empty()).map_or(Ok(1), str::parse);
    let number = number.ok().filter(|page| (1..=MOST_PAGES).contains(page)).ok_or(Failure::NotFound)?;
    let page = page(&reader, &mut read, &days, date, number, None).await?;
    if page.papers.is_empty() && number > 1 {
        return Err(Failure::NotFound);
    }
    reader.public_page(&headers, "pages/papers.html", page)
}

/// The days the public pages reach back to, with the papers of each.
struct Calendar {
    first: LocalDate,
    today: LocalDate,
    counts: Vec<(LocalDate, u64)>,
}

impl Calendar {
    async fn read(desk: &Desk, read: &mut Read) -> Result<Self, StoreError> {
        let today = desk.now().date_naive();
        let back = u64::from(desk.settings.page_days.max(1) - 1);
        let first = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        let counts = read.paper_counts_by_day(midnight(first), midnight_after(today), false).await?;
        Ok(Self { first, today, counts })
    }

    fn reaches(&self, date: LocalDate) -> bool {
        (self.first..=self.today).contains(&date)
    }

    /// Today, or the last day before it that has papers.
    fn latest(&self) -> LocalDate {
        self.counts.last().map_or(self.today, |(date, _)| *date)
    }

    fn count(&self, date: LocalDate) -> u64 {
        self.counts.iter().find(|(day, _)| *day == date).map_or(0, |(_, count)| *count)
    }

    fn before(&self, date: LocalDate) -> Option<DayLink> {
        self.counts.iter().rev().find(|(day, _)| *day < date).map(day_link)
    }

    fn after(&self, date: LocalDate) -> Option<DayLink> {
        self.counts.iter().find(|(day, _)| *day > date).map(day_link)
    }
}

fn day_link((date, count): &(LocalDate, u64)) -> DayLink {
    DayLink { date: date.to_string(), count: *count, path: format!("/papers?date={date}") }
}

async fn page(
    reader: &Reader,
    read: &mut Read,
    days: &Calendar,
    date: LocalDate,
    number: u32,
    subscribe: Option<SubscribeForm>,
) -> Result<PapersPage, Failure> {
    let query = PageQuery {
        from: midnight(date),
        until: midnight_after(date),
        include_backfill: false,
        order: PageOrder::MostUpvoted,
        limit: PER_PAGE,
        offset: (number - 1) * PER_PAGE,
    };
    let papers = read.papers_on_page(&query).await?;
    let count = days.count(date);
    let here = if subscribe.is_some() { "today" } else { "papers" };
    let path = |number: u32| format!("/papers?date={date}&page={number}");
    let views = papers.iter().filter(|paper| !paper.withdrawn).map(|paper| view(reader, paper, days.today, BUDGET));
    Ok(PapersPage {
        frame: reader.frame(Some(here)),
        date: date.to_string(),
        is_today: date == days.today,
        count,
        papers: views.collect::<Result<_, _>>()?,
        previous_day: days.before(date),
        next_day: days.after(date),
        number,
        previous_page: (number > 1).then(|| path(number - 1)),
        next_page: (count > u64::from(number) * u64::from(PER_PAGE)).then(|| path(number + 1)),
        subscribe,
    })
}

/// A paper as public pages show it.
pub(super) fn view(desk: &Desk, paper: &Paper, today: LocalDate, budget: usize) -> Result<PaperView, WordsError> {
    let local = Local { words: desk.words(), zone: chrono_tz::Tz::UTC, today };
    let links =
        ItemLinks { paper_page: desk.path(&desk.links.paper(paper.id)).into(), more_like: None, less_like: None };
    paper_view(local, paper, &Typeset::of(paper), None, &links, budget)
}

fn midnight(date: LocalDate) -> Timestamp {
    date.and_time(NaiveTime::MIN).and_utc()
}

fn midnight_after(date: LocalDate) -> Timestamp {
    midnight(date.checked_add_days(Days::new(1)).unwrap_or(date))
}
