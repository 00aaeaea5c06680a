use super::html::links;
use super::*;

/// One mail of each kind but the digest, with its name.
pub(super) fn others(site: &Site, address: &str) -> [(&'static str, RenderedMail); 5] {
    let [group_closed, relay_down] = AlertInput::samples();
    [
        ("confirmation", confirmation(&RENDERER, &ConfirmationInput::sample(site, address)).unwrap()),
        ("manage_link", manage_link(&RENDERER, &LinksInput::sample(site, address)).unwrap()),
        ("alert_group_closed", alert(&RENDERER, &AlertInput::of(site, &group_closed)).unwrap()),
        ("alert_relay_down", alert(&RENDERER, &AlertInput::of(site, &relay_down)).unwrap()),
        ("already_subscribed", already_subscribed(&RENDERER, &LinksInput::sample(site, address)).unwrap()),
    ]
}

#[test]
fn each_kind_looks_as_designed() {
    let first = others(&Site::sample(), "ada@example.org");
    assert_eq!(first, others(&Site::sample(), "ada@example.org"));
    for (kind, mail) in first {
        insta::assert_snapshot!(kind, readable(&mail));
        assert!(mail.subject.chars().count() <= 78);
        for link in links(&mail.html) {
            assert!(mail.text.contains(&link), "{kind}: {link}");
        }
    }
}

#[test]
fn an_unknown_language_is_answered_in_the_first_one() {
    for language in ["xx", "", "en-GB", "EN"] {
        assert_eq!(RENDERER.words(language).language(), "en");
    }
}
