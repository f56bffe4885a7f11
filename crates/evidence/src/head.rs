//! Signed heads: checkpoints as notes.

use crate::{Fault, Hash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use signed_note::{Note, Signer as _, StandardSigner, StandardVerifier, VerifierList};
use std::fmt;
use std::str::FromStr;
use tlog_tiles::checkpoint::Checkpoint;
use tlog_tiles::tlog;

/// Ed25519 in keys of notes.
const ALGORITHM: u8 = 1;
/// The extension line that says when a head was signed.
const AT: &str = "at ";

/// The state of the log at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// Root over all of them.
    pub root: Hash,
    /// Signed at.
    pub at: Timestamp,
}

/// The key with which a log signs its heads. Does not print.
pub struct LogKey {
    signer: StandardSigner,
    verifier: Verifier,
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.verifier.key)
    }
}

impl LogKey {
    /// The key of the log called `origin` (a host name, as a rule) from 32 secret bytes.
    ///
    /// # Errors
    /// If the name has blanks or a plus in it, or is empty.
    pub fn new(origin: &str, seed: &Hash) -> Result<Self, Fault> {
        let unreadable = Fault::Unreadable("the name of the log");
        let pair = SigningKey::from_bytes(seed);
        let key = signed_note::new_ed25519_verifier_key(origin, &pair.verifying_key());
        let verifier = Verifier::new(&key).map_err(|_| unreadable.clone())?;
        let secret = [&[ALGORITHM][..], seed].concat();
        let id = key.split('+').nth(1).unwrap_or_default();
        let text = format!("PRIVATE+KEY+{origin}+{id}+{}", BASE64.encode(secret));
        let signer = StandardSigner::new(&text).map_err(|_| unreadable)?;
        Ok(Self { signer, verifier })
    }

    /// What verifies its signatures, to be published.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// A head as a signed checkpoint.
    ///
    /// # Errors
    /// None that a valid key can cause.
    pub fn sign_head(&self, head: &Head) -> Result<String, Fault> {
        let fault = Fault::Unreadable("the head");
        let extension = format!("{AT}{}\n", head.at);
        let origin = self.signer.name();
        let root = tlog::Hash(head.root);
        let checkpoint = Checkpoint::new(origin, head.size, root, &extension).map_err(|_| fault)?;
        self.sign(&checkpoint.to_bytes(), "the head")
    }

    /// A head signed by this key and by the one before it, at which this one takes over: whoever knows the one before
    /// finds there what comes after it.
    ///
    /// # Errors
    /// If the keys have different names.
    pub fn sign_turn(&self, before: &Self, head: &Head) -> Result<String, Fault> {
        let what = "the head";
        if before.verifier.origin() != self.verifier.origin() {
            return Err(Fault::Unreadable("the name of the log"));
        }
        let fault = |_| Fault::Unreadable(what);
        let alone = self.sign_head(head)?;
        let mut note = Note::from_bytes(alone.as_bytes()).map_err(fault)?;
        note.add_sigs(&[&before.signer]).map_err(fault)?;
        String::from_utf8(note.to_bytes()).map_err(|_| Fault::Unreadable(what))
    }

    /// A text as a signed note.
    pub(crate) fn sign(&self, text: &[u8], what: &'static str) -> Result<String, Fault> {
        let fault = |_| Fault::Unreadable(what);
        let mut note = Note::new(text, &[]).map_err(fault)?;
        note.add_sigs(&[&self.signer]).map_err(fault)?;
        String::from_utf8(note.to_bytes()).map_err(|_| Fault::Unreadable(what))
    }
}

/// The public key of a log with its name, as c2sp.org/signed-note writes it.
#[derive(Clone)]
pub struct Verifier {
    key: String,
    standard: StandardVerifier,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({})", self.key)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

impl Verifier {
    /// Reads a key.
    ///
    /// # Errors
    /// If it is none.
    pub fn new(key: &str) -> Result<Self, Fault> {
        let standard =
            StandardVerifier::new(key.trim()).map_err(|_| Fault::Unreadable("the key"))?;
        Ok(Self {
            key: key.trim().to_owned(),
            standard,
        })
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.key.split('+').next().unwrap_or_default()
    }

    /// The head in a signed checkpoint. Signatures of witnesses beside ours are passed over.
    ///
    /// # Errors
    /// If it is no checkpoint of this log, or the signature does not hold.
    pub fn head(&self, checkpoint: &str) -> Result<Head, Fault> {
        let what = "the head";
        let unreadable = Fault::Unreadable(what);
        let text = self.text(checkpoint, what)?;
        // A strict reader wants the blank line that the note keeps for itself.
        let read = Checkpoint::from_reader(&mut text.as_slice(), false);
        let read = read.map_err(|_| unreadable.clone())?;
        let at = read
            .extension()
            .lines()
            .find_map(|line| line.strip_prefix(AT));
        let at = at
            .and_then(|at| Timestamp::from_str(at).ok())
            .ok_or(unreadable)?;
        if read.origin() != self.origin() {
            return Err(Fault::Signature(what));
        }
        Ok(Head {
            size: read.size(),
            root: read.hash().0,
            at,
        })
    }

    /// The text of a note that this key has signed.
    pub(crate) fn text(&self, note: &str, what: &'static str) -> Result<Vec<u8>, Fault> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| Fault::Unreadable(what))?;
        let known = VerifierList::new(vec![Box::new(self.standard.clone())]);
        note.verify(&known).map_err(|_| Fault::Signature(what))?;
        Ok(note.text().to_vec())
    }
}
