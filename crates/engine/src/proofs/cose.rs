//! Keys of authenticators: COSE (RFC 9052, RFC 9053) out of CBOR, and signatures by them.

use super::webauthn::PasskeyLie;
use ciborium::Value;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// Kinds of keys that are asked for (COSE), the first most.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

/// A public key.
pub(super) struct Key {
    pub(super) algorithm: i64,
    /// As [`kernel::proofs::Passkey::key`] says.
    pub(super) bytes: Vec<u8>,
}

/// The authenticator's data of an attestation object (WebAuthn 6.5.4).
pub(super) fn authenticator_data(attestation: &[u8]) -> Option<Vec<u8>> {
    let (parts, _) = map(attestation)?;
    let named = |name: &Value| name.as_text() == Some("authData");
    let (_, data) = parts.into_iter().find(|(name, _)| named(name))?;
    data.into_bytes().ok()
}

/// The map that begins these bytes, and where it ends.
fn map(bytes: &[u8]) -> Option<(Vec<(Value, Value)>, usize)> {
    let mut rest = bytes;
    let value: Value = ciborium::from_reader(&mut rest).ok()?;
    let parts = value.into_map().ok()?;
    Some((parts, bytes.len() - rest.len()))
}

#[derive(Default)]
struct Parts {
    kind: Option<i64>,
    algorithm: Option<i64>,
    curve: Option<i64>,
    /// -1 where it is bytes: the modulus of RSA.
    first: Option<Vec<u8>>,
    /// -2: x, or the exponent of RSA.
    second: Option<Vec<u8>>,
    /// -3: y.
    third: Option<Vec<u8>>,
}

fn parts(bytes: &[u8]) -> Option<(Parts, usize)> {
    let (known, end) = map(bytes)?;
    let mut parts = Parts::default();
    for (name, value) in known {
        let number = value.as_integer().and_then(|one| one.try_into().ok());
        let bytes = value.into_bytes().ok();
        match name.as_integer().and_then(|one| i64::try_from(one).ok()) {
            Some(1) => parts.kind = number,
            Some(3) => parts.algorithm = number,
            Some(-1) => (parts.curve, parts.first) = (number, bytes),
            Some(-2) => parts.second = bytes,
            Some(-3) => parts.third = bytes,
            _ => {}
        }
    }
    Some((parts, end))
}

/// The key that begins these bytes, and where it ends.
pub(super) fn key(bytes: &[u8]) -> Result<(Key, usize), PasskeyLie> {
    let (parts, end) = parts(bytes).ok_or(PasskeyLie::Unreadable)?;
    let algorithm = parts.algorithm.ok_or(PasskeyLie::Unreadable)?;
    let bytes = match (parts.kind, algorithm, parts.curve) {
        (Some(2), ES256, Some(1)) => point(&parts),
        (Some(1), EDDSA, Some(6)) => parts.second.filter(|x| x.len() == 32),
        (Some(3), RS256, None) => rsa(&parts),
        _ => return Err(PasskeyLie::Algorithm),
    };
    let bytes = bytes.ok_or(PasskeyLie::Unreadable)?;
    Ok((Key { algorithm, bytes }, end))
}

fn point(parts: &Parts) -> Option<Vec<u8>> {
    let (x, y) = (parts.second.as_deref()?, parts.third.as_deref()?);
    (x.len() == 32 && y.len() == 32).then(|| [&[4], x, y].concat())
}

/// The exponent behind the modulus, which goes in behind its length.
fn rsa(parts: &Parts) -> Option<Vec<u8>> {
    let (modulus, exponent) = (parts.first.as_deref()?, parts.second.as_deref()?);
    let plausible = (256..=1024).contains(&modulus.len()) && (1..=8).contains(&exponent.len());
    let length = u16::try_from(modulus.len()).ok().filter(|_| plausible)?;
    Some([&length.to_be_bytes(), modulus, exponent].concat())
}

/// Whether a key signed a message.
pub(super) fn verify(
    algorithm: i64,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), PasskeyLie> {
    let fits = match algorithm {
        ES256 => UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, key)
            .verify(message, signature),
        EDDSA => UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature),
        RS256 => {
            let (length, rest) = key.split_first_chunk::<2>().ok_or(PasskeyLie::Algorithm)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (n, e) = rest.split_at_checked(length).ok_or(PasskeyLie::Algorithm)?;
            RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            )
        }
        _ => return Err(PasskeyLie::Algorithm),
    };
    fits.map_err(|_| PasskeyLie::Signature)
}
