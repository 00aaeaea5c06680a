//! The DNS record that publishes a public key (RFC 6376, 3.6.1).

use data_encoding::BASE64;

/// AlgorithmIdentifier of rsaEncryption with its NULL parameter (RFC 3279, 2.3.1), DER.
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// The record for an RSA key, given as DER of RSAPublicKey.
///
/// The key is published as SubjectPublicKeyInfo, the form the RFC's examples and all verifiers use.
pub(super) fn of_rsa(public_key: &[u8]) -> String {
    let mut bits = vec![0];
    bits.extend_from_slice(public_key);
    let mut info = RSA_ENCRYPTION.to_vec();
    info.extend(tagged(BIT_STRING, &bits));
    format!("v=DKIM1; k=rsa; p={}", BASE64.encode(&tagged(SEQUENCE, &info)))
}

/// One DER element with a definite length.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().position(|&byte| byte != 0).unwrap_or(length.len() - 1)..];
    let mut out = vec![tag];
    if content.len() > 127 {
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
    }
    out.extend_from_slice(significant);
    out.extend_from_slice(content);
    out
}
