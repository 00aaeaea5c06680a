//! Signing in and out. The cookie is strict, unreadable for scripts, and stored as its hash alone.

use aws_lc_rs::{digest, hmac};
use axum::Extension;
use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use chrono::TimeDelta;
use data_encoding::HEXLOWER;

use crate::links::Purpose;
use crate::render::pages::LoginPage;
use crate::store::Read;
use crate::web::answer::{Answer, see_other};
use crate::web::failure::Failure;
use crate::web::fields::Fields;
use crate::web::pages::subscribe::network;
use crate::web::serve::Peer;
use crate::web::state::{Desk, Writer};

/// How long an operator stays signed in.
const LASTS: TimeDelta = TimeDelta::hours(12);

/// A signed-in operator.
pub(super) struct Session {
    sha256: String,
}

impl Session {
    /// The session of a request, if it is known and not over.
    pub async fn of(desk: &Desk, read: &mut Read, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let Some(secret) = cookie(desk, headers) else { return Ok(None) };
        let sha256 = sha256(&secret);
        Ok(read.admin_session(&sha256, desk.now()).await?.then_some(Self { sha256 }))
    }

    /// A token that only this session's forms carry.
    pub fn form_token(&self, desk: &Desk) -> String {
        desk.links.keys().derive(Purpose::Form, self.number(), 0, Some(desk.now()))
    }

    /// Whether a form was made for this session, in the last day.
    ///
    /// # Errors
    ///
    /// [`Failure::ForgedForm`].
    pub fn check(&self, desk: &Desk, fields: &Fields) -> Result<(), Failure> {
        match desk.links.keys().verify(Purpose::Form, fields.get("form"), desk.now()) {
            Ok(verified) if verified.id == self.number() => Ok(()),
            _ => Err(Failure::ForgedForm),
        }
    }

    fn number(&self) -> i64 {
        i64::from_str_radix(&self.sha256[..15], 16).unwrap_or(0)
    }
}

/// The form that asks for the token.
pub(super) fn login_page(desk: &Desk) -> Answer {
    let page = LoginPage { frame: desk.private_frame(None), is_wrong: false, is_blocked: false };
    desk.page("pages/admin/login.html", page)
}

/// Signs in whoever knows the token.
pub(in crate::web) async fn log_in(
    State(writer): State<Writer>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    fields: Fields,
) -> Answer {
    let Some(expected) = &writer.settings.admin_token else { return Err(Failure::NotFound) };
    let (now, network) = (writer.now(), network(&writer, peer, &headers));
    let is_blocked = !writer.doorman.lets_try(&network, now);
    if is_blocked || !same(expected, fields.get("token").trim()) {
        if !is_blocked {
            writer.doorman.note_failure(&network, now);
            tracing::warn!("somebody tried a wrong operator's token");
        }
        let page = LoginPage { frame: writer.private_frame(None), is_wrong: !is_blocked, is_blocked };
        let status = if is_blocked { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::FORBIDDEN };
        return Ok((status, Html(writer.renderer.page("pages/admin/login.html", page)?)).into_response());
    }
    let secret = writer.random.secret().ok_or_else(|| Failure::Unavailable("no random bytes".to_owned()))?;
    let mut tx = writer.begin().await?;
    tx.insert_admin_session(&sha256(&secret), now, now + LASTS).await?;
    tx.commit().await?;
    tracing::info!("an operator signed in");
    with_cookie(&writer, &secret, LASTS.num_seconds(), see_other("/admin"))
}

/// Ends the session everywhere.
pub(in crate::web) async fn log_out(State(writer): State<Writer>, headers: HeaderMap, fields: Fields) -> Answer {
    let mut tx = writer.begin().await?;
    if let Some(session) = Session::of(&writer, &mut tx, &headers).await? {
        session.check(&writer, &fields)?;
        tx.delete_admin_session(&session.sha256).await?;
        tx.commit().await?;
    }
    with_cookie(&writer, "", 0, see_other("/admin"))
}

/// By TLS the browser itself enforces that the cookie is ours alone (`__Host-`).
fn name(desk: &Desk) -> &'static str {
    if desk.is_https() { "__Host-broadsheet" } else { "broadsheet" }
}

fn cookie(desk: &Desk, headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name(desk))
        .map(|(_, value)| value.to_owned())
        .filter(|value| !value.is_empty())
}

fn with_cookie(desk: &Desk, value: &str, seconds: i64, mut response: Response) -> Answer {
    let secure = if desk.is_https() { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", name(desk));
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| Failure::Internal(error.to_string()))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Compares in a time that does not depend on where the first difference is: it signs both.
fn same(expected: &str, typed: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, expected.as_bytes());
    hmac::sign(&key, expected.as_bytes()).as_ref() == hmac::sign(&key, typed.as_bytes()).as_ref()
}
