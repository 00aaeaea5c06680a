//! The days on which arXiv's feeds are empty by plan, so that a quiet day can be told from a broken one.
//!
//! arXiv mails at 20:00 US Eastern, Sunday to Thursday, and its feeds show that batch on the
//! following date. A holiday skips the mailing of its own evening; a Friday holiday skips the
//! Sunday mailing, which would have carried Friday's submissions. So the feed of a holiday is full
//! and the one after it is empty. The rule and the dates up to 2026 are those that arXiv publishes
//! (its availability page, `arxiv-base` and the seed of its publishing calendar). From 2027 on the
//! holidays that recur in these lists are derived; extra days of the winter break and staff
//! meetings are announced year by year and cannot be.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::model::LocalDate;

/// What to expect of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// Papers.
    Regular,
    /// Nothing: feeds are empty on Saturday and Sunday.
    Weekend,
    /// Nothing: the mailing was skipped for this holiday.
    Holiday(&'static str),
}

/// Month, day, name.
type Day = (u32, u32, &'static str);

/// Weekdays without a mailing as published, 2023 to 2026.
const PUBLISHED: &[(i32, &[Day])] = &[
    (
        2023,
        &[
            (1, 16, MLK),
            (6, 14, "staff retreat"),
            (6, 19, JUNETEENTH),
            (7, 4, INDEPENDENCE),
            (8, 17, "staff meeting"),
            (9, 4, LABOR),
            (11, 23, THANKSGIVING),
            (12, 25, CHRISTMAS),
            (12, 27, WINTER),
        ],
    ),
    (
        2024,
        &[
            (1, 15, MLK),
            (5, 22, "staff retreat"),
            (6, 19, JUNETEENTH),
            (7, 4, INDEPENDENCE),
            (9, 2, LABOR),
            (10, 8, "staff retreat"),
            (11, 28, THANKSGIVING),
            (12, 25, CHRISTMAS),
            (12, 26, WINTER),
            (12, 31, WINTER),
        ],
    ),
    (
        2025,
        &[
            (1, 1, NEW_YEAR),
            (1, 20, MLK),
            (6, 19, JUNETEENTH),
            (7, 4, INDEPENDENCE),
            (9, 1, LABOR),
            (11, 27, THANKSGIVING),
            (12, 25, CHRISTMAS),
            (12, 30, WINTER),
        ],
    ),
    (
        2026,
        &[
            (1, 1, NEW_YEAR),
            (1, 19, MLK),
            (6, 19, JUNETEENTH),
            (7, 3, INDEPENDENCE),
            (9, 7, LABOR),
            (11, 26, THANKSGIVING),
            (12, 25, CHRISTMAS),
            (12, 29, WINTER),
            (12, 31, WINTER),
        ],
    ),
];

const NEW_YEAR: &str = "New Year's Day";
const MLK: &str = "Martin Luther King Jr. Day";
const JUNETEENTH: &str = "Juneteenth";
const INDEPENDENCE: &str = "Independence Day";
const LABOR: &str = "Labor Day";
const THANKSGIVING: &str = "Thanksgiving";
const CHRISTMAS: &str = "Christmas";
const WINTER: &str = "winter break";

/// What the feed dated `date` (US Eastern, as arXiv dates it) holds by plan.
pub fn arxiv_announces_on(date: LocalDate) -> Announcement {
    let back = match date.weekday() {
        Weekday::Sat | Weekday::Sun => return Announcement::Weekend,
        Weekday::Mon => 3,
        _ => 1,
    };
    date.checked_sub_days(Days::new(back)).and_then(holiday).map_or(Announcement::Regular, Announcement::Holiday)
}

/// The arXiv holiday on a working day, if it is one. Before 2023 none is known.
fn holiday(date: NaiveDate) -> Option<&'static str> {
    let published = PUBLISHED.iter().find(|(year, _)| *year == date.year());
    if let Some((_, days)) = published {
        return days
            .iter()
            .find(|(month, day, _)| (*month, *day) == (date.month(), date.day()))
            .map(|(_, _, name)| *name);
    }
    if date.year() < 2023 {
        return None;
    }
    let (month, day) = (date.month(), date.day());
    // The how-manieth of its weekday in the month, from 1.
    let nth = day.div_ceil(7);
    match (month, day, date.weekday()) {
        (1, 1, _) => Some(NEW_YEAR),
        (1, _, Weekday::Mon) if nth == 3 => Some(MLK),
        (6, 19, _) => Some(JUNETEENTH),
        (7, 4, _) | (7, 3, Weekday::Fri) => Some(INDEPENDENCE),
        (9, _, Weekday::Mon) if nth == 1 => Some(LABOR),
        (11, _, Weekday::Thu) if nth == 4 => Some(THANKSGIVING),
        (12, 25, _) => Some(CHRISTMAS),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Announcement {
        arxiv_announces_on(text.parse().unwrap())
    }

    #[test]
    fn feeds_are_empty_at_the_weekend() {
        assert_eq!(on("2026-11-21"), Announcement::Weekend);
        assert_eq!(on("2026-11-22"), Announcement::Weekend);
        assert_eq!(on("2026-11-23"), Announcement::Regular);
    }

    #[test]
    fn the_feed_after_a_holiday_is_empty_not_the_one_of_the_holiday() {
        assert_eq!(on("2026-11-26"), Announcement::Regular);
        assert_eq!(on("2026-11-27"), Announcement::Holiday("Thanksgiving"));
        // Seen empty in a recorded feed.
        assert_eq!(on("2025-12-31"), Announcement::Holiday("winter break"));
    }

    #[test]
    fn a_friday_holiday_empties_the_feed_of_monday() {
        assert_eq!(on("2025-07-04"), Announcement::Regular);
        assert_eq!(on("2025-07-07"), Announcement::Holiday("Independence Day"));
    }

    #[test]
    fn later_years_follow_the_rules_of_the_calendar() {
        assert_eq!(on("2027-01-19"), Announcement::Holiday("Martin Luther King Jr. Day"));
        assert_eq!(on("2027-01-04"), Announcement::Holiday("New Year's Day"));
        assert_eq!(on("2028-09-05"), Announcement::Holiday("Labor Day"));
        assert_eq!(on("2027-11-26"), Announcement::Holiday("Thanksgiving"));
        assert_eq!(on("2027-11-19"), Announcement::Regular);
        assert_eq!(on("2019-12-26"), Announcement::Regular);
    }
}
