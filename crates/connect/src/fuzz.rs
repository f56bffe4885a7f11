//! Nothing that gateways, LINE and their impostors send makes its reader panic.

use crate::line::{Line, LineSettings, sign};
use crate::payment::webhook::{Secret, verify};
use crate::push::VapidKey;
use engine::SignedHeaders;
use engine::outreach::Sender as _;
use fuzzed::{fuzz, fuzz_text};
use jiff::Timestamp;

#[test]
fn calls_of_line() {
    let line = Line::new(LineSettings {
        api: "https://line.example".into(),
        token: String::new(),
        secret: "secret".into(),
        friend: String::new(),
        per_second: 1,
    });
    let line = line.ok().unwrap();
    let seed =
        br#"{"events":[{"type":"message","message":{"text":"123456"},"source":{"userId":"U1"}}]}"#;
    fuzz(
        "line",
        &[seed],
        &["\"events\":[", "\"message\":", "\"source\":"],
        |bytes| {
            let _ = line.incoming(bytes, &sign("secret", bytes)).is_some();
            let _ = line
                .incoming(bytes, &String::from_utf8_lossy(bytes))
                .is_some();
        },
    );
}

#[test]
fn calls_of_the_gateway() {
    let secret = Secret::new(vec![7; 32]);
    fuzz_text(
        "webhook",
        &["0 v1,AAAA v1a,BBBB", "-1 v1,"],
        &["v1,", " ", "v2,"],
        |text| {
            let (timestamp, signature) = text.split_once(' ').unwrap_or((text, text));
            let headers = SignedHeaders {
                id: text,
                timestamp,
                signature,
            };
            let _ = verify(&secret, headers, text.as_bytes(), Timestamp::UNIX_EPOCH).is_ok();
        },
    );
}

#[test]
fn keys_of_operators() {
    fuzz_text(
        "keys",
        &["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "AAAA"],
        &["whsec_", "\n"],
        |text| {
            let _ = (Secret::read(text).is_some(), VapidKey::read(text).is_ok());
        },
    );
}
