//! Mails and pages as a whole: what they look like, how large they get, and what hostile text cannot do to them.

use std::sync::LazyLock;

use super::*;

mod accessible;
mod digest;
mod hostile;
mod html;
mod mails;
mod overrides;
mod size;
mod status;

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().expect("the templates compile"));

fn rendered(sample: &DigestSample) -> RenderedMail {
    let items = sample.items();
    super::digest(&RENDERER, &sample.input(&items)).unwrap_or_else(|error| panic!("{}: {error}", sample.name))
}

/// All forms of a mail in one text, as a reviewer wants to read them.
fn readable(mail: &RenderedMail) -> String {
    let preheader = mail.preheader.as_deref().unwrap_or("(in the template)");
    format!("Subject: {}\nPre-header: {preheader}\n\n{}\n----- HTML -----\n{}", mail.subject, mail.text, mail.html)
}
