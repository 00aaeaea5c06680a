//! Where the relay is and how to be safe with it, read from a URL.

use std::fmt;
use std::net::IpAddr;

use lettre::transport::smtp::client::{Certificate, TlsParameters};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// STARTTLS when the server offers it. Without a password the certificate is not checked,
    /// because a connection without any protection would be taken too (RFC 7435).
    Opportunistic,
    /// STARTTLS or nothing (RFC 3207).
    Required,
    /// TLS from the first byte (RFC 8314).
    Implicit,
}

/// Why a relay URL cannot be used. Never contains the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Not a URL.
    #[error("the mail server's address is not a URL such as smtps://user:password@smtp.example.org ({0})")]
    Syntax(String),
    /// Neither `smtp` nor `smtps`.
    #[error("the mail server's address begins with {0}://; use smtps:// or smtp://")]
    Scheme(String),
    /// No host, or one that is not a name or an IP address.
    #[error("the mail server's address has no host name")]
    Host,
    /// A path or a fragment.
    #[error("the mail server's address has something behind the host that means nothing: {0:?}")]
    Path(String),
    /// An unknown parameter.
    #[error("the mail server's address has an unknown parameter {0:?}; only tls is known")]
    Parameter(String),
    /// An unknown value of `tls`, or one that contradicts `smtps`.
    #[error("tls={0} is not possible here; with smtp:// use tls=required, tls=opportunistic or tls=none")]
    Tls(String),
    /// A user without password or the reverse, or characters no login has.
    #[error("the mail server's address needs both user and password, percent-encoded, without control characters")]
    Login,
    /// A CA file that holds no usable certificate.
    #[error("the file with the certificate authority has no usable certificate in PEM form")]
    Authority,
    /// The TLS library refused the host name or the certificates.
    #[error("TLS cannot be set up for the mail server: {0}")]
    Setup(String),
}

/// A login; never shown.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

/// How to reach a relay. Cheap to clone.
#[derive(Clone)]
pub struct RelaySettings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<Login>,
    pub(super) tls: Option<TlsParameters>,
    pub(super) hello: String,
}

impl RelaySettings {
    /// Reads `smtps://user:password@host:port` (implicit TLS, port 465) or
    /// `smtp://...?tls=required|opportunistic|none` (port 587; `required` when nothing is said).
    ///
    /// Certificates are checked against Mozilla's authorities and those in `ca_pem`, a PEM bundle.
    ///
    /// # Errors
    ///
    /// See [`RelayError`].
    pub fn from_url(url: &str, ca_pem: Option<&[u8]>) -> Result<Self, RelayError> {
        let url = Url::parse(url.trim()).map_err(|error| RelayError::Syntax(error.to_string()))?;
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            other => return Err(RelayError::Scheme(other.to_owned())),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(RelayError::Path(url.path().to_owned()));
        }
        let host = host_name(&url)?;
        let security = security(&url, implicit)?;
        let login = login(&url)?;
        let checked = security != Security::Opportunistic || login.is_some();
        let tls = match security {
            Security::None => None,
            _ => Some(tls_parameters(&host, ca_pem, checked)?),
        };
        let port = url.port().unwrap_or(if implicit { 465 } else { 587 });
        Ok(Self { host, port, security, login, tls, hello: "[127.0.0.1]".to_owned() })
    }

    /// Introduces us as `name` in EHLO; a name that is not a domain is ignored.
    #[must_use]
    pub fn with_hello_name(mut self, name: &str) -> Self {
        let dns = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if !name.is_empty() && name.len() <= 253 && name.bytes().all(dns) {
            self.hello = name.to_ascii_lowercase();
        }
        self
    }

    /// Host and port, for logs and messages.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// How connections are protected.
    pub fn security(&self) -> Security {
        self.security
    }
}

/// A name in lower case, or an IP address without brackets.
fn host_name(url: &Url) -> Result<String, RelayError> {
    match url.host() {
        Some(Host::Ipv6(address)) => Ok(address.to_string()),
        Some(Host::Ipv4(address)) => Ok(address.to_string()),
        // The URL standard leaves hosts of foreign schemes as they are written.
        Some(Host::Domain(name)) if name.parse::<IpAddr>().is_ok() => Ok(name.to_owned()),
        Some(Host::Domain(name)) => {
            let decoded = percent_decode_str(name).decode_utf8().map_err(|_| RelayError::Host)?;
            idna::domain_to_ascii_strict(&decoded).ok().filter(|name| !name.is_empty()).ok_or(RelayError::Host)
        }
        None => Err(RelayError::Host),
    }
}

fn security(url: &Url, implicit: bool) -> Result<Security, RelayError> {
    let mut chosen = if implicit { Security::Implicit } else { Security::Required };
    for (key, value) in url.query_pairs() {
        if key != "tls" {
            return Err(RelayError::Parameter(key.into_owned()));
        }
        chosen = match (implicit, value.as_ref()) {
            (true, "implicit" | "required") => Security::Implicit,
            (false, "required") => Security::Required,
            (false, "opportunistic") => Security::Opportunistic,
            (false, "none") => Security::None,
            _ => return Err(RelayError::Tls(value.into_owned())),
        };
    }
    Ok(chosen)
}

fn login(url: &Url) -> Result<Option<Login>, RelayError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| RelayError::Login)?;
        let good = !text.is_empty() && text.len() <= 1024 && !text.chars().any(char::is_control);
        good.then(|| text.into_owned()).ok_or(RelayError::Login)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) => Ok(Some(Login { user: decoded(user)?, password: decoded(password)? })),
        (_, None) => Err(RelayError::Login),
    }
}

fn tls_parameters(host: &str, ca_pem: Option<&[u8]>, checked: bool) -> Result<TlsParameters, RelayError> {
    let mut builder = TlsParameters::builder(host.to_owned())
        .dangerous_accept_invalid_certs(!checked)
        .dangerous_accept_invalid_hostnames(!checked);
    if let Some(pem) = ca_pem {
        let marker = b"-----BEGIN CERTIFICATE-----";
        if !pem.windows(marker.len()).any(|window| window == marker) {
            return Err(RelayError::Authority);
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|_| RelayError::Authority)?);
    }
    builder.build().map_err(|error| RelayError::Setup(error.to_string()))
}

impl fmt::Debug for RelaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelaySettings")
            .field("address", &self.address())
            .field("security", &self.security)
            .field("login", &self.login.is_some())
            .finish_non_exhaustive()
    }
}
