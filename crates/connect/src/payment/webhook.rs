//! Signatures of Standard Webhooks (<https://github.com/standard-webhooks/standard-webhooks>): HMAC-SHA256 over
//! `id.timestamp.payload`, sent as `v1,BASE64` beside others, valid for a few minutes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::{Forged, SignedHeaders};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use std::fmt;

/// How far a signature's time may lie from ours, in seconds: what is older may be a recording played again.
pub const TOLERANCE_SECONDS: i64 = 300;
/// What a secret begins with in settings.
const PREFIX: &str = "whsec_";

/// The secret shared with who sends. Never printed.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A secret from its bytes; 24 to 64 of them by the standard.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// A secret as settings write it: `whsec_` and Base64.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
        bytes
            .ok()
            .filter(|bytes| (24..=64).contains(&bytes.len()))
            .map(Self)
    }

    /// The form of settings, for the file that keeps it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The code over parts that are joined with a dot.
    pub(crate) fn code(&self, parts: &[&[u8]]) -> Vec<u8> {
        self.mac(parts)
            .map(|mac| mac.finalize().into_bytes().to_vec())
            .unwrap_or_default()
    }

    fn mac(&self, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        // A key of any length is taken; the error is only of the trait.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                mac.update(b".");
            }
            mac.update(part);
        }
        Some(mac)
    }
}

/// The value of `webhook-signature`.
#[must_use]
pub fn sign(secret: &Secret, id: &str, at: Timestamp, body: &[u8]) -> String {
    let time = at.as_second().to_string();
    let code = secret.code(&[id.as_bytes(), time.as_bytes(), body]);
    format!("v1,{}", STANDARD.encode(code))
}

/// Whether what came was signed with the secret, not long ago. The comparison takes the same time whatever differs.
///
/// # Errors
/// [`Forged`], without saying why.
pub fn verify(
    secret: &Secret,
    headers: SignedHeaders<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Forged> {
    let seconds: i64 = headers.timestamp.parse().map_err(|_| Forged)?;
    if now.as_second().abs_diff(seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(Forged);
    }
    let signed = |code: &str| {
        let mac = secret.mac(&[headers.id.as_bytes(), headers.timestamp.as_bytes(), body]);
        let bytes = STANDARD.decode(code).ok();
        mac.zip(bytes)
            .is_some_and(|(mac, bytes)| mac.verify_slice(&bytes).is_ok())
    };
    headers
        .signature
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"))
        .any(signed)
        .then_some(())
        .ok_or(Forged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own documentation.
    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const TIME: i64 = 1_649_367_553;
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn holds(signature: &str, time: &str, body: &[u8], now: i64) -> bool {
        let headers = SignedHeaders {
            id: ID,
            timestamp: time,
            signature,
        };
        verify(&Secret::read(SECRET).unwrap(), headers, body, at(now)).is_ok()
    }

    #[test]
    fn the_standards_example_is_signed_the_same() {
        let secret = Secret::read(SECRET).unwrap();
        assert_eq!(sign(&secret, ID, at(TIME), BODY), SIGNATURE);
        assert_eq!(secret.reveal(), SECRET);
        assert!(!format!("{secret:?}").contains("C2FV"));
    }

    #[test]
    fn only_what_was_signed_lately_holds() {
        let time = TIME.to_string();
        assert!(holds(SIGNATURE, &time, BODY, TIME));
        assert!(holds(
            &format!("v1,AAAA v1a,x {SIGNATURE}"),
            &time,
            BODY,
            TIME + 300
        ));
        assert!(!holds(SIGNATURE, &time, BODY, TIME + 301), "too old");
        assert!(
            !holds(SIGNATURE, &time, BODY, TIME - 301),
            "from the future"
        );
        assert!(
            !holds(SIGNATURE, &(TIME + 1).to_string(), BODY, TIME),
            "another time"
        );
        assert!(!holds(SIGNATURE, &time, b"{}", TIME), "another body");
        assert!(!holds(&SIGNATURE.replace("v1,", "v2,"), &time, BODY, TIME));
        assert!(!holds("", &time, BODY, TIME));
        assert!(!holds(SIGNATURE, "yesterday", BODY, TIME));
    }
}
