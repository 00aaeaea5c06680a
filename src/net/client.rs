//! The client: one GET, with its redirects, under one deadline.

use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION,
};
use reqwest::{StatusCode, Url, redirect};
use rustls::crypto::aws_lc_rs;

use super::body::{self, Limits};
use super::error::{NetError, Phase, RefusedRedirect, from_transport};
use super::guard::{PublicOnly, TrustedHosts, check_literal, same_server};
use super::retry_after;
use crate::clock::Clock;

const MOST_REDIRECTS: usize = 5;
/// A validator longer than this is not worth keeping.
const LONGEST_VALIDATOR: usize = 1024;

/// The limits of a client.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Sent with every request; names the service and a contact.
    pub user_agent: String,
    /// For finding the address, the TCP and the TLS handshake.
    pub connect_timeout: Duration,
    /// From sending a request (connecting included) to the answer's head; also the longest pause in a body.
    pub first_byte_timeout: Duration,
    /// For everything, redirects and body included.
    pub total_timeout: Duration,
    /// Largest body in bytes on the wire.
    pub max_body: u64,
    /// Largest body in bytes after decompression.
    pub max_decoded: u64,
    /// Hosts that may be private: `host` or `host:port`, as written in the configuration.
    pub trusted_hosts: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("broadsheet/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
            max_body: 32 << 20,
            max_decoded: 32 << 20,
            trusted_hosts: Vec::new(),
        }
    }
}

/// One GET.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// An `http` or `https` address.
    pub url: String,
    /// The `Accept` header; empty sends `*/*`.
    pub accept: String,
    /// The entity tag of the copy we hold, byte for byte as it was received.
    pub etag: Option<String>,
    /// The `Last-Modified` of the copy we hold, byte for byte as it was received.
    pub last_modified: Option<String>,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// 304: the copy we hold is current. It does not mean "empty".
    NotModified,
    /// A body.
    Fetched(Fetched),
}

/// A body with what has to be kept to ask again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The decompressed body; may be empty.
    pub body: Vec<u8>,
    /// As declared; servers get this wrong, so it is a hint only.
    pub content_type: Option<String>,
    /// To be sent back unchanged as `If-None-Match`.
    pub etag: Option<String>,
    /// To be sent back unchanged as `If-Modified-Since`.
    pub last_modified: Option<String>,
    /// The address after redirects.
    pub final_url: String,
}

/// The guarded client. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    /// For hosts that may be private. Kept apart so that no connection made in trust is reused without it.
    trusting: reqwest::Client,
    guarded: reqwest::Client,
    trusted_hosts: TrustedHosts,
    first_byte: Duration,
    total: Duration,
    limits: Limits,
    clock: Clock,
}

impl Client {
    /// Makes a client. The clock is asked when a server names a date to come back.
    ///
    /// # Errors
    /// [`NetError::Setup`] when the user agent cannot be sent or the system has no usable root certificates.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, NetError> {
        // One crypto library for the whole program; a second call finds it installed and changes nothing.
        let _ = aws_lc_rs::default_provider().install_default();
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .user_agent(settings.user_agent.as_str())
                .connect_timeout(settings.connect_timeout)
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .build()
                .map_err(from_transport)
        };
        Ok(Self {
            trusting: build(reqwest::Client::builder())?,
            guarded: build(reqwest::Client::builder().dns_resolver(PublicOnly))?,
            trusted_hosts: TrustedHosts::new(&settings.trusted_hosts),
            first_byte: settings.first_byte_timeout,
            total: settings.total_timeout,
            limits: Limits {
                received: settings.max_body,
                decoded: settings.max_decoded,
                pause: settings.first_byte_timeout,
            },
            clock,
        })
    }

    /// Asks once, follows redirects, reads the body. Never tries again by itself.
    ///
    /// # Errors
    /// See [`NetError`]; whatever the server does, this ends by the total deadline.
    pub async fn get(&self, request: &Request) -> Result<Response, NetError> {
        tokio::time::timeout(self.total, self.follow(request)).await.map_err(|_| NetError::Timeout(Phase::Total))?
    }

    async fn follow(&self, request: &Request) -> Result<Response, NetError> {
        let start = http_url(&request.url)?;
        let headers = request_headers(request)?;
        let mut trusted = self.trusted_hosts.contains(&start);
        let mut url = start.clone();
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.send(&url, trusted, headers.clone()).await?;
            if !is_redirect(answer.status()) {
                return self.finish(answer, url, request).await;
            }
            url = redirect_target(&url, answer.headers())?;
            trusted = trusted && same_server(&start, &url);
        }
        Err(NetError::Redirect(RefusedRedirect::TooMany))
    }

    async fn send(&self, url: &Url, trusted: bool, headers: HeaderMap) -> Result<reqwest::Response, NetError> {
        let client = if trusted {
            &self.trusting
        } else {
            check_literal(url)?;
            &self.guarded
        };
        let sending = client.get(url.clone()).headers(headers).send();
        tokio::time::timeout(self.first_byte, sending)
            .await
            .map_err(|_| NetError::Timeout(Phase::FirstByte))?
            .map_err(from_transport)
    }

    async fn finish(&self, answer: reqwest::Response, url: Url, request: &Request) -> Result<Response, NetError> {
        let status = answer.status();
        let conditional = request.etag.is_some() || request.last_modified.is_some();
        match status {
            StatusCode::NOT_MODIFIED if conditional => return Ok(Response::NotModified),
            StatusCode::TOO_MANY_REQUESTS => {
                let retry_after = retry_after::wish(answer.headers(), self.clock.now());
                return Err(NetError::TooManyRequests { retry_after });
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                let retry_after = retry_after::wish(answer.headers(), self.clock.now());
                return Err(NetError::Unavailable503 { retry_after });
            }
            _ if !status.is_success() => {
                let detail = body::excerpt(answer, self.first_byte).await;
                return Err(NetError::Status { status: status.as_u16(), detail });
            }
            _ => {}
        }
        let headers = answer.headers();
        let (etag, last_modified) = (validator(headers, ETAG), validator(headers, LAST_MODIFIED));
        let content_type =
            headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let body = body::read(answer, self.limits).await?;
        Ok(Response::Fetched(Fetched { body, content_type, etag, last_modified, final_url: url.into() }))
    }
}

fn http_url(text: &str) -> Result<Url, NetError> {
    let url = Url::parse(text).map_err(|error| NetError::Setup(format!("{text:?} is not an address: {error}")))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(NetError::Setup(format!("{other:?} addresses are not fetched, only http and https"))),
    }
}

fn request_headers(request: &Request) -> Result<HeaderMap, NetError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let mut put = |name: HeaderName, value: &str| {
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| NetError::Setup(format!("the value for {name} holds control characters")))?;
        headers.insert(name, value);
        Ok::<(), NetError>(())
    };
    if !request.accept.is_empty() {
        put(ACCEPT, &request.accept)?;
    }
    if let Some(etag) = &request.etag {
        put(IF_NONE_MATCH, etag)?;
    }
    if let Some(last_modified) = &request.last_modified {
        put(IF_MODIFIED_SINCE, last_modified)?;
    }
    Ok(headers)
}

/// A validator that could not be sent back byte for byte is not kept.
fn validator(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.as_bytes();
    if value.is_empty() || value.len() > LONGEST_VALIDATOR {
        return None;
    }
    String::from_utf8(value.to_vec()).ok()
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn redirect_target(from: &Url, headers: &HeaderMap) -> Result<Url, NetError> {
    let bad = || NetError::Redirect(RefusedRedirect::BadLocation);
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or_else(bad)?;
    let to = from.join(location).map_err(|_| bad())?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => Ok(to),
        ("https", "http") => Err(NetError::Redirect(RefusedRedirect::Downgrade)),
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_may_rise_to_https_but_not_fall_from_it() {
        let target = |from: &str, to: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, HeaderValue::from_static(to));
            redirect_target(&Url::parse(from).unwrap(), &headers)
        };
        assert_eq!(target("http://a.org/", "https://a.org/x").unwrap().as_str(), "https://a.org/x");
        let fallen = target("https://a.org/", "http://a.org/x");
        assert!(matches!(fallen, Err(NetError::Redirect(RefusedRedirect::Downgrade))), "{fallen:?}");
    }

    #[test]
    fn a_server_keeps_its_trust_only_on_its_own_port() {
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(same_server(&url("http://a.org/"), &url("https://a.org/x")));
        assert!(same_server(&url("http://a.org:81/"), &url("http://a.org:81/x")));
        assert!(!same_server(&url("http://a.org:81/"), &url("http://a.org/x")));
        assert!(!same_server(&url("http://a.org/"), &url("http://b.org/")));
    }
}
