//! Sealing of bodies and the chain of hashes.

use crate::failure::Failure;
use crate::keyring::Keys;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use kernel::Header;
use kernel::log::Seed;
use sha2::{Digest, Sha256};

/// The canonical bytes of a header: a JSON array of its parts in this order, after a word for the form itself.
/// Authenticated with the body and hashed into the chain; `docs/decisions/0005-journal.md` gives it for verifiers.
pub(crate) fn canonical(header: &Header, authority: Option<&str>) -> Result<Vec<u8>, Failure> {
    let head = (
        "tsumugi-1",
        header.record,
        header.seq,
        header.act,
        &header.service,
        &header.record_type,
        &header.action,
        &header.definition,
        authority,
    );
    let tail = (
        header.recorded_at,
        header.occurred_at,
        header.effective_on,
        header.actor,
        header.on_behalf_of,
        &header.acted_as,
        &header.seat_office,
    );
    Ok(serde_json::to_vec(&(head, tail))?)
}

/// SHA-256.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Seals a body under the record's key, bound to its header.
///
/// The nonce is taken from the header's hash. The header holds record, seq, act and instant, so that an act that is
/// tried again with other content after a failed commit never meets the nonce of the first try.
pub(crate) fn seal(key: &[u8; 32], header: &[u8], body: &[u8]) -> Result<Vec<u8>, Failure> {
    cipher(key)
        .encrypt(
            &nonce(header),
            Payload {
                msg: body,
                aad: header,
            },
        )
        .map_err(|_| Failure::damaged("a body could not be sealed"))
}

/// Opens a sealed body; fails if body, header or key is not what it was.
pub(crate) fn open(key: &[u8; 32], header: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Failure> {
    cipher(key)
        .decrypt(
            &nonce(header),
            Payload {
                msg: sealed,
                aad: header,
            },
        )
        .map_err(|_| {
            Failure::damaged("a sealed body does not open: it, its header or its key was changed")
        })
}

/// A key of the installation as the secret of a key of the log. What signs is never what seals: the number is taken for it
/// alone, and hashed with a word of its own.
pub(crate) fn seed(keys: &dyn Keys, number: u64) -> Result<Seed, Failure> {
    Ok(Seed(sha256(&[b"tsumugi log key", &keys.key(number)?])))
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*key))
}

fn nonce(header: &[u8]) -> Nonce {
    let hash = sha256(&[b"nonce", header]);
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&hash[..12]);
    Nonce::from(nonce)
}
