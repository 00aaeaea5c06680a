//! From a host name to a stream: look-up, TCP without delay, TLS.
//!
//! Small writes must leave at once: with Nagle's algorithm on, each message waits some 40 ms
//! for an acknowledgement that the other side delays.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

#[expect(deprecated, reason = "lettre's only way to put its TLS on a socket of our own before the greeting")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::client::TlsParameters;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::relay::RelaySettings;

/// A TCP connection, with or without TLS.
#[expect(deprecated, reason = "see above")]
pub(super) type Stream = AsyncNetworkStream;

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 6;

/// Opens the TCP connection within `limit`, trying the addresses of the name in turn.
pub(super) async fn tcp(relay: &RelaySettings, limit: Duration) -> io::Result<Stream> {
    let tcp = timeout(limit, async {
        let addresses: Vec<SocketAddr> =
            lookup_host((relay.host.as_str(), relay.port)).await?.take(MAX_ADDRESSES).collect();
        first_that_answers(&addresses, limit).await
    });
    let tcp = tcp.await.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))?;
    tcp.set_nodelay(true)?;
    #[expect(deprecated, reason = "see above")]
    Ok(AsyncNetworkStream::use_existing_tokio1(Box::new(tcp)))
}

/// Each address gets its share of the time, so that one that swallows packets does not hide the others.
async fn first_that_answers(addresses: &[SocketAddr], limit: Duration) -> io::Result<TcpStream> {
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::Error::new(io::ErrorKind::TimedOut, "no answer in time"),
        }
    }
    Err(failure)
}

/// Changes `stream` to TLS within `limit`.
pub(super) async fn tls(mut stream: Stream, parameters: &TlsParameters, limit: Duration) -> io::Result<Stream> {
    let upgraded = timeout(limit, stream.upgrade_tls(parameters.clone())).await;
    match upgraded {
        Ok(Ok(())) => Ok(stream),
        Ok(Err(error)) => Err(io::Error::other(error.to_string())),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")),
    }
}
