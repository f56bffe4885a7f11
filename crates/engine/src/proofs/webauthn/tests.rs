//! An authenticator of one's own, and every lie that it can tell.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use jiff::Timestamp;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use uuid::Uuid;

const ALL: u8 = PRESENT | VERIFIED;

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Key {
    fn es256() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::Es256(EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap())
    }

    fn ed_dsa() -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::EdDsa(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
    }

    fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (point[1..33].to_vec(), point[33..].to_vec());
                cose(&[(1, 2), (3, -7), (-1, 1)], &[(-2, x), (-3, y)])
            }
            Self::EdDsa(key) => {
                let x = key.public_key().as_ref().to_vec();
                cose(&[(1, 1), (3, -8), (-1, 6)], &[(-2, x)])
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signed = key.sign(&SystemRandom::new(), message);
                signed.unwrap().as_ref().to_vec()
            }
            Self::EdDsa(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn cose(numbers: &[(i64, i64)], bytes: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let numbers = numbers
        .iter()
        .map(|(name, value)| (Value::from(*name), Value::from(*value)));
    let bytes = bytes
        .iter()
        .map(|(name, value)| (Value::from(*name), Value::from(value.clone())));
    cbor(&Value::Map(numbers.chain(bytes).collect()))
}

fn site() -> PasskeySite {
    PasskeySite::of("https://tsumugi.example/").unwrap()
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode([7; 32])
}

fn client_data(purpose: &str, challenge: &str, origin: &str, cross: bool) -> Vec<u8> {
    let data = serde_json::json!({
        "type": purpose, "challenge": challenge, "origin": origin, "crossOrigin": cross,
        "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
    });
    serde_json::to_vec(&data).unwrap()
}

fn data(rp: &str, flags: u8, counter: u32, rest: &[u8]) -> Vec<u8> {
    let head = [flags];
    let party = Sha256::digest(rp.as_bytes());
    [party.as_slice(), &head, &counter.to_be_bytes(), rest].concat()
}

fn credential(key: &[u8]) -> Vec<u8> {
    [[0; 16].as_slice(), &[0, 4], &[9, 9, 9, 9], key].concat()
}

fn attestation(data: &[u8]) -> Vec<u8> {
    let parts = [
        ("fmt", Value::from("none")),
        ("attStmt", Value::Map(Vec::new())),
        ("authData", Value::from(data.to_vec())),
    ];
    let parts = parts.map(|(name, value)| (Value::from(name), value));
    cbor(&Value::Map(parts.to_vec()))
}

fn register(key: &Key, flags: u8) -> Result<Made, PasskeyLie> {
    let said = data(
        "tsumugi.example",
        flags | HAS_KEY,
        3,
        &credential(&key.cose()),
    );
    let client = client_data(
        "webauthn.create",
        &challenge(),
        "https://tsumugi.example",
        false,
    );
    made(&site(), &challenge(), &client, &attestation(&said))
}

fn passkey(key: &Key, counter: u32, copied: bool) -> Passkey {
    let made = register(key, ALL).ok().unwrap();
    Passkey {
        id: Uuid::nil(),
        credential: made.credential,
        algorithm: made.algorithm,
        key: made.key,
        counter,
        copied,
        name: String::new(),
        made: Timestamp::UNIX_EPOCH,
        used: None,
    }
}

/// Signs as told, and has it judged.
fn judge(key: &Key, passkey: &Passkey, client: &[u8], said: &[u8]) -> Result<u32, PasskeyLie> {
    let message = [said, Sha256::digest(client).as_slice()].concat();
    let signature = key.sign(&message);
    signed(&site(), &challenge(), passkey, (client, said, &signature))
}

#[test]
fn what_a_passkey_made_and_signed_is_taken() {
    for (key, algorithm) in [(Key::es256(), -7), (Key::ed_dsa(), -8)] {
        let made = register(&key, ALL | MAY_BE_COPIED).ok().unwrap();
        assert_eq!(made.credential, [9, 9, 9, 9]);
        assert_eq!(
            (made.algorithm, made.counter, made.copied),
            (algorithm, 3, true)
        );
        let client = client_data(
            "webauthn.get",
            &challenge(),
            "https://tsumugi.example",
            false,
        );
        let said = data("tsumugi.example", ALL, 4, &[]);
        assert_eq!(judge(&key, &passkey(&key, 3, false), &client, &said), Ok(4));
        let never = data("tsumugi.example", ALL, 0, &[]);
        assert_eq!(
            judge(&key, &passkey(&key, 0, false), &client, &never),
            Ok(0)
        );
        let both = data("tsumugi.example", ALL | MAY_BE_COPIED | IS_COPIED, 4, &[]);
        assert_eq!(judge(&key, &passkey(&key, 3, true), &client, &both), Ok(4));
    }
}

#[test]
fn what_lies_is_not_taken() {
    use PasskeyLie as Lie;
    let key = Key::es256();
    let known = passkey(&key, 3, false);
    let get =
        |purpose, challenge: &str, origin, cross| client_data(purpose, challenge, origin, cross);
    let (here, us) = ("https://tsumugi.example", "tsumugi.example");
    let good = get("webauthn.get", &challenge(), here, false);
    let other = URL_SAFE_NO_PAD.encode([8; 32]);
    let fine = data(us, ALL, 4, &[]);
    for (client, said, lie) in [
        (
            get("webauthn.create", &challenge(), here, false),
            fine.clone(),
            Lie::Purpose,
        ),
        (
            get("webauthn.get", &other, here, false),
            fine.clone(),
            Lie::Challenge,
        ),
        (
            get(
                "webauthn.get",
                &challenge(),
                "https://tsumugi.example.evil",
                false,
            ),
            fine.clone(),
            Lie::Origin,
        ),
        (
            get(
                "webauthn.get",
                &challenge(),
                "http://tsumugi.example",
                false,
            ),
            fine.clone(),
            Lie::Origin,
        ),
        (
            get("webauthn.get", &challenge(), here, true),
            fine.clone(),
            Lie::Origin,
        ),
        (b"{}".to_vec(), fine.clone(), Lie::Unreadable),
        (good.clone(), data("evil.example", ALL, 4, &[]), Lie::Party),
        (good.clone(), data(us, PRESENT, 4, &[]), Lie::Unverified),
        (good.clone(), data(us, VERIFIED, 4, &[]), Lie::Unverified),
        (good.clone(), data(us, ALL | IS_COPIED, 4, &[]), Lie::Copies),
        (
            good.clone(),
            data(us, ALL | MAY_BE_COPIED, 4, &[]),
            Lie::Copies,
        ),
        (good.clone(), data(us, ALL, 3, &[]), Lie::Counter),
        (good.clone(), data(us, ALL, 0, &[]), Lie::Counter),
        (good.clone(), fine[..36].to_vec(), Lie::Unreadable),
    ] {
        assert_eq!(judge(&key, &known, &client, &said), Err(lie), "{lie}");
    }
    assert_eq!(
        judge(&Key::es256(), &known, &good, &fine),
        Err(Lie::Signature)
    );
    let mut strange = known;
    strange.algorithm = -65535;
    assert_eq!(judge(&key, &strange, &good, &fine), Err(Lie::Algorithm));
}

#[test]
fn a_registration_that_lies_is_not_taken() {
    use PasskeyLie as Lie;
    let key = Key::es256();
    let lie = |made: Result<Made, Lie>| made.err();
    assert_eq!(lie(register(&key, PRESENT)), Some(Lie::Unverified));
    let client = client_data(
        "webauthn.create",
        &challenge(),
        "https://tsumugi.example",
        false,
    );
    let of = |said: &[u8]| lie(made(&site(), &challenge(), &client, &attestation(said)));
    let whole = data(
        "tsumugi.example",
        ALL | HAS_KEY,
        0,
        &credential(&key.cose()),
    );
    assert_eq!(of(&whole), None);
    assert_eq!(of(&whole[..whole.len() - 1]), Some(Lie::Unreadable));
    assert_eq!(
        of(&[whole.as_slice(), &[0]].concat()),
        Some(Lie::Unreadable)
    );
    let bare = data("tsumugi.example", ALL, 0, &[]);
    assert_eq!(of(&bare), Some(Lie::Unreadable));
    // RS1 (RFC 8812), which nobody asked for.
    let weak = data(
        "tsumugi.example",
        ALL | HAS_KEY,
        0,
        &credential(&cose(&[(1, 3), (3, -65535)], &[])),
    );
    assert_eq!(of(&weak), Some(Lie::Algorithm));
}

#[test]
fn passkeys_hold_where_browsers_make_them() {
    let of = |base| PasskeySite::of(base).map(|site| (site.origin, site.rp));
    let said = |origin: &str, rp: &str| Some((origin.to_owned(), rp.to_owned()));
    assert_eq!(
        of("https://A.example:443/x"),
        said("https://a.example", "a.example")
    );
    assert_eq!(
        of("https://a.example:8443"),
        said("https://a.example:8443", "a.example")
    );
    assert_eq!(
        of("http://localhost:8080"),
        said("http://localhost:8080", "localhost")
    );
    for none in [
        "http://a.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]:1",
        "http://127.0.0.1:8080",
        "",
        "https://",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
        let key = Key::es256();
        let whole = data("tsumugi.example", ALL | HAS_KEY | HAS_EXTENSIONS, 0, &credential(&key.cose()));
        let client = client_data("webauthn.create", &challenge(), "https://tsumugi.example", false);
        let torn = [&whole[..cut.min(whole.len())], &bytes].concat();
        let _ = made(&site(), &challenge(), &client, &attestation(&torn));
        let _ = made(&site(), &challenge(), &client, &bytes);
        let _ = made(&site(), &challenge(), &bytes, &bytes);
    }
}
