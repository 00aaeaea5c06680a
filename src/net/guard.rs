//! Where a connection may lead: public addresses only, checked on the address that is dialled.
//!
//! Checking a name before it is looked up would be no check at all, since its owner may answer
//! differently the second time. So the resolver itself leaves private addresses out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

use super::error::{NetError, PrivateHost};

/// Whether `address` belongs to the public Internet.
///
/// Not public are the blocks that the IANA special-purpose registries (RFC 6890 and its updates)
/// do not list as globally reachable, multicast, and IPv6 forms that carry such an IPv4 address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., _, _)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [first, second, third, fourth, fifth, sixth, high, low] = address.segments();
    let embedded = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (first, second) {
        // NAT64 (RFC 6052) stands for the IPv4 address it carries.
        (0x64, 0xff9b) => [third, fourth, fifth, sixth] == [0; 4] && is_public_v4(embedded),
        // Teredo, benchmarking, ORCHID, documentation, 6to4, documentation again.
        (0x2001, 0x0000..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0x0000..=0x0fff) => false,
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

/// Refuses a URL whose host is itself a private address. The URL parser has already turned odd
/// forms (`0x7f.1`, `2130706433`, `0177.0.0.1`) into plain addresses.
pub(super) fn check_literal(url: &Url) -> Result<(), NetError> {
    let address = match url.host() {
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
        Some(Host::Domain(_)) => return Ok(()),
        None => return Err(NetError::Setup("the address names no host".to_owned())),
    };
    if is_public(address) {
        return Ok(());
    }
    Err(NetError::PrivateAddress { host: address.to_string(), address })
}

/// Looks names up with the system's resolver and leaves private addresses out.
#[derive(Debug, Clone, Copy)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let (public, private): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.into_iter().partition(|address| is_public(address.ip()));
            match (public.is_empty(), private.first()) {
                (true, Some(first)) => Err(PrivateHost { host, address: first.ip() }.into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// The hosts written in the configuration, which may be private.
#[derive(Debug, Clone)]
pub(super) struct TrustedHosts(Vec<String>);

impl TrustedHosts {
    pub(super) fn new(hosts: &[String]) -> Self {
        Self(hosts.iter().map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty()).collect())
    }

    /// Entries are `host` or `host:port`.
    pub(super) fn contains(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        self.0.iter().any(|known| known == host || known == bare || Some(known) == with_port.as_ref())
    }
}

/// Whether a redirect stays on the server it came from: same host, and the same port or
/// the step from port 80 to port 443.
pub(super) fn same_server(from: &Url, to: &Url) -> bool {
    let ports = (from.port_or_known_default(), to.port_or_known_default());
    from.host() == to.host() && (ports.0 == ports.1 || ports == (Some(80), Some(443)))
}
