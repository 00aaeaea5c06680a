//! Where a request comes from, no finer than a network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("{text:?} is not an address or a network such as 10.0.0.0/8");
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| refused())?;
        if bits > most {
            return Err(refused());
        }
        Ok(Self { address, bits })
    }
}

impl Network {
    /// Whether `address` lies in it. An IPv4 address written as IPv6 is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (network, address) = (self.address.to_canonical(), address.to_canonical());
        match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits.min(32));
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

/// The address a request came from: the peer, or behind trusted proxies the right-most hop that is not one of them.
///
/// What stands left of that hop was written by whoever sent the request, and is not believed.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let hops = headers.get_all("x-forwarded-for").iter().rev();
    for hop in hops.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(',')) {
        if !is_trusted(client) {
            break;
        }
        match hop_address(hop.trim()) {
            Some(address) => client = address,
            None => break,
        }
    }
    client.to_canonical()
}

/// One hop as proxies write it: an address, some with a port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

/// The network of an address, as text to be hashed: IPv4 /24, IPv6 /48.
pub(super) fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("{}/24", Ipv4Addr::from_bits(address.to_bits() & !0xff)),
        IpAddr::V6(address) => format!("{}/48", Ipv6Addr::from_bits(address.to_bits() & !((1 << 80) - 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| ("x-forwarded-for".parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_are_compared_by_their_first_bits() {
        let network: Network = "10.1.0.0/16".parse().unwrap();
        assert!(network.contains(ip("10.1.200.3")) && !network.contains(ip("10.2.0.1")));
        assert!(network.contains(ip("::ffff:10.1.0.9")));
        assert!("2001:db8::/32".parse::<Network>().unwrap().contains(ip("2001:db8:1::9")));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains(ip("203.0.113.9")));
        assert!(!"0.0.0.0/0".parse::<Network>().unwrap().contains(ip("2001:db8::1")));
        assert!("127.0.0.1".parse::<Network>().unwrap().contains(ip("127.0.0.1")));
        for text in ["", "10.0.0.0/33", "10.0.0/8", "proxy", "::/129", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_stranger_cannot_say_where_they_come_from() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let headers = forwarded(&["198.51.100.1, 203.0.113.7"]);
        assert_eq!(client(ip("192.0.2.5"), &headers, &trusted), ip("192.0.2.5"));
        assert_eq!(client(ip("10.0.0.1"), &headers, &trusted), ip("203.0.113.7"));
        assert_eq!(client(ip("10.0.0.1"), &headers, &[]), ip("10.0.0.1"));
    }

    #[test]
    fn proxies_are_passed_until_the_first_that_is_not_ours() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let headers = forwarded(&["1.1.1.1, 203.0.113.7", "10.0.0.2, 10.0.0.3"]);
        assert_eq!(client(ip("10.0.0.1"), &headers, &trusted), ip("203.0.113.7"));
        assert_eq!(client(ip("10.0.0.1"), &forwarded(&["203.0.113.7:4711"]), &trusted), ip("203.0.113.7"));
        assert_eq!(client(ip("10.0.0.1"), &forwarded(&["nonsense"]), &trusted), ip("10.0.0.1"));
        assert_eq!(client(ip("10.0.0.1"), &forwarded(&["8.8.8.8, nonsense"]), &trusted), ip("10.0.0.1"));
    }

    #[test]
    fn neighbours_share_a_network() {
        assert_eq!(network_of(ip("203.0.113.77")), "203.0.113.0/24");
        assert_eq!(network_of(ip("::ffff:203.0.113.77")), "203.0.113.0/24");
        assert_eq!(network_of(ip("2001:db8:1:2:3::4")), "2001:db8:1::/48");
    }
}
