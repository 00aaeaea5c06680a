//! Configuration: flags beat the environment, the environment beats the file, the file beats the defaults.
//!
//! `config/default.toml` is compiled in *as* the defaults, so every key that exists has a line there.
//! This room describes what is wanted and checks it; it opens nothing and builds nothing.
//! It is the only room that reads the environment.

mod check;
mod layers;
mod suggest;

use std::path::PathBuf;

use serde::Deserialize;

pub use check::{Problem, check};
pub use layers::{ConfigError, Environment, Layers};
pub use suggest::closest;

/// The defaults, as the operator reads them.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// All settings, every one with a value. An empty string means "not set".
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml documents every key")]
pub struct Config {
    pub mode: Mode,
    pub site: Site,
    pub database: Database,
    pub http: Http,
    pub signup: Signup,
    pub mail: Mail,
    pub sources: Sources,
    pub digest: Digest,
    pub matching: Matching,
    pub retention: Retention,
    pub security: Security,
    pub admin: Admin,
    pub log: Log,
}

/// How careful the program is about its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "config/default.toml documents every key")]
pub enum Mode {
    Development,
    Production,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "config/default.toml documents every key")]
        pub struct $name { $(pub $field: $kind,)* }
    };
}

section!(
    /// `[site]`
    Site { name: String, contact: String, }
);
section!(
    /// `[database]`
    Database { url: String, connections: u32, }
);
section!(
    /// `[http]`
    Http { listen: String, public_url: String, metrics_listen: String, trusted_proxies: Vec<String>, }
);
section!(
    /// `[signup]`
    Signup { mode: SignupMode, domains: Vec<String>, per_address_per_day: u32, per_network_per_hour: u32, }
);
section!(
    /// `[mail]`
    Mail {
        transport: Transport,
        smtp_url: String,
        directory: PathBuf,
        from: String,
        reply_to: String,
        bounce_domain: String,
        postal_address: String,
        connections: u32,
        rate_per_second: u32,
        tls_ca_file: PathBuf,
        uncertain: Uncertain,
        dkim: Dkim,
    }
);
section!(
    /// `[mail.uncertain]`
    Uncertain { digest: UncertainChoice, transactional: UncertainChoice, }
);
section!(
    /// `[mail.dkim]`
    Dkim { domain: String, selector: String, key_file: PathBuf, }
);
section!(
    /// `[sources]`
    Sources { hugging_face: HuggingFace, arxiv: Arxiv, }
);
section!(
    /// `[sources.hugging_face]`
    HuggingFace { enabled: bool, url: String, schedule: String, }
);
section!(
    /// `[sources.arxiv]`
    Arxiv { enabled: bool, url: String, categories: Vec<String>, schedule: String, }
);
section!(
    /// `[digest]`
    Digest { timezone: String, time: String, limit: u16, page_days: u32, }
);
section!(
    /// `[matching]`
    Matching { memory_mb: u32, }
);
section!(
    /// `[retention]`
    Retention { editions_days: u32, attempts_days: u32, signups_days: u32, signals_daily_after_days: u32, }
);
section!(
    /// `[security]`
    Security { secret_key: String, previous_secret_keys: Vec<String>, }
);
section!(
    /// `[admin]`
    Admin { token: String, email: String, }
);
section!(
    /// `[log]`
    Log { level: Level, format: LogFormat, }
);

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "config/default.toml documents every key")]
        pub enum $name { $($variant,)* }
    };
}

choice!(
    /// `signup.mode`
    SignupMode { Open, Domains, Closed, }
);
choice!(
    /// `mail.transport`
    Transport { Smtp, Directory, }
);
choice!(
    /// `mail.uncertain.*`
    UncertainChoice { Hold, Resend, }
);
choice!(
    /// `log.level`
    Level { Error, Warn, Info, Debug, Trace, }
);
choice!(
    /// `log.format`
    LogFormat { Text, Json, }
);

impl Config {
    /// The public address of the site: what is set, else the listen address.
    pub fn public_url(&self) -> String {
        match self.http.public_url.as_str() {
            "" => format!("http://{}", self.http.listen),
            url => url.trim_end_matches('/').to_owned(),
        }
    }

    /// The sender: what is set, else an example address.
    pub fn from(&self) -> String {
        match self.mail.from.as_str() {
            "" => format!("{} <digest@broadsheet.example>", self.site.name),
            from => from.to_owned(),
        }
    }
}
