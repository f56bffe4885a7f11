//! Nothing that a provider or an impostor sends makes its reader panic: tokens, sets of keys, claims, and the operator's file.

use super::token::{Expected, identity, out};
use super::{IdentitySettings, Outside};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::jose::{Parts, keys};
use fuzzed::fuzz_text;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

const HEAD: &str = r#"{"alg":"RS256","kid":"1","typ":"JWT"}"#;
const CLAIMS: &str = r#"{"iss":"https://idp.example","aud":["client"],"azp":"client","iat":0,"exp":9223372036854775807,"nonce":"n","sub":"s","events":{"http://schemas.openid.net/event/backchannel-logout":{}},"jti":"j","sid":"1"}"#;
const KEYS: &str = r#"{"keys":[{"kty":"RSA","kid":"1","use":"sig","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"},{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}"#;
const WORDS: &[&str] = &[
    "\"iat\":",
    "\"exp\":",
    "\"aud\":",
    "\"azp\":",
    "-9223372036854775808",
    "1.5e300",
    "AQAB",
    "\"kty\":\"EC\"",
    "ES256",
];

#[test]
fn tokens() {
    let token = format!(
        "{}.{}.AAAA",
        URL_SAFE_NO_PAD.encode(HEAD),
        URL_SAFE_NO_PAD.encode(CLAIMS)
    );
    let known = keys(KEYS).unwrap_or_default();
    fuzz_text("tokens", &[&token], &[".", "..", "eyJ", "e30"], |text| {
        for key in &known {
            let _ = Parts::of(text).is_ok_and(|parts| parts.proved(key).is_ok());
        }
        let _ = Parts::of(text).is_ok();
    });
}

#[test]
fn sets_of_keys() {
    fuzz_text("keys", &[KEYS], WORDS, |text| {
        for key in keys(text).unwrap_or_default() {
            let _ = (key.fits("ES256"), key.fits("RS256"));
        }
    });
}

#[test]
fn claims() {
    let expected = Expected {
        issuer: "https://idp.example",
        client: "client",
        now: Timestamp::UNIX_EPOCH,
    };
    fuzz_text("claims", &[CLAIMS], WORDS, |text| {
        if let Ok(claims) = serde_json::from_str::<Map<String, Json>>(text) {
            let _ = identity(&claims, &expected, "n").is_ok();
            let _ = out(&claims, Some("JWT"), &expected).is_ok();
        }
    });
}

#[test]
fn settings() {
    let outside = Outside {
        name: "identity.yaml",
        file: &|_| Ok("secret".into()),
        environment: &|_| Some("secret".into()),
    };
    let seed = "providers:\n  entra:\n    title: 職員\n    issuer: https://idp.example\n    client: c\n    secret: { file: s }\n    for: officials\n    scopes: [openid]\nofficials: { second_factor: true }\n";
    fuzz_text(
        "identity.yaml",
        &[seed],
        &[
            "issuer: ",
            "endpoints: ",
            "{ ",
            "- ",
            "http://",
            "&a ",
            "*a",
        ],
        |text| {
            let _ = IdentitySettings::read(text, &outside).is_ok();
        },
    );
}
