//! `x-line-signature`: HMAC-SHA256 over the body under the channel secret, in Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The signature of a body.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    mac(secret, body).map_or_else(String::new, |mac| {
        STANDARD.encode(mac.finalize().into_bytes())
    })
}

/// Whether a body was signed by who knows the secret; compared in constant time.
pub(crate) fn signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let given = STANDARD.decode(signature).unwrap_or_default();
    mac(secret, body).is_some_and(|mac| mac.verify_slice(&given).is_ok())
}

fn mac(secret: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_body_and_secret_alone() {
        let made = sign("secret", b"body");
        assert!(signed("secret", b"body", &made));
        assert!(!signed("secret", b"bodx", &made));
        assert!(!signed("other", b"body", &made));
        assert!(!signed("secret", b"body", "not base64"));
        assert!(!signed("secret", b"body", ""));
    }

    #[test]
    fn it_is_the_hmac_of_rfc_4231() {
        // RFC 4231, test case 2.
        let made = sign("Jefe", b"what do ya want for nothing?");
        let expected = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(STANDARD.decode(made).unwrap(), expected);
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap())
            .collect()
    }
}
