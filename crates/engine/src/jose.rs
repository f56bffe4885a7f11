//! Signed tokens (RFC 7515) with the few algorithms that providers and systems use. What is not signed, or signed with a
//! shared secret, is none: whoever knows that secret could make it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// The algorithms with which a token may be signed.
pub const ALGORITHMS: [&str; 6] = ["ES256", "ES384", "PS256", "RS256", "EdDSA", "Ed25519"];
/// Longer tokens are none of a provider.
const LONGEST_BYTES: usize = 32 * 1024;

/// A token that was taken apart and proves nothing yet.
pub struct Parts<'t> {
    /// `alg`.
    pub algorithm: String,
    /// `kid`.
    pub key: Option<String>,
    /// `typ`.
    pub kind: Option<String>,
    said: &'t [u8],
    signature: Vec<u8>,
    claims: Map<String, Json>,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Json>,
}

impl<'t> Parts<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub fn of(token: &'t str) -> Result<Self, &'static str> {
        if token.len() > LONGEST_BYTES {
            return Err("the token is too long");
        }
        let (said, signature) = token.rsplit_once('.').ok_or("no token")?;
        let (head, claims) = said.split_once('.').ok_or("no token")?;
        let head: Head = json(head)?;
        if head.crit.is_some() {
            return Err("the token asks for what we do not know");
        }
        Ok(Self {
            algorithm: head.alg,
            key: head.kid,
            kind: head.typ,
            said: said.as_bytes(),
            signature: bytes(signature)?,
            claims: json(claims)?,
        })
    }

    /// What it says of itself, which proves nothing: to find whose key it should be.
    #[must_use]
    pub fn said_to_be(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Json::as_str)
    }

    /// Its claims, if this key made it.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub fn proved(self, key: &Key) -> Result<Map<String, Json>, &'static str> {
        if !key.fits(&self.algorithm) {
            return Err("the key is none for this algorithm");
        }
        if key.verifies(&self.algorithm, self.said, &self.signature) {
            Ok(self.claims)
        } else {
            Err("the signature is wrong")
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "no base64url")
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, &'static str> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| "no JSON")
}

/// A public key (RFC 7517).
#[derive(Clone)]
pub struct Key {
    /// Its name (`kid`).
    pub id: Option<String>,
    /// The one algorithm that it is for, where it says so.
    algorithm: Option<String>,
    point: Point,
}

#[derive(Clone)]
enum Point {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a set with which tokens may be signed; those of other kinds are passed over.
#[must_use]
pub fn keys(set: &str) -> Option<Vec<Key>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Json>,
    }
    let set: Set = serde_json::from_str(set).ok()?;
    let keys = set.keys.into_iter();
    Some(
        keys.filter_map(|key| Key::of(serde_json::from_value(key).ok()?))
            .collect(),
    )
}

impl Key {
    fn of(raw: RawKey) -> Option<Self> {
        if raw.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let part = |text: Option<String>| bytes(&text?).ok();
        let curve = raw.crv.as_deref();
        let point = match (raw.kty.as_str(), curve) {
            ("RSA", _) => Point::Rsa {
                n: part(raw.n)?,
                e: part(raw.e)?,
            },
            ("EC", Some("P-256")) => Point::P256(uncompressed(&part(raw.x)?, &part(raw.y)?)),
            ("EC", Some("P-384")) => Point::P384(uncompressed(&part(raw.x)?, &part(raw.y)?)),
            ("OKP", Some("Ed25519")) => Point::Ed25519(part(raw.x)?),
            _ => return None,
        };
        Some(Self {
            id: raw.kid,
            algorithm: raw.alg,
            point,
        })
    }

    /// Whether a token of this algorithm may be signed with it.
    #[must_use]
    pub fn fits(&self, algorithm: &str) -> bool {
        let said = self.algorithm.as_deref();
        let kind = match self.point {
            Point::Rsa { .. } => ["RS256", "PS256"].contains(&algorithm),
            Point::P256(_) => algorithm == "ES256",
            Point::P384(_) => algorithm == "ES384",
            Point::Ed25519(_) => ["EdDSA", "Ed25519"].contains(&algorithm),
        };
        kind && said.is_none_or(|said| said == algorithm)
    }

    fn verifies(&self, algorithm: &str, said: &[u8], signature: &[u8]) -> bool {
        let plain = |how: &'static dyn VerificationAlgorithm, point: &[u8]| {
            UnparsedPublicKey::new(how, point)
                .verify(said, signature)
                .is_ok()
        };
        match &self.point {
            Point::Rsa { n, e } => {
                let how = match algorithm {
                    "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                let key = RsaPublicKeyComponents { n, e };
                key.verify(how, said, signature).is_ok()
            }
            Point::P256(point) => plain(&signature::ECDSA_P256_SHA256_FIXED, point),
            Point::P384(point) => plain(&signature::ECDSA_P384_SHA384_FIXED, point),
            Point::Ed25519(point) => plain(&signature::ED25519, point),
        }
    }
}

fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}
