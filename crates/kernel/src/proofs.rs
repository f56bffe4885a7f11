//! With what people prove who they are, beside a password: passkeys, authenticator apps, recovery codes. All of it is
//! secret or personal; it does not print, and the store keeps it sealed.

use crate::ids::AccountId;
use crate::port::Task;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A passkey (WebAuthn level 3): a key whose other half never leaves a device or its owner's account with its maker.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Names it to its owner.
    pub id: Uuid,
    /// The id that its authenticator gave it.
    pub credential: Vec<u8>,
    /// Its COSE algorithm: -7 ES256, -8 EdDSA, -257 RS256.
    pub algorithm: i64,
    /// The public key: of ES256 the uncompressed point, of EdDSA 32 bytes, of RS256 the modulus behind its length (two bytes), then the exponent.
    pub key: Vec<u8>,
    /// How often it signed, as its authenticator said last; 0 where it does not count.
    pub counter: u32,
    /// Whether it may be copied to other devices of its owner (backup eligibility, which never changes).
    pub copied: bool,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub made: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// An authenticator app: a secret from which it makes a code every 30 seconds (RFC 6238).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticator {
    /// Names it to its owner.
    pub id: Uuid,
    /// The shared secret.
    pub secret: Vec<u8>,
    /// The step of 30 seconds whose code was taken last: no code of it or before is taken again.
    pub step: u64,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub made: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// What became of somebody's proofs, for them to see.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// `passkey`, `app` or `codes`.
    pub what: String,
    /// Whether it came or went.
    pub added: bool,
    /// What its owner called it.
    pub name: String,
}

/// All proofs of an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proofs {
    /// Whose.
    pub account: AccountId,
    /// Counts writings, so that of two at a time one is decided anew; 0 where nothing was ever written.
    pub revision: u64,
    /// Passkeys.
    pub passkeys: Vec<Passkey>,
    /// Authenticator apps.
    pub apps: Vec<Authenticator>,
    /// SHA-256 (hex) of the recovery codes that are left.
    pub recovery: Vec<String>,
    /// The secret of an app that is being registered, until when.
    pub pending: Option<(Vec<u8>, Timestamp)>,
    /// Challenges that were answered, until when they are remembered: an answer is taken once.
    pub spent: Vec<(String, Timestamp)>,
    /// What changed last, newest first.
    pub changes: Vec<Change>,
}

impl Proofs {
    /// Of an account that has none.
    #[must_use]
    pub const fn none(account: AccountId) -> Self {
        Self {
            account,
            revision: 0,
            passkeys: Vec::new(),
            apps: Vec::new(),
            recovery: Vec::new(),
            pending: None,
            spent: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Whether its owner has a second factor. Recovery codes alone are none: they stand in for one.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.passkeys.is_empty() || !self.apps.is_empty()
    }
}

/// The part of a store that knows proofs.
pub trait ProofStore: Send + Sync + 'static {
    /// What an account has; none where nothing was ever written.
    fn proofs(&self, account: AccountId) -> Task<'_, Option<Proofs>>;
    /// Writes over the revision that was read, with whose the passkeys are, by `credentials` (SHA-256, hex). Answers whether
    /// it was written: not where another writing came first, or a passkey is another account's.
    fn put_proofs(&self, proofs: Proofs, credentials: Vec<String>) -> Task<'_, bool>;
    /// Whose a passkey is, by the SHA-256 (hex) of its credential id.
    fn passkey_owner<'a>(&'a self, credential: &'a str) -> Task<'a, Option<AccountId>>;
}
