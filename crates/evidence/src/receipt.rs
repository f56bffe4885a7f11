//! Receipts: what a person keeps to show that an act was committed, checked by anybody without asking the platform.

use crate::{Fault, Hash, LogKey, Verifier, contains};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// First line of the signed statement, after the name of the log.
const TITLE: &str = "receipt/1";

/// What a receipt is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The record's official number; empty where it has none yet.
    pub number: String,
    /// The canonical header of the event: UTF-8 JSON, as it was hashed.
    pub header: String,
    /// The event's sealed body. Nobody can read it without the record's key.
    pub sealed: Vec<u8>,
    /// Hash of the event before it in the record's chain.
    pub previous: Hash,
    /// Its place in the log, from 0.
    pub index: u64,
}

impl Subject {
    /// SHA-256 over previous hash, header and sealed body: the hash that stands in the journal and in the log.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut hash = Sha256::new();
        hash.update(self.previous);
        hash.update(self.header.as_bytes());
        hash.update(&self.sealed);
        hash.finalize().into()
    }
}

/// A receipt as it is handed out, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The signed statement: number, hash of the event and its place.
    statement: String,
    /// The event's canonical header.
    header: String,
    /// The event's sealed body, base64.
    sealed: String,
    /// Hash of the event before it, base64.
    previous: String,
    /// Hashes beside the path to the root, from the entry upwards, base64.
    proof: Vec<String>,
    /// The signed head of the log that holds the event.
    checkpoint: String,
    /// Public key of the log. Compare it with the published one.
    key: String,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// What was committed.
    pub subject: Subject,
    /// The head under which it stands.
    pub head: crate::Head,
}

impl Receipt {
    /// Makes a receipt. The proof leads from the subject's entry to the head in `checkpoint`.
    ///
    /// # Errors
    /// If the number holds a line break.
    pub fn new(
        key: &LogKey,
        subject: &Subject,
        proof: &[Hash],
        checkpoint: String,
    ) -> Result<Self, Fault> {
        let text = statement(key.verifier().origin(), subject);
        let statement = key.sign(text.as_bytes(), "the statement")?;
        // A number of two lines would be read as another statement.
        if text.lines().count() != 4 {
            return Err(Fault::Unreadable("the number"));
        }
        Ok(Self {
            statement,
            header: subject.header.clone(),
            sealed: BASE64.encode(&subject.sealed),
            previous: BASE64.encode(subject.previous),
            proof: proof.iter().map(|hash| BASE64.encode(hash)).collect(),
            checkpoint,
            key: key.verifier().to_string(),
        })
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map_err(|_| Fault::Unreadable("the receipt"))
    }

    /// The key that it says it was signed with.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Checks everything: the content gives the hash, the statement names it, the proof leads from it to the head,
    /// and both signatures are of that key.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, key: &Verifier) -> Result<Proven, Fault> {
        let what = "the statement";
        let text = key.text(&self.statement, what)?;
        let text = String::from_utf8(text).map_err(|_| Fault::Unreadable(what))?;
        let mut lines = text.lines().skip(1);
        let number = lines.next().unwrap_or_default().to_owned();
        let index = lines.next().and_then(|line| line.parse().ok());
        let subject = Subject {
            number,
            header: self.header.clone(),
            sealed: bytes(&self.sealed, "the sealed body")?,
            previous: hash(&self.previous, "the previous hash")?,
            index: index.ok_or(Fault::Unreadable(what))?,
        };
        if statement(key.origin(), &subject) != text {
            return Err(Fault::Content);
        }
        let head = key.head(&self.checkpoint)?;
        let proof: Result<Vec<Hash>, Fault> = self
            .proof
            .iter()
            .map(|one| hash(one, "the proof"))
            .collect();
        contains(
            &subject.hash(),
            subject.index,
            (head.size, &head.root),
            &proof?,
        )?;
        Ok(Proven { subject, head })
    }
}

fn statement(origin: &str, subject: &Subject) -> String {
    let hash = BASE64.encode(subject.hash());
    let (number, index) = (&subject.number, subject.index);
    format!("{origin}/{TITLE}\n{number}\n{index}\n{hash}\n")
}

fn bytes(text: &str, what: &'static str) -> Result<Vec<u8>, Fault> {
    BASE64.decode(text).map_err(|_| Fault::Unreadable(what))
}

fn hash(text: &str, what: &'static str) -> Result<Hash, Fault> {
    let bytes = bytes(text, what)?;
    Hash::try_from(bytes.as_slice()).map_err(|_| Fault::Unreadable(what))
}
