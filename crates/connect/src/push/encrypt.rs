//! `aes128gcm` of RFC 8188 with the keys of RFC 8291: only the browser can read a push.

use super::Subscription;
use crate::Random;
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;

/// Bytes of a record.
const RECORD: u32 = 4_096;
/// An uncompressed point.
const POINT: usize = 65;
const SALT: usize = 16;
/// Salt, record size, length of the key id, the key id.
const HEAD: usize = SALT + 4 + 1 + POINT;
/// Ends the last record.
const LAST: u8 = 2;

/// The browser's side of a subscription.
pub(crate) struct Reader {
    public: PublicKey,
    auth: Vec<u8>,
}

impl Reader {
    /// None if the keys are none.
    pub(crate) fn of(subscription: &Subscription) -> Option<Self> {
        let point = URL_SAFE_NO_PAD
            .decode(subscription.keys.p256dh.trim_end_matches('='))
            .ok()?;
        let auth = URL_SAFE_NO_PAD
            .decode(subscription.keys.auth.trim_end_matches('='))
            .ok()?;
        let public = PublicKey::from_sec1_bytes(&point).ok()?;
        (auth.len() == SALT).then_some(Self { public, auth })
    }
}

/// Seals a text for a browser under a key made for it alone.
pub(crate) fn encrypt(reader: &Reader, text: &[u8], random: &Random) -> Option<Vec<u8>> {
    let (mut seed, mut salt) = ([0_u8; 32], [0_u8; SALT]);
    random(&mut salt);
    // A seed beyond the curve's order is as rare as a meteorite; the next one will do.
    let secret = (0..4).find_map(|_| {
        random(&mut seed);
        SecretKey::from_slice(&seed).ok()
    })?;
    seal(reader, text, &secret, &salt)
}

fn seal(reader: &Reader, text: &[u8], secret: &SecretKey, salt: &[u8; SALT]) -> Option<Vec<u8>> {
    let ours = point(&secret.public_key());
    let keys = keys(
        secret,
        &reader.public,
        &reader.auth,
        &point(&reader.public),
        &ours,
        salt,
    )?;
    let mut plain = text.to_vec();
    plain.push(LAST);
    let sealed = keys.0.encrypt(&keys.1, plain.as_slice()).ok()?;
    let mut body = Vec::with_capacity(HEAD + sealed.len());
    body.extend_from_slice(salt);
    body.extend_from_slice(&RECORD.to_be_bytes());
    body.push(u8::try_from(POINT).ok()?);
    body.extend_from_slice(&ours);
    body.extend(sealed);
    Some(body)
}

/// Opens a body as the browser does: for stand-ins.
pub(crate) fn decrypt(body: &[u8], secret: &SecretKey, auth: &[u8]) -> Option<Vec<u8>> {
    let salt: &[u8; SALT] = body.get(..SALT)?.try_into().ok()?;
    let theirs = body.get(HEAD - POINT..HEAD)?;
    let public = PublicKey::from_sec1_bytes(theirs).ok()?;
    let ours = point(&secret.public_key());
    let keys = keys(secret, &public, auth, &ours, theirs, salt)?;
    let mut text = keys.0.decrypt(&keys.1, body.get(HEAD..)?).ok()?;
    while text.last() == Some(&0) {
        text.pop();
    }
    (text.pop() == Some(LAST)).then_some(text)
}

fn keys(
    secret: &SecretKey,
    public: &PublicKey,
    auth: &[u8],
    reader: &[u8],
    sender: &[u8],
    salt: &[u8],
) -> Option<(Aes128Gcm, Nonce<aes_gcm::aead::consts::U12>)> {
    let shared = ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
    let info = [b"WebPush: info\0".as_slice(), reader, sender].concat();
    let mut input = [0_u8; 32];
    Hkdf::<Sha256>::new(Some(auth), shared.raw_secret_bytes())
        .expand(&info, &mut input)
        .ok()?;
    let content = Hkdf::<Sha256>::new(Some(salt), &input);
    let (mut key, mut nonce) = ([0_u8; 16], [0_u8; 12]);
    content
        .expand(b"Content-Encoding: aes128gcm\0", &mut key)
        .ok()?;
    content
        .expand(b"Content-Encoding: nonce\0", &mut nonce)
        .ok()?;
    Some((
        Aes128Gcm::new(&Key::<Aes128Gcm>::from(key)),
        Nonce::from(nonce),
    ))
}

/// The uncompressed form of a key.
pub(crate) fn point(public: &PublicKey) -> Vec<u8> {
    public.to_sec1_point(false).as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::Keys;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_rfc_8291_comes_out_byte_by_byte() {
        let subscription = Subscription {
            endpoint: String::new(),
            keys: Keys {
                p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4".into(),
                auth: "BTBZMqHH6r4Tts7J_aSIgg".into(),
            },
        };
        let reader = Reader::of(&subscription).unwrap();
        let sender =
            SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt: [u8; SALT] = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let text = b"When I grow up, I want to be a watermelon";
        let expected = bytes(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        );
        assert_eq!(seal(&reader, text, &sender, &salt).unwrap(), expected);
        let browser =
            SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
        assert_eq!(decrypt(&expected, &browser, &reader.auth).unwrap(), text);
        let mut broken = expected;
        *broken.last_mut().unwrap() ^= 1;
        assert!(decrypt(&broken, &browser, &reader.auth).is_none());
    }
}
