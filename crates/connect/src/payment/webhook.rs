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

/// The secrets shared with who sends: the one in force first, behind it those that still hold while it is told to the other
/// side. What is sent is signed with each, as the standard has it. Never printed.
#[derive(Clone)]
pub struct Secret(Vec<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A secret from its bytes; 24 to 64 of them by the standard.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(vec![bytes])
    }

    /// Secrets as settings write them: `whsec_` and Base64, one a line, the newest first.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let one = |line: &str| {
            let bytes = STANDARD.decode(line.strip_prefix(PREFIX).unwrap_or(line));
            bytes.ok().filter(|bytes| (24..=64).contains(&bytes.len()))
        };
        let all: Option<Vec<Vec<u8>>> = text.split_whitespace().map(one).collect();
        all.filter(|all| !all.is_empty()).map(Self)
    }

    /// The form of settings, for the file that keeps them.
    #[must_use]
    pub fn reveal(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|bytes| format!("{PREFIX}{}", STANDARD.encode(bytes)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The same with a newer secret in force; the earlier ones hold on.
    #[must_use]
    pub fn turned(mut self, bytes: Vec<u8>) -> Self {
        self.0.insert(0, bytes);
        self
    }

    /// Only the one in force.
    #[must_use]
    pub fn retired(mut self) -> Self {
        self.0.truncate(1);
        self
    }

    /// How many hold.
    #[must_use]
    pub fn many(&self) -> usize {
        self.0.len()
    }

    /// The code over parts that are joined with a dot, under the secret that has held longest.
    pub(crate) fn code(&self, parts: &[&[u8]]) -> Vec<u8> {
        self.macs(parts)
            .last()
            .map(|mac| mac.finalize().into_bytes().to_vec())
            .unwrap_or_default()
    }

    fn macs<'s>(&'s self, parts: &'s [&[u8]]) -> impl Iterator<Item = Hmac<Sha256>> + 's {
        // A key of any length is taken; the error is only of the trait.
        let keyed = self
            .0
            .iter()
            .filter_map(|one| Hmac::<Sha256>::new_from_slice(one).ok());
        keyed.map(move |mut mac| {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    mac.update(b".");
                }
                mac.update(part);
            }
            mac
        })
    }
}

/// The value of `webhook-signature`: a signature with each secret that holds.
#[must_use]
pub fn sign(secret: &Secret, id: &str, at: Timestamp, body: &[u8]) -> String {
    let time = at.as_second().to_string();
    let parts = [id.as_bytes(), time.as_bytes(), body];
    let codes = secret.macs(&parts);
    let codes = codes.map(|mac| format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    codes.collect::<Vec<_>>().join(" ")
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
    let parts = [headers.id.as_bytes(), headers.timestamp.as_bytes(), body];
    let signed = |code: &str| {
        let bytes = STANDARD.decode(code).unwrap_or_default();
        secret
            .macs(&parts)
            .any(|mac| mac.verify_slice(&bytes).is_ok())
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
    fn while_a_secret_is_turned_both_sides_may_have_either() {
        let old = Secret::read(SECRET).unwrap();
        let both = old.clone().turned(vec![7; 32]);
        let new = both.clone().retired();
        let time = TIME.to_string();
        let takes = |secret: &Secret, signature: &str| {
            let headers = SignedHeaders {
                id: ID,
                timestamp: &time,
                signature,
            };
            verify(secret, headers, BODY, at(TIME)).is_ok()
        };
        let signed = |secret: &Secret| sign(secret, ID, at(TIME), BODY);
        assert_eq!(signed(&both).split(' ').count(), 2);
        assert!(takes(&old, &signed(&both)) && takes(&new, &signed(&both)));
        assert!(takes(&both, &signed(&old)) && takes(&both, &signed(&new)));
        assert!(!takes(&new, &signed(&old)) && !takes(&old, &signed(&new)));
        assert_eq!(
            Secret::read(&both.reveal()).unwrap().reveal(),
            both.reveal()
        );
        assert!(Secret::read("").is_none() && Secret::read("whsec_AAAA").is_none());
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
