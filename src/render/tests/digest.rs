use super::html::links;
use super::*;

#[test]
fn every_kind_of_day_looks_as_designed_and_renders_the_same_twice() {
    for sample in DigestSample::all() {
        let mail = rendered(&sample);
        assert_eq!(mail, rendered(&sample), "{}", sample.name);
        insta::assert_snapshot!(format!("digest-{}", sample.name.replace(' ', "-")), readable(&mail));
    }
}

#[test]
fn both_parts_carry_the_same_links() {
    for sample in DigestSample::all() {
        let mail = rendered(&sample);
        let mut in_text: Vec<String> =
            mail.text.split_whitespace().filter(|word| word.starts_with("https://")).map(str::to_owned).collect();
        in_text.sort();
        in_text.dedup();
        assert_eq!(in_text, links(&mail.html), "{}", sample.name);
    }
}

#[test]
fn text_lines_fit_a_narrow_window() {
    for sample in DigestSample::all() {
        for line in rendered(&sample).text.lines().filter(|line| !line.contains("https://")) {
            assert!(line.chars().count() <= 72, "{line}");
        }
    }
}

#[test]
fn subject_and_preheader_keep_their_lengths() {
    for mut sample in DigestSample::all() {
        for title in ["A", "An Ordinary Title of Some Length, with Words", &"Word ".repeat(60), &"x".repeat(400)] {
            for (_, paper) in &mut sample.papers {
                paper.title = title.to_owned();
            }
            let mail = rendered(&sample);
            let preheader = mail.preheader.unwrap();
            assert!(mail.subject.chars().count() <= 78, "{}", mail.subject);
            assert!((90..=140).contains(&preheader.chars().count()), "{}: {preheader}", sample.name);
        }
    }
}

#[test]
fn a_matching_author_is_named_even_when_far_down_the_list() {
    let mut sample = DigestSample::unknown_edition();
    let (item, paper) = &mut sample.papers[0];
    paper.authors = (0..40).map(|n| format!("Author{n} Name")).collect();
    let start = paper.authors.join(", ").find("Author37").unwrap() as u32;
    let span = crate::model::Span { start, end: start + 8 };
    item.reasons[0].hits = vec![(crate::model::Field::Author, span)];
    item.reasons.truncate(1);
    let text = rendered(&sample).text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = "Author0 Name, Author1 Name, Author2 Name, Author3 Name, *Author37* Name and 35 more";
    assert!(text.contains(shown), "{text}");
}

#[test]
fn a_paper_without_anything_optional_is_shown() {
    let mut sample = DigestSample::unknown_edition();
    let (item, paper) = &mut sample.papers[0];
    (item.upvotes, item.upvotes_gained, item.reasons) = (None, None, Vec::new());
    (paper.url, paper.pdf_url, paper.code_url, paper.published_at) = (None, None, None, None);
    (paper.abstract_text, paper.authors, paper.categories, paper.sources) =
        (String::new(), Vec::new(), Vec::new(), Vec::new());
    let mail = rendered(&sample);
    assert!(mail.text.contains("https://papers.example.org/papers/100"));
    assert!(!mail.html.contains("Why:") && !mail.html.contains("▲"));
}

#[test]
fn the_archive_page_shows_the_edition() {
    let sample = DigestSample::rich();
    let items = sample.items();
    let more: Vec<MorePaper<'_>> = items[3..]
        .iter()
        .map(|item| MorePaper { paper: item.paper, page: format!("/papers/{}", item.paper.id) })
        .collect();
    let page = digest_page(&RENDERER, &Frame::sample(), &sample.input(&items), &more).unwrap();
    let (before, after) = page.split_once("style.css?v=").unwrap();
    insta::assert_snapshot!("page-digest", format!("{before}style.css?v=(hash){}", &after[12..]));
}
