use super::html::links;
use super::*;

const LINK: &str = "https://papers.example.org/go/aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4ohcn3d";
const LEAVE: &str = "https://papers.example.org/unsubscribe/aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4ohcn3d";

/// One mail of each kind but the digest, with its name.
pub(super) fn others(site: &Site, address: &str) -> [(&'static str, RenderedMail); 3] {
    let language = "en";
    let confirm = ConfirmationInput { site, language, address, confirm_link: LINK, valid_hours: 48 };
    let (preferences_link, unsubscribe_link, valid_days) = (LINK, LEAVE, 60);
    let manage = ManageLinkInput { site, language, address, preferences_link, unsubscribe_link, valid_days };
    let already = AlreadySubscribedInput { site, language, address, preferences_link, unsubscribe_link, valid_days };
    [
        ("confirmation", confirmation(&RENDERER, &confirm).unwrap()),
        ("manage_link", manage_link(&RENDERER, &manage).unwrap()),
        ("already_subscribed", already_subscribed(&RENDERER, &already).unwrap()),
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
