//! What an export is and holds.

use jiff::Timestamp;
use kernel::AttachmentId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The word by which an export is known.
pub(super) const FORMAT: &str = "tsumugi-export";
/// The version of the format. A file is only ever added; what is there does not change its meaning within a version.
pub(super) const VERSION: u32 = 1;

pub(super) const MANIFEST: &str = "manifest.json";
/// Its SHA-256.
pub(super) const SUM: &str = "manifest.sha256";
pub(super) const KEYS: &str = "keys.jsonl";
pub(super) const EVENTS: &str = "events";
pub(super) const RECORDS: &str = "records";
pub(super) const TABLES: &str = "tables";
pub(super) const ACCOUNTS: &str = "people/accounts.jsonl";
pub(super) const CONTACTS: &str = "people/contacts.jsonl";
pub(super) const DEFINITIONS: &str = "definitions";
pub(super) const PUBLICATIONS: &str = "definitions/publications.jsonl";
pub(super) const ATTACHMENTS: &str = "attachments/index.jsonl";
pub(super) const LOG: &str = "log";
pub(super) const TILES: &str = "log/tiles.jsonl";
pub(super) const CHECKPOINT: &str = "log/checkpoint";
pub(super) const LOG_KEY: &str = "log/key";

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) version: u32,
    /// When it was begun.
    pub(super) made_at: Timestamp,
    pub(super) by: String,
    pub(super) purpose: String,
    /// Version of the program.
    pub(super) program: String,
    /// The last position of the journal that is in it: everything as it stood after that event.
    pub(super) cut: u64,
    /// Whether it holds everything that the installation has.
    pub(super) whole: bool,
    /// Whether it comes from a demo.
    pub(super) demo: bool,
    pub(super) services: Vec<ServiceEntry>,
    /// How much there is of what.
    pub(super) counts: BTreeMap<String, u64>,
    /// How many events the signed head of the log is over; none where nothing is signed yet.
    pub(super) signed: Option<u64>,
    /// Uploads whose content the installation had lost.
    pub(super) lost: Vec<AttachmentId>,
    pub(super) files: Vec<FileEntry>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServiceEntry {
    pub(super) slug: String,
    pub(super) title: String,
    /// Hash of the definition in force.
    pub(super) definition: String,
    /// Its record types with the states in which their records stand, and how many in each.
    pub(super) states: BTreeMap<String, BTreeMap<String, u64>>,
    /// Whether only those of its records are in it that concern the others: months that were closed, rounds of disposal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) in_part: bool,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    /// Lines, of files that are read line by line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lines: Option<u64>,
}

/// A version of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PublicationLine {
    pub(super) service: String,
    pub(super) definition: String,
    pub(super) at: Timestamp,
}

/// An upload: where its content lies, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AttachmentLine {
    /// None where it was lost.
    pub(super) path: Option<String>,
    pub(super) upload: kernel::port::Attachment,
}
