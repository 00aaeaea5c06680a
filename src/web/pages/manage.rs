//! "Mail me my link": how a subscriber gets to their preferences without a mail at hand.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::model::EmailAddress;
use crate::render::pages::{ManagePage, Message};
use crate::store::signups::SignupKind;
use crate::web::answer::Answer;
use crate::web::fields::Fields;
use crate::web::serve::Peer;
use crate::web::state::{Reader, Writer};

use super::subscribe::{Wanted, is_a_trap, leave, network};

/// The form.
pub(in crate::web) async fn form(State(reader): State<Reader>, headers: HeaderMap) -> Answer {
    let page = ManagePage { frame: reader.frame(Some("manage")), email: String::new(), email_error: None };
    reader.public_page(&headers, "pages/manage.html", page)
}

/// Takes the request. The answer does not tell whether there is anything to manage.
pub(in crate::web) async fn submit(
    State(writer): State<Writer>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    fields: Fields,
) -> Answer {
    let frame = writer.private_frame(Some("manage"));
    let address = match EmailAddress::parse(fields.get("email")) {
        Ok(address) => address,
        Err(error) => {
            let email = fields.get("email").chars().take(400).collect();
            let page = ManagePage { frame, email, email_error: Some(error.to_string()) };
            return writer.refused("pages/manage.html", page);
        }
    };
    if !is_a_trap(&fields) {
        let wanted = Wanted { kind: SignupKind::Manage, address, interests: String::new(), timezone: None };
        leave(&writer, wanted, &network(&writer, peer, &headers)).await?;
    }
    writer.page("pages/message.html", Message::link_request_taken(writer.words(), frame)?)
}
