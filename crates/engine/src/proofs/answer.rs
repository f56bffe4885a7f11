//! What a browser sends of a passkey: the JSON form of a `PublicKeyCredential` (WebAuthn level 3, 5.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Longer answers are none of an authenticator.
const LONGEST: usize = 64 * 1024;

/// What a browser sends of a passkey. What is not in it is empty.
#[derive(Clone, Default)]
pub struct PasskeyAnswer {
    pub(super) credential: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation: Vec<u8>,
    pub(super) authenticator: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) user: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    id: String,
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(default)]
    attestation_object: String,
    #[serde(default)]
    authenticator_data: String,
    #[serde(default)]
    signature: String,
    user_handle: Option<String>,
}

impl PasskeyAnswer {
    /// Reads it; none if it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let sent: Sent = serde_json::from_str(text).ok()?;
        let plain = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let response = sent.response;
        let user = match response.user_handle.as_deref() {
            None | Some("") => None,
            Some(user) => Some(plain(user)?),
        };
        Some(Self {
            credential: plain(&sent.id)?,
            client_data: plain(&response.client_data)?,
            attestation: plain(&response.attestation_object)?,
            authenticator: plain(&response.authenticator_data)?,
            signature: plain(&response.signature)?,
            user,
        })
    }
}
