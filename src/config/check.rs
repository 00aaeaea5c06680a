//! What is wrong with a configuration before anything is started, all at once.

use std::net::SocketAddr;
use std::str::FromStr;

use super::{Config, Mode, SignupMode, Transport};

/// Characters a secret must have at least; 32 hexadecimal digits are 128 bits.
const MIN_SECRET: usize = 32;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key.
    pub key: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

struct Findings(Vec<Problem>);

impl Findings {
    fn unless(&mut self, good: bool, key: &'static str, message: impl Into<String>) {
        if !good {
            self.0.push(Problem { key, message: message.into() });
        }
    }
}

/// Checks values that depend on each other or on the mode. Empty: nothing to complain about.
pub fn check(config: &Config) -> Vec<Problem> {
    let mut findings = Findings(Vec::new());
    addresses(config, &mut findings);
    people(config, &mut findings);
    mail(config, &mut findings);
    secrets(config, &mut findings);
    sources(config, &mut findings);
    if config.mode == Mode::Production {
        production(config, &mut findings);
    }
    findings.0
}

fn addresses(config: &Config, findings: &mut Findings) {
    let http = &config.http;
    let an_address = "should be an address and a port such as 127.0.0.1:8080";
    findings.unless(SocketAddr::from_str(&http.listen).is_ok(), "http.listen", an_address);
    let metrics = http.metrics_listen.is_empty() || SocketAddr::from_str(&http.metrics_listen).is_ok();
    findings.unless(metrics, "http.metrics_listen", an_address);
    let public = http.public_url.is_empty()
        || (http.public_url.starts_with("https://") || http.public_url.starts_with("http://"))
            && !http.public_url.contains([' ', '"', '<', '>', '?', '#']);
    findings.unless(public, "http.public_url", "should begin with https:// (or http://) and have no query");
    findings.unless(
        (1..=100).contains(&config.database.connections),
        "database.connections",
        "should be from 1 to 100",
    );
}

fn people(config: &Config, findings: &mut Findings) {
    let digest = &config.digest;
    let zone = chrono_tz::Tz::from_str(&digest.timezone).is_ok();
    findings.unless(
        zone,
        "digest.timezone",
        format!("{:?} is not in the time zone database; use for instance \"Europe/Berlin\"", digest.timezone),
    );
    let time = crate::model::subscriber::parse_send_time(&digest.time);
    findings.unless(time.is_ok(), "digest.time", "should be a time of day such as \"07:00\"");
    findings.unless((1..=50).contains(&digest.limit), "digest.limit", "should be from 1 to 50");
    findings.unless((1..=365).contains(&digest.page_days), "digest.page_days", "should be from 1 to 365");
    findings.unless(
        (1..=100_000).contains(&config.matching.memory_mb),
        "matching.memory_mb",
        "should be from 1 to 100000",
    );
    let domains = config.signup.mode != SignupMode::Domains || !config.signup.domains.is_empty();
    findings.unless(
        domains,
        "signup.domains",
        "names no domain, so nobody could subscribe; list some or set signup.mode to \"closed\"",
    );
    findings.unless(
        (1..=100).contains(&config.signup.per_address_per_day),
        "signup.per_address_per_day",
        "should be from 1 to 100",
    );
    findings.unless(
        (1..=10_000).contains(&config.signup.per_network_per_hour),
        "signup.per_network_per_hour",
        "should be from 1 to 10000",
    );
    findings.unless(
        config.retention.editions_days >= 30,
        "retention.editions_days",
        "should be 30 or more: editions prove that no paper is shown twice",
    );
    findings.unless(config.retention.attempts_days >= 1, "retention.attempts_days", "should be 1 or more");
    findings.unless(
        config.retention.signups_days >= 2,
        "retention.signups_days",
        "should be 2 or more: they are what limits are counted by",
    );
    findings.unless(
        config.retention.signals_daily_after_days >= 2,
        "retention.signals_daily_after_days",
        "should be 2 or more",
    );
}

fn mail(config: &Config, findings: &mut Findings) {
    let mail = &config.mail;
    let smtp = mail.transport != Transport::Smtp || !mail.smtp_url.is_empty();
    findings.unless(
        smtp,
        "mail.smtp_url",
        "is needed by the \"smtp\" transport: smtps://user:password@host:465 or smtp://host:25?tls=none",
    );
    findings.unless((1..=100).contains(&mail.connections), "mail.connections", "should be from 1 to 100");
    findings.unless(mail.rate_per_second <= 10_000, "mail.rate_per_second", "should be from 0 (no limit) to 10000");
    let dkim = &mail.dkim;
    let parts = [!dkim.domain.is_empty(), !dkim.selector.is_empty(), !dkim.key_file.as_os_str().is_empty()];
    findings.unless(
        parts.iter().all(|part| *part == parts[0]),
        "mail.dkim",
        "needs domain, selector and key_file together, or none of them",
    );
}

fn secrets(config: &Config, findings: &mut Findings) {
    let long_enough = |secret: &str| secret.is_empty() || secret.len() >= MIN_SECRET;
    findings.unless(
        long_enough(&config.security.secret_key),
        "security.secret_key",
        "should have 32 characters or more; `openssl rand -hex 32` makes a good one",
    );
    let previous = config.security.previous_secret_keys.iter().all(|key| key.len() >= MIN_SECRET);
    findings.unless(previous, "security.previous_secret_keys", "should each have 32 characters or more");
    findings.unless(
        long_enough(&config.admin.token),
        "admin.token",
        "should have 32 characters or more; `openssl rand -hex 32` makes a good one",
    );
}

fn sources(config: &Config, findings: &mut Findings) {
    let an_url = "should begin with https:// (or http://)";
    let is_url = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    findings.unless(is_url(&config.sources.hugging_face.url), "sources.hugging_face.url", an_url);
    findings.unless(is_url(&config.sources.arxiv.url), "sources.arxiv.url", an_url);
    let categories = &config.sources.arxiv.categories;
    findings.unless(
        !config.sources.arxiv.enabled || !categories.is_empty(),
        "sources.arxiv.categories",
        "names no category; list some or disable the source",
    );
    let plain =
        categories.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)));
    findings.unless(plain, "sources.arxiv.categories", "should be names such as \"cs.CL\"");
}

fn production(config: &Config, findings: &mut Findings) {
    let needed = "is needed in production";
    findings.unless(
        !config.http.public_url.is_empty(),
        "http.public_url",
        format!("{needed}: how readers reach this service"),
    );
    findings.unless(
        config.http.public_url.is_empty() || config.http.public_url.starts_with("https://"),
        "http.public_url",
        "should begin with https:// in production",
    );
    findings.unless(!config.mail.from.is_empty(), "mail.from", format!("{needed}: the sender of every mail"));
    findings.unless(
        !config.mail.postal_address.is_empty(),
        "mail.postal_address",
        format!("{needed}: laws ask for it in every digest"),
    );
    findings.unless(
        config.mail.transport == Transport::Smtp,
        "mail.transport",
        "should be \"smtp\" in production: \"directory\" sends nothing",
    );
    findings.unless(
        !config.security.secret_key.is_empty(),
        "security.secret_key",
        format!("{needed}; `openssl rand -hex 32` makes a good one"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, Layers};
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let config =
            Layers::read(None, &Environment::of(pairs), &[]).and_then(|layers| layers.config()).expect("typed");
        check(&config).into_iter().map(|problem| problem.key).collect()
    }

    #[test]
    fn production_names_everything_that_is_missing_at_once() {
        assert_eq!(
            with(&[("BROADSHEET__MODE", "production")]),
            ["http.public_url", "mail.from", "mail.postal_address", "mail.transport", "security.secret_key"]
        );
    }

    #[test]
    fn half_a_dkim_key_is_noticed() {
        assert_eq!(with(&[("BROADSHEET__MAIL__DKIM__DOMAIN", "example.org")]), ["mail.dkim"]);
    }

    #[test]
    fn values_out_of_range_are_noticed() {
        assert_eq!(
            with(&[
                ("BROADSHEET__DIGEST__TIMEZONE", "Mars/Olympus"),
                ("BROADSHEET__RETENTION__EDITIONS_DAYS", "29"),
                ("BROADSHEET__ADMIN__TOKEN", "short"),
            ]),
            ["digest.timezone", "retention.editions_days", "admin.token"]
        );
    }
}
