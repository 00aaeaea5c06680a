//! What can go wrong with a request, by name, so that callers can decide and operators can act.

use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// The part of a request that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Finding the address, the TCP and the TLS handshake.
    Connect,
    /// Waiting for the answer's head.
    FirstByte,
    /// The body stopped coming.
    Body,
    /// The whole request, redirects included.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "while connecting",
            Self::FirstByte => "while waiting for the answer to begin",
            Self::Body => "because the body stopped coming",
            Self::Total => "because the request as a whole took too long",
        })
    }
}

/// Where a body outgrew its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// On the wire.
    Received,
    /// After decompression.
    Decoded,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Received => "as received",
            Self::Decoded => "after decompression",
        })
    }
}

/// Why a redirect was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusedRedirect {
    /// More than five in a row.
    TooMany,
    /// From `https` to `http`.
    Downgrade,
    /// No `Location`, or one that is not an `http` or `https` address.
    BadLocation,
}

impl fmt::Display for RefusedRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "more than five redirects in a row",
            Self::Downgrade => "it leads from https to http",
            Self::BadLocation => "its Location is missing or not an http address",
        })
    }
}

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The client could not be made, or the request makes no sense.
    #[error("the request cannot be made: {0}")]
    Setup(String),
    /// A deadline passed.
    #[error("timed out {0}")]
    Timeout(Phase),
    /// The body is larger than we take.
    #[error("the answer is larger than {limit} bytes {stage}")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
        /// Which of the two limits.
        stage: Stage,
    },
    /// An answer that is neither success, nor "not modified", nor one of the two below.
    #[error("the server answered {status}{}{detail}", if .detail.is_empty() { "" } else { ": " })]
    Status {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body on one line, at most 1,000 characters; may be empty.
        detail: String,
    },
    /// 429: we asked too often.
    #[error("the server answered 429: too many requests{}", wish(*.retry_after))]
    TooManyRequests {
        /// How long it asks us to stay away, at most one hour.
        retry_after: Option<Duration>,
    },
    /// 503: the server is not able to answer at present.
    #[error("the server answered 503: unavailable{}", wish(*.retry_after))]
    Unavailable503 {
        /// How long it asks us to stay away, at most one hour.
        retry_after: Option<Duration>,
    },
    /// A redirect we do not follow.
    #[error("a redirect was refused: {0}")]
    Redirect(RefusedRedirect),
    /// The host is, or resolves to, an address that is not public.
    #[error("{host} is at the private address {address}; only hosts written in the configuration may be private")]
    PrivateAddress {
        /// The host as asked for.
        host: String,
        /// The first address refused.
        address: IpAddr,
    },
    /// The TLS handshake failed.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// No connection: no such name, refused, unreachable.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke while the answer was on its way.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The body's encoding is unknown or damaged.
    #[error("the body cannot be decoded: {0}")]
    Decode(String),
}

fn wish(retry_after: Option<Duration>) -> String {
    retry_after.map(|wait| format!("; try again in {} s", wait.as_secs())).unwrap_or_default()
}

impl NetError {
    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Timeout(_)
            | Self::TooManyRequests { .. }
            | Self::Unavailable503 { .. }
            | Self::Connect(_)
            | Self::Broken(_) => true,
            Self::Status { status, .. } => matches!(status, 408 | 500 | 502 | 504),
            Self::Setup(_)
            | Self::TooLarge { .. }
            | Self::Redirect(_)
            | Self::PrivateAddress { .. }
            | Self::Tls(_)
            | Self::Decode(_) => false,
        }
    }

    /// How long the server asks us to stay away, when it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests { retry_after } | Self::Unavailable503 { retry_after } => *retry_after,
            _ => None,
        }
    }
}

/// Raised by the resolver inside the connector, found again by [`from_transport`].
#[derive(Debug, Clone, thiserror::Error)]
#[error("{host} is at the private address {address}")]
pub(super) struct PrivateHost {
    pub(super) host: String,
    pub(super) address: IpAddr,
}

/// Sorts an error of the transport into ours.
pub(super) fn from_transport(error: reqwest::Error) -> NetError {
    let error = error.without_url();
    if let Some(private) = find::<PrivateHost>(&error) {
        return NetError::PrivateAddress { host: private.host.clone(), address: private.address };
    }
    if let Some(tls) = find::<rustls::Error>(&error) {
        return NetError::Tls(tls.to_string());
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => NetError::Timeout(Phase::Connect),
        (true, false) => NetError::Timeout(Phase::Body),
        (false, true) => NetError::Connect(deepest(&error)),
        (false, false) if error.is_builder() => NetError::Setup(deepest(&error)),
        (false, false) => NetError::Broken(deepest(&error)),
    }
}

/// Looks through the causes, into I/O errors too: those hide their content from `source`.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    None
}

fn deepest(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
