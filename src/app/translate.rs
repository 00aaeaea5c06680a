//! From the words of the configuration to the settings of each room.

use std::str::FromStr;

use chrono_tz::Tz;

use super::AppError;
use crate::config::{Config, SignupMode, Transport as Kind, UncertainChoice};
use crate::mailer::{Deadlines, Mailbox, RelaySettings, Signer, Transport};
use crate::model::EmailAddress;
use crate::model::subscriber::parse_send_time;
use crate::net;
use crate::render::Site;
use crate::scheduler::fetch::Patience;
use crate::scheduler::{Retention, ScheduledSource, Settings, SignupRule};
use crate::sources::{Arxiv, HuggingFace, Source};
use crate::store::deliveries::UncertainPolicy;
use crate::web::Network;

fn bad(key: &str, error: impl std::fmt::Display) -> AppError {
    AppError::Config(format!("{key}: {error}"))
}

fn set(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// What the reconcilers are told.
pub(super) fn settings(config: &Config) -> Result<Settings, AppError> {
    let from = mailbox("mail.from", &config.from())?;
    let message_domain = from.address.domain().to_owned();
    let reply_to = set(&config.mail.reply_to).map(|text| address("mail.reply_to", &text)).transpose()?;
    let bounce_domain = set(&config.mail.bounce_domain).unwrap_or_else(|| message_domain.clone());
    // Return paths live there, so it has to be a domain an address can have.
    address("mail.bounce_domain", &format!("b@{bounce_domain}"))?;
    Ok(Settings {
        site: Site {
            name: config.site.name.clone(),
            contact: set(&config.site.contact),
            postal_address: set(&config.mail.postal_address),
        },
        list_id: format!("digest.{message_domain}"),
        from,
        reply_to,
        message_domain,
        bounce_domain,
        connections: config.mail.connections as usize,
        rate_per_second: rate(config),
        operator: set(&config.admin.email).map(|text| address("admin.email", &text)).transpose()?,
        uncertain_digest: policy(config.mail.uncertain.digest),
        uncertain_transactional: policy(config.mail.uncertain.transactional),
        signup: signup_rule(config)?,
        per_address_per_day: i64::from(config.signup.per_address_per_day),
        per_network_per_hour: i64::from(config.signup.per_network_per_hour),
        timezone: zone(config)?,
        send_minute: parse_send_time(&config.digest.time).map_err(|error| bad("digest.time", error))?,
        limit: config.digest.limit,
        patience: Patience::default(),
        retention: Retention {
            editions: i64::from(config.retention.editions_days),
            attempts: i64::from(config.retention.attempts_days),
            signups: i64::from(config.retention.signups_days),
            signals_daily_after: i64::from(config.retention.signals_daily_after_days),
        },
    })
}

/// A folder bears any rate, and 0 is no limit.
fn rate(config: &Config) -> Option<u32> {
    let rate = config.mail.rate_per_second;
    (config.mail.transport == Kind::Smtp && rate > 0).then_some(rate)
}

/// The zone of people whose own is not known.
pub(super) fn zone(config: &Config) -> Result<Tz, AppError> {
    Tz::from_str(&config.digest.timezone).map_err(|error| bad("digest.timezone", error))
}

fn policy(choice: UncertainChoice) -> UncertainPolicy {
    match choice {
        UncertainChoice::Hold => UncertainPolicy::Hold,
        UncertainChoice::Resend => UncertainPolicy::Resend,
    }
}

fn signup_rule(config: &Config) -> Result<SignupRule, AppError> {
    Ok(match config.signup.mode {
        SignupMode::Open => SignupRule::Open,
        SignupMode::Closed => SignupRule::Closed,
        SignupMode::Domains => {
            let domains = config
                .signup
                .domains
                .iter()
                .map(|domain| Ok(address("signup.domains", &format!("a@{domain}"))?.domain().to_owned()));
            SignupRule::Domains(domains.collect::<Result<_, AppError>>()?)
        }
    })
}

fn address(key: &str, text: &str) -> Result<EmailAddress, AppError> {
    EmailAddress::parse(text).map_err(|error| bad(key, format!("{text:?}: {error}")))
}

/// Reads `Name <address>` or a bare address.
fn mailbox(key: &str, text: &str) -> Result<Mailbox, AppError> {
    let text = text.trim();
    let (name, inner) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, inner)) => (name.trim().trim_matches('"'), inner),
        None => ("", text),
    };
    Ok(Mailbox { name: name.to_owned(), address: address(key, inner)? })
}

/// Where mail goes.
pub(super) fn transport(config: &Config, hello: &str) -> Result<Transport, AppError> {
    match config.mail.transport {
        Kind::Directory => Ok(Transport::directory(&config.mail.directory)),
        Kind::Smtp => {
            let authority = match config.mail.tls_ca_file.as_os_str().is_empty() {
                true => None,
                false => Some(read_file("mail.tls_ca_file", &config.mail.tls_ca_file)?),
            };
            let relay = RelaySettings::from_url(&config.mail.smtp_url, authority.as_deref());
            let relay = relay.map_err(|error| bad("mail.smtp_url", error))?.with_hello_name(hello);
            Ok(Transport::smtp(relay, Deadlines::default()))
        }
    }
}

fn read_file(key: &str, path: &std::path::Path) -> Result<Vec<u8>, AppError> {
    std::fs::read(path).map_err(|error| bad(key, format!("{}: {error}", path.display())))
}

/// The signing key, when one is configured.
pub(super) fn signer(config: &Config) -> Result<Option<Signer>, AppError> {
    let dkim = &config.mail.dkim;
    if dkim.domain.is_empty() {
        return Ok(None);
    }
    let pem = read_file("mail.dkim.key_file", &dkim.key_file)?;
    let pem = String::from_utf8(pem).map_err(|error| bad("mail.dkim.key_file", error))?;
    Signer::from_pem(&pem, &dkim.domain, &dkim.selector).map(Some).map_err(|error| bad("mail.dkim", error))
}

/// The sources that are switched on, with their schedules.
pub(super) fn sources(config: &Config) -> Result<Vec<ScheduledSource>, AppError> {
    let mut sources = Vec::new();
    let mut add = |key: &str, source: Result<Box<dyn Source>, crate::sources::SourceError>, schedule: &str| {
        let source = source.map_err(|error| bad(key, error))?;
        let schedule = schedule.parse().map_err(|error| bad(&format!("{key}.schedule"), error))?;
        sources.push(ScheduledSource { source, schedule });
        Ok::<(), AppError>(())
    };
    let hugging_face = &config.sources.hugging_face;
    if hugging_face.enabled {
        let source = HuggingFace::new(&hugging_face.url).map(|source| Box::new(source) as Box<dyn Source>);
        add("sources.hugging_face", source, &hugging_face.schedule)?;
    }
    let arxiv = &config.sources.arxiv;
    if arxiv.enabled {
        let source = Arxiv::new(&arxiv.url, &arxiv.categories).map(|source| Box::new(source) as Box<dyn Source>);
        add("sources.arxiv", source, &arxiv.schedule)?;
    }
    Ok(sources)
}

/// How pages are fetched: an honest name, and trust in the hosts the operator wrote down.
pub(super) fn client_settings(config: &Config) -> net::Settings {
    let about = [Some(config.public_url()), set(&config.site.contact)];
    let about: Vec<String> = about.into_iter().flatten().map(|part| format!("+{part}")).collect();
    let hosts = [&config.sources.hugging_face.url, &config.sources.arxiv.url];
    net::Settings {
        user_agent: format!("broadsheet/{} ({})", env!("CARGO_PKG_VERSION"), about.join("; ")),
        trusted_hosts: hosts.iter().filter_map(|url| host_and_port(url)).collect(),
        ..net::Settings::default()
    }
}

fn host_and_port(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")))
}

/// The reverse proxies that are believed.
pub(super) fn proxies(config: &Config) -> Result<Vec<Network>, AppError> {
    config
        .http
        .trusted_proxies
        .iter()
        .map(|text| text.parse().map_err(|error| bad("http.trusted_proxies", error)))
        .collect()
}
