//! Where redirects and names may lead.

use super::server::{Act, Server};
use super::{client, fetched, get, settings};
use crate::net::{NetError, RefusedRedirect, Request, Settings, is_public};

async fn redirecting(location: String) -> Server {
    Server::start(move |head| {
        Act::reply(if head.starts_with("GET / ") {
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
        } else {
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere".to_owned()
        })
    })
    .await
}

#[tokio::test]
async fn a_redirect_on_the_same_server_is_followed() {
    let server = redirecting("/new?x=1".to_owned()).await;
    let answer = fetched(get(&server).await);
    assert_eq!(answer.body, b"there");
    assert_eq!(answer.final_url, format!("http://{}/new?x=1", server.address));
}

#[tokio::test]
async fn a_redirect_never_leads_to_a_private_address() {
    let secret = Server::start(|_| Act::reply("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")).await;
    let port = secret.address.port();
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://127.1.:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("//127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ];
    // Trusted by its name without a port, a server still cannot lend its trust to another port.
    let trusting = Settings { trusted_hosts: vec!["127.0.0.1".to_owned()], ..settings(&secret) };
    let client = client(&trusting);
    for target in targets {
        let server = redirecting(target.clone()).await;
        let error = client.get(&server.request("/")).await.unwrap_err();
        assert!(matches!(error, NetError::PrivateAddress { .. }), "{target}: {error:?}");
        assert!(!error.is_retryable());
    }
    assert!(secret.heads().is_empty());
}

#[tokio::test]
async fn a_private_host_nobody_configured_is_not_asked() {
    let server = redirecting("/".to_owned()).await;
    let wary = Settings { trusted_hosts: vec!["feeds.example.org".to_owned()], ..settings(&server) };
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let url = format!("http://{host}:{}/", server.address.port());
        let error = client(&wary).get(&Request { url, ..Request::default() }).await.unwrap_err();
        assert!(matches!(error, NetError::PrivateAddress { .. }), "{host}: {error:?}");
    }
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn a_configured_name_may_be_private() {
    let server = redirecting("/on".to_owned()).await;
    let trusting = Settings { trusted_hosts: vec!["LocalHost".to_owned()], ..settings(&server) };
    let url = format!("http://localhost:{}/", server.address.port());
    assert_eq!(fetched(client(&trusting).get(&Request { url, ..Request::default() }).await).body, b"there");
}

#[tokio::test]
async fn redirects_end_after_five() {
    let server = redirecting("/".to_owned()).await;
    let error = get(&server).await.unwrap_err();
    assert!(matches!(error, NetError::Redirect(RefusedRedirect::TooMany)), "{error:?}");
    assert_eq!(server.heads().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_refused() {
    for location in ["file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "http://"] {
        let error = get(&redirecting(location.to_owned()).await).await.unwrap_err();
        assert!(matches!(error, NetError::Redirect(RefusedRedirect::BadLocation)), "{location}: {error:?}");
    }
    let bare = Server::start(|_| Act::reply("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n")).await;
    assert!(matches!(get(&bare).await, Err(NetError::Redirect(RefusedRedirect::BadLocation))));
}

#[test]
fn private_and_special_addresses_are_not_public() {
    let private = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for address in private {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in
        ["1.1.1.1", "172.15.0.1", "172.32.0.1", "128.84.21.199", "2606:4700::1", "2a05:d018::1", "64:ff9b::101:101"]
    {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}
