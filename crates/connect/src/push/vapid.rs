//! VAPID: we prove to push services who we are, by a JWT signed with ES256.

use super::encrypt::point;
use crate::{Random, SetupError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::{PublicKey, SecretKey};
use serde_json::{Value as Json, json};

/// How long a proof holds: RFC 8292 allows 24 hours at most.
const VALID: SignedDuration = SignedDuration::from_hours(12);

/// The key that names us to push services. Does not print.
#[derive(Clone)]
pub struct VapidKey(SecretKey);

impl VapidKey {
    /// A new key.
    ///
    /// # Errors
    /// Randomness that is none.
    pub fn new(random: &Random) -> Result<Self, SetupError> {
        let mut seed = [0_u8; 32];
        random(&mut seed);
        let key = SecretKey::from_slice(&seed);
        key.map(Self)
            .map_err(|_| SetupError::new("プッシュの鍵を作れませんでした"))
    }

    /// From the text that [`Self::secret`] gave: 32 bytes in URL-safe Base64.
    ///
    /// # Errors
    /// A text that is none.
    pub fn read(text: &str) -> Result<Self, SetupError> {
        let wrong = || SetupError::new("プッシュの鍵は32バイトをURL用のBase64で書いてください");
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| wrong())?;
        SecretKey::from_slice(&bytes).map(Self).map_err(|_| wrong())
    }

    pub(crate) fn into_secret(self) -> SecretKey {
        self.0
    }

    /// The key as text, to be kept secret.
    #[must_use]
    pub fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.to_bytes())
    }

    /// The public key, as pages hand it to `PushManager.subscribe`.
    #[must_use]
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(point(&self.0.public_key()))
    }

    /// A proof for the push service at `origin`.
    pub(crate) fn token(&self, origin: &str, contact: &str, now: Timestamp) -> String {
        let until = now.checked_add(VALID).unwrap_or(now).as_second();
        let head = json!({ "typ": "JWT", "alg": "ES256" });
        let claims = json!({ "aud": origin, "exp": until, "sub": contact });
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let said = format!("{}.{}", part(&head), part(&claims));
        let signature: Signature = SigningKey::from(&self.0).sign(said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// Whether a push service would take the proof in an `Authorization` header: for stand-ins.
pub(crate) fn verify(header: &str, origin: &str, now: Timestamp) -> Option<()> {
    let (token, key) = header.strip_prefix("vapid t=")?.split_once(", k=")?;
    let public = PublicKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key).ok()?).ok()?;
    let (said, signature) = token.rsplit_once('.')?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    VerifyingKey::from(&public)
        .verify(said.as_bytes(), &signature)
        .ok()?;
    let (head, claims) = said.split_once('.')?;
    let read = |part: &str| -> Option<Json> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (head, claims) = (read(head)?, read(claims)?);
    let until = claims.get("exp")?.as_i64()?;
    let left = until - now.as_second();
    let fits = head.get("alg")? == "ES256"
        && claims.get("aud")? == origin
        && claims.get("sub")?.as_str()?.starts_with("mailto:")
        && (1..=24 * 60 * 60).contains(&left);
    fits.then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_its_service_and_time_alone() {
        let key = VapidKey::read("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let token = key.token("https://push.example", "mailto:a@example.jp", now);
        let header = format!("vapid t={token}, k={}", key.public());
        assert!(verify(&header, "https://push.example", now).is_some());
        assert!(verify(&header, "https://other.example", now).is_none());
        let tomorrow = now.checked_add(SignedDuration::from_hours(13)).unwrap();
        assert!(verify(&header, "https://push.example", tomorrow).is_none());
        let other = VapidKey::read("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94").unwrap();
        let stolen = format!("vapid t={token}, k={}", other.public());
        assert!(verify(&stolen, "https://push.example", now).is_none());
        assert_eq!(
            VapidKey::read(&key.secret()).unwrap().public(),
            key.public()
        );
    }
}
