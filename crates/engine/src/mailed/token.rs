//! The secret of a link: the slip's id and a proof that only the installation can make (HMAC-SHA-256).

use crate::secrets::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

const ID_BYTES: usize = 16;

fn mac(secret: &Secret, id: Uuid) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new(secret.into());
    mac.update(b"mail link ");
    mac.update(id.as_bytes());
    mac
}

/// The token of a slip.
pub(super) fn make(secret: &Secret, id: Uuid) -> String {
    let proof = mac(secret, id).finalize().into_bytes();
    URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &proof].concat())
}

/// The slip of a token; none if nobody here made it.
pub(super) fn read(secrets: &[Secret], token: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, proof) = bytes.split_at_checked(ID_BYTES)?;
    let id = Uuid::from_slice(id).ok()?;
    let mut known = secrets.iter();
    known
        .any(|secret| mac(secret, id).verify_slice(proof).is_ok())
        .then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_are_read() {
        let (old, new) = ([1; 64], [2; 64]);
        let id = Uuid::from_u128(7);
        let token = make(&old, id);
        assert_eq!(read(&[new, old], &token), Some(id));
        assert_eq!(read(&[new], &token), None);
        for cut in 0..token.len() {
            assert_eq!(read(&[old], &token[..cut]), None);
        }
        let mut other = URL_SAFE_NO_PAD.decode(&token).unwrap();
        other[0] ^= 1;
        assert_eq!(read(&[old], &URL_SAFE_NO_PAD.encode(other)), None);
    }
}
