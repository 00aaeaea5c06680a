//! The return path of a mail: an address that says, provably, which mail came back.
//!
//! `b+<delivery>.<mac>`: lower-case base32, 32 octets of the 64 that a local part may have.

use super::Links;
use super::token::LOWER_BASE32;
use crate::model::DeliveryId;

impl Links {
    /// The local part of the return path of one delivery.
    pub fn bounce_local_part(&self, delivery: DeliveryId) -> String {
        let base32 = &*LOWER_BASE32;
        format!("b+{}.{}", base32.encode(&delivery.0.to_be_bytes()), base32.encode(&self.keys.bounce_mac(delivery.0)))
    }

    /// The delivery a return path belongs to, if this service made it.
    pub fn bounced_delivery(&self, local_part: &str) -> Option<DeliveryId> {
        let base32 = &*LOWER_BASE32;
        let local_part = local_part.to_ascii_lowercase();
        let (id, mac) = local_part.strip_prefix("b+")?.split_once('.')?;
        let id = i64::from_be_bytes(base32.decode(id.as_bytes()).ok()?.try_into().ok()?);
        let mac = base32.decode(mac.as_bytes()).ok()?;
        self.keys.bounce_mac_is_good(id, &mac).then_some(DeliveryId(id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Keyring;
    use super::*;

    #[test]
    fn a_return_path_leads_back_to_its_delivery_and_cannot_be_made_up() {
        let links = Links::new("https://papers.example/", Keyring::new(b"secret", &[]));
        let local = links.bounce_local_part(DeliveryId(81_985_529_216_486_895));
        assert!(local.len() <= 64);
        assert_eq!(local, local.to_ascii_lowercase());
        assert_eq!(links.bounced_delivery(&local.to_ascii_uppercase()), Some(DeliveryId(81_985_529_216_486_895)));
        let forged = links.bounce_local_part(DeliveryId(1));
        let mixed = format!("{}.{}", local.split_once('.').expect("dot").0, forged.split_once('.').expect("dot").1);
        assert_eq!(links.bounced_delivery(&mixed), None);
        assert_eq!(links.bounced_delivery("postmaster"), None);
    }
}
