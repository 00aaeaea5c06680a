//! Order, windows, exclusions, and independence of batches and threads.

use proptest::prelude::*;

use super::*;

fn paper(id: i64, title: &str, text: &str) -> Paper {
    Paper { id, text: text.to_owned(), ..Paper::titled(title) }
}

#[test]
fn a_hit_in_the_title_beats_one_in_the_abstract() {
    let papers = [paper(1, "A study", "about diffusion"), paper(2, "Diffusion", "a study")];
    assert_eq!(winners("diffusion", &papers), [2, 1]);
}

#[test]
fn words_side_by_side_beat_words_that_are_near() {
    let papers = [paper(1, "Models of diffusion", ""), paper(2, "Diffusion models", "")];
    assert_eq!(winners("diffusion models", &papers), [2, 1]);
    let papers = [paper(1, "You are all that we need: attention", ""), paper(2, "Attention is all you need", "")];
    assert_eq!(winners("attention is all you need", &papers), [2, 1]);
}

#[test]
fn more_interests_and_higher_boosts_rank_higher() {
    let papers = [paper(1, "Robots", ""), paper(2, "Robots with language", ""), paper(3, "Language", "")];
    assert_eq!(winners("robots\nlanguage", &papers)[0], 2);
    assert_eq!(winners("robots\nlanguage^3", &papers), [2, 3, 1]);
    assert_eq!(winners("robots^0.1 OR language", &papers)[2], 1);
}

#[test]
fn a_rare_interest_counts_more_than_a_common_one() {
    let mut papers: Vec<Paper> = (1..20).map(|id| paper(id, "Language", "")).collect();
    papers.push(paper(20, "Robots", ""));
    assert_eq!(winners("language\nrobots", &papers)[0], 20);
}

#[test]
fn trend_raises_and_breaks_ties_and_then_the_id_decides() {
    let with_trend = |id, trend| Paper { trend, ..paper(id, "Robots", "") };
    assert_eq!(winners("robots", &[with_trend(1, 500), with_trend(2, 3000), with_trend(3, 1000)]), [2, 3, 1]);
    assert_eq!(winners("robots", &[with_trend(9, 1000), with_trend(4, 1000)]), [4, 9]);
}

#[test]
fn an_interest_is_heard_though_a_louder_one_has_all_the_best_papers() {
    let mut papers: Vec<Paper> = (1..60).map(|id| paper(id, "Diffusion models", "Diffusion models")).collect();
    papers.push(paper(60, "A study", "Kites, or toys in the wind"));
    papers.push(paper(61, "A survey", "Kites in the wind"));
    papers.extend((62..400).map(|id| paper(id, "Law", "")));
    let segment = Segment::build(papers.iter().map(Paper::doc));
    let matcher = Matcher::new(vec![segment.into()]);
    let profile = matcher.compile(&Profile::from_text("diffusion models\nkites wind^0.1\nairships\n-survey"));
    let choose = |shown: &[PaperId], limit| {
        let ranking = matcher.choose(&mut Scratch::default(), &profile, &ALWAYS, shown, limit);
        (ranking.matched, ranking.winners.iter().map(|winner| winner.paper.0).collect::<Vec<_>>())
    };
    let (matched, chosen) = choose(&[], 5);
    assert_eq!((matched, &chosen[..6]), (60, &[1, 2, 3, 4, 60, 5][..]));
    assert_eq!(chosen.len(), 21, "four looked at for each, and the one that would not have been heard");
    assert_eq!(choose(&[PaperId(60)], 5).1[..5], [1, 2, 3, 4, 5], "what was shown is not heard again");
    assert_eq!(choose(&[], 60).1.len(), 60, "where all are shown, nobody is shown twice");
}

#[test]
fn what_is_excluded_or_was_shown_does_not_rank() {
    let papers = [paper(1, "Robots: a survey", ""), paper(2, "Robots", ""), paper(3, "Robots", "")];
    assert_eq!(winners("robots\n-survey", &papers), [2, 3]);
    let segment = Segment::build(papers.iter().map(Paper::doc));
    let matcher = Matcher::new(vec![segment.into()]);
    let profile = matcher.compile(&Profile::from_text("robots\n-survey"));
    let ranking = matcher.rank(&profile, &ALWAYS, &[PaperId(-5), PaperId(2), PaperId(700)], 10);
    assert_eq!(ranking.winners.iter().map(|winner| winner.paper.0).collect::<Vec<_>>(), [3]);
    assert_eq!(ranking.matched, 1);
    assert!(matcher.excludes(&profile, PaperId(1)) && !matcher.excludes(&profile, PaperId(2)));
    assert_eq!(matcher.interests_hit(&profile, PaperId(1)), [0]);
    assert_eq!(matcher.interests_hit(&profile, PaperId(44)), [0_usize; 0]);
}

#[test]
fn a_window_takes_what_came_after_the_last_and_until_now() {
    let papers: Vec<Paper> = (0..10).map(|n| Paper { hour: n, ..paper(n, "Robots", "") }).collect();
    let segments = papers.chunks(4).map(|day| Segment::build(day.iter().map(Paper::doc)).into()).collect();
    let matcher = Matcher::new(segments);
    let profile = matcher.compile(&Profile::from_text("robots"));
    let window = Window { after: hour(2), until: hour(7) };
    let ranking = matcher.rank(&profile, &window, &[], 3);
    assert_eq!(ranking.winners.iter().map(|winner| winner.paper.0).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!((ranking.matched, matcher.count(&window)), (5, 5));
    let backwards = Window { after: hour(7), until: hour(2) };
    assert_eq!(matcher.rank(&profile, &backwards, &[], 3), Ranking::default());
}

#[test]
fn a_profile_without_interests_ranks_nothing() {
    let papers = [paper(1, "Robots", "")];
    assert_eq!(rank("", &papers), Ranking::default());
    assert_eq!(rank("-robots", &papers), Ranking::default());
    assert_eq!(rank("robots", &[]), Ranking::default());
}

#[test]
fn a_day_with_too_many_papers_is_split_and_nothing_is_lost_silently() {
    let papers: Vec<Paper> = (0..70_000).map(|n| Paper { title: String::new(), ..paper(n, "", "") }).collect();
    let one = Segment::build(papers.iter().map(Paper::doc));
    assert_eq!((one.len(), one.left_out()), (Segment::MAX_DOCS, 70_000 - Segment::MAX_DOCS));
    let many = Segment::build_many(papers.iter().map(Paper::doc));
    assert_eq!(many.iter().map(Segment::len).sum::<usize>(), 70_000);
}

const TITLES: [&str; 6] =
    ["Robots", "Diffusion models", "Robots that use language models", "Language", "Agents", "Robots and diffusion"];

pub(super) fn library(count: usize) -> Vec<Paper> {
    let days = [500, 1000, 1700, 3000];
    (0..count)
        .map(|n| {
            // The newest has the smallest id, so that ties are not decided by the order of arrival.
            let (hour, id) = (i64::try_from(n / 3).expect("small"), 10_000 - i64::try_from(n).expect("small"));
            Paper { id, hour, trend: days[n % 4], ..paper(id, TITLES[n % 6], TITLES[(n * 5 + n / 7) % 6]) }
        })
        .collect()
}

pub(super) fn matcher_of(papers: &[Paper], day: usize) -> Matcher {
    Matcher::new(papers.chunks(day).map(|day| Segment::build(day.iter().map(Paper::doc)).into()).collect())
}

#[test]
fn threads_and_batches_do_not_change_the_result() {
    let papers = library(300);
    let profiles = ["robots\nlanguage models^2", "diffusion -agents", "agents OR language\n-robots", "rob*"];
    let compile = |matcher: &Matcher| profiles.map(|text| matcher.compile(&Profile::from_text(text)));
    let whole = matcher_of(&papers, 300);
    let daily = matcher_of(&papers, 17);
    let (of_whole, of_daily) = (compile(&whole), compile(&daily));
    daily.evaluate_all();
    let window = Window { after: hour(5), until: hour(90) };
    let expected: Vec<Ranking> = of_whole.iter().map(|profile| whole.rank(profile, &window, &[], 20)).collect();
    assert!(expected.iter().all(|ranking| ranking.winners.len() == 20));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut scratch = Scratch::default();
                for (profile, expected) in of_daily.iter().zip(&expected).rev() {
                    assert_eq!(&daily.rank_with(&mut scratch, profile, &window, &[], 20), expected);
                }
            });
        }
    });
}

proptest! {
    #[test]
    fn the_best_k_are_the_beginning_of_all(k in 0..40_usize, count in 0..1400_usize) {
        let papers = library(count);
        let matcher = matcher_of(&papers, 700);
        let profile = matcher.compile(&Profile::from_text("robots\nlanguage^0.3\ndiffusion OR agents"));
        let all = matcher.rank(&profile, &ALWAYS, &[], usize::MAX / 4);
        let some = matcher.rank(&profile, &ALWAYS, &[], k);
        prop_assert_eq!(some.matched, all.matched);
        prop_assert_eq!(all.winners.len(), all.matched as usize);
        prop_assert_eq!(&some.winners[..], &all.winners[..k.min(all.winners.len())]);
    }
}
