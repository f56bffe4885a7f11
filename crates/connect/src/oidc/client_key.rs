//! The key with which we prove to a provider that we are its client (`private_key_jwt`).

use super::Outside;
use crate::SetupError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use serde::Deserialize;
use serde_json::Value as Json;

/// The key with which we prove that we are the client (ES256). Does not print.
#[derive(Clone)]
pub(super) struct ClientKey {
    id: Option<String>,
    key: p256::ecdsa::SigningKey,
}

impl ClientKey {
    /// From a private key as JWK: `{"kty":"EC","crv":"P-256","d":…,"kid":…}`.
    pub(super) fn read(text: &str, outside: &Outside<'_>) -> Result<Self, SetupError> {
        #[derive(Deserialize)]
        struct Private {
            kty: String,
            crv: String,
            kid: Option<String>,
            d: String,
        }
        let wrong = || {
            SetupError::new(format!(
                "{} の鍵は、P-256 の秘密鍵を JWK（JSON）で書いてください",
                outside.name
            ))
        };
        let key: Private = serde_json::from_str(text).map_err(|_| wrong())?;
        if (key.kty.as_str(), key.crv.as_str()) != ("EC", "P-256") {
            return Err(wrong());
        }
        let secret = URL_SAFE_NO_PAD.decode(&key.d).map_err(|_| wrong())?;
        Ok(Self {
            id: key.kid,
            key: p256::ecdsa::SigningKey::from_slice(&secret).map_err(|_| wrong())?,
        })
    }

    /// A token with these claims.
    pub(super) fn sign(&self, claims: &Json) -> String {
        let mut head = serde_json::json!({ "alg": "ES256", "typ": "JWT" });
        if let Some(id) = &self.id {
            head["kid"] = Json::String(id.clone());
        }
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let said = format!("{}.{}", part(&head), part(claims));
        let signature: p256::ecdsa::Signature = self.key.sign(said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}
