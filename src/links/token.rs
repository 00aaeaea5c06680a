//! Tokens: who may do what, proven by a keyed hash and stored nowhere.
//!
//! A token is lower-case base32 (RFC 4648) of 34 bytes: key id (1), purpose (1), row id (8),
//! generation (4), seconds since 2020 when it was issued (4), HMAC-SHA-256 cut to 128 bits (16).
//! A new secret signs at once; older ones go on verifying for as long as they are configured.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::{digest, hmac};
use data_encoding::{BASE32_NOPAD, Encoding, HEXLOWER, Specification};

use crate::model::{Timestamp, from_micros};

/// Seconds from 1970 to 2020, where issue times begin to count.
const EPOCH_SECONDS: i64 = 1_577_836_800;
const PAYLOAD: usize = 18;
const MAC: usize = 16;

/// What a token allows. Each link has one purpose and can do nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Confirm a subscription, within 48 hours.
    Confirm,
    /// Leave. Never expires, survives erasure, and can do nothing else.
    Unsubscribe,
    /// Change interests and schedule, for 60 days.
    Preferences,
    /// Read one edition, for as long as it is kept.
    Archive,
    /// Protect a form against requests forged from elsewhere, for a day.
    Form,
}

impl Purpose {
    fn code(self) -> u8 {
        match self {
            Self::Confirm => 1,
            Self::Unsubscribe => 2,
            Self::Preferences => 3,
            Self::Archive => 5,
            Self::Form => 7,
        }
    }

    fn valid_seconds(self) -> Option<i64> {
        const HOUR: i64 = 3600;
        match self {
            Self::Confirm => Some(48 * HOUR),
            Self::Unsubscribe | Self::Archive => None,
            Self::Preferences => Some(60 * 24 * HOUR),
            Self::Form => Some(24 * HOUR),
        }
    }
}

/// What a good token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The row it is about.
    pub id: i64,
    /// The subscriber's link generation when it was made; 0 for unsubscribe.
    pub generation: i64,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of ours, or not for this purpose.
    #[error("this link is not one of ours, or it was cut short")]
    Forged,
    /// Good once, too old now.
    #[error("this link has expired")]
    Expired,
}

/// The secret keys: the first signs, all verify.
#[derive(Clone)]
pub struct Keyring(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: u8,
    tokens: hmac::Key,
    addresses: hmac::Key,
}

impl Key {
    fn new(secret: &[u8]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = |label: &str| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, label.as_bytes()).as_ref());
        Self {
            id: digest::digest(&digest::SHA256, secret).as_ref()[0],
            tokens: derived("broadsheet tokens"),
            addresses: derived("broadsheet addresses"),
        }
    }
}

impl Keyring {
    /// `current` signs; `previous`, newest first, only verify.
    pub fn new(current: &[u8], previous: &[Vec<u8>]) -> Self {
        Self(std::iter::once(current).chain(previous.iter().map(Vec::as_slice)).map(Key::new).collect())
    }

    /// The token for one purpose, row and generation. Without an issue time it never expires.
    pub fn derive(&self, purpose: Purpose, id: i64, generation: i64, issued: Option<Timestamp>) -> String {
        let key = &self.0[0];
        let seconds = issued.map_or(0, |at| (at.timestamp() - EPOCH_SECONDS).clamp(1, i64::from(u32::MAX)));
        let mut bytes = Vec::with_capacity(PAYLOAD + MAC);
        bytes.extend([key.id, purpose.code()]);
        bytes.extend(id.to_be_bytes());
        bytes.extend(u32::try_from(generation).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(u32::try_from(seconds).unwrap_or(u32::MAX).to_be_bytes());
        let mac = hmac::sign(&key.tokens, &bytes);
        bytes.extend(&mac.as_ref()[..MAC]);
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }

    /// Reads a token back. Case does not matter, as some mail programs change it.
    ///
    /// # Errors
    ///
    /// [`TokenError::Forged`] for anything not made by [`Keyring::derive`] for this purpose.
    pub fn verify(&self, purpose: Purpose, token: &str, now: Timestamp) -> Result<Verified, TokenError> {
        let bytes = BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).map_err(|_| TokenError::Forged)?;
        if bytes.len() != PAYLOAD + MAC || bytes[1] != purpose.code() {
            return Err(TokenError::Forged);
        }
        let (payload, mac) = bytes.split_at(PAYLOAD);
        if !self.0.iter().any(|key| key.id == payload[0] && mac_is_good(&key.tokens, payload, mac)) {
            return Err(TokenError::Forged);
        }
        let id = i64::from_be_bytes(array(&payload[2..10]));
        let generation = i64::from(u32::from_be_bytes(array(&payload[10..14])));
        let issued = i64::from(u32::from_be_bytes(array(&payload[14..18]))) + EPOCH_SECONDS;
        if purpose.valid_seconds().is_some_and(|valid| now > from_micros((issued + valid) * 1_000_000)) {
            return Err(TokenError::Expired);
        }
        Ok(Verified { id, generation })
    }

    /// The keyed hash under which an address is remembered after erasure, in hex.
    ///
    /// Made with the oldest configured key, so that it stays the same when a new key is put in front.
    pub fn address_hash(&self, canonical: &str) -> String {
        self.keyed_hash(&format!("address {canonical}"))
    }

    /// The keyed hash of a network, to count requests without keeping where people are.
    pub fn network_hash(&self, network: &str) -> String {
        self.keyed_hash(&format!("network {network}"))
    }

    fn keyed_hash(&self, text: &str) -> String {
        let oldest = &self.0[self.0.len() - 1];
        HEXLOWER.encode(&hmac::sign(&oldest.addresses, text.as_bytes()).as_ref()[..MAC])
    }

    /// A short keyed hash for a VERP local part.
    pub(super) fn bounce_mac(&self, delivery: i64) -> [u8; 10] {
        bounce_mac(&self.0[0], delivery)
    }

    /// Whether a VERP hash was made with any of the keys.
    pub(super) fn bounce_mac_is_good(&self, delivery: i64, mac: &[u8]) -> bool {
        self.0.iter().any(|key| bounce_mac(key, delivery)[..] == *mac)
    }
}

fn bounce_mac(key: &Key, delivery: i64) -> [u8; 10] {
    let mut message = b"bounce ".to_vec();
    message.extend(delivery.to_be_bytes());
    array(&hmac::sign(&key.tokens, &message).as_ref()[..10])
}

/// Compares in a time that does not depend on where the first difference is: it signs both sides again.
fn mac_is_good(key: &hmac::Key, payload: &[u8], mac: &[u8]) -> bool {
    let blind = |bytes: &[u8]| hmac::sign(key, bytes);
    let expected = hmac::sign(key, payload);
    blind(&expected.as_ref()[..MAC]).as_ref() == blind(mac).as_ref()
}

fn array<const N: usize>(slice: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(slice);
    array
}

/// Base32 in lower case without padding, for local parts of addresses.
pub(super) static LOWER_BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.encoding().unwrap_or(BASE32_NOPAD)
});

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = from_seconds(1_764_000_000);

    const fn from_seconds(seconds: i64) -> Timestamp {
        match chrono::DateTime::from_timestamp(seconds, 0) {
            Some(at) => at,
            None => panic!("out of range"),
        }
    }

    fn keys() -> Keyring {
        Keyring::new(b"a secret of thirty-two bytes or so", &[])
    }

    #[test]
    fn a_token_opens_one_door_only() {
        let token = keys().derive(Purpose::Unsubscribe, 42, 0, None);
        assert_eq!(keys().verify(Purpose::Unsubscribe, &token, NOW), Ok(Verified { id: 42, generation: 0 }));
        for other in [Purpose::Confirm, Purpose::Preferences, Purpose::Archive, Purpose::Form] {
            assert_eq!(keys().verify(other, &token, NOW), Err(TokenError::Forged));
        }
    }

    #[test]
    fn a_preferences_link_lives_sixty_days_and_unsubscribe_for_ever() {
        let token = keys().derive(Purpose::Preferences, 7, 3, Some(NOW));
        let later = |days| NOW + chrono::Duration::days(days);
        assert_eq!(keys().verify(Purpose::Preferences, &token, later(59)), Ok(Verified { id: 7, generation: 3 }));
        assert_eq!(keys().verify(Purpose::Preferences, &token, later(61)), Err(TokenError::Expired));
        let leave = keys().derive(Purpose::Unsubscribe, 7, 0, None);
        assert!(keys().verify(Purpose::Unsubscribe, &leave, later(20_000)).is_ok());
    }

    #[test]
    fn old_keys_verify_and_new_keys_sign() {
        let old = keys();
        let token = old.derive(Purpose::Confirm, 1, 1, Some(NOW));
        let rotated =
            Keyring::new(b"another secret, also long enough!!", &[b"a secret of thirty-two bytes or so".to_vec()]);
        assert!(rotated.verify(Purpose::Confirm, &token, NOW).is_ok());
        let fresh = rotated.derive(Purpose::Confirm, 1, 1, Some(NOW));
        assert_eq!(old.verify(Purpose::Confirm, &fresh, NOW), Err(TokenError::Forged));
        assert_eq!(old.address_hash("a@example.org"), rotated.address_hash("a@example.org"));
    }

    #[test]
    fn any_changed_letter_is_noticed() {
        let token = keys().derive(Purpose::Confirm, 99, 1, Some(NOW));
        for place in 0..token.len() - 1 {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(bytes).expect("ascii");
            assert_eq!(keys().verify(Purpose::Confirm, &changed, NOW), Err(TokenError::Forged), "{place}");
        }
        assert!(keys().verify(Purpose::Confirm, &token.to_uppercase(), NOW).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_token(text in "\\PC{0,80}") {
            prop_assert_eq!(keys().verify(Purpose::Preferences, &text, NOW), Err(TokenError::Forged));
        }
    }
}
