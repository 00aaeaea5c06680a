//! The table of everything compiled in: template texts and catalogues.

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// Every template by its path under `templates/`.
pub(super) const TEMPLATES: &[(&str, &str)] = texts![
    "base.html",
    "pages/_paper.html",
    "pages/digest.html",
    "pages/home.html",
    "pages/papers.html",
    "pages/_forms.html",
    "pages/_days.html",
    "pages/paper.html",
    "pages/message.html",
    "pages/subscribe.html",
    "pages/confirm.html",
    "pages/manage.html",
    "pages/unsubscribe.html",
    "pages/preferences.html",
    "pages/feedback.html",
    "pages/undo.html",
    "pages/mailbox.html",
    "pages/letter.html",
    "pages/admin/login.html",
    "pages/admin/overview.html",
    "pages/admin/deliveries.html",
    "pages/admin/delivery.html",
    "email/_styles.html",
    "email/_button.html",
    "email/paper.html",
    "email/paper.txt",
    "email/base.html",
    "email/base.txt",
    "email/digest/subject.txt",
    "email/digest/body.txt",
    "email/digest/body.html",
    "email/confirmation/subject.txt",
    "email/confirmation/body.txt",
    "email/confirmation/body.html",
    "email/manage_link/subject.txt",
    "email/manage_link/body.txt",
    "email/manage_link/body.html",
    "email/alert/subject.txt",
    "email/alert/body.txt",
    "email/alert/body.html",
    "email/already_subscribed/subject.txt",
    "email/already_subscribed/body.txt",
    "email/already_subscribed/body.html",
];

/// Every catalogue by its language tag; the first is the one to fall back to.
pub(super) const CATALOGUES: &[(&str, &str)] = &[("en", include_str!("../../templates/locales/en.json"))];
