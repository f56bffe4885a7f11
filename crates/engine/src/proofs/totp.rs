//! Codes of authenticator apps: RFC 6238 with what every app knows (SHA-1, six digits, 30 seconds).

use ring::hmac;
use std::fmt::Write as _;

/// Seconds for which a code stands.
const STEP_SECONDS: i64 = 30;
/// RFC 4226, 5.3.
const DIGITS: usize = 6;

/// The step in which a moment lies.
fn step_at(second: i64) -> u64 {
    u64::try_from(second.div_euclid(STEP_SECONDS)).unwrap_or(0)
}

/// The code of a step (RFC 4226, 5.3).
#[must_use]
pub fn code(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let from = usize::from(tag.last().copied().unwrap_or(0) & 15);
    let word = tag.get(from..from + 4).unwrap_or_default();
    let number = word
        .iter()
        .fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The step whose code this is, now or one step before or after (clocks differ; RFC 6238, 5.2), and after `last`: a code
/// is taken once.
#[must_use]
pub(super) fn step_of(secret: &[u8], given: &str, last: u64, second: i64) -> Option<u64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    if given.len() != DIGITS {
        return None;
    }
    let now = step_at(second);
    let mut found = None;
    for step in now.saturating_sub(1)..=now + 1 {
        // All are looked at, and whole: the time taken says nothing.
        let own = code(secret, step);
        let differs = own.bytes().zip(given.bytes());
        let differs = differs.fold(0, |all, (a, b)| all | (a ^ b));
        if differs == 0 && step > last {
            found = Some(step);
        }
    }
    found
}

/// Base 32 (RFC 4648) without padding, as apps take secrets.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut five = [0_u8; 5];
        five[..chunk.len()].copy_from_slice(chunk);
        let word = five
            .iter()
            .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        let signs = (chunk.len() * 8).div_ceil(5);
        for at in 0..signs {
            let index = (word >> (35 - 5 * at)) & 31;
            text.push(char::from(SIGNS[usize::try_from(index).unwrap_or(0)]));
        }
    }
    text
}

/// The address that an app reads from a code picture (Google's Key URI format, which all read).
#[must_use]
pub fn address(issuer: &str, login: &str, secret: &[u8]) -> String {
    let said = |text: &str| {
        text.bytes().fold(String::new(), |mut all, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
                all.push(char::from(byte));
            } else {
                let _ = write!(all, "%{byte:02X}");
            }
            all
        })
    };
    let (issuer, login) = (said(issuer), said(login));
    let secret = base32(secret);
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1; its codes have eight digits, of which six are the last.
        for (second, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(SECRET, step_at(second)), eight[2..], "{second}");
        }
    }

    #[test]
    fn codes_are_those_of_rfc_4226() {
        let codes: Vec<String> = (0..4).map(|step| code(SECRET, step)).collect();
        assert_eq!(codes, ["755224", "287082", "359152", "969429"]);
    }

    #[test]
    fn a_code_stands_for_a_step_before_and_after_and_once() {
        let at = |step: i64| step * 30 + 7;
        let now = code(SECRET, 1000);
        for second in [at(999), at(1000), at(1001)] {
            assert_eq!(step_of(SECRET, &now, 0, second), Some(1000));
        }
        for second in [at(998), at(1002)] {
            assert_eq!(step_of(SECRET, &now, 0, second), None);
        }
        assert_eq!(step_of(SECRET, &now, 1000, at(1000)), None, "taken already");
        let spaced = format!("{} {}", &now[..3], &now[3..]);
        assert_eq!(step_of(SECRET, &spaced, 999, at(1000)), Some(1000));
        assert_eq!(step_of(SECRET, "", 0, at(1000)), None);
        assert_eq!(step_of(SECRET, "１２３４５６", 0, at(1000)), None);
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        for (plain, said) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), said);
        }
        let address = address("つむぎ", "a@example.jp", b"fooba");
        assert_eq!(
            address,
            "otpauth://totp/%E3%81%A4%E3%82%80%E3%81%8E:a@example.jp?secret=MZXW6YTB&issuer=%E3%81%A4%E3%82%80%E3%81%8E"
        );
    }
}
