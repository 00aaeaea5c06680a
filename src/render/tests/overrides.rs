//! What an operator's own templates can do, and what they are told when they go wrong.

use super::*;
use crate::model::Reason;

const SUBJECT: &str = "email/digest/subject.txt";

fn with_subject(text: &str) -> Result<Renderer, RenderError> {
    Renderer::with_overrides([(SUBJECT.to_owned(), text.to_owned())].into())
}

fn subject(text: &str) -> Result<String, String> {
    let sample = DigestSample::rich();
    let items = sample.items();
    let renderer = with_subject(text).map_err(|error| error.to_string())?;
    renderer.check().map_err(|error| error.to_string())?;
    super::super::digest(&renderer, &sample.input(&items)).map(|mail| mail.subject).map_err(|error| error.to_string())
}

#[test]
fn an_own_template_replaces_ours_and_changes_the_hash() {
    assert_eq!(subject("Papers of {{ date }}").unwrap(), "Papers of Monday, 23 November 2026");
    assert_eq!(subject("one\r\nBcc: two").unwrap(), "one Bcc: two");
    let changed = with_subject("Papers of {{ date }}").unwrap();
    assert_ne!(changed.template_hash(), RENDERER.template_hash());
    assert_eq!(RENDERER.template_hash(), Renderer::new().unwrap().template_hash());
    assert_eq!(RENDERER.template_hash().len(), 64);
}

#[test]
fn templates_put_dates_and_numbers_in_words() {
    assert_eq!(subject("{{ '2026-02-01'|long_date }}").unwrap(), "Sunday, 1 February 2026");
    assert_eq!(subject("{{ '2026-02-01'|plain_date }}, {{ 12345|number }}").unwrap(), "1 February 2026, 12,345");
    assert_eq!(subject("{{ t('digest.more', n=1200) }}").unwrap(), "1,200 more papers on the site");
}

#[test]
fn mistakes_are_named_with_template_and_line() {
    for (text, told) in [
        ("{{ date", "syntax error"),
        ("\n{{ dat }}", "undefined value"),
        ("{{ notice }}", "nothing to print"),
        ("{{ date|safe }}", "unknown filter"),
        ("{{ t('no.such.key') }}", "no text \"no.such.key\""),
        ("{{ t('digest.more') }}", "needs n"),
        ("{{ t('status.line', papers=1) }}", "\"outcome\""),
        ("{{ t('digest.pause', surplus=1) }}", "surplus"),
        ("{{ 'yesterday'|long_date }}", "2026-11-23"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}", "fuel"),
    ] {
        let error = subject(text).unwrap_err();
        assert!(error.starts_with("template email/digest/subject.txt: ") && error.contains(told), "{text}: {error}");
    }
}

#[test]
fn only_templates_that_exist_can_be_replaced() {
    let unknown = Renderer::with_overrides([("email/digest/sbject.txt".to_owned(), String::new())].into());
    assert!(unknown.err().unwrap().to_string().contains("sbject.txt"));
    RENDERER.check().unwrap();
    for kind in ["confirmation", "manage_link", "already_subscribed"] {
        let name = format!("email/{kind}/body.txt");
        let error = Renderer::with_overrides([(name.clone(), "{{ wrong }}".to_owned())].into()).unwrap().check();
        assert!(error.unwrap_err().to_string().starts_with(&format!("template {name}: ")));
    }
}

#[test]
fn papers_filled_into_galleys_read_as_the_template_prints_them() {
    let own = [
        ("email/paper.html".to_owned(), include_str!("../../../templates/email/paper.html").to_owned()),
        ("email/paper.txt".to_owned(), include_str!("../../../templates/email/paper.txt").to_owned()),
    ];
    let printing = Renderer::with_overrides(own.into()).unwrap();
    for mut sample in DigestSample::all() {
        for strange in ["", "<a> & \u{FDD0}p1\u{FDD2} \u{1}\u{202E} 漢字 {{ p }}"] {
            for (item, paper) in &mut sample.papers {
                paper.title.push_str(strange);
                paper.authors.push(strange.to_owned());
                item.reasons.extend(
                    item.reasons.clone().into_iter().map(|reason| Reason { interest: strange.to_owned(), ..reason }),
                );
            }
            let items = sample.items();
            let printed = super::super::digest(&printing, &sample.input(&items)).unwrap();
            assert_eq!(rendered(&sample), printed, "{}", sample.name);
        }
    }
}
