//! The first half of a subscription: an address and what to look for.
//!
//! Every request that could be meant leaves the same row and gets the same page, whoever the address
//! belongs to; what becomes of it is decided later, by whoever handles sign-ups.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use chrono::TimeDelta;

use crate::model::EmailAddress;
use crate::render::WordsError;
use crate::render::pages::{Message, SubscribeForm, SubscribePage, zone_groups};
use crate::store::signups::{Signup, SignupKind};
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::fields::Fields;
use crate::web::network::{client, network_of};
use crate::web::profile;
use crate::web::serve::Peer;
use crate::web::state::{Desk, Reader, SignUp, Writer};

/// The form by itself.
pub(in crate::web) async fn form(State(reader): State<Reader>, headers: HeaderMap) -> Answer {
    let page = SubscribePage { frame: reader.frame(None), subscribe: empty_form(&reader) };
    reader.public_page(&headers, "pages/subscribe.html", page)
}

/// Takes a request to subscribe.
pub(in crate::web) async fn submit(
    State(writer): State<Writer>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    fields: Fields,
) -> Answer {
    let mut form = typed(&writer, &fields);
    if !form.is_open {
        return Err(Failure::Closed);
    }
    let address = address(&writer, &fields, &mut form)?;
    let reading = profile::read(&form.interests);
    let is_good = reading.is_good();
    form.interests_error = reading.error;
    form.lines = reading.lines.into_iter().filter(|line| line.error.is_some()).collect();
    let Some(address) = address.filter(|_| is_good) else {
        let page = SubscribePage { frame: writer.private_frame(None), subscribe: form };
        return writer.refused("pages/subscribe.html", page);
    };
    let wanted = Wanted {
        kind: SignupKind::Subscribe,
        address,
        interests: form.interests,
        timezone: Some(form.zone).filter(|zone| !zone.is_empty()),
    };
    if !is_a_trap(&fields) {
        leave(&writer, wanted, &network(&writer, peer, &headers)).await?;
    }
    let message = Message::sign_up_taken(writer.words(), writer.private_frame(None))?;
    writer.page("pages/message.html", message)
}

/// What a request asks for.
pub(super) struct Wanted {
    pub kind: SignupKind,
    pub address: EmailAddress,
    pub interests: String,
    pub timezone: Option<String>,
}

/// Writes the one row that every door writes, unless a network floods us.
pub(super) async fn leave(writer: &Writer, wanted: Wanted, network: &str) -> Result<(), Failure> {
    let now = writer.now();
    // Looked at before any lock is taken, so that a flood does not slow those who write.
    let recent = writer.read().await?.signups_of_network(network, now - TimeDelta::hours(1)).await?;
    if recent >= writer.settings.requests_per_network_per_hour {
        return Err(Failure::TooMany);
    }
    let signup = Signup {
        id: writer.ids.next(now, wanted.address.bucket()),
        kind: wanted.kind,
        address: wanted.address,
        interests: wanted.interests,
        timezone: wanted.timezone,
        send_minute: None,
        language: "en".to_owned(),
        door: "web".to_owned(),
        network: network.to_owned(),
        received_at: now,
    };
    let mut tx = writer.begin().await?;
    tx.insert_signup(&signup).await?;
    tx.commit().await?;
    writer.ring();
    Ok(())
}

/// The keyed hash of the network a request came from.
pub(in crate::web) fn network(desk: &Desk, peer: Option<Extension<Peer>>, headers: &HeaderMap) -> String {
    let peer = peer.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |Extension(Peer(address))| address.ip());
    let client = client(peer, headers, &desk.settings.trusted_proxies);
    desk.links.keys().network_hash(&network_of(client))
}

/// A field that people do not see and programs fill in.
pub(super) fn is_a_trap(fields: &Fields) -> bool {
    !fields.get("website").is_empty()
}

/// The form with nothing typed.
pub(super) fn empty_form(desk: &Desk) -> SubscribeForm {
    typed(desk, &Fields::parse(b""))
}

fn typed(desk: &Desk, fields: &Fields) -> SubscribeForm {
    let chosen = fields.get("timezone").parse::<chrono_tz::Tz>().ok();
    SubscribeForm {
        is_open: desk.settings.sign_up != SignUp::Closed,
        domains: match &desk.settings.sign_up {
            SignUp::Domains(domains) => domains.clone(),
            SignUp::Open | SignUp::Closed => Vec::new(),
        },
        email: fields.get("email").chars().take(400).collect(),
        email_error: None,
        interests: profile::tidy(fields.get("interests")),
        lines: Vec::new(),
        interests_error: None,
        zone: chosen.unwrap_or(desk.settings.default_zone).name().to_owned(),
        is_zone_chosen: chosen.is_some(),
        zones: zone_groups(),
    }
}

fn address(desk: &Desk, fields: &Fields, form: &mut SubscribeForm) -> Result<Option<EmailAddress>, WordsError> {
    let address = match EmailAddress::parse(fields.get("email")) {
        Ok(address) => address,
        Err(error) => {
            form.email_error = Some(error.to_string());
            return Ok(None);
        }
    };
    match &desk.settings.sign_up {
        SignUp::Domains(domains) if !domains.iter().any(|domain| domain == address.domain()) => {
            form.email_error = Some(desk.words().say("form.error.domain", &[("domains", &domains.join(", "))])?);
            Ok(None)
        }
        _ => Ok(Some(address)),
    }
}
