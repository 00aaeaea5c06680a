//! DKIM signatures (RFC 6376): relaxed/relaxed, RSA of 2048 bits and more, SHA-256.
//!
//! The signer takes finished bytes and hashes exactly them, headers and body alike,
//! so Content-Type of a multipart message is covered correctly.
//! The signature itself, a third of what a mail costs, is AWS-LC's: of the libraries that rustls knows it alone uses a
//! processor's vector units for it.

mod canonical;
mod record;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::BASE64;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use super::headers::is_dot_atom;
use crate::model::Timestamp;

/// The shortest key verifiers must accept and senders should use, in octets of modulus (RFC 8301, 3.2).
const MIN_MODULUS: usize = 256;

/// Headers that are signed when the message has them.
///
/// From and Subject stand once more than they occur, so that adding a second one breaks the signature.
const SIGNED: [&str; 13] = [
    "From",
    "From",
    "To",
    "Subject",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
/// How often a header of [`SIGNED`] stands in `h=` even when the message lacks it.
const OVERSIGNED: [&str; 2] = ["From", "Subject"];

/// Why there is no signer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// Not PEM, or PEM of something else.
    #[error("the DKIM key is not a PEM file with a private key (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY)")]
    NotPem,
    /// An elliptic curve or otherwise unusable key.
    #[error("the DKIM key cannot be used: {0}; make one with `broadsheet dkim generate`")]
    Unusable(String),
    /// Under 2048 bits.
    #[error(
        "the DKIM key is shorter than 2048 bits, and receivers refuse it; make one with `broadsheet dkim generate`"
    )]
    TooShort,
    /// The domain or selector is not a domain name.
    #[error("{0:?} is not a domain name that can hold a DKIM key")]
    Name(String),
}

/// Signs messages for one domain with one key.
pub struct Signer {
    key: RsaKeyPair,
    domain: String,
    selector: String,
}

impl Signer {
    /// Reads an RSA private key, PKCS#8 or PKCS#1, from PEM text.
    ///
    /// `domain` goes into `d=` and should be that of the From address; the public key is looked for
    /// in DNS at `<selector>._domainkey.<domain>`.
    ///
    /// # Errors
    ///
    /// See [`DkimError`]; nothing of the key is ever part of the text.
    pub fn from_pem(pem: &str, domain: &str, selector: &str) -> Result<Self, DkimError> {
        for name in [domain, selector] {
            let dns = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if !(is_dot_atom(name, 200) && name.bytes().all(dns)) {
                return Err(DkimError::Name(name.to_owned()));
            }
        }
        let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| DkimError::NotPem)? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(DkimError::Unusable("it is not an RSA key".to_owned())),
        };
        let key = key.map_err(|rejected| match rejected.to_string().as_str() {
            "TooSmall" => DkimError::TooShort,
            "WrongAlgorithm" => DkimError::Unusable("it is not an RSA key".to_owned()),
            reason => DkimError::Unusable(format!("it is damaged or of a form not supported ({reason})")),
        })?;
        if key.public_modulus_len() < MIN_MODULUS {
            return Err(DkimError::TooShort);
        }
        Ok(Self { key, domain: domain.to_ascii_lowercase(), selector: selector.to_owned() })
    }

    /// The folded `DKIM-Signature:` header with its line end, to be put in front of `message`.
    ///
    /// `message` is a whole message with CRLF line ends, `at` goes into `t=` to the second.
    /// The same arguments give the same header.
    pub fn sign(&self, message: &[u8], at: Timestamp) -> String {
        let (headers, body) = canonical::split(message);
        let mut body_hash = Context::new(&SHA256);
        canonical::body(body, |piece| body_hash.update(piece));
        let body_hash = BASE64.encode(body_hash.finish().as_ref());
        let names = signed_names(&headers);
        let unsigned = self.header_without_signature(&names, &body_hash, at);
        let mut input = canonical::headers(&headers, &names);
        canonical::header(unsigned.as_bytes(), &mut input);
        input.truncate(input.trim_ascii_end().len());
        let mut signature = vec![0; self.key.public_modulus_len()];
        // PKCS#1 v1.5 draws no random number; the parameter serves other paddings.
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &input, &mut signature);
        debug_assert!(signed.is_ok(), "only a buffer of the wrong length is refused");
        let mut header = unsigned;
        fold_into(&mut header, &BASE64.encode(&signature));
        header.push_str("\r\n");
        header
    }

    /// The DNS name at which the public key belongs: `<selector>._domainkey.<domain>`.
    pub fn dns_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The text of the TXT record that publishes the public key (RFC 6376, 3.6.1).
    pub fn dns_record(&self) -> String {
        record::of_rsa(self.key.public_key().as_ref())
    }

    /// The header up to and including `b=`.
    fn header_without_signature(&self, names: &[&str], body_hash: &str, at: Timestamp) -> String {
        let Self { domain, selector, .. } = self;
        let seconds = at.timestamp().max(0);
        let mut header = String::with_capacity(1024);
        // Writing to a String cannot fail.
        let _ = write!(
            header,
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td={domain}; s={selector};\r\n\tt={seconds};\r\n\th="
        );
        let mut column = 4;
        for (index, name) in names.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            if column + name.len() + 2 > 76 {
                header.extend([separator, "\r\n\t"]);
                column = 2;
            } else {
                header.push_str(separator);
                column += separator.len();
            }
            header.push_str(name);
            column += name.len();
        }
        header.extend([";\r\n\tbh=", body_hash, ";\r\n\tb="]);
        header
    }
}

/// The names for `h=`: each header as often as it occurs, the oversigned ones once more.
fn signed_names(headers: &[canonical::Header<'_>]) -> Vec<&'static str> {
    let mut names = Vec::with_capacity(SIGNED.len());
    for name in SIGNED {
        let earlier = names.iter().filter(|known| **known == name).count();
        let present = headers.iter().filter(|header| header.is(name)).count();
        if earlier < present + usize::from(OVERSIGNED.contains(&name)) {
            names.push(name);
        }
    }
    names
}

/// Appends base64 in pieces of 72 characters, each but the first on a line of its own.
fn fold_into(header: &mut String, base64: &str) {
    let mut rest = base64;
    while rest.len() > 72 {
        let (now, later) = rest.split_at(72);
        header.push_str(now);
        header.push_str("\r\n\t");
        rest = later;
    }
    header.push_str(rest);
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("domain", &self.domain).field("selector", &self.selector).finish_non_exhaustive()
    }
}
