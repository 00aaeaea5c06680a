//! Mail addresses as people type them, checked once at the edge.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::Bucket;

/// Octets before the `@` (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Octets of a whole address (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_ADDRESS: usize = 254;

/// A deliverable address: ASCII local part, domain in A-labels with at least one dot.
///
/// Two spellings that differ in case are one person; see [`EmailAddress::canonical`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    address: String,
    at: usize,
}

/// Why a text is not an address mail can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@`, or nothing on one side of it.
    #[error("an address looks like name@example.org")]
    Shape,
    /// Longer than a mail server accepts.
    #[error("the address is too long (64 characters before the @, 254 in all)")]
    TooLong,
    /// A character that is not allowed, or a dot in the wrong place, before the `@`.
    #[error("the part before the @ has a character that mail servers refuse")]
    Local,
    /// Not a public domain name.
    #[error("the part after the @ is not a domain name such as example.org")]
    Domain,
}

impl EmailAddress {
    /// Reads an address, trimming white space and turning the domain into lower-case A-labels.
    ///
    /// # Errors
    ///
    /// Quoted local parts, address literals, domains without a dot and display names are refused.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > 4 * MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Shape);
        }
        if !local_is_dot_atom(local) {
            return Err(AddressError::Local);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| AddressError::Domain)?;
        if !domain_is_public(&domain) {
            return Err(AddressError::Domain);
        }
        if local.len() > MAX_LOCAL || local.len() + 1 + domain.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        Ok(Self { address: format!("{local}@{domain}"), at: local.len() })
    }

    /// The address as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The part after the `@`, in lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }

    /// The spelling that identifies the person: all lower case.
    pub fn canonical(&self) -> String {
        self.address.to_ascii_lowercase()
    }

    /// Where the rows of this person live.
    pub fn bucket(&self) -> Bucket {
        Bucket::of_address(&self.canonical())
    }

    /// The address with most of its local part hidden, for logs and operator pages: `a…@example.org`.
    pub fn masked(&self) -> String {
        let first = self.address.chars().next().unwrap_or('?');
        format!("{first}…@{}", self.domain())
    }
}

/// RFC 5322 dot-atom: atext runs joined by single dots.
fn local_is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    })
}

fn domain_is_public(domain: &str) -> bool {
    let mut labels = domain.split('.');
    let last_is_a_name = domain
        .rsplit('.')
        .next()
        .is_some_and(|last| last.len() > 1 && last.bytes().any(|byte| byte.is_ascii_alphabetic()));
    domain.contains('.') && last_is_a_name && labels.all(|label| !label.is_empty() && label.len() <= 63)
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.address
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_are_told_apart_without_regard_to_case() {
        let typed = EmailAddress::parse("  Ada.Lovelace+papers@Example.ORG ").expect("valid");
        assert_eq!(typed.as_str(), "Ada.Lovelace+papers@example.org");
        assert_eq!(typed.canonical(), "ada.lovelace+papers@example.org");
        assert_eq!(typed.masked(), "A…@example.org");
    }

    #[test]
    fn international_domains_become_a_labels() {
        assert_eq!(EmailAddress::parse("a@bücher.example").expect("valid").domain(), "xn--bcher-kva.example");
    }

    #[test]
    fn what_cannot_be_mailed_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", AddressError::Shape),
            ("nobody", AddressError::Shape),
            ("@example.org", AddressError::Shape),
            ("a@localhost", AddressError::Domain),
            ("a@[127.0.0.1]", AddressError::Domain),
            ("a@127.0.0.1", AddressError::Domain),
            ("a..b@example.org", AddressError::Local),
            ("\"a b\"@example.org", AddressError::Local),
            ("Ada <ada@example.org>", AddressError::Local),
            ("a\r\nBcc: x@example.org", AddressError::Local),
            ("ü@example.org", AddressError::Local),
        ] {
            assert_eq!(EmailAddress::parse(text), Err(reason), "{text:?}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        assert_eq!(EmailAddress::parse(&long), Err(AddressError::TooLong));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_one_plain_line(text in "\\PC{0,80}@\\PC{0,80}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().is_ascii());
                prop_assert!(!address.as_str().contains([' ', '<', '>', '\r', '\n', ',', ';', '"']));
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            }
        }
    }
}
