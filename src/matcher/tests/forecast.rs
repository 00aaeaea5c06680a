//! What a draft profile would have found.

use std::sync::Arc;

use super::*;

fn library() -> Vec<Arc<Segment>> {
    let titles = |day: i64| {
        (0..10).map(move |n| {
            let topic = ["robot arms", "protein folding", "graph search", "robot dogs", "speech"][n as usize % 5];
            let title = if day == 3 && n == 0 { "Folding protein maps" } else { topic };
            Paper { id: 100 * day + n, hour: 24 * day + n, ..Paper::titled(title) }
        })
    };
    let day = |day| -> Vec<Paper> { titles(day).collect() };
    [1, 2, 3].map(|number| Arc::new(Segment::build(day(number).iter().map(Paper::doc)))).to_vec()
}

fn forecast(profile: &str, days: u32) -> Forecast {
    Forecast::of(&library(), &Arc::default(), &Profile::from_text(profile), &ALWAYS, days, 3)
}

#[test]
fn a_forecast_counts_what_each_line_brings_and_takes_out() {
    let found = forecast("protein folding\nspeech OR robot\ndragons\n-robot dogs", 3);
    assert_eq!((found.papers, found.found, found.days), (30, 18, 3));
    let lines: Vec<(&str, bool, u32, u32, Option<Warning>)> = found
        .lines
        .iter()
        .map(|line| (line.canonical.as_str(), line.excludes, line.hits, line.brings, line.warning))
        .collect();
    assert_eq!(
        lines,
        [
            ("protein folding", false, 7, 7, Some(Warning::Broad)),
            ("speech OR robot", false, 17, 11, Some(Warning::Broad)),
            ("dragons", false, 0, 0, Some(Warning::Silent)),
            ("-robot dogs", true, 6, 6, None),
        ]
    );
    assert_eq!(found.first.len(), 3);
    assert_eq!((found.tenths_a_day(found.found), found.percent(11)), (60, 61));
}

#[test]
fn a_window_bounds_the_papers_and_days_bound_the_mean() {
    let window = Window { after: hour(47), until: hour(72) };
    let profile = Profile::from_text("speech");
    let found = Forecast::of(&library(), &Arc::default(), &profile, &window, 1, 0);
    assert_eq!((found.papers, found.found, found.first.len()), (11, 2, 0));
    assert_eq!(forecast("speech", 0).days, 1, "no division by zero");
}

#[test]
fn little_is_said_where_there_is_little_to_say() {
    let nothing = Forecast::of(&[], &Arc::default(), &Profile::from_text("speech"), &ALWAYS, 30, 5);
    assert_eq!((nothing.papers, nothing.found, nothing.lines[0].warning), (0, 0, None));
    assert_eq!((nothing.tenths_a_day(0), nothing.percent(0)), (0, 0));
    let few = [Arc::new(Segment::build([Paper::titled("speech").doc()]))];
    let found = Forecast::of(&few, &Arc::default(), &Profile::from_text("speech"), &ALWAYS, 30, 5);
    assert_eq!((found.found, found.lines[0].warning), (1, None), "one paper of one is not broad");
    let excluded = forecast("-speech", 3);
    assert_eq!((excluded.found, excluded.lines[0].hits, excluded.lines[0].brings), (0, 6, 0));
}

#[test]
fn exactly_a_fifth_is_not_yet_broad() {
    assert_eq!(forecast("speech", 3).lines[0].warning, None);
    assert_eq!(forecast("speech OR folding", 3).lines[0].warning, Some(Warning::Broad));
}
