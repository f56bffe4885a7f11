//! Nothing that a browser or an impostor sends as a passkey's answer makes its reader panic.

use super::answer::PasskeyAnswer;
use super::cose;
use super::webauthn::{PasskeySite, made};
use ciborium::Value;
use fuzzed::{fuzz, fuzz_text};

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn key(kind: i64, algorithm: i64, curve: i64) -> Vec<u8> {
    let part = |name: i64, value: Value| (Value::from(name), value);
    let point = || Value::from(vec![5_u8; 32]);
    cbor(&Value::Map(vec![
        part(1, kind.into()),
        part(3, algorithm.into()),
        part(-1, curve.into()),
        part(-2, point()),
        part(-3, point()),
    ]))
}

#[test]
fn keys() {
    let seeds = [key(2, -7, 1), key(1, -8, 6), key(3, -257, 0)];
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    fuzz("COSE", &seeds, &[], |bytes| {
        if let Ok((key, end)) = cose::key(bytes) {
            assert!(end <= bytes.len());
            let _ = cose::verify(key.algorithm, &key.bytes, b"message", bytes).is_ok();
        }
    });
}

#[test]
fn attestations() {
    let site = PasskeySite::of("https://tsumugi.example/").unwrap();
    let client = br#"{"type":"webauthn.create","challenge":"AA","origin":"https://tsumugi.example","crossOrigin":false}"#;
    let data = [
        &[1; 32][..],
        &[0x45, 0, 0, 0, 1],
        &[0; 16],
        &[0, 4, 9, 9, 9, 9],
        &key(2, -7, 1),
    ]
    .concat();
    let seed = cbor(&Value::Map(vec![
        (Value::from("fmt"), Value::from("none")),
        (Value::from("attStmt"), Value::Map(Vec::new())),
        (Value::from("authData"), Value::from(data.clone())),
    ]));
    fuzz(
        "attestations",
        &[&seed, &data],
        &["authData", "attStmt", "fmt"],
        |bytes| {
            let _ = cose::authenticator_data(bytes).is_some();
            let _ = made(&site, "AA", client, bytes).is_ok();
            let _ = made(&site, "AA", bytes, &seed).is_ok();
        },
    );
}

#[test]
fn answers() {
    let seed = r#"{"id":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA","authenticatorData":"AA","signature":"AA","userHandle":""}}"#;
    fuzz_text(
        "answers",
        &[seed],
        &["\"id\":", "\"response\":{", "AAAA"],
        |text| {
            let _ = PasskeyAnswer::read(text).is_some();
        },
    );
    fuzz_text(
        "sites",
        &["https://tsumugi.example:8443/", "http://localhost"],
        &["https://", ":", "@", "["],
        |text| {
            let _ = PasskeySite::of(text).is_some();
        },
    );
}

#[test]
fn cursors() {
    fuzz_text(
        "cursors",
        &["eyJrZXlzIjpbXSwicm93IjoxfQ", "12"],
        &["eyJ", "AAAA"],
        |text| {
            let _ = crate::cursor::CursorText::read(text).is_ok();
            let _ = crate::cursor::read_offset(text).is_ok();
        },
    );
}
