//! What an authenticator says of a passkey, and whether it is true (WebAuthn level 3, 7.1 and 7.2). Attestation is not
//! asked for: which maker's device it is changes nothing here, and to know it would tell people apart.

use super::cose;
use kernel::proofs::Passkey;
use serde::Deserialize;
use sha2::{Digest, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_COPIED: u8 = 0x08;
const IS_COPIED: u8 = 0x10;
const HAS_KEY: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;
/// Longest id of a credential (WebAuthn 7.1, step 25).
const LONGEST_ID: usize = 1023;

/// Where passkeys hold: the portal's public address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeySite {
    /// As browsers say it: scheme, host, and a port that is not the scheme's.
    pub origin: String,
    /// The relying party's id: the host.
    pub rp: String,
}

impl PasskeySite {
    /// That of a public address; none where browsers make no passkeys: an address of numbers, or without TLS (but for
    /// `localhost`).
    #[must_use]
    pub fn of(base: &str) -> Option<Self> {
        let (scheme, rest) = base.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let place = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
            _ => (place.as_str(), None),
        };
        let numbers = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
        let safe = scheme == "https" || (scheme == "http" && host == "localhost");
        if numbers || !safe || host.is_empty() {
            return None;
        }
        let usual = if scheme == "https" { "443" } else { "80" };
        let port = port.filter(|port| *port != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(Self {
            origin: format!("{scheme}://{host}{port}"),
            rp: host.to_owned(),
        })
    }
}

/// Why an answer proves nothing; for the log and tests, not for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyLie {
    /// It cannot be read.
    #[error("not an authenticator's answer")]
    Unreadable,
    /// It was made for something else.
    #[error("made for another purpose")]
    Purpose,
    /// It answers another challenge.
    #[error("another challenge")]
    Challenge,
    /// It was made on another site, or in a frame of one.
    #[error("another site")]
    Origin,
    /// The authenticator was asked by another relying party.
    #[error("another relying party")]
    Party,
    /// Nobody touched it, or it did not make sure who did.
    #[error("the person was not verified")]
    Unverified,
    /// What it says of copies contradicts itself or what it said before.
    #[error("contradicts itself on copies")]
    Copies,
    /// A kind of key that was not asked for.
    #[error("an unknown kind of key")]
    Algorithm,
    /// The signature is not the passkey's.
    #[error("a wrong signature")]
    Signature,
    /// It counts less than before: perhaps there is a clone.
    #[error("the counter went back")]
    Counter,
}

/// A passkey that was made just now.
pub(super) struct Made {
    pub(super) credential: Vec<u8>,
    pub(super) algorithm: i64,
    pub(super) key: Vec<u8>,
    pub(super) counter: u32,
    pub(super) copied: bool,
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    purpose: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

/// What the browser says it did (7.1, steps 5 to 11; 7.2, steps 9 to 14).
fn client(
    site: &PasskeySite,
    purpose: &str,
    challenge: &str,
    data: &[u8],
) -> Result<(), PasskeyLie> {
    let data: ClientData = serde_json::from_slice(data).map_err(|_| PasskeyLie::Unreadable)?;
    if data.purpose != purpose {
        return Err(PasskeyLie::Purpose);
    }
    if data.challenge != challenge {
        return Err(PasskeyLie::Challenge);
    }
    if data.origin != site.origin || data.cross_origin {
        return Err(PasskeyLie::Origin);
    }
    Ok(())
}

/// What an authenticator says (6.1).
struct Said<'a> {
    flags: u8,
    counter: u32,
    rest: &'a [u8],
}

fn said<'a>(site: &PasskeySite, data: &'a [u8]) -> Result<Said<'a>, PasskeyLie> {
    let (party, rest) = data.split_at_checked(32).ok_or(PasskeyLie::Unreadable)?;
    let (head, rest) = rest.split_at_checked(5).ok_or(PasskeyLie::Unreadable)?;
    let &[flags, a, b, c, d] = head else {
        return Err(PasskeyLie::Unreadable);
    };
    if *party != *Sha256::digest(site.rp.as_bytes()) {
        return Err(PasskeyLie::Party);
    }
    if flags & PRESENT == 0 || flags & VERIFIED == 0 {
        return Err(PasskeyLie::Unverified);
    }
    if flags & IS_COPIED != 0 && flags & MAY_BE_COPIED == 0 {
        return Err(PasskeyLie::Copies);
    }
    Ok(Said {
        flags,
        counter: u32::from_be_bytes([a, b, c, d]),
        rest,
    })
}

/// Takes what was made for a challenge (7.1).
pub(super) fn made(
    site: &PasskeySite,
    challenge: &str,
    client_data: &[u8],
    attestation: &[u8],
) -> Result<Made, PasskeyLie> {
    client(site, "webauthn.create", challenge, client_data)?;
    let data = cose::authenticator_data(attestation).ok_or(PasskeyLie::Unreadable)?;
    let said = said(site, &data)?;
    if said.flags & HAS_KEY == 0 {
        return Err(PasskeyLie::Unreadable);
    }
    // The maker's model comes first, which is not looked at.
    let rest = said.rest.get(16..).ok_or(PasskeyLie::Unreadable)?;
    let (length, rest) = rest
        .split_first_chunk::<2>()
        .ok_or(PasskeyLie::Unreadable)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (credential, rest) = rest
        .split_at_checked(length)
        .ok_or(PasskeyLie::Unreadable)?;
    if credential.is_empty() || credential.len() > LONGEST_ID {
        return Err(PasskeyLie::Unreadable);
    }
    let (key, end) = cose::key(rest)?;
    let rest = rest.get(end..).unwrap_or_default();
    if !rest.is_empty() && said.flags & HAS_EXTENSIONS == 0 {
        return Err(PasskeyLie::Unreadable);
    }
    Ok(Made {
        credential: credential.to_vec(),
        algorithm: key.algorithm,
        key: key.bytes,
        counter: said.counter,
        copied: said.flags & MAY_BE_COPIED != 0,
    })
}

/// Takes what a passkey signed for a challenge (7.2); answers its new counter.
pub(super) fn signed(
    site: &PasskeySite,
    challenge: &str,
    passkey: &Passkey,
    (client_data, data, signature): (&[u8], &[u8], &[u8]),
) -> Result<u32, PasskeyLie> {
    client(site, "webauthn.get", challenge, client_data)?;
    let said = said(site, data)?;
    if (said.flags & MAY_BE_COPIED != 0) != passkey.copied {
        return Err(PasskeyLie::Copies);
    }
    let message = [data, Sha256::digest(client_data).as_slice()].concat();
    cose::verify(passkey.algorithm, &passkey.key, &message, signature)?;
    if (said.counter != 0 || passkey.counter != 0) && said.counter <= passkey.counter {
        return Err(PasskeyLie::Counter);
    }
    Ok(said.counter)
}

#[cfg(test)]
mod tests;
