//! What a machine can check of WCAG 2.2 and of the rules for mail programs.

use super::html::{Element, elements};
use super::*;

fn all_mails() -> Vec<RenderedMail> {
    let digests = DigestSample::all();
    let others = mails::others(&Site::sample(), "ada@example.org").map(|(_, mail)| mail);
    digests.iter().map(rendered).chain(others).collect()
}

fn named<'a>(all: &'a [Element], name: &str) -> Vec<&'a Element> {
    all.iter().filter(|element| element.name == name).collect()
}

#[test]
fn structure_is_told_to_screen_readers() {
    for mail in all_mails() {
        let all = elements(&mail.html);
        for root in [named(&all, "html"), named(&all, "body")].concat() {
            assert_eq!((root.attribute("lang"), root.attribute("dir")), (Some("en"), Some("ltr")));
        }
        assert_eq!(named(&all, "title")[0].text, mail.subject);
        assert_eq!(named(&all, "h1").len(), 1);
        assert!(named(&all, "table").iter().all(|table| table.attribute("role") == Some("presentation")));
        assert!(named(&all, "a").iter().all(|link| !link.text.trim().is_empty()));
        let levels: Vec<&str> =
            all.iter().map(|element| element.name.as_str()).filter(|name| ["h1", "h2", "h3"].contains(name)).collect();
        assert!(levels.windows(2).all(|pair| pair != ["h1", "h3"]), "{levels:?}");
    }
}

#[test]
fn nothing_needs_more_than_a_mail_program() {
    let known = [
        "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "h1", "h2", "h3", "p", "a", "b",
        "strong", "br",
    ];
    for mail in all_mails() {
        for element in elements(&mail.html) {
            assert!(known.contains(&element.name.as_str()), "<{}>", element.name);
            assert!(element.attributes.iter().all(|(name, _)| !name.starts_with("on")));
        }
        assert!(!mail.html.contains("url(") && !mail.html.contains("@import") && !mail.html.contains("var("));
    }
}

#[test]
fn a_button_is_44_pixels_high() {
    for mail in all_mails() {
        for button in elements(&mail.html).iter().filter(|element| element.attribute("style").is_some_and(is_button)) {
            assert!(button.attribute("style").unwrap().contains("padding:12px 26px;font:bold 16px/20px"));
        }
    }
    fn is_button(style: &str) -> bool {
        style.contains("inline-block")
    }
}

/// Relative luminance of `#rrggbb` (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn text_stands_out_in_both_schemes() {
    let css = assets::STYLE;
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    for scheme in [light, dark] {
        let colour = |name: &str| {
            let after = scheme.split_once(&format!("--{name}: ")).unwrap_or_else(|| panic!("{name}")).1;
            after[..7].to_owned()
        };
        let pairs = [
            ("ink", "paper"),
            ("ink", "panel"),
            ("ink", "field"),
            ("muted", "paper"),
            ("muted", "panel"),
            ("accent", "paper"),
            ("accent", "panel"),
            ("on-accent", "accent"),
            ("hit-ink", "hit"),
            ("good", "panel"),
            ("bad", "paper"),
            ("bad", "panel"),
            ("good", "paper"),
        ];
        for (text, ground) in pairs {
            let (text_colour, ground_colour) = (colour(text), colour(ground));
            let ratio = contrast(&text_colour, &ground_colour);
            assert!(ratio >= 4.5, "{text} {text_colour} on {ground} {ground_colour}: {ratio:.2}");
        }
        assert!(contrast("#675f53", "#fae9b4") >= 4.5, "an author who was hit, in a mail");
        // The edge of a field is not text: 3:1 (WCAG 1.4.11).
        assert!(contrast(&colour("edge"), &colour("panel")) >= 3.0);
    }
}

#[test]
fn mails_use_the_colours_of_the_site() {
    for mail in all_mails() {
        let colours = mail.html.match_indices('#').filter_map(|(at, _)| mail.html.get(at..at + 7));
        for colour in colours.filter(|text| text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())) {
            assert!(assets::STYLE.contains(colour), "{colour} is not in style.css");
        }
    }
}
