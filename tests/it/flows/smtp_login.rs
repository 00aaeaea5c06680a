//! Protection and login of SMTP sessions: what is never sent in the clear, and who is believed.

use broadsheet::mailer::{Deadlines, Refusal, RelayError, RelaySettings, Security, Session, Transport};
use broadsheet::model::{Outcome, Phase};

use crate::support::smtp::{AUTHORITY, Act, Server, Step, Tls};

async fn open(relay: RelaySettings) -> Result<Session, Refusal> {
    Transport::smtp(relay, Deadlines::default()).open().await
}

fn url(server: &Server, login: &str, tls: &str) -> String {
    format!("smtp://{login}localhost:{}?tls={tls}", server.port())
}

fn settings(url: &str) -> RelaySettings {
    RelaySettings::from_url(url, Some(AUTHORITY)).expect("a good url")
}

#[tokio::test]
async fn both_mechanisms_log_in_with_any_password() {
    for mechanisms in ["PLAIN", "LOGIN", "CRAM-MD5 LOGIN PLAIN"] {
        let server = Server::start(Tls::Implicit);
        server.require_login("papers@example.org", "p@ss :w%rd/ü", mechanisms);
        let login = "papers%40example.org:p%40ss%20%3Aw%25rd%2F%C3%BC@";
        open(settings(&server.url_with_login(login))).await.expect(mechanisms);
    }
}

#[tokio::test]
async fn a_wrong_password_is_the_relays_fault_and_shows_no_secret() {
    for mechanisms in ["PLAIN", "LOGIN"] {
        let server = Server::start(Tls::Implicit);
        server.require_login("papers", "right", mechanisms);
        let relay = settings(&server.url_with_login("papers:hunter2secret@"));
        assert!(!format!("{relay:?}").contains("hunter2"));
        let refusal = open(relay).await.expect_err("refused");
        assert_eq!((refusal.phase, refusal.code, refusal.outcome), (Phase::Auth, Some(535), Outcome::Retry));
        assert!(refusal.relay_fault && !format!("{refusal:?} {refusal}").contains("hunter2"));
    }
}

#[tokio::test]
async fn without_a_known_mechanism_there_is_a_clear_word() {
    let server = Server::start(Tls::Implicit);
    server.require_login("papers", "right", "GSSAPI");
    let refusal = open(settings(&server.url_with_login("papers:right@"))).await.expect_err("refused");
    assert!(refusal.relay_fault && refusal.text.contains("PLAIN or LOGIN"), "{refusal}");
}

#[tokio::test]
async fn required_protection_never_falls_back_to_none() {
    let server = Server::start(Tls::None);
    let refusal = open(settings(&url(&server, "", "required"))).await.expect_err("refused");
    assert!(refusal.relay_fault && refusal.text.contains("STARTTLS"), "{refusal}");
    server.wait_until_idle();
    assert!(server.commands().iter().all(|line| line.starts_with("EHLO")));
}

#[tokio::test]
async fn opportunistic_protection_takes_what_there_is_but_sends_no_password_in_the_clear() {
    let bare = Server::start(Tls::None);
    open(settings(&url(&bare, "", "opportunistic"))).await.expect("in the clear");
    bare.require_login("papers", "right", "PLAIN");
    let refusal = open(settings(&url(&bare, "papers:right@", "opportunistic"))).await.expect_err("refused");
    assert!(refusal.relay_fault && refusal.text.contains("password was not sent"), "{refusal}");
    assert!(!bare.commands().contains(&"AUTH".to_owned()));
    open(settings(&url(&bare, "papers:right@", "none"))).await.expect("as the operator chose");

    let offering = Server::start(Tls::Upgrade);
    let unchecked = RelaySettings::from_url(&url(&offering, "", "opportunistic"), None).expect("a good url");
    open(unchecked).await.expect("encrypted, whoever it is");
    assert!(offering.commands().contains(&"STARTTLS".to_owned()));
    let checked = RelaySettings::from_url(&url(&offering, "papers:right@", "opportunistic"), None).expect("a good url");
    assert!(open(checked).await.expect_err("a stranger").relay_fault);
    assert!(!offering.commands().contains(&"AUTH".to_owned()));
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    for tls in [Tls::Upgrade, Tls::Implicit] {
        let server = Server::start(tls);
        let stranger = RelaySettings::from_url(&server.url(), None).expect("a good url");
        let refusal = open(stranger).await.expect_err("refused");
        assert_eq!((refusal.phase, refusal.relay_fault), (Phase::Greeting, true));
        assert!(refusal.text.to_lowercase().contains("certificate"), "{refusal}");
        open(settings(&server.url())).await.expect("vouched for by the authority given");
        let address = server.url().replace("localhost", "127.0.0.1");
        open(settings(&address)).await.expect("also by its address");
    }
}

#[tokio::test]
async fn words_slipped_in_before_tls_are_not_heard_after_it() {
    let server = Server::start(Tls::Upgrade);
    server.require_login("papers", "right", "PLAIN");
    server.once(Step::StartTls, Act::Reply("220 go ahead\r\n250-evil\r\n250 AUTH PLAIN"));
    let refusal = open(settings(&server.url_with_login("papers:right@"))).await.expect_err("refused");
    assert!(refusal.relay_fault && refusal.text.contains("more than one reply"), "{refusal}");
    assert!(!server.commands().contains(&"AUTH".to_owned()));
}

#[tokio::test]
async fn a_refused_starttls_is_not_ignored() {
    let server = Server::start(Tls::Upgrade);
    server.always(Step::StartTls, Act::Reply("454 4.7.0 TLS not available"));
    let refusal = open(settings(&server.url())).await.expect_err("refused");
    assert_eq!((refusal.code, refusal.relay_fault), (Some(454), true));
}

#[tokio::test]
async fn the_name_we_give_is_the_one_set() {
    let server = Server::start(Tls::None);
    let relay = settings(&server.url()).with_hello_name("Papers.example.org");
    open(relay.with_hello_name("no\r\nname")).await.expect("opened");
    assert_eq!(server.commands().first().map(String::as_str), Some("EHLO papers.example.org"));
}

#[test]
fn urls_are_read_with_their_defaults() {
    for (url, address, security) in [
        ("smtps://smtp.example.org", "smtp.example.org:465", Security::Implicit),
        ("smtps://u:p@smtp.example.org:10465/", "smtp.example.org:10465", Security::Implicit),
        ("smtp://SMTP.example.org", "smtp.example.org:587", Security::Required),
        (" smtp://127.0.0.1:25?tls=none ", "127.0.0.1:25", Security::None),
        ("smtp://[::1]:25?tls=opportunistic", "[::1]:25", Security::Opportunistic),
        ("smtp://mail?tls=required", "mail:587", Security::Required),
    ] {
        let relay = RelaySettings::from_url(url, None).expect(url);
        assert_eq!((relay.address().as_str(), relay.security()), (address, security), "{url}");
    }
}

#[test]
fn urls_that_cannot_be_meant_are_refused_without_showing_the_password() {
    let refused = |url: &str| {
        let error = RelaySettings::from_url(url, None).expect_err(url);
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
        error
    };
    assert!(matches!(refused("smtp.example.org"), RelayError::Syntax(_)));
    assert!(matches!(refused("http://u:hunter2@example.org"), RelayError::Scheme(_)));
    assert!(matches!(refused("smtp://u:hunter2@"), RelayError::Syntax(_) | RelayError::Host));
    assert_eq!(refused("smtp:///"), RelayError::Host);
    assert!(matches!(refused("smtp://u:hunter2@exa mple.org"), RelayError::Syntax(_) | RelayError::Host));
    assert_eq!(refused("smtp://u:hunter2@example.org/path"), RelayError::Path("/path".to_owned()));
    assert_eq!(refused("smtp://example.org?starttls=yes"), RelayError::Parameter("starttls".to_owned()));
    assert_eq!(refused("smtp://example.org?tls=maybe"), RelayError::Tls("maybe".to_owned()));
    assert_eq!(refused("smtps://example.org?tls=none"), RelayError::Tls("none".to_owned()));
    assert_eq!(refused("smtp://user@example.org"), RelayError::Login);
    assert_eq!(refused("smtp://:hunter2@example.org"), RelayError::Login);
    assert_eq!(refused("smtp://u:hunter2%0D%0A@example.org"), RelayError::Login);
    assert_eq!(refused("smtp://u:hunter2%FF@example.org"), RelayError::Login);
    for pem in [
        b"".as_slice(),
        b"not PEM",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let error = RelaySettings::from_url("smtps://example.org", Some(pem)).expect_err("no certificate");
        assert!(matches!(error, RelayError::Authority | RelayError::Setup(_)), "{error:?}");
    }
}
