//! Public identities of papers, found in whatever people and programs write for them.
//!
//! An arXiv id is kept without version and subject class (`math.GT/0309136v2` is `math/0309136`);
//! a DOI is kept in lower case without the address of its resolver.

use percent_encoding::percent_decode_str;

use crate::model::PaperKey;

/// arXiv's own DOI prefix; what follows it is the arXiv id.
const ARXIV_DOI: &str = "10.48550/arxiv.";
/// No identity is longer; longer texts are not looked at.
const LONGEST: usize = 2_000;

/// The arXiv id that `text` stands for, with the version if it names one.
///
/// Reads a bare id, `arXiv:` and `oai:arXiv.org:` prefixes, addresses of abstract, PDF and HTML
/// pages on arXiv and on sites that reuse its ids, and arXiv's DOIs.
/// The grammar is that of arXiv's "identifier for services" page.
pub fn arxiv_id(text: &str) -> Option<(String, Option<u32>)> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let id = if let Some(at) = lower.find(ARXIV_DOI) {
        &lower[at + ARXIV_DOI.len()..]
    } else if let Some(rest) = lower.strip_prefix("oai:arxiv.org:").or_else(|| lower.strip_prefix("arxiv:")) {
        rest.trim_start()
    } else if lower.contains("://") {
        id_in_address(&lower)?
    } else {
        &lower
    };
    let end = id.find(['?', '#']).unwrap_or(id.len());
    let id = id[..end].trim_end_matches(['.', ',', ';', ')', ']', '/']);
    parse_id(id.strip_suffix(".pdf").unwrap_or(id))
}

fn id_in_address(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let host = host.split(':').next()?.trim_start_matches("www.");
    let folders: &[&str] = match host {
        "arxiv.org" | "export.arxiv.org" | "rss.arxiv.org" | "browse.arxiv.org" => {
            &["abs/", "pdf/", "html/", "format/"]
        }
        "alphaxiv.org" => &["abs/", "pdf/"],
        "huggingface.co" | "hf.co" => &["papers/"],
        _ => return None,
    };
    folders.iter().find_map(|folder| path.strip_prefix(folder))
}

/// Reads a lower-case id of the new style (`2508.00950v2`) or of the old one (`math.gt/0309136v1`).
fn parse_id(id: &str) -> Option<(String, Option<u32>)> {
    let (id, version) = match id.rfind('v') {
        Some(at) if at > 0 && id[at + 1..].bytes().all(|b| b.is_ascii_digit()) && at + 1 < id.len() => {
            (&id[..at], Some(id[at + 1..].parse::<u32>().ok().filter(|version| *version > 0)?))
        }
        _ => (id, None),
    };
    let known = new_style(id).or_else(|| old_style(id))?;
    Some((known, version))
}

fn new_style(id: &str) -> Option<String> {
    let (month, number) = id.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fit = month.len() == 4
        && digits(month)
        && matches!(&month[2..], "01" | "02" | "03" | "04" | "05" | "06" | "07" | "08" | "09" | "10" | "11" | "12")
        && month >= "0704"
        && matches!(number.len(), 4..=6)
        && digits(number);
    fit.then(|| id.to_owned())
}

fn old_style(id: &str) -> Option<String> {
    let (archive, number) = id.split_once('/')?;
    let (archive, class) = archive.split_once('.').map_or((archive, None), |(archive, class)| (archive, Some(class)));
    let word = |text: &str| text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut words = archive.split('-');
    let fit = words.next().is_some_and(word)
        && words.next().is_none_or(word)
        && words.next().is_none()
        && class.is_none_or(|class| class.len() == 2 && word(class))
        && archive.len() <= 16
        && number.len() == 7
        && number.bytes().all(|byte| byte.is_ascii_digit());
    fit.then(|| format!("{archive}/{number}"))
}

/// The DOI that `text` stands for or contains, normalised: lower case, percent-decoded once,
/// without resolver, `doi:` and trailing punctuation, and without the version that bioRxiv and
/// medRxiv links append.
pub fn doi(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?.to_lowercase();
    let start = decoded.match_indices("10.").map(|(at, _)| at).find(|at| begins_doi(&decoded, *at))?;
    let rest = &decoded[start..];
    let end = rest.find(|c: char| c.is_whitespace() || c.is_control() || "\"<>?#".contains(c)).unwrap_or(rest.len());
    let found = rest[..end].trim_end_matches(['.', ',', ';', ')', ']', '/']);
    let found = if rest[..end].contains('(') && found.matches('(').count() > found.matches(')').count() {
        rest[..end].trim_end_matches(['.', ',', ';'])
    } else {
        found
    };
    let found = without_preprint_version(found);
    let (_, suffix) = found.split_once('/')?;
    (!suffix.is_empty()).then(|| found.to_owned())
}

/// A registrant of four to nine digits, then a slash, and not in the middle of a longer number.
fn begins_doi(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || c == '.') {
        return false;
    }
    let rest = &text[at + 3..];
    let registrant = rest.split('/').next().unwrap_or_default();
    let number = registrant.split('.').next().unwrap_or_default();
    rest.len() > registrant.len()
        && (4..=9).contains(&number.len())
        && registrant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn without_preprint_version(doi: &str) -> &str {
    if !(doi.starts_with("10.1101/") || doi.starts_with("10.64898/")) {
        return doi;
    }
    let plain = doi.trim_end_matches(".pdf").trim_end_matches(".full");
    match plain.rfind('v') {
        Some(at) if at + 1 < plain.len() && plain[at + 1..].bytes().all(|byte| byte.is_ascii_digit()) => &plain[..at],
        _ => plain,
    }
}

/// Every public key that `texts` (ids, links, DOIs) give, strongest first, each once.
pub fn keys_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<PaperKey> {
    let (mut arxiv, mut dois) = (Vec::new(), Vec::new());
    for text in texts {
        let (list, key) = match (arxiv_id(text), doi(text)) {
            (Some((id, _)), _) => (&mut arxiv, PaperKey::arxiv(&id)),
            (None, Some(doi)) => (&mut dois, PaperKey::doi(&doi)),
            (None, None) => continue,
        };
        if !list.contains(&key) {
            list.push(key);
        }
    }
    arxiv.append(&mut dois);
    arxiv
}

/// The abstract page of an arXiv id.
pub fn arxiv_url(id: &str) -> String {
    format!("https://arxiv.org/abs/{id}")
}
