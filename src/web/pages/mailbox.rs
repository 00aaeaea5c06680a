//! The mails that stay on this machine, for whoever tries the service out.
//!
//! A mail's HTML is shown in a sandboxed frame under a policy of its own: it may look as it likes and do nothing.

use std::path::{Path as FilePath, PathBuf};
use std::time::SystemTime;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};

use crate::mailer::read::{MailSummary, parts, summary};
use crate::render::pages::{LetterPage, LetterView, LettersPage};
use crate::web::answer::Answer;
use crate::web::failure::Failure;
use crate::web::state::{Desk, Reader};

/// Mails listed.
const LISTED: usize = 200;
/// Files looked at for the list.
const LOOKED_AT: usize = 50_000;
/// Bytes of a mail that is shown; none of ours has a tenth of it.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The page around a mail frames it.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                           frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The mail itself. Its links open in a new tab, by a click.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; \
                           sandbox allow-popups allow-popups-to-escape-sandbox";

/// All mails, newest first.
pub(in crate::web) async fn list(State(reader): State<Reader>) -> Answer {
    let mut names = files(folder(&reader)?).await?;
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    let mut letters = Vec::with_capacity(names.len());
    for name in &names {
        // A mail may be gone by now.
        let Ok(bytes) = content(&reader, name).await else { continue };
        let MailSummary { to, subject, date, .. } = summary(&bytes);
        let date = date.get(..16).unwrap_or(&date).replace('T', " ");
        letters.push(LetterView { path: path(name), subject, to, date });
    }
    reader.page("pages/mailbox.html", LettersPage { frame: reader.private_frame(Some("mailbox")), letters, more })
}

/// One mail: headers, HTML in its frame, text.
pub(in crate::web) async fn message(State(reader): State<Reader>, Path(name): Path<String>) -> Answer {
    let bytes = content(&reader, &name).await?;
    let parts = parts(&bytes);
    let page = LetterPage {
        frame: reader.private_frame(Some("mailbox")),
        subject: summary(&bytes).subject,
        headers: parts.headers,
        html: parts.html.map(|_| format!("{}/html", path(&name))),
        text: parts.text,
        text_path: format!("{}/text", path(&name)),
        raw: format!("{}/raw", path(&name)),
        size: bytes.len() as u64,
    };
    let mut response = reader.page("pages/letter.html", page)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    Ok(response)
}

/// The HTML part of a mail.
pub(in crate::web) async fn html(State(reader): State<Reader>, Path(name): Path<String>) -> Answer {
    let html = parts(&content(&reader, &name).await?).html.ok_or(Failure::NotFound)?;
    let mut response = Html(opening_in_new_tabs(&html)).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY));
    Ok(response)
}

/// The text part of a mail.
pub(in crate::web) async fn text(State(reader): State<Reader>, Path(name): Path<String>) -> Answer {
    let text = parts(&content(&reader, &name).await?).text.ok_or(Failure::NotFound)?;
    Ok(plain(text.into_bytes()))
}

/// The bytes as they would have left.
pub(in crate::web) async fn raw(State(reader): State<Reader>, Path(name): Path<String>) -> Answer {
    Ok(plain(content(&reader, &name).await?))
}

fn plain(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response()
}

fn path(name: &str) -> String {
    format!("/mailbox/{name}")
}

fn folder(desk: &Desk) -> Result<PathBuf, Failure> {
    desk.settings.mailbox.clone().ok_or(Failure::NotFound)
}

/// Whether a name can only mean a mail in the folder itself: no path, no hidden file, nothing to be escaped.
fn is_a_name(name: &str) -> bool {
    name.len() <= 200
        && name.ends_with(".eml")
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte))
}

/// The names of all mails, newest first. A folder that is not there yet has none.
async fn files(folder: PathBuf) -> Result<Vec<String>, Failure> {
    let mut entries = match tokio::fs::read_dir(&folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&folder, &error)),
    };
    let mut found: Vec<(SystemTime, String)> = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(|error| unreadable(&folder, &error))? {
        let Some(name) = entry.file_name().to_str().filter(|name| is_a_name(name)).map(str::to_owned) else { continue };
        let Ok(about) = entry.metadata().await else { continue };
        found.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), name));
        if found.len() == LOOKED_AT {
            break;
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

async fn content(desk: &Desk, name: &str) -> Result<Vec<u8>, Failure> {
    if !is_a_name(name) {
        return Err(Failure::NotFound);
    }
    let file = folder(desk)?.join(name);
    let about = tokio::fs::symlink_metadata(&file).await.map_err(|_| Failure::NotFound)?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(Failure::NotFound);
    }
    tokio::fs::read(&file).await.map_err(|_| Failure::NotFound)
}

fn unreadable(folder: &FilePath, error: &std::io::Error) -> Failure {
    Failure::Internal(format!("the folder of mails {}: {error}", folder.display()))
}

/// The frame of a mail is too small for whole pages.
fn opening_in_new_tabs(html: &str) -> String {
    const BASE: &str = "<base target=\"_blank\">";
    match html.find("<head>") {
        Some(at) => {
            let (before, after) = html.split_at(at + "<head>".len());
            format!("{before}{BASE}{after}")
        }
        None => format!("{BASE}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        assert!(is_a_name("12345@broadsheet.example.eml"));
        for name in
            ["../a.eml", "a/b.eml", "a\\b.eml", ".hidden.eml", "a.txt", "a.eml\0", "%2e%2e.eml", "", ".eml", "ä.eml"]
        {
            assert!(!is_a_name(name), "{name:?}");
        }
    }
}
