//! Tokens behind the codes on letters: a record's id and a code of authentication, so that no table is needed and none
//! can be guessed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kernel::RecordId;
use sha2::Sha256;
use uuid::Uuid;

/// Bytes of the code: 2^96 guesses for one hit.
const CODE: usize = 12;
const ID: usize = 16;

/// The token of a record's document.
pub(super) fn token(secret: &[u8; 64], record: RecordId, document: &str) -> String {
    let code = mac(secret, record, document).finalize().into_bytes();
    let mut bytes = record.0.as_bytes().to_vec();
    bytes.extend_from_slice(code.get(..CODE).unwrap_or_default());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The record of a token, if it has the form of one.
pub(super) fn record(token: &str) -> Option<RecordId> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let whole = bytes.len() == ID + CODE;
    whole.then(|| Uuid::from_slice(bytes.get(..ID)?).ok().map(RecordId))?
}

/// Whether a token is that of a record's document. The comparison takes the same time wherever they differ.
pub(super) fn fits(secret: &[u8; 64], token: &str, record: RecordId, document: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
        return false;
    };
    let (id, code) = bytes.split_at_checked(ID).unwrap_or_default();
    id == record.0.as_bytes()
        && code.len() == CODE
        && mac(secret, record, document)
            .verify_truncated_left(code)
            .is_ok()
}

fn mac(secret: &[u8; 64], record: RecordId, document: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new(secret.into());
    mac.update(b"letter");
    mac.update(record.0.as_bytes());
    mac.update(document.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_record_and_document_only() {
        let (one, two) = (RecordId(Uuid::from_u128(7)), RecordId(Uuid::from_u128(8)));
        let token = token(&[1; 64], one, "certificate");
        assert_eq!(record(&token), Some(one));
        assert!(fits(&[1; 64], &token, one, "certificate"));
        assert!(!fits(&[1; 64], &token, two, "certificate"));
        assert!(!fits(&[1; 64], &token, one, "notice"));
        assert!(!fits(&[2; 64], &token, one, "certificate"));
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(
                other == token || !fits(&[1; 64], &other, one, "certificate"),
                "{other}"
            );
        }
        for wrong in ["", "x", "あ", &token[1..], &format!("{token}AA")] {
            assert_eq!(record(wrong), None, "{wrong}");
            assert!(!fits(&[1; 64], wrong, one, "certificate"));
        }
    }
}
