use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::app::AppError;

/// What papers of a subject are called and which keywords they are given.
const SUBJECTS: [(&str, [&str; 6]); 3] = [
    ("kites", ["kite flying", "wind tunnels", "tail design", "string tension", "box kites", "lift"]),
    ("clocks", ["pendulum clocks", "escapements", "gear trains", "sundials", "tidal clocks", "chimes"]),
    ("bread", ["sourdough starters", "oven spring", "crumb structure", "rye flour", "proofing", "crust"]),
];

/// One entry of an answer: paper `number` of a day, about the subject `number mod 3`.
fn entry(day: &str, number: usize) -> serde_json::Value {
    let (subject, keywords) = SUBJECTS[number % 3];
    let of_month: usize = day[8..].parse().unwrap();
    let own: Vec<&str> = keywords.iter().cycle().skip(of_month + number / 3).take(3).copied().collect();
    let text = format!("We study {}, and also {} together with {}.", own[0], own[1], own[2]);
    json!({ "numComments": 1, "paper": {
        "id": format!("{}.{:05}", day[2..7].replace('-', ""), of_month * 100 + number),
        "title": format!("On {subject}, part {number}"),
        "summary": text,
        "authors": [{ "name": "Mira Lindqvist" }],
        "publishedAt": format!("{day}T0{}:00:00.000Z", 9 - number % 9),
        "submittedOnDailyAt": format!("{day}T00:00:00.000Z"),
        "upvotes": number * number,
        "ai_keywords": own,
    } })
}

fn days(month: &str) -> Vec<serde_json::Value> {
    (1..=4).flat_map(|day| (0..9).map(move |number| entry(&format!("{month}-{day:02}"), number))).collect()
}

fn folder(files: &[(&str, String)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn two_months() -> TempDir {
    let (spring, summer) = (days("2026-03"), days("2026-06"));
    // Answers of single days, one after the other, as they are saved.
    let (first, rest) = summer.split_at(9);
    folder(&[
        ("daily_papers_2026-03.json", json!(spring).to_string()),
        ("daily_papers_2026-06.json", format!("{}\n{}", json!(first), json!(rest))),
        ("notes.json", "not an answer".to_owned()),
    ])
}

const USUAL: Evaluation = Evaluation { profiles_from: None, on: None, profiles: 30, seed: 1 };

#[test]
fn the_first_month_makes_readers_and_the_last_is_replayed() {
    let folder = two_months();
    let quality = evaluate(folder.path(), &USUAL).unwrap();
    assert_eq!((quality.profiles_from.as_str(), quality.on.as_str()), ("2026-03", "2026-06"));
    assert_eq!((quality.profiles, quality.papers, quality.days.len(), quality.bad_entries), (30, 36, 4, 0));
    assert_eq!(quality.days.iter().map(|day| day.papers).collect::<Vec<_>>(), [9; 4]);
    assert_eq!(quality.measured, quality.days.iter().map(|day| day.readers).sum::<usize>());
    assert!(quality.orders.iter().all(|order| (0.0..=1.0).contains(&order.ndcg)), "{quality:?}");
    assert_eq!(evaluate(folder.path(), &USUAL).unwrap(), quality, "the same seed gives the same figures");
    let other = evaluate(folder.path(), &Evaluation { seed: 2, ..USUAL }).unwrap();
    assert_ne!(other.orders, quality.orders);
    let months = (Some("2026-06".parse().unwrap()), Some("2026-03".parse().unwrap()));
    let back = evaluate(folder.path(), &Evaluation { profiles_from: months.0, on: months.1, ..USUAL }).unwrap();
    assert_eq!((back.profiles_from.as_str(), back.on.as_str()), ("2026-06", "2026-03"));
}

#[test]
fn an_order_that_knows_interests_and_votes_beats_those_that_know_one_of_them() {
    let quality = evaluate(two_months().path(), &Evaluation { profiles: 100, ..USUAL }).unwrap();
    let ours = quality.orders[0].ndcg;
    for order in &quality.orders[1..4] {
        assert!(order.ndcg < ours && (order.ahead.mean - (ours - order.ndcg)).abs() < 1e-9, "{order:?}");
        assert!(order.ahead.low <= order.ahead.mean && order.ahead.mean <= order.ahead.high);
    }
}

#[test]
fn readers_have_five_to_ten_keywords_that_papers_have_in_common() {
    let sample = Sample::read(two_months().path()).unwrap();
    let month = sample.months()[0];
    let people = people::people(&sample, month, 50, 3);
    assert_eq!(people.len(), 50);
    for person in &people {
        assert!((5..=10).contains(&person.keywords.len()));
        for keyword in &person.keywords {
            let others = || person.keywords.iter().filter(|other| other.key != keyword.key);
            let beside = |paper: &SamplePaper| others().any(|other| paper.keys.contains(&other.key));
            assert!(sample.of(month).any(|paper| paper.keys.contains(&keyword.key) && beside(paper)));
        }
    }
    let again = people::people(&sample, month, 50, 3);
    assert!(people.iter().zip(&again).all(|(one, other)| one.profile() == other.profile()));
}

#[test]
fn keywords_with_signs_of_the_query_language_are_quoted() {
    let line = |text| people::Keyword::of(text).map(|keyword| keyword.line);
    assert_eq!(line("few-shot learning").as_deref(), Some("few-shot learning"));
    assert_eq!(line("language models (LMs)").as_deref(), Some("\"language models (LMs)\""));
    assert_eq!(line("-E(3)-equivariant").as_deref(), Some("\"E(3)-equivariant\""));
    assert_eq!((line("the"), line(" "), line(&"x".repeat(300))), (None, None, None));
}

#[test]
fn every_vote_is_either_seen_or_still_to_come() {
    let sample = Sample::read(two_months().path()).unwrap();
    let splits = replay::split(&sample, 1);
    assert!(sample.papers.iter().zip(&splits).all(|(paper, split)| split.seen + split.to_come == paper.votes));
    let sum = |part: fn(&Split) -> u32| splits.iter().map(part).sum::<u32>();
    assert!(sum(|split| split.seen) > 0 && sum(|split| split.seen) < sum(|split| split.to_come));
}

#[test]
fn the_matcher_never_sees_the_keywords_a_paper_was_given() {
    let mut secret = days("2026-06");
    for entry in &mut secret {
        entry["paper"]["title"] = "Untitled".into();
        entry["paper"]["summary"] = "Nothing is said.".into();
    }
    let files = [
        ("daily_papers_1.json", json!(days("2026-03")).to_string()),
        ("daily_papers_2.json", json!(secret).to_string()),
    ];
    let quality = evaluate(folder(&files).path(), &USUAL).unwrap();
    assert!(quality.measured > 0);
    assert_eq!([quality.orders[0].ndcg, quality.orders[1].ndcg, quality.orders[2].ndcg], [0.0; 3]);
    assert_eq!((quality.recall.standing, quality.recall.share), (0, 1.0));
}

#[test]
fn keywords_that_stand_in_the_text_are_looked_for_and_misses_are_named() {
    let mut papers = days("2026-06");
    papers[0]["paper"]["ai_keywords"] = json!(["kite flying", "wind tunnels", "tail design"]);
    papers[0]["paper"]["summary"] = "Kite-flying near the wind tunnel, and a tail.".into();
    papers[1]["paper"]["ai_keywords"] = json!(["the", "pendulum clocks"]);
    papers[1]["paper"]["summary"] = "The Pendulum Clock.".into();
    papers.truncate(2);
    let sample = Sample::read(folder(&[("daily_papers_x.json", json!(papers).to_string())]).path()).unwrap();
    let recall = recall::recall(&sample, sample.months()[0]);
    assert_eq!((recall.standing, recall.found), (4, 3));
    assert_eq!(recall.missed, [("arxiv:2606.00101".to_owned(), "the".to_owned())]);
}

#[test]
fn the_simple_orders_do_what_they_are_called() {
    let sample = Sample::read(two_months().path()).unwrap();
    let day: Vec<&SamplePaper> = sample.papers[..9].iter().collect();
    let person =
        Person { keywords: ["kite flying", "lift"].iter().filter_map(|text| people::Keyword::of(text)).collect() };
    let newest = newest_with_phrase(&day, &person);
    let stands = |index: &usize| person.keywords.iter().any(|keyword| day[*index].holds(&keyword.words));
    assert!(!newest.is_empty() && newest.iter().all(stands) && newest.is_sorted_by(|one, next| one > next));
    assert_eq!(newest.len(), (0..9).filter(stands).count());
    assert_eq!(most_votes(&[3, 9, 9, 0]), [1, 2, 0, 3]);
    let by_words = Bm25::of(&day).order(&day, &person);
    assert_eq!(by_words.iter().filter(|index| stands(index)).count(), newest.len());
    assert!(stands(&by_words[0]));
}

#[test]
fn what_cannot_be_measured_says_why() {
    let fails = |folder: &Path, what: Evaluation| evaluate(folder, &what).unwrap_err();
    let empty = folder(&[]);
    assert!(fails(empty.path(), USUAL).to_string().contains("daily_papers_*.json"));
    assert!(matches!(fails(&empty.path().join("nowhere"), USUAL), AppError::Failed(told) if told.contains("nowhere")));
    let broken = folder(&[("daily_papers_1.json", "[{\"paper\":".to_owned())]);
    assert!(fails(broken.path(), USUAL).to_string().contains("daily_papers_1.json"));
    let two = two_months();
    let missing = Evaluation { on: Some("2026-04".parse().unwrap()), ..USUAL };
    assert!(matches!(fails(two.path(), missing), AppError::Usage(told) if told.contains("2026-03, 2026-06")));
    let mut bare = days("2026-06");
    bare.iter_mut().for_each(|entry| entry["paper"]["ai_keywords"] = json!(null));
    let bare = folder(&[("daily_papers_1.json", json!(bare).to_string())]);
    assert!(fails(bare.path(), USUAL).to_string().contains("no keywords"));
    assert!("2026-13".parse::<Month>().is_err() && "summer".parse::<Month>().is_err());
}

#[test]
fn entries_that_are_no_papers_are_counted() {
    let mut papers = days("2026-06");
    papers[3]["paper"]["upvotes"] = json!(null);
    papers.push(json!({ "paper": { "id": "2606.77777" } }));
    let sample = Sample::read(folder(&[("daily_papers_1.json", json!(papers).to_string())]).path()).unwrap();
    assert_eq!((sample.papers.len(), sample.bad), (35, 2));
}
