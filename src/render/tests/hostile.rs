//! Text from outside stays text, whatever it says.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::html::{Element, elements, links};
use super::*;
use crate::model::{Field, SourceName, Span};

/// Tag names, attribute names and styles that our own texts lead to.
static VOCABULARY: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mails = DigestSample::all().iter().map(rendered).collect::<Vec<_>>();
    mails.iter().flat_map(|mail| words(&elements(&mail.html))).collect()
});

fn words(elements: &[Element]) -> Vec<String> {
    let names = elements.iter().map(|element| format!("<{}>", element.name));
    let attributes = elements.iter().flat_map(|element| &element.attributes).map(|(name, value)| match name.as_str() {
        "href" => name.clone(),
        _ => format!("{name}={value}"),
    });
    names.chain(attributes).collect()
}

fn hostile() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "</a><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "' style='x",
        "&lt;b&gt; &amp; &#x41; &nbsp;",
        "]]><!-- -->",
        "{{ 7*7 }}{% for x in y %}",
        "a\r\nBcc: everyone@example.org\r\n\r\nbody",
        "\u{202e}desrever\u{2028}\u{0}\u{1b}[31m",
        "javascript:alert(1)",
        "{n} {site}",
        "</title></style></table>",
        "漢字かな交じり文αβγ",
        "",
    ])
    .prop_map(str::to_owned);
    prop_oneof![known, any::<String>(), "\\PC{0,200}", "[<>&\"'a ]{0,60}"]
}

fn spans() -> impl Strategy<Value = Vec<(Field, Span)>> {
    let field = prop::sample::select(vec![Field::Title, Field::Abstract, Field::Author, Field::Category]);
    prop::collection::vec((field, 0_u32..300, 0_u32..300), 0..10)
        .prop_map(|hits| hits.into_iter().map(|(field, start, end)| (field, Span { start, end })).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_becomes_markup_or_a_header(
        texts in prop::array::uniform8(hostile()),
        urls in prop::array::uniform4(hostile()),
        hits in spans(),
    ) {
        let mut sample = DigestSample::unreachable();
        let [title, abstract_text, author, category, interest, name, contact, source] = texts;
        {
            let (item, paper) = &mut sample.papers[0];
            paper.title = title.clone();
            paper.abstract_text = abstract_text;
            paper.authors = vec![author.clone(), author];
            paper.categories = vec![category];
            paper.sources = vec![SourceName::new(&source)];
            let [page, pdf, code, project] = urls;
            (paper.url, paper.pdf_url, paper.code_url, paper.project_url) = (Some(page), Some(pdf), Some(code), Some(project));
            item.reasons[0].interest = interest.clone();
            item.reasons[0].hits = hits;
        }
        sample.site.name = name;
        sample.site.contact = Some(contact);
        sample.figures.sources[0].source = SourceName::new(&source);
        let items = sample.items();
        let mut input = sample.input(&items);
        input.address = &interest;
        let mail = super::super::digest(&RENDERER, &input).unwrap();

        let all = elements(&mail.html);
        for word in words(&all) {
            prop_assert!(VOCABULARY.contains(&word), "{}", word);
        }
        for link in links(&mail.html) {
            prop_assert!(link.starts_with("https://") || link.starts_with("http://"), "{}", link);
        }
        if title.chars().count() <= 300 {
            let shown = all.iter().find(|element| element.name == "h3").map(|element| element.text.clone());
            prop_assert_eq!(shown.unwrap_or_default(), escape::one_line(&title));
        }
        prop_assert!(!mail.subject.contains(|c: char| c.is_control()) && mail.subject.chars().count() <= 78);
        prop_assert!(!mail.text.contains(|c: char| c.is_control() && c != '\n'));
    }

    #[test]
    fn pages_and_transactional_mails_escape_too(text in hostile()) {
        let site = Site { name: text.clone(), contact: Some(text.clone()), postal_address: Some(text.clone()) };
        for (_, mail) in mails::others(&site, &text) {
            for element in elements(&mail.html) {
                prop_assert!(element.attributes.iter().all(|(name, _)| !name.starts_with("on")));
                prop_assert_ne!(element.name, "script");
            }
            prop_assert!(!mail.subject.contains(|c: char| c.is_control()));
        }
        let sample = DigestSample { site, ..DigestSample::holiday() };
        let frame = Frame { site_name: text.clone(), contact: Some(text), ..Frame::sample() };
        let mut paper = DigestSample::rich().papers.remove(0).1;
        (paper.title, paper.authors) = (frame.site_name.clone(), vec![frame.site_name.clone()]);
        let more = [MorePaper { paper: &paper, page: "/papers/1".to_owned() }];
        let page = digest_page(&RENDERER, &frame, &sample.input(&[]), &more).unwrap();
        prop_assert!(!page.contains("<script") && !page.contains("\" onmouseover"));
    }
}
